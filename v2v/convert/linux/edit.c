/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/linux/edit.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/edit_text.h"

/* --- a text being made --- */

struct out {
    FILE *f;
    char *text;
    size_t size;
};

static int
out_open(struct out *o, struct error *err)
{
    *o = (struct out){0};
    o->f = open_memstream(&o->text, &o->size);
    return o->f ? 0 : error_no_memory(err);
}

/* The text, or NULL after a failure (R < 0). */
static char *
out_finish(struct out *o, int r, struct error *err)
{
    if (fclose(o->f) != 0 && r >= 0)
        r = error_no_memory(err);
    if (r < 0) {
        free(o->text);
        return NULL;
    }
    return o->text;
}

char *
edit_each_line(const struct line_edit *e, const char *text, struct error *err)
{
    struct edit_name at = {.key = ""};
    struct out o;
    int r = 0;

    if (out_open(&o, err) < 0)
        return NULL;
    while (r == 0 && *text) {
        size_t n = strcspn(text, "\n");
        cleanup_free char *line = strndup(text, n);

        at.line++;
        r = line ? e->put(e, o.f, line, &at, err) : error_no_memory(err);
        text += n;
        if (*text)
            fputc(*text++, o.f);
    }
    return out_finish(&o, r, err);
}

/* --- names of devices --- */

/* Does a name start at P, in a text that starts at START?  Not in the middle
 * of another path. */
static bool
starts_name(const char *start, const char *p)
{
    unsigned char before = p > start ? (unsigned char)p[-1] : ' ';

    return str_after(p, "/dev/") && !isalnum(before) && !strchr("_.-/", before);
}

/* The name at P: the links of udev have colons, others end there. */
static size_t
name_length(const char *p)
{
    size_t n = strcspn(p, " \t\r\n,;\"'`$(){}|&<>");
    const char *part = NULL;

    if (!str_after(p, "/dev/disk/") && !str_after(p, "/dev/block/")) {
        size_t colon = strcspn(p, ":");

        return colon < n ? colon : n;
    }
    for (const char *q = p; (q = memmem(q, (size_t)(p + n - q), "-part", 5));)
        part = q += 5;
    if (part) {
        part += strspn(part, "0123456789");
        if (*part == ':')
            n = (size_t)(part - p);
    }
    while (n && p[n - 1] == ':')
        n--;
    return n;
}

static int
put_name(const struct line_edit *e, FILE *f, const char *s, size_t n,
    const struct edit_name *at, struct error *err)
{
    cleanup_free char *name = strndup(s, n);
    struct edit_name whole = *at;

    if (!name)
        return error_no_memory(err);
    whole.name = name;
    cleanup_free char *changed = e->rename(e->opaque, &whole, err);
    if (!changed && err->code)
        return -1;
    fputs(changed ? changed : name, f);
    return 0;
}

int
edit_put_names(const struct line_edit *e, FILE *f, const char *s, size_t n,
    const struct edit_name *at, struct error *err)
{
    cleanup_free char *text = strndup(s, n);

    if (!text)
        return error_no_memory(err);
    for (const char *p = text; *p;) {
        size_t length = starts_name(text, p) ? name_length(p) : 0;

        if (length <= strlen("/dev/")) {
            int r = edit_put_unit(e, f, text, &p, at, err);

            if (r < 0)
                return -1;
            if (r == 0)
                fputc(*p++, f);
            continue;
        }
        if (put_name(e, f, p, length, at, err) < 0)
            return -1;
        p += length;
    }
    return 0;
}

static bool
is_tag(const char *s)
{
    static const char *const tags[] = {
        "UUID=", "LABEL=", "PARTUUID=", "PARTLABEL=", "ID="};

    for (size_t i = 0; i < N_ELEMENTS(tags); i++)
        if (str_after(s, tags[i]))
            return true;
    return false;
}

int
edit_put_value(const struct line_edit *e, FILE *f, const char *s, size_t n,
    const struct edit_name *at, struct error *err)
{
    char quote = n && (*s == '"' || *s == '\'') ? *s : 0;

    if (quote) {
        fputc(*s++, f);
        n--;
    }
    if (!is_tag(s))
        return edit_put_names(e, f, s, n, at, err);

    /* UUID="1-2" and LABEL='a b' have quotes of their own. */
    size_t value = strcspn(s, "=") + 1;
    char own = s[value] == '"' || s[value] == '\'' ? s[value] : 0;
    size_t end =
        own ? value + 1 + strcspn(s + value + 1, own == '"' ? "\"" : "'")
            : value + strcspn(s + value, quote ? ":\"'" : " \t:,\"'");
    if (own && s[end] == own)
        end++;
    if (end > n)
        end = n;
    if (put_name(e, f, s, end, at, err) < 0)
        return -1;
    return edit_put_names(e, f, s + end, n - end, at, err);
}

/* --- whole files --- */

static int
put_names_line(const struct line_edit *e, FILE *f, const char *line,
    const struct edit_name *at, struct error *err)
{
    const char *p = line + strspn(line, edit_blanks);

    if (*p == '#' || *p == ';')
        return fputs(line, f), 0;
    return edit_put_names(e, f, line, strlen(line), at, err);
}

char *
edit_names(
    const char *text, edit_rename rename, void *opaque, struct error *err)
{
    const struct line_edit e = {
        .put = put_names_line, .rename = rename, .opaque = opaque};

    return edit_each_line(&e, text, err);
}

/* KERNEL=="sdb1" and the like in a rule of udev, as "/dev/sdb1". */
static int
put_rule(const struct line_edit *e, FILE *f, const char *line,
    const struct edit_name *at, struct error *err)
{
    static const char *const prefixes[] = {"sd", "hd", "xvd", "nvme"};
    const char *p = line + strspn(line, edit_blanks);

    for (; *p && *p != '#' && (p = strstr(p, "KERNEL")); p++) {
        const char *value = p + strlen("KERNEL");

        value += *value == 'S';
        if (!(value = str_after(value, "==\"")))
            continue;
        for (size_t i = 0; i < N_ELEMENTS(prefixes); i++) {
            cleanup_free char *name =
                str_after(value, prefixes[i])
                    ? text_printf(
                          "/dev/%.*s", (int)strcspn(value, "\"|"), value)
                    : NULL;
            struct edit_name whole = *at;

            if (!name)
                continue;
            whole.name = name;
            free(e->rename(e->opaque, &whole, err));
            if (err->code)
                return -1;
        }
    }
    return put_names_line(e, f, line, at, err);
}

char *
edit_rules(
    const char *text, edit_rename rename, void *opaque, struct error *err)
{
    const struct line_edit e = {
        .put = put_rule, .rename = rename, .opaque = opaque};

    return edit_each_line(&e, text, err);
}

/* --- others --- */

static int
put_commented(const struct line_edit *e, FILE *f, const char *line,
    const struct edit_name *at, struct error *err)
{
    (void)err, (void)at;
    fprintf(f, "%s%s", e->drop(line) ? "# " : "", line);
    return 0;
}

char *
edit_comment_out(
    const char *text, int (*drop)(const char *line), struct error *err)
{
    const struct line_edit e = {.put = put_commented, .drop = drop};

    return edit_each_line(&e, text, err);
}

char *
edit_replace(
    const char *text, const char *from, const char *to, struct error *err)
{
    struct out o;
    const char *found;

    if (out_open(&o, err) < 0)
        return NULL;
    for (; (found = strstr(text, from)); text = found + strlen(from)) {
        fwrite(text, 1, (size_t)(found - text), o.f);
        fputs(to, o.f);
    }
    fputs(text, o.f);
    return out_finish(&o, 0, err);
}
