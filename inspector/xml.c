/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document that virt-inspector prints: its elements, in its order, so
 * that programs which read the one can read the other. */
#include <config.h>

#include <errno.h>
#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "inspector/document.h"

/* BAD_CAST of libxml2 takes the const away. */
static const xmlChar *
chars(const char *s)
{
    return (const xmlChar *)s;
}

/* A writer whose first failure sticks. */
struct xml {
    xmlTextWriterPtr w;
    bool failed;
};

static void
check(struct xml *x, int result)
{
    x->failed |= result < 0;
}

static void
start(struct xml *x, const char *name)
{
    check(x, xmlTextWriterStartElement(x->w, chars(name)));
}

static void
end(struct xml *x)
{
    check(x, xmlTextWriterEndElement(x->w));
}

static void
text(struct xml *x, const char *value)
{
    cleanup_free char *clean = document_text(value);

    check(x, clean ? xmlTextWriterWriteString(x->w, chars(clean)) : -1);
}

static void
attribute(struct xml *x, const char *name, const char *value)
{
    cleanup_free char *clean = document_text(value);

    check(x, clean
                 ? xmlTextWriterWriteAttribute(x->w, chars(name), chars(clean))
                 : -1);
}

/* What is unknown has no element. */
static void
element(struct xml *x, const char *name, const char *value)
{
    if (!value || !value[0])
        return;
    start(x, name);
    text(x, value);
    end(x);
}

static void
number(struct xml *x, const char *name, int value)
{
    check(x, xmlTextWriterWriteFormatElement(x->w, chars(name), "%d", value));
}

/* --- what has to be sorted --- */

static int
by_length(const void *a, const void *b)
{
    const struct mayfly_inspection_mountpoint *const *x = a, *const *y = b;
    size_t n = strlen((*x)->mountpoint), m = strlen((*y)->mountpoint);

    return n < m ? -1 : n > m ? 1 : strcmp((*x)->mountpoint, (*y)->mountpoint);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The list as pointers to its elements, sorted. */
static void *
sorted(const void *items, uint32_t n, size_t size,
    int (*compare)(const void *a, const void *b))
{
    const char **pointers = calloc((size_t)n + 1, sizeof *pointers);

    if (!pointers)
        return NULL;
    for (uint32_t i = 0; i < n; i++)
        pointers[i] = (const char *)items + i * size;
    qsort(pointers, n, sizeof *pointers, compare);
    return pointers;
}

/* --- the parts --- */

static void
mountpoints(struct xml *x, const struct mayfly_inspection_root *s)
{
    cleanup_free const struct mayfly_inspection_mountpoint **m = sorted(
        s->mountpoints, s->n_mountpoints, sizeof *s->mountpoints, by_length);

    start(x, "mountpoints");
    x->failed |= !m;
    for (uint32_t i = 0; m && i < s->n_mountpoints; i++) {
        start(x, "mountpoint");
        attribute(x, "dev", m[i]->mountable);
        text(x, m[i]->mountpoint);
        end(x);
    }
    end(x);
}

static void
filesystem(struct xml *x, const struct document *d, const char *mountable)
{
    const struct mayfly_inspection_filesystem *f =
        document_filesystem(d, mountable);

    start(x, "filesystem");
    attribute(x, "dev", mountable);
    if (f && f->type[0]) {
        start(x, "type");
        if (f->version[0])
            attribute(x, "version", f->version);
        text(x, f->type);
        end(x);
    }
    if (f) {
        element(x, "label", f->label);
        element(x, "uuid", f->uuid);
    }
    end(x);
}

static void
filesystems(struct xml *x, const struct document *d,
    const struct mayfly_inspection_root *s)
{
    uint32_t n = s->n_filesystems;
    cleanup_free const char **names = calloc((size_t)n + 1, sizeof *names);

    start(x, "filesystems");
    x->failed |= !names;
    if (names) {
        memcpy(names, s->filesystems, n * sizeof *names);
        qsort(names, n, sizeof *names, by_name);
        for (uint32_t i = 0; i < n; i++)
            filesystem(x, d, names[i]);
    }
    end(x);
}

static void
drive_mappings(struct xml *x, const struct mayfly_inspection_root *s)
{
    if (s->n_drive_mappings == 0)
        return;
    start(x, "drive_mappings");
    for (uint32_t i = 0; i < s->n_drive_mappings; i++) {
        start(x, "drive_mapping");
        attribute(x, "name", s->drive_mappings[2 * i]);
        text(x, s->drive_mappings[2 * i + 1]);
        end(x);
    }
    end(x);
}

static void
applications(struct xml *x, const struct mayfly_inspection_root *s)
{
    start(x, "applications");
    for (uint32_t i = 0; i < s->n_applications; i++) {
        const struct mayfly_application2 *a = &s->applications[i];

        start(x, "application");
        element(x, "name", a->app2_name);
        element(x, "display_name", a->app2_display_name);
        if (a->app2_epoch != 0)
            number(x, "epoch", a->app2_epoch);
        element(x, "version", a->app2_version);
        element(x, "release", a->app2_release);
        element(x, "arch", a->app2_arch);
        element(x, "install_path", a->app2_install_path);
        element(x, "publisher", a->app2_publisher);
        element(x, "url", a->app2_url);
        element(x, "source_package", a->app2_source_package);
        element(x, "summary", a->app2_summary);
        element(x, "description", a->app2_description);
        element(x, "class", a->app2_class);
        end(x);
    }
    end(x);
}

static void
operating_system(struct xml *x, const struct document *d,
    const struct mayfly_inspection_root *s)
{
    start(x, "operatingsystem");
    element(x, "root", s->root);
    element(x, "name", s->type);
    element(x, "arch", s->arch);
    element(x, "distro", s->distro);
    element(x, "product_name", s->product_name);
    element(x, "product_variant", s->product_variant);
    number(x, "major_version", s->major_version);
    number(x, "minor_version", s->minor_version);
    element(x, "package_format", s->package_format);
    element(x, "package_management", s->package_management);
    element(x, "windows_systemroot", s->windows_systemroot);
    element(x, "windows_current_control_set", s->windows_current_control_set);
    if (s->windows_group_policy) {
        start(x, "windows_group_policy");
        end(x);
    }
    element(x, "hostname", s->hostname);
    element(x, "build_id", s->build_id);
    element(x, "osinfo", s->osinfo);
    mountpoints(x, s);
    filesystems(x, d, s);
    drive_mappings(x, s);
    if (d->applications)
        applications(x, s);
    if (d->icon && s->n_icon > 0) {
        start(x, "icon");
        check(x, xmlTextWriterWriteBase64(
                     x->w, (const char *)s->icon, 0, (int)s->n_icon));
        end(x);
    }
    end(x);
}

int
document_xml(const struct document *d, struct error *err)
{
    /* Not to stdout at once: libxml2 would tell of a full disk in its own
     * words, and in the middle of the document. */
    xmlBufferPtr out = xmlBufferCreate();
    struct xml x = {.w = out ? xmlNewTextWriterMemory(out, 0) : NULL};

    if (!x.w) {
        xmlBufferFree(out);
        return error_set(err, ENOMEM, "no memory");
    }
    check(&x, xmlTextWriterSetIndent(x.w, 1));
    check(&x, xmlTextWriterSetIndentString(x.w, chars("  ")));
    check(&x, xmlTextWriterStartDocument(x.w, NULL, NULL, NULL));
    start(&x, "operatingsystems");
    for (uint32_t i = 0; i < d->found->n_roots; i++)
        operating_system(&x, d, &d->found->roots[i]);
    end(&x);
    check(&x, xmlTextWriterEndDocument(x.w));
    xmlFreeTextWriter(x.w);
    int r = x.failed ? error_set(err, ENOMEM, "no memory for the document")
                     : document_write(xmlBufferContent(out),
                           (size_t)xmlBufferLength(out), err);
    xmlBufferFree(out);
    return r;
}
