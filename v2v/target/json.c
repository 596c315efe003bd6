/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -o json: images, and everything known about the machine and the conversion.
 * The names are stable: fields may be added, but are never changed or removed.
 * Unknown values are left out. */
#include <config.h>

#include <errno.h>
#include <json-c/json.h>
#include <libxml/xmlstring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "v2v/target/description.h"
#include "v2v/target/target.h"

/* json-c returns NULL without memory; one flag records that something is
 * missing. */
struct json {
    bool failed;
};

static struct json_object *
checked(struct json *j, struct json_object *o)
{
    j->failed |= !o;
    return o;
}

static void
add(struct json *j, struct json_object *to, const char *name,
    struct json_object *value)
{
    j->failed |= !value || json_object_object_add(to, name, value) < 0;
}

static void
add_text(
    struct json *j, struct json_object *to, const char *name, const char *value)
{
    if (!value || !value[0])
        return;

    cleanup_free char *clean = text_escape_controls(value);
    add(j, to, name, checked(j, clean ? json_object_new_string(clean) : NULL));
}

static void
add_number(
    struct json *j, struct json_object *to, const char *name, uint64_t value)
{
    add(j, to, name, json_object_new_int64((int64_t)value));
}

static struct json_object *
add_array(struct json *j, struct json_object *to, const char *name)
{
    struct json_object *array = json_object_new_array();

    add(j, to, name, array);
    return array;
}

static struct json_object *
append_object(struct json *j, struct json_object *array)
{
    struct json_object *o = checked(j, json_object_new_object());

    j->failed |= json_object_array_add(array, o) < 0;
    return o;
}

static void
add_disks(struct json *j, struct json_object *o, const struct result *r)
{
    struct json_object *array = add_array(j, o, "disks");

    for (size_t i = 0; i < r->disks->n; i++) {
        const struct target_disk *t = &r->disks->items[i];
        struct json_object *d = append_object(j, array);
        struct json_object *sources = add_array(j, d, "sources");

        add_number(j, d, "size", t->size);
        add_number(j, d, "sectorSize",
            t->sector_size ? (uint64_t)t->sector_size : 512);
        add_number(j, d, "bootOrder", disks_boot_order(r->disks, i));
        if (r->images && i < strv_length(r->images)) {
            add_text(j, d, "file", r->images[i]);
            add_text(j, d, "format", r->format);
            if (r->sums)
                add_text(j, d, "blkhash", r->sums[i]);
        }
        add(j, d, "assembled", json_object_new_boolean(t->assembled));
        for (size_t k = 0; k < t->n_parts; k++) {
            struct json_object *s = append_object(j, sources);
            cleanup_free char *file = text_hide(t->parts[k].disk->path);

            add_text(j, s, "file", file ? file : "");
            add_text(j, s, "name", t->parts[k].disk->name);
        }
    }
}

static void
add_nics(struct json *j, struct json_object *o, const struct guest *guest)
{
    struct json_object *array = add_array(j, o, "networkCards");

    for (size_t i = 0; i < guest->n_nics; i++) {
        struct json_object *n = append_object(j, array);

        add_text(j, n, "address", guest->nics[i].mac);
        add_text(j, n, guest->nics[i].is_bridge ? "bridge" : "network",
            guest->nics[i].network);
    }
}

/* The unescaped content; in hexadecimal if it is not UTF-8. */
static void
add_content(struct json *j, struct json_object *o, const char *text)
{
    size_t n = strlen(text);

    if (xmlCheckUTF8((const unsigned char *)text)) {
        add(j, o, "content", checked(j, json_object_new_string(text)));
        return;
    }
    cleanup_free char *hex = malloc(2 * n + 1);
    for (size_t i = 0; hex && i < n; i++)
        sprintf(hex + 2 * i, "%02x", (unsigned char)text[i]);
    add(j, o, "contentHex",
        checked(j, hex ? json_object_new_string(hex) : NULL));
}

static void
add_undo(struct json *j, struct json_object *o, const struct undo *undo)
{
    struct json_object *u = checked(j, json_object_new_object());

    switch (undo->kind) {
    case UNDO_NOTHING:
        json_object_put(u);
        return;
    case UNDO_REMOVE:
        add_text(j, u, "do", "remove");
        break;
    case UNDO_CONTENT:
        add_text(j, u, "do", "write");
        add_content(j, u, undo->before);
        break;
    case UNDO_LINK:
        add_text(j, u, "do", "link");
        add_text(j, u, "target", undo->before);
        break;
    case UNDO_TRUNCATE:
        add_text(j, u, "do", "truncate");
        add_number(j, u, "size", undo->size);
        break;
    case UNDO_REGISTRY:
        add_text(j, u, "do", "registry");
        add_content(j, u, undo->before);
        break;
    }
    add(j, o, "undo", u);
}

static void
add_findings(struct json *j, struct json_object *o, const struct report *report)
{
    static const char *const names[] = {
        [FINDING_NOTE] = "note",
        [FINDING_CHANGE] = "change",
        [FINDING_REVIEW] = "review",
        [FINDING_BLOCKED] = "blocked",
    };
    struct json_object *array = add_array(j, o, "findings");

    for (size_t i = 0; i < report->n_findings; i++) {
        const struct finding *f = &report->findings[i];
        struct json_object *e = append_object(j, array);

        add_text(j, e, "level", names[f->level]);
        add_text(j, e, "path", f->path);
        add_text(j, e, "what", f->what);
        add_text(j, e, "why", f->why);
        add_undo(j, e, &f->undo);
    }
}

static void
fill(struct json *j, struct json_object *o, const struct result *r)
{
    const struct guest *guest = r->guest;
    struct json_object *system = checked(j, json_object_new_object());
    struct json_object *notes;

    add_text(j, o, "name", guest->name);
    add_text(j, o, "uuid", guest->uuid);
    add_text(j, o, "kind", guest_kind_name(guest->kind));
    add_text(j, o, "firmware", guest->uefi ? "uefi" : "bios");
    add_number(j, o, "memory", guest->memory);
    add_number(j, o, "processors", guest->vcpus);
    add_text(j, system, "name", r->root->product_name);
    add_text(j, system, "type", r->root->type);
    add_text(j, system, "distribution", r->root->distro);
    add_text(j, system, "osinfo", r->root->osinfo);
    add_text(j, system, "hostname", r->root->hostname);
    add(j, o, "system", system);
    add_disks(j, o, r);
    add_nics(j, o, guest);
    add_text(j, o, "readiness", report_readiness(r->report));
    add(j, o, "seconds", checked(j, json_object_new_double(r->seconds)));
    notes = add_array(j, o, "assumed");
    for (char **n = guest->notes; n && *n; n++)
        j->failed |=
            json_object_array_add(notes, json_object_new_string(*n)) < 0;
    add_findings(j, o, r->report);
}

char *
target_json_text(const struct result *r, struct error *err)
{
    struct json j = {0};
    struct json_object *o = checked(&j, json_object_new_object());
    const char *text;
    char *copy = NULL;

    if (o)
        fill(&j, o, r);
    text = j.failed
               ? NULL
               : json_object_to_json_string_ext(o,
                     JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
    if (text)
        copy = text_printf("%s\n", text);
    json_object_put(o);
    if (!copy)
        error_no_memory(err);
    return copy;
}

static int
write_json(const struct result *r, struct error *err)
{
    cleanup_output struct output out = {.fd = -1};
    cleanup_free char *text = target_json_text(r, err);

    if (!text || target_open(r, "json", 0600, &out, err) < 0)
        return -1;
    if (write_all(out.fd, text, strlen(text)) < 0)
        return error_errno(err, errno, "cannot write %s", out.path);
    return output_commit(&out, err);
}

const struct target target_json = {
    .name = "json",
    .help = "images and everything known about the machine (NAME.json)",
    .copies = true,
    .large_sectors = true,
    .write = write_json,
};
