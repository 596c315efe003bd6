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
#include "inspector/document.h"

/* json-c returns NULL if out of memory, which is also a valid value
 * (null): so one flag of the document records that something is missing. */
struct json {
    const struct document *d;
    bool failed;
};

static struct json_object *
object(struct json *j)
{
    struct json_object *o = json_object_new_object();

    j->failed |= !o;
    return o;
}

static struct json_object *
array(struct json *j, struct json_object *in, const char *name)
{
    struct json_object *o = json_object_new_array();

    j->failed |= !o || json_object_object_add(in, name, o) < 0;
    return o;
}

static struct json_object *
string(struct json *j, const char *value)
{
    cleanup_free char *clean = document_text(value);
    struct json_object *o = clean ? json_object_new_string(clean) : NULL;

    j->failed |= !o;
    return o;
}

static void
append(struct json *j, struct json_object *list, struct json_object *value)
{
    j->failed |= json_object_array_add(list, value) < 0;
}

static void
add(struct json *j, struct json_object *o, const char *name,
    struct json_object *value)
{
    j->failed |= json_object_object_add(o, name, value) < 0;
}

static void
add_text(
    struct json *j, struct json_object *o, const char *name, const char *value)
{
    if (value && value[0])
        add(j, o, name, string(j, value));
}

static void
add_number(
    struct json *j, struct json_object *o, const char *name, uint64_t value)
{
    add(j, o, name, json_object_new_uint64(value));
}

/* --- an operating system --- */

/* The full version, as the package manager itself writes it. */
static char *
full_version(const struct mayfly_application2 *a, const char *format)
{
    char epoch[16] = "";

    if (a->app2_epoch)
        snprintf(epoch, sizeof epoch, "%d:", a->app2_epoch);
    return text_printf("%s%s%s%s%s", epoch, a->app2_version,
        a->app2_release[0] ? "-" : "",
        a->app2_release[0] && str_equal(format, "apk") ? "r" : "",
        a->app2_release);
}

static void
add_packages(struct json *j, struct json_object *o,
    const struct mayfly_inspection_root *s)
{
    struct json_object *list = array(j, o, "packages");

    for (uint32_t i = 0; i < s->n_applications; i++) {
        const struct mayfly_application2 *a = &s->applications[i];
        cleanup_free char *version = full_version(a, s->package_format);
        struct json_object *p = object(j);

        j->failed |= !version;
        add_text(j, p, "name", a->app2_name);
        add_text(j, p, "version", version);
        add_text(j, p, "arch", a->app2_arch);
        add_text(j, p, "source", a->app2_source_package);
        add_text(j, p, "url", a->app2_url);
        add_text(j, p, "summary", a->app2_summary);
        add_text(j, p, "description", a->app2_description);
        add_text(j, p, "display_name", a->app2_display_name);
        add_text(j, p, "publisher", a->app2_publisher);
        add_text(j, p, "install_path", a->app2_install_path);
        append(j, list, p);
    }
}

static void
add_mountpoints(struct json *j, struct json_object *o,
    const struct mayfly_inspection_root *s)
{
    struct json_object *list = array(j, o, "mountpoints");

    for (uint32_t i = 0; i < s->n_mountpoints; i++) {
        const struct mayfly_inspection_mountpoint *m = &s->mountpoints[i];
        struct json_object *p = object(j);

        add_text(j, p, "mountpoint", m->mountpoint);
        add_text(j, p, "device", m->mountable);
        add_text(j, p, "type", m->type);
        add_text(j, p, "options", m->options);
        append(j, list, p);
    }
}

/* Fields that only Windows has. */
static void
add_windows(struct json *j, struct json_object *o,
    const struct mayfly_inspection_root *s)
{
    struct json_object *w, *drives;

    if (!s->windows_systemroot[0])
        return;
    w = object(j);
    drives = object(j);
    add_text(j, w, "systemroot", s->windows_systemroot);
    add_text(j, w, "current_control_set", s->windows_current_control_set);
    add_text(j, w, "system_hive", s->windows_system_hive);
    add_text(j, w, "software_hive", s->windows_software_hive);
    add(j, w, "group_policy", json_object_new_boolean(s->windows_group_policy));
    for (uint32_t i = 0; i < s->n_drive_mappings; i++)
        add_text(
            j, drives, s->drive_mappings[2 * i], s->drive_mappings[2 * i + 1]);
    add(j, w, "drive_mappings", drives);
    add(j, o, "windows", w);
}

static struct json_object *
operating_system(struct json *j, const struct mayfly_inspection_root *s)
{
    struct json_object *o = object(j), *version = object(j), *list;

    add_text(j, o, "root", s->root);
    add_text(j, o, "type", s->type);
    add_text(j, o, "distro", s->distro);
    add_text(j, o, "id", s->id);
    list = array(j, o, "id_like");
    for (uint32_t i = 0; i < s->n_id_like; i++)
        append(j, list, string(j, s->id_like[i]));
    add_text(j, o, "version_id", s->version_id);
    add_text(j, o, "codename", s->codename);
    add_text(j, o, "product_name", s->product_name);
    add_text(j, o, "product_variant", s->product_variant);
    add(j, version, "major", json_object_new_int(s->major_version));
    add(j, version, "minor", json_object_new_int(s->minor_version));
    add(j, o, "version", version);
    add_text(j, o, "build_id", s->build_id);
    add_text(j, o, "osinfo", s->osinfo);
    add_text(j, o, "arch", s->arch);
    add_text(j, o, "hostname", s->hostname);
    add_mountpoints(j, o, s);
    list = array(j, o, "filesystems");
    for (uint32_t i = 0; i < s->n_filesystems; i++)
        append(j, list, string(j, s->filesystems[i]));
    add_windows(j, o, s);
    add_text(j, o, "package_format", s->package_format);
    add_text(j, o, "package_management", s->package_management);
    if (j->d->applications) {
        add_text(j, o, "package_source", s->package_source);
        add_packages(j, o, s);
    }
    return o;
}

/* --- the document --- */

static void
add_filesystems(struct json *j, struct json_object *o,
    const struct mayfly_inspection *found)
{
    struct json_object *list = array(j, o, "filesystems");

    for (uint32_t i = 0; i < found->n_filesystems; i++) {
        const struct mayfly_inspection_filesystem *f = &found->filesystems[i];
        struct json_object *p = object(j);

        add_text(j, p, "device", f->mountable);
        add_text(j, p, "type", f->type);
        add_text(j, p, "version", f->version);
        add_text(j, p, "label", f->label);
        add_text(j, p, "uuid", f->uuid);
        add_number(j, p, "size", f->size);
        add_text(j, p, "role", f->role);
        append(j, list, p);
    }
}

static void
add_locked(struct json *j, struct json_object *o,
    const struct mayfly_inspection *found)
{
    struct json_object *list = array(j, o, "locked");

    for (uint32_t i = 0; i < found->n_locked; i++) {
        struct json_object *p = object(j);

        add_text(j, p, "device", found->locked[i].device);
        add_text(j, p, "type", found->locked[i].type);
        add_text(j, p, "uuid", found->locked[i].uuid);
        append(j, list, p);
    }
}

static void
add_notes(struct json *j, struct json_object *o,
    const struct mayfly_inspection *found)
{
    struct json_object *list = array(j, o, "notes");

    for (uint32_t i = 0; i < found->n_notes; i++) {
        struct json_object *p = object(j);

        add_text(j, p, "subject", found->notes[i].subject);
        add_text(j, p, "reason", found->notes[i].reason);
        add_text(j, p, "text", found->notes[i].text);
        append(j, list, p);
    }
}

int
document_json(const struct document *d, struct error *err)
{
    struct json json = {.d = d}, *j = &json;
    struct json_object *o = object(j), *list = array(j, o, "operating_systems");

    for (uint32_t i = 0; i < d->found->n_roots; i++)
        append(j, list, operating_system(j, &d->found->roots[i]));
    add_filesystems(j, o, d->found);
    add_locked(j, o, d->found);
    add_notes(j, o, d->found);

    const char *text =
        json.failed
            ? NULL
            : json_object_to_json_string_ext(
                  o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
    int r = text ? document_write(text, strlen(text), err)
                 : error_set(err, ENOMEM, "no memory for the document");
    if (r == 0)
        r = document_write("\n", 1, err);
    json_object_put(o);
    return r;
}
