/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text is printed at once.  JSON is built as a tree whose open branches are
 * p->tree[0..depth-1], and written by print_end. */
#include <config.h>

#include "fish/printer.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/print.h"

void
print_begin(struct printer *p, FILE *out, bool json)
{
    p->out = out;
    p->json = json;
    p->depth = 0;
    p->result = NULL;
}

int
print_end(struct printer *p)
{
    if (p->result) {
        tool_print(p->out,
            json_object_to_json_string_ext(p->result,
                JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
        putc('\n', p->out);
        json_object_put(p->result);
        p->result = NULL;
    }
    return fflush(p->out) == 0 && !ferror(p->out) ? 0 : -1;
}

/* Add a value to the tree; takes it over. */
static void
add(struct printer *p, const char *name, struct json_object *value)
{
    if (p->depth == 0)
        p->result = value;
    else if (p->list[p->depth - 1])
        json_object_array_add(p->tree[p->depth - 1], value);
    else
        json_object_object_add(p->tree[p->depth - 1], name, value);
}

/* JSON is UTF-8.  Text that is not, and blobs, become {"base64": ...}: a
 * different type, so that no one mistakes them for text. */
static struct json_object *
json_bytes(const void *data, size_t size)
{
    size_t length = base64_length(size);
    cleanup_free char *text = malloc(length + 1);

    if (!text)
        return NULL;
    base64_encode(data, size, text);
    struct json_object *o = json_object_new_object();
    json_object_object_add(
        o, "base64", json_object_new_string_len(text, (int)length));
    return o;
}

static bool
is_utf8(const char *s)
{
    while (*s) {
        unsigned char c = (unsigned char)*s++;
        int more = c < 0x80                ? 0
                   : c >= 0xc2 && c < 0xe0 ? 1
                   : c >= 0xe0 && c < 0xf0 ? 2
                   : c >= 0xf0 && c < 0xf5 ? 3
                                           : -1;
        unsigned char next = (unsigned char)*s;

        if (more < 0 || (c == 0xe0 && next < 0xa0) ||
            (c == 0xed && next >= 0xa0) || (c == 0xf0 && next < 0x90) ||
            (c == 0xf4 && next >= 0x90))
            return false;
        for (; more > 0; more--) {
            if (((unsigned char)*s++ & 0xc0) != 0x80)
                return false;
        }
    }
    return true;
}

static struct json_object *
json_text(const char *text)
{
    return is_utf8(text) ? json_object_new_string(text)
                         : json_bytes(text, strlen(text));
}

static void
put_indent(struct printer *p)
{
    fprintf(p->out, "%*s", 2 * (p->depth - 1), "");
}

/* The prefix of a value: nothing, its name, or its number in a list. */
static void
put_label(struct printer *p, const char *name)
{
    if (p->depth == 0)
        return;
    put_indent(p);
    if (name)
        fprintf(p->out, "%s: ", name);
}

void
print_text(struct printer *p, const char *name, const char *text)
{
    if (p->json) {
        add(p, name, text ? json_text(text) : NULL);
        return;
    }
    put_label(p, name);
    if (text)
        tool_print(p->out, text);
    else if (p->depth == 0)
        fputs("(null)", p->out);
    putc('\n', p->out);
}

void
print_bytes(struct printer *p, const char *name, const void *data, size_t size)
{
    const unsigned char *bytes = data;

    if (p->json) {
        add(p, name, json_bytes(data, size));
        return;
    }
    if (p->depth == 0) {
        tool_print_bytes(p->out, data, size);
        return;
    }
    put_label(p, name);
    for (size_t i = 0; i < size; i++)
        fprintf(p->out, bytes[i] >= 0x20 && bytes[i] < 0x7f ? "%c" : "\\x%02x",
            bytes[i]);
    putc('\n', p->out);
}

void
print_bool(struct printer *p, const char *name, bool value)
{
    if (p->json) {
        add(p, name, json_object_new_boolean(value));
        return;
    }
    put_label(p, name);
    fputs(value ? "true\n" : "false\n", p->out);
}

void
print_integer(struct printer *p, const char *name, int64_t value)
{
    if (p->json) {
        add(p, name, json_object_new_int64(value));
        return;
    }
    put_label(p, name);
    fprintf(p->out, "%" PRId64 "\n", value);
}

void
print_unsigned(struct printer *p, const char *name, uint64_t value)
{
    if (p->json) {
        add(p, name, json_object_new_uint64(value));
        return;
    }
    put_label(p, name);
    fprintf(p->out, "%" PRIu64 "\n", value);
}

void
print_hex(struct printer *p, const char *name, uint64_t value)
{
    if (p->json) {
        print_unsigned(p, name, value);
        return;
    }
    put_label(p, name);
    fprintf(p->out, "%s%" PRIx64 "\n", value ? "0x" : "", value);
}

void
print_octal(struct printer *p, const char *name, uint64_t value)
{
    if (p->json) {
        print_unsigned(p, name, value);
        return;
    }
    put_label(p, name);
    fprintf(p->out, "%s%" PRIo64 "\n", value ? "0" : "", value);
}

void
print_strings(struct printer *p, const char *name, char *const *list, size_t n)
{
    print_open_list(p, name);
    for (size_t i = 0; i < n; i++)
        print_text(p, NULL, list[i]);
    print_close_list(p);
}

static void
push(struct printer *p, bool list)
{
    p->list[p->depth] = list;
    p->count[p->depth] = 0;
    p->tree[p->depth] = !p->json ? NULL
                        : list   ? json_object_new_array()
                                 : json_object_new_object();
    p->depth++;
}

/* The definition allows no recursion, so the depth is that of its deepest
 * structure; anything deeper is a fault of the generator. */
static void
open_branch(struct printer *p, const char *name, bool list)
{
    if (p->depth >= PRINTER_DEPTH)
        abort();
    if (p->json) {
        int parent = p->depth;

        push(p, list);
        p->depth = parent;
        add(p, name, p->tree[parent]);
        p->depth = parent + 1;
    } else
        push(p, list);
}

void
print_open_struct(struct printer *p, const char *name)
{
    bool element = p->depth > 0 && p->list[p->depth - 1];

    if (!p->json && element) {
        fprintf(p->out, "%*s[%" PRIu32 "] = {\n", 2 * (p->depth - 1), "",
            p->count[p->depth - 1]++);
    } else if (!p->json && p->depth > 0) {
        put_indent(p);
        fprintf(p->out, "%s:\n", name);
    }
    open_branch(p, name, false);
}

void
print_close_struct(struct printer *p)
{
    p->depth--;
    if (!p->json && p->depth > 0 && p->list[p->depth - 1])
        fprintf(p->out, "%*s}\n", 2 * (p->depth - 1), "");
}

void
print_open_list(struct printer *p, const char *name)
{
    if (!p->json && p->depth > 0) {
        put_indent(p);
        fprintf(p->out, "%s:\n", name);
    }
    open_branch(p, name, true);
}

void
print_close_list(struct printer *p)
{
    p->depth--;
}

/* The name of a member has to be UTF-8 as well. */
static void
print_pair(struct printer *p, const char *key, const char *value)
{
    cleanup_free char *safe = is_utf8(key) ? NULL : text_escape(key);

    print_text(p, safe ? safe : key, value);
}

void
print_map(struct printer *p, const char *name, char *const *list, size_t n)
{
    if (p->json) {
        print_open_struct(p, name);
        for (size_t i = 0; i < n; i++)
            print_pair(p, list[2 * i], list[2 * i + 1]);
        print_close_struct(p);
        return;
    }
    if (p->depth > 0) {
        put_indent(p);
        fprintf(p->out, "%s:\n", name);
    }
    for (size_t i = 0; i < n; i++) {
        if (p->depth > 0)
            fprintf(p->out, "%*s", 2 * p->depth, "");
        tool_print(p->out, list[2 * i]);
        fputs(": ", p->out);
        tool_print(p->out, list[2 * i + 1]);
        putc('\n', p->out);
    }
}
