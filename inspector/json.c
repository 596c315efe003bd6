/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --json: everything that inspection knows.  The names are a promise (see
 * the manual): fields may be added, none changes or goes.  What is unknown is
 * left out. */
#include <config.h>

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "inspector/document.h"

/* json-c without memory gives NULL, which prints as null; so one flag is
 * enough to know that something is missing. */
static bool failed;

static struct json_object *
object(void)
{
    struct json_object *o = json_object_new_object();

    failed |= !o;
    return o;
}

static struct json_object *
array(struct json_object *in, const char *name)
{
    struct json_object *o = json_object_new_array();

    failed |= !o || json_object_object_add(in, name, o) < 0;
    return o;
}

static struct json_object *
string(const char *value)
{
    cleanup_free char *clean = document_text(value);
    struct json_object *o = clean ? json_object_new_string(clean) : NULL;

    failed |= !o;
    return o;
}

static void
append(struct json_object *list, struct json_object *value)
{
    failed |= json_object_array_add(list, value) < 0;
}

static void
add(struct json_object *o, const char *name, struct json_object *value)
{
    failed |= json_object_object_add(o, name, value) < 0;
}

static void
add_text(struct json_object *o, const char *name, const char *value)
{
    if (value && value[0])
        add(o, name, string(value));
}

static void
add_number(struct json_object *o, const char *name, uint64_t value)
{
    add(o, name, json_object_new_uint64(value));
}

/* --- an operating system --- */

/* The whole version, as the package manager itself writes it. */
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
add_packages(struct json_object *o, const struct mayfly_inspection_root *s)
{
    struct json_object *list = array(o, "packages");

    for (uint32_t i = 0; i < s->n_applications; i++) {
        const struct mayfly_application2 *a = &s->applications[i];
        cleanup_free char *version = full_version(a, s->package_format);
        struct json_object *p = object();

        failed |= !version;
        add_text(p, "name", a->app2_name);
        add_text(p, "version", version);
        add_text(p, "arch", a->app2_arch);
        add_text(p, "source", a->app2_source_package);
        add_text(p, "url", a->app2_url);
        add_text(p, "summary", a->app2_summary);
        add_text(p, "description", a->app2_description);
        append(list, p);
    }
}

static void
add_mountpoints(struct json_object *o, const struct mayfly_inspection_root *s)
{
    struct json_object *list = array(o, "mountpoints");

    for (uint32_t i = 0; i < s->n_mountpoints; i++) {
        const struct mayfly_inspection_mountpoint *m = &s->mountpoints[i];
        struct json_object *p = object();

        add_text(p, "mountpoint", m->mountpoint);
        add_text(p, "device", m->mountable);
        add_text(p, "type", m->type);
        add_text(p, "options", m->options);
        append(list, p);
    }
}

static struct json_object *
operating_system(
    const struct document *d, const struct mayfly_inspection_root *s)
{
    struct json_object *o = object(), *version = object(), *list;

    add_text(o, "root", s->root);
    add_text(o, "type", s->type);
    add_text(o, "distro", s->distro);
    add_text(o, "id", s->id);
    list = array(o, "id_like");
    for (uint32_t i = 0; i < s->n_id_like; i++)
        append(list, string(s->id_like[i]));
    add_text(o, "version_id", s->version_id);
    add_text(o, "codename", s->codename);
    add_text(o, "product_name", s->product_name);
    add_text(o, "product_variant", s->product_variant);
    add(version, "major", json_object_new_int(s->major_version));
    add(version, "minor", json_object_new_int(s->minor_version));
    add(o, "version", version);
    add_text(o, "build_id", s->build_id);
    add_text(o, "osinfo", s->osinfo);
    add_text(o, "arch", s->arch);
    add_text(o, "hostname", s->hostname);
    add_mountpoints(o, s);
    list = array(o, "filesystems");
    for (uint32_t i = 0; i < s->n_filesystems; i++)
        append(list, string(s->filesystems[i]));
    add_text(o, "package_format", s->package_format);
    add_text(o, "package_management", s->package_management);
    if (d->applications) {
        add_text(o, "package_source", s->package_source);
        add_packages(o, s);
    }
    return o;
}

/* --- the document --- */

static void
add_filesystems(struct json_object *o, const struct mayfly_inspection *found)
{
    struct json_object *list = array(o, "filesystems");

    for (uint32_t i = 0; i < found->n_filesystems; i++) {
        const struct mayfly_inspection_filesystem *f = &found->filesystems[i];
        struct json_object *p = object();

        add_text(p, "device", f->mountable);
        add_text(p, "type", f->type);
        add_text(p, "version", f->version);
        add_text(p, "label", f->label);
        add_text(p, "uuid", f->uuid);
        add_number(p, "size", f->size);
        add_text(p, "role", f->role);
        append(list, p);
    }
}

static void
add_locked(struct json_object *o, const struct mayfly_inspection *found)
{
    struct json_object *list = array(o, "locked");

    for (uint32_t i = 0; i < found->n_locked; i++) {
        struct json_object *p = object();

        add_text(p, "device", found->locked[i].device);
        add_text(p, "type", found->locked[i].type);
        add_text(p, "uuid", found->locked[i].uuid);
        append(list, p);
    }
}

static void
add_notes(struct json_object *o, const struct mayfly_inspection *found)
{
    struct json_object *list = array(o, "notes");

    for (uint32_t i = 0; i < found->n_notes; i++) {
        struct json_object *p = object();

        add_text(p, "subject", found->notes[i].subject);
        add_text(p, "text", found->notes[i].text);
        append(list, p);
    }
}

int
document_json(const struct document *d, struct error *err)
{
    failed = false;
    struct json_object *o = object(), *list = array(o, "operating_systems");

    for (uint32_t i = 0; i < d->found->n_roots; i++)
        append(list, operating_system(d, &d->found->roots[i]));
    add_filesystems(o, d->found);
    add_locked(o, d->found);
    add_notes(o, d->found);

    const char *text =
        failed ? NULL
               : json_object_to_json_string_ext(o,
                     JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
    if (text)
        puts(text);
    json_object_put(o);
    return text ? 0 : error_set(err, ENOMEM, "no memory");
}
