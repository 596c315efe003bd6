/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document that virt-inspector prints: the same elements in the same order,
 * so that programs can read either. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "inspector/document.h"
#include "tool/xml_mountpoints.h"
#include "tool/xml_writer.h"

/* --- sorting --- */

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* --- the parts --- */

static void
filesystem(
    struct xml_writer *x, const struct document *d, const char *mountable)
{
    const struct mayfly_inspection_filesystem *f =
        document_filesystem(d, mountable);

    put_start(x, "filesystem");
    put_attribute(x, "dev", mountable);
    if (f && f->type[0]) {
        put_start(x, "type");
        if (f->version[0])
            put_attribute(x, "version", f->version);
        put_text(x, f->type);
        put_end(x);
    }
    if (f) {
        put_optional(x, "label", f->label);
        put_optional(x, "uuid", f->uuid);
    }
    put_end(x);
}

static void
filesystems(struct xml_writer *x, const struct document *d,
    const struct mayfly_inspection_root *s)
{
    uint32_t n = s->n_filesystems;
    cleanup_free const char **names = calloc((size_t)n + 1, sizeof *names);

    put_start(x, "filesystems");
    if (!names)
        put_failed(x);
    if (names) {
        memcpy(names, s->filesystems, n * sizeof *names);
        qsort(names, n, sizeof *names, by_name);
        for (uint32_t i = 0; i < n; i++)
            filesystem(x, d, names[i]);
    }
    put_end(x);
}

static void
drive_mappings(struct xml_writer *x, const struct mayfly_inspection_root *s)
{
    if (s->n_drive_mappings == 0)
        return;
    put_start(x, "drive_mappings");
    for (uint32_t i = 0; i < s->n_drive_mappings; i++) {
        put_start(x, "drive_mapping");
        put_attribute(x, "name", s->drive_mappings[2 * i]);
        put_text(x, s->drive_mappings[2 * i + 1]);
        put_end(x);
    }
    put_end(x);
}

static void
applications(struct xml_writer *x, const struct mayfly_inspection_root *s)
{
    put_start(x, "applications");
    for (uint32_t i = 0; i < s->n_applications; i++) {
        const struct mayfly_application2 *a = &s->applications[i];

        put_start(x, "application");
        put_optional(x, "name", a->app2_name);
        put_optional(x, "display_name", a->app2_display_name);
        if (a->app2_epoch != 0)
            put_number(x, "epoch", a->app2_epoch);
        put_optional(x, "version", a->app2_version);
        put_optional(x, "release", a->app2_release);
        put_optional(x, "arch", a->app2_arch);
        put_optional(x, "install_path", a->app2_install_path);
        put_optional(x, "publisher", a->app2_publisher);
        put_optional(x, "url", a->app2_url);
        put_optional(x, "source_package", a->app2_source_package);
        put_optional(x, "summary", a->app2_summary);
        put_optional(x, "description", a->app2_description);
        put_optional(x, "class", a->app2_class);
        put_end(x);
    }
    put_end(x);
}

static void
operating_system(struct xml_writer *x, const struct document *d,
    const struct mayfly_inspection_root *s)
{
    put_start(x, "operatingsystem");
    put_optional(x, "root", s->root);
    put_optional(x, "name", s->type);
    put_optional(x, "arch", s->arch);
    put_optional(x, "distro", s->distro);
    put_optional(x, "product_name", s->product_name);
    put_optional(x, "product_variant", s->product_variant);
    put_number(x, "major_version", s->major_version);
    put_number(x, "minor_version", s->minor_version);
    put_optional(x, "package_format", s->package_format);
    put_optional(x, "package_management", s->package_management);
    put_optional(x, "windows_systemroot", s->windows_systemroot);
    put_optional(
        x, "windows_current_control_set", s->windows_current_control_set);
    if (s->windows_group_policy) {
        put_start(x, "windows_group_policy");
        put_end(x);
    }
    put_optional(x, "hostname", s->hostname);
    put_optional(x, "build_id", s->build_id);
    put_optional(x, "osinfo", s->osinfo);
    put_mountpoints(x, s);
    filesystems(x, d, s);
    drive_mappings(x, s);
    if (d->applications)
        applications(x, s);
    if (d->icon && s->n_icon > 0) {
        put_start(x, "icon");
        put_bytes(x, s->icon, s->n_icon);
        put_end(x);
    }
    put_end(x);
}

/* Why there is nothing: programs that read the document do not see it. */
static void
put_reasons(struct xml_writer *x, const struct mayfly_inspection *found)
{
    enum { NOTES_MAX = 64 };

    for (uint32_t i = 0; i < found->n_notes && i < NOTES_MAX; i++) {
        const struct mayfly_inspection_note *n = &found->notes[i];
        cleanup_free char *text = text_printf(
            "%s%s%s", n->subject, n->subject[0] ? ": " : "", n->text);

        if (text)
            put_comment(x, text);
        else
            put_failed(x);
    }
}

static void
operating_systems(struct xml_writer *x, const void *document)
{
    const struct document *d = document;

    put_start(x, "operatingsystems");
    for (uint32_t i = 0; i < d->found->n_roots; i++)
        operating_system(x, d, &d->found->roots[i]);
    if (d->found->n_roots == 0)
        put_reasons(x, d->found);
    put_end(x);
}

int
document_xml(const struct document *d, struct error *err)
{
    const struct xml_style style = {.escape = document_text, .indent = "  "};
    size_t size;
    cleanup_free char *text =
        xml_text(operating_systems, d, &style, &size, err);

    return text ? document_write(text, size, err) : -1;
}
