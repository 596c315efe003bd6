/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --json: everything that inspection knows.  The names are a promise (see the
 * manual): fields may be added, but none changes or disappears.  What is
 * unknown is left out. */
#include <config.h>

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "inspector/build.h"
#include "inspector/document.h"

/* --- an operating system --- */

static void
add_packages(struct build *j, struct json_object *o,
    const struct mayfly_inspection_root *s)
{
    struct json_object *list = build_array(j, o, "packages");

    for (uint32_t i = 0; i < s->n_applications; i++) {
        const struct mayfly_application2 *a = &s->applications[i];
        cleanup_free char *version = build_version(a, s->package_format);
        struct json_object *p = build_object(j);

        j->failed |= !version;
        build_add_text(j, p, "name", a->app2_name);
        build_add_text(j, p, "version", version);
        build_add_text(j, p, "arch", a->app2_arch);
        build_add_text(j, p, "source", a->app2_source_package);
        build_add_text(j, p, "url", a->app2_url);
        build_add_text(j, p, "summary", a->app2_summary);
        build_add_text(j, p, "description", a->app2_description);
        build_add_text(j, p, "display_name", a->app2_display_name);
        build_add_text(j, p, "publisher", a->app2_publisher);
        build_add_text(j, p, "install_path", a->app2_install_path);
        build_add_text(j, p, "licence", a->app2_licence);
        build_add_text(j, p, "class", a->app2_class);
        build_append(j, list, p);
    }
}

static void
add_mountpoints(struct build *j, struct json_object *o,
    const struct mayfly_inspection_root *s)
{
    struct json_object *list = build_array(j, o, "mountpoints");

    for (uint32_t i = 0; i < s->n_mountpoints; i++) {
        const struct mayfly_inspection_mountpoint *m = &s->mountpoints[i];
        struct json_object *p = build_object(j);

        build_add_text(j, p, "mountpoint", m->mountpoint);
        build_add_text(j, p, "device", m->mountable);
        build_add_text(j, p, "type", m->type);
        build_add_text(j, p, "options", m->options);
        build_append(j, list, p);
    }
}

/* Fields that only Windows has. */
static void
add_windows(struct build *j, struct json_object *o,
    const struct mayfly_inspection_root *s)
{
    struct json_object *w, *drives;

    if (!s->windows_systemroot[0])
        return;
    w = build_object(j);
    drives = build_object(j);
    build_add_text(j, w, "systemroot", s->windows_systemroot);
    build_add_text(j, w, "current_control_set", s->windows_current_control_set);
    build_add_text(j, w, "system_hive", s->windows_system_hive);
    build_add_text(j, w, "software_hive", s->windows_software_hive);
    build_add(
        j, w, "group_policy", json_object_new_boolean(s->windows_group_policy));
    for (uint32_t i = 0; i < s->n_drive_mappings; i++)
        build_add_text(
            j, drives, s->drive_mappings[2 * i], s->drive_mappings[2 * i + 1]);
    build_add(j, w, "drive_mappings", drives);
    build_add(j, o, "windows", w);
}

static struct json_object *
operating_system(struct build *j, const struct document *d,
    const struct mayfly_inspection_root *s)
{
    struct json_object *o = build_object(j), *version = build_object(j), *list;

    build_add_text(j, o, "root", s->root);
    build_add_text(j, o, "type", s->type);
    build_add_text(j, o, "distro", s->distro);
    build_add_text(j, o, "id", s->id);
    list = build_array(j, o, "id_like");
    for (uint32_t i = 0; i < s->n_id_like; i++)
        build_append(j, list, build_string(j, s->id_like[i]));
    build_add_text(j, o, "version_id", s->version_id);
    build_add_text(j, o, "codename", s->codename);
    build_add_text(j, o, "product_name", s->product_name);
    build_add_text(j, o, "product_variant", s->product_variant);
    build_add(j, version, "major", json_object_new_int(s->major_version));
    build_add(j, version, "minor", json_object_new_int(s->minor_version));
    build_add(j, o, "version", version);
    build_add_text(j, o, "build_id", s->build_id);
    build_add_text(j, o, "osinfo", s->osinfo);
    build_add_text(j, o, "arch", s->arch);
    build_add_text(j, o, "hostname", s->hostname);
    add_mountpoints(j, o, s);
    list = build_array(j, o, "filesystems");
    for (uint32_t i = 0; i < s->n_filesystems; i++)
        build_append(j, list, build_string(j, s->filesystems[i]));
    add_windows(j, o, s);
    build_add_text(j, o, "package_format", s->package_format);
    build_add_text(j, o, "package_management", s->package_management);
    if (d->applications) {
        build_add_text(j, o, "package_source", s->package_source);
        add_packages(j, o, s);
    }
    return o;
}

/* --- the document --- */

static void
add_filesystems(struct build *j, struct json_object *o,
    const struct mayfly_inspection *found)
{
    struct json_object *list = build_array(j, o, "filesystems");

    for (uint32_t i = 0; i < found->n_filesystems; i++) {
        const struct mayfly_inspection_filesystem *f = &found->filesystems[i];
        struct json_object *p = build_object(j);

        build_add_text(j, p, "device", f->mountable);
        build_add_text(j, p, "type", f->type);
        build_add_text(j, p, "version", f->version);
        build_add_text(j, p, "label", f->label);
        build_add_text(j, p, "uuid", f->uuid);
        build_add_number(j, p, "size", f->size);
        build_add_text(j, p, "role", f->role);
        build_append(j, list, p);
    }
}

static void
add_locked(struct build *j, struct json_object *o,
    const struct mayfly_inspection *found)
{
    struct json_object *list = build_array(j, o, "locked");

    for (uint32_t i = 0; i < found->n_locked; i++) {
        struct json_object *p = build_object(j);

        build_add_text(j, p, "device", found->locked[i].device);
        build_add_text(j, p, "type", found->locked[i].type);
        build_add_text(j, p, "uuid", found->locked[i].uuid);
        build_append(j, list, p);
    }
}

static void
add_notes(struct build *j, struct json_object *o,
    const struct mayfly_inspection *found)
{
    struct json_object *list = build_array(j, o, "notes");

    for (uint32_t i = 0; i < found->n_notes; i++) {
        struct json_object *p = build_object(j);

        build_add_text(j, p, "subject", found->notes[i].subject);
        build_add_text(j, p, "reason", found->notes[i].reason);
        build_add_text(j, p, "text", found->notes[i].text);
        build_append(j, list, p);
    }
}

int
document_json(const struct document *d, struct error *err)
{
    struct build json = {0}, *j = &json;
    struct json_object *o = build_object(j),
                       *list = build_array(j, o, "operating_systems");

    for (uint32_t i = 0; i < d->found->n_roots; i++)
        build_append(j, list, operating_system(j, d, &d->found->roots[i]));
    add_filesystems(j, o, d->found);
    add_locked(j, o, d->found);
    add_notes(j, o, d->found);

    return build_write(j, o, err);
}
