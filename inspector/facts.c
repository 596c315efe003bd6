/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types of facts.  A value that is not in the table is text; a test
 * compares the output with the schema that is shipped. */
#include <config.h>

#include "inspector/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "inspector/lifecycle.h"

static const char *const sections[] = {"system", "users", "groups", "ssh_keys",
    "sshd", "sudo", "services", "network", "mounts", "filesystems", "kernels",
    "initramfs", "boot_entries", "boot", "security", "cloud_init", "agents",
    "domain"};

const char *
facts_section(size_t i)
{
    return i < N_ELEMENTS(sections) ? sections[i] : NULL;
}

bool
facts_section_is_slow(const char *name)
{
    return str_equal(name, "initramfs");
}

const char *
fact_value(const struct mayfly_inspection_fact *x, const char *name)
{
    for (uint32_t i = 0; i < x->n_values; i++)
        if (str_equal(x->values[i].name, name))
            return x->values[i].value;
    return "";
}

bool
fact_is(
    const struct mayfly_inspection_fact *x, const char *name, const char *value)
{
    for (uint32_t i = 0; i < x->n_values; i++)
        if (str_equal(x->values[i].name, name) &&
            str_equal(x->values[i].value, value))
            return true;
    return false;
}

/* --- types --- */

static bool
is_one_of(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (str_equal(*list, name))
            return true;
    return false;
}

static const char *const numbers[] = {"uid", "gid", "profiles", "size", "free",
    "inodes", "free_inodes", "device_size", NULL};
/* By name, not by what a value looks like: a guest chooses its texts. */
static const char *const flags[] = {"program", "interpreter_found", "found",
    "shell_login", "password_login", "nopasswd", "required", "mount_point",
    "used_by_system", "mounted", "whole", "dependencies", "init_found",
    "default", "default_sure", "kernel_found", "kernel_whole", "initrd_found",
    "search_found", "root_found", "signature", "code", "active", "core",
    "modules_found", "signed", "fallback", "menu", "config_found",
    "policy_found", "relabel", "parser", "disabled", "has_run", "seed",
    "freeze_hook", NULL};
static const char *const lists[] = {"groups", "members", "wanted_by", "dropins",
    "runlevels", "options", "addresses", "gateways", "dns", "ports", "routes",
    "modules", "builtin", "drivers", "incomplete", "missing_devices",
    "bios_boot", "datasources", "missing_resume", NULL};

/* In decimal, whole; else it stays a text. */
static bool
read_number(const char *text, uint64_t *ret)
{
    char *end;

    if (!text[0] || text[strspn(text, "0123456789")])
        return false;
    errno = 0;
    *ret = strtoull(text, &end, 10);
    return errno == 0;
}

static struct json_object *
typed(struct build *j, const char *name, const char *value)
{
    uint64_t number;

    if (is_one_of(name, flags))
        return json_object_new_boolean(str_equal(value, "true"));
    if (is_one_of(name, numbers) && read_number(value, &number))
        return json_object_new_uint64(number);
    return build_string(j, value);
}

struct json_object *
facts_row(struct build *j, const struct mayfly_inspection_fact *x)
{
    struct json_object *o = build_object(j);
    bool command_line = str_equal(x->section, "boot_entries");

    build_add_text(j, o, "name", x->subject);
    build_add_text(j, o, "path", x->path);
    if (x->line)
        build_add_number(j, o, "line", (uint64_t)x->line);
    for (uint32_t i = 0; i < x->n_values; i++) {
        const char *name = x->values[i].name, *value = x->values[i].value;
        struct json_object *list;

        if (!is_one_of(name, lists) ||
            (command_line && str_equal(name, "options"))) {
            build_add(j, o, name, typed(j, name, value));
            continue;
        }
        if (!json_object_object_get_ex(o, name, &list))
            list = build_array(j, o, name);
        build_append(j, list, build_string(j, value));
    }
    return o;
}

/* --- the document --- */

void
facts_add_head(struct build *j, struct json_object *o,
    const struct mayfly_inspection_root *s)
{
    char eol[16];
    const char *source = lifecycle_end(s, eol);

    build_add_text(j, o, "root", s->root);
    build_add_text(j, o, "type", s->type);
    build_add_text(j, o, "distro", s->distro);
    build_add_text(j, o, "product_name", s->product_name);
    build_add_text(j, o, "version_id", s->version_id);
    build_add_text(j, o, "arch", s->arch);
    build_add_text(j, o, "hostname", s->hostname);
    build_add_text(j, o, "osinfo", s->osinfo);
    if (source) {
        build_add_text(j, o, "end_of_support", eol);
        build_add_text(j, o, "end_of_support_source", source);
    }
}

void
facts_add_notes(struct build *j, struct json_object *o,
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

static struct json_object *
operating_system(struct build *j, const struct mayfly_inspection_root *s,
    char *const *wanted)
{
    struct json_object *o = build_object(j);

    facts_add_head(j, o, s);
    for (char *const *name = wanted; *name; name++) {
        struct json_object *list = build_array(j, o, *name);

        for (uint32_t i = 0; i < s->n_facts; i++)
            if (str_equal(s->facts[i].section, *name))
                build_append(j, list, facts_row(j, &s->facts[i]));
    }
    return o;
}

int
facts_print_json(const struct mayfly_inspection *found, char *const *wanted,
    struct error *err)
{
    struct build json = {0}, *j = &json;
    struct json_object *o = build_object(j), *list;

    build_add_text(j, o, "schema", "mayfly-facts-1");
    list = build_array(j, o, "operating_systems");
    for (uint32_t i = 0; i < found->n_roots; i++)
        build_append(j, list, operating_system(j, &found->roots[i], wanted));
    facts_add_notes(j, o, found);
    return build_write(j, o, err);
}
