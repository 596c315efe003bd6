/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/list.h"

#include <errno.h>
#include <inttypes.h>
#include <json.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "download/fetch.h"
#include "builder/image/cache.h"
#include "tool/size.h"
#include "tool/print.h"

int
list_format_parse(const char *text, enum list_format *ret, struct error *err)
{
    static const char *const names[] = {"short", "long", "json"};

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        if (str_equal(names[i], text)) {
            *ret = (enum list_format)i;
            return 0;
        }
    }
    return error_set(err, EINVAL, "'%s' is not one of short, long, json", text);
}

static bool
is_wanted(const struct template *t, const char *only)
{
    return !only || str_equal(t->id, only) || template_has_alias(t, only);
}

static void
print_short(const struct template *t)
{
    char line[64];

    snprintf(line, sizeof line, "%-24.40s %-10.20s ", t->id, t->arch);
    tool_print(stdout, line);
    tool_print(stdout, t->name ? t->name : "");
    putchar('\n');
}

static void
print_field(const char *label, const char *value)
{
    printf("%-24s ", label);
    tool_print(stdout, value);
    putchar('\n');
}

static void
print_long(const struct template *t)
{
    char size[24];
    const char *notes = template_notes(t);

    print_field("os-version:", t->id);
    if (t->name)
        print_field("Full name:", t->name);
    print_field("Architecture:", t->arch);
    print_field("Minimum/default size:", size_text(t->size, size));
    if (t->compressed_size)
        print_field("Download size:", size_text(t->compressed_size, size));
    if (t->aliases) {
        printf("%-24s", "Aliases:");
        for (size_t i = 0; t->aliases[i]; i++) {
            putchar(' ');
            tool_print(stdout, t->aliases[i]);
        }
        putchar('\n');
    }
    if (notes) {
        printf("Notes:\n\n");
        tool_print(stdout, notes);
        putchar('\n');
    }
    putchar('\n');
}

static void
put_text(struct json_object *object, const char *key, const char *value)
{
    if (value)
        json_object_object_add(object, key, json_object_new_string(value));
}

static struct json_object *
template_json(const struct template *t)
{
    struct json_object *o = json_object_new_object();
    cleanup_free char *uri = fetch_join(t->source->uri, t->file);

    put_text(o, "os-version", t->id);
    put_text(o, "full-name", t->name);
    put_text(o, "arch", t->arch);
    json_object_object_add(o, "size", json_object_new_int64((int64_t)t->size));
    if (t->compressed_size) {
        /* A string, as in virt-builder. */
        cleanup_free char *size = text_printf("%" PRIu64, t->compressed_size);
        put_text(o, "compressed-size", size);
    }
    if (t->n_notes > 0) {
        struct json_object *notes = json_object_new_object();

        for (uint64_t i = 0; i < t->n_notes; i++)
            put_text(notes, t->notes[i].language ? t->notes[i].language : "C",
                t->notes[i].text);
        json_object_object_add(o, "notes", notes);
    }
    if (t->aliases) {
        struct json_object *aliases = json_object_new_array();

        for (size_t i = 0; t->aliases[i]; i++)
            json_object_array_add(
                aliases, json_object_new_string(t->aliases[i]));
        json_object_object_add(o, "aliases", aliases);
    }
    put_text(o, "osinfo", t->osinfo);
    json_object_object_add(o, "hidden", json_object_new_boolean(t->hidden));
    json_object_object_add(o, "revision", json_object_new_int64(t->revision));
    put_text(o, "format", t->format);
    put_text(o, "expand", t->expand);
    put_text(o, "lvexpand", t->lvexpand);
    put_text(o, "sha512", t->sha512);
    put_text(o, "uri", uri);
    return o;
}

static int
print_json(const struct sources *sources,
    const struct template *const *templates, size_t n, const char *only,
    struct error *err)
{
    struct json_object *root = json_object_new_object();
    struct json_object *list = json_object_new_array();
    struct json_object *all = json_object_new_array();

    json_object_object_add(root, "version", json_object_new_int(1));
    for (size_t i = 0; i < sources->n; i++) {
        const struct template_source *s = &sources->list[i];
        struct json_object *o = json_object_new_object();

        put_text(o, "uri", s->uri);
        put_text(o, "fingerprint", s->fingerprint);
        put_text(o, "key", s->key_file);
        json_object_array_add(list, o);
    }
    for (size_t i = 0; i < n; i++)
        if (is_wanted(templates[i], only))
            json_object_array_add(all, template_json(templates[i]));
    json_object_object_add(root, "sources", list);
    json_object_object_add(root, "templates", all);

    const char *text = json_object_to_json_string_ext(
        root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                  JSON_C_TO_STRING_NOSLASHESCAPE);
    int r = text ? 0 : error_no_memory(err);
    if (text) {
        tool_print(stdout, text);
        putchar('\n');
    }
    json_object_put(root);
    return r;
}

int
list_print(enum list_format format, const struct sources *sources,
    const struct template *const *templates, size_t n, const char *only,
    struct error *err)
{
    if (format == LIST_JSON)
        return print_json(sources, templates, n, only, err);
    for (size_t i = 0; format == LIST_LONG && i < sources->n; i++) {
        const struct template_source *s = &sources->list[i];

        printf("Source URI: ");
        tool_print(stdout, s->uri);
        if (s->fingerprint)
            printf("\nFingerprint: %s", s->fingerprint);
        if (s->key_file)
            printf("\nKey: %s", s->key_file);
        printf("\n\n");
    }
    for (size_t i = 0; i < n; i++) {
        if (templates[i]->hidden || !is_wanted(templates[i], only))
            continue;
        if (format == LIST_LONG)
            print_long(templates[i]);
        else
            print_short(templates[i]);
    }
    return 0;
}

void
list_cache(
    const char *folder, const struct template *const *templates, size_t n)
{
    printf("cache directory: %s\n", folder);
    for (size_t i = 0; i < n; i++)
        printf("%-24s %-10s %s\n", templates[i]->id, templates[i]->arch,
            cache_has(folder, templates[i]) ? "cached" : "no");
}
