/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files with a line for each device: fstab, crypttab, device.map,
 * mdadm.conf. */
#include <config.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/edit_text.h"

enum { COLUMNS = 6 };

/* Where the columns of a line start and how long they are. */
struct columns {
    const char *start[COLUMNS];
    size_t length[COLUMNS];
    size_t n;
};

/* Quotes may hold blanks: LABEL="my data". */
static size_t
column_length(const char *p)
{
    size_t n = 0;
    char quote = 0;

    for (; p[n] && (quote || !strchr(edit_blanks, p[n])); n++) {
        if (p[n] == quote)
            quote = 0;
        else if (!quote && p[n] == '"')
            quote = p[n];
    }
    return quote ? strcspn(p, edit_blanks) : n;
}

static struct columns
split(const char *line)
{
    struct columns c = {0};
    const char *p = line + strspn(line, edit_blanks);

    if (*p == '#')
        return c;
    while (*p && c.n < COLUMNS) {
        c.start[c.n] = p;
        c.length[c.n] = column_length(p);
        p += c.length[c.n++];
        p += strspn(p, edit_blanks);
    }
    return c;
}

static char *
column(const struct columns *c, size_t i, struct error *err)
{
    char *text = i < c->n ? strndup(c->start[i], c->length[i]) : strdup("");

    if (!text)
        error_no_memory(err);
    return text;
}

/* The options of a line, each with its name as the key. */
static int
put_options(const struct line_edit *e, FILE *f, const char *options, size_t n,
    const struct edit_name *at, struct error *err)
{
    const char *end = options + n;

    while (options < end) {
        size_t length = strcspn(options, ",");
        struct edit_name inside = *at;

        if (length > (size_t)(end - options))
            length = (size_t)(end - options);
        cleanup_free char *key = strndup(options, length);
        if (!key)
            return error_no_memory(err);
        key[strcspn(key, "=")] = 0;
        inside.key = key;
        /* A journal, a unit to wait for: not what is mounted there. */
        inside.folder = inside.type = NULL;
        if (edit_put_names(e, f, options, length, &inside, err) < 0)
            return -1;
        options += length;
        if (options < end)
            fputc(*options++, f);
    }
    return 0;
}

static void
put_rest(FILE *f, const char *from, const char *to)
{
    fwrite(from, 1, (size_t)(to - from), f);
}

/* fstab writes blanks in a name as \040. */
static void
unescape(char *text)
{
    char *to = text;

    for (const char *p = text; *p;) {
        unsigned n = 0;
        int digits = 0;

        if (*p == '\\')
            for (; digits < 3 && p[1 + digits] >= '0' && p[1 + digits] <= '7';
                 digits++)
                n = n * 8 + (unsigned)(p[1 + digits] - '0');
        if (digits == 3) {
            *to++ = (char)n;
            p += 4;
        } else {
            *to++ = *p++;
        }
    }
    *to = 0;
}

static int
put_fstab_line(const struct line_edit *e, FILE *f, const char *line,
    const struct edit_name *at, struct error *err)
{
    const struct columns c = split(line);
    struct edit_name inside = *at;

    if (c.n < 2)
        return fputs(line, f), 0;
    cleanup_free char *folder = column(&c, 1, err);
    cleanup_free char *type = column(&c, 2, err);
    cleanup_free char *device = column(&c, 0, err);
    cleanup_free char *name = column(&c, 0, err);
    if (!folder || !type || !device || !name)
        return -1;
    inside.folder = folder;
    inside.type = type;
    put_rest(f, line, c.start[0]);
    if (strchr(name, '\\') && !strchr(name, '"')) {
        unescape(name);
        inside.name = name;
        cleanup_free char *changed = e->rename(e->opaque, &inside, err);

        if (!changed && err->code)
            return -1;
        fputs(changed ? changed : device, f);
    } else if (edit_put_value(e, f, c.start[0], c.length[0], &inside, err) <
               0) {
        return -1;
    }

    const char *done = c.start[0] + c.length[0];
    if (c.n > 3) {
        put_rest(f, done, c.start[3]);
        if (put_options(e, f, c.start[3], c.length[3], &inside, err) < 0)
            return -1;
        done = c.start[3] + c.length[3];
    }
    fputs(done, f);
    return 0;
}

char *
edit_fstab(
    const char *text, edit_rename rename, void *opaque, struct error *err)
{
    const struct line_edit e = {
        .put = put_fstab_line, .rename = rename, .opaque = opaque};

    return edit_each_line(&e, text, err);
}

static bool
has_option(const char *options, const char *name)
{
    size_t n = strlen(name);

    for (const char *p = options; (p = strstr(p, name)); p += n)
        if ((p == options || p[-1] == ',') && (!p[n] || strchr(",=", p[n])))
            return true;
    return false;
}

/* A volume with a random key is made again at each start: the UUID in it is
 * one that the next start destroys. */
static const char *
crypttab_type(const char *key, const char *options)
{
    bool made = str_equal(key, "/dev/urandom") ||
                str_equal(key, "/dev/random") || has_option(options, "swap") ||
                has_option(options, "tmp") || has_option(options, "plain");

    return made ? "swap" : NULL;
}

static int
put_crypttab_line(const struct line_edit *e, FILE *f, const char *line,
    const struct edit_name *at, struct error *err)
{
    const struct columns c = split(line);
    struct edit_name inside = *at;
    const char *done = line;

    if (c.n < 2)
        return fputs(line, f), 0;
    cleanup_free char *key = column(&c, 2, err);
    cleanup_free char *options = column(&c, 3, err);
    if (!key || !options)
        return -1;
    inside.type = crypttab_type(key, options);
    for (size_t i = 1; i < c.n && i < 4; i++) {
        put_rest(f, done, c.start[i]);
        inside.key = i == 1 ? "" : "key";
        if ((i == 3 ? put_options : edit_put_value)(
                e, f, c.start[i], c.length[i], &inside, err) < 0)
            return -1;
        done = c.start[i] + c.length[i];
    }
    fputs(done, f);
    return 0;
}

char *
edit_crypttab(
    const char *text, edit_rename rename, void *opaque, struct error *err)
{
    const struct line_edit e = {
        .put = put_crypttab_line, .rename = rename, .opaque = opaque};

    return edit_each_line(&e, text, err);
}

/* The key is only said for what is no device. */
static int
put_mapped_line(const struct line_edit *e, FILE *f, const char *line,
    const struct edit_name *at, struct error *err)
{
    const struct columns c = split(line);
    struct edit_name inside = *at;
    const char *done = line;

    for (size_t i = 1; i < c.n; i++) {
        put_rest(f, done, c.start[i]);
        if ((i >= 3 ? put_options : edit_put_value)(
                e, f, c.start[i], c.length[i], &inside, err) < 0)
            return -1;
        done = c.start[i] + c.length[i];
    }
    fputs(done, f);
    return 0;
}

char *
edit_mapped_table(
    const char *text, edit_rename rename, void *opaque, struct error *err)
{
    const struct line_edit e = {
        .put = put_mapped_line, .rename = rename, .opaque = opaque};

    return edit_each_line(&e, text, err);
}

static int
put_column(const struct line_edit *e, FILE *f, const char *line,
    const struct edit_name *at, struct error *err)
{
    const struct columns c = split(line);

    if (e->column >= c.n)
        return fputs(line, f), 0;

    const char *p = c.start[e->column];
    fwrite(line, 1, (size_t)(p - line), f);
    if (edit_put_value(e, f, p, c.length[e->column], at, err) < 0)
        return -1;
    fputs(p + c.length[e->column], f);
    return 0;
}

char *
edit_column(const char *text, unsigned column_number, edit_rename rename,
    void *opaque, struct error *err)
{
    const struct line_edit e = {.put = put_column,
        .rename = rename,
        .opaque = opaque,
        .column = column_number};

    return edit_each_line(&e, text, err);
}

/* "DEVICE /dev/sda1 /dev/sdb1" hides arrays on disks with other names; the
 * usual setting is all partitions.  devices= of an array with a UUID says
 * nothing more. */
static int
put_mdadm_line(const struct line_edit *e, FILE *f, const char *line,
    const struct edit_name *at, struct error *err)
{
    const char *p = line + strspn(line, edit_blanks);
    size_t n = strcspn(p, edit_blanks);

    if (*p == '#')
        return fputs(line, f), 0;
    if (n >= 3 && strncasecmp(p, "DEVICE", n) == 0 && strstr(p, "/dev/")) {
        fprintf(f, "DEVICE partitions containers");
        return 0;
    }
    while (*p) {
        const char *blank = p;

        p += strspn(p, edit_blanks);
        n = strcspn(p, edit_blanks);
        if (strncasecmp(p, "devices=", 8) == 0 && strcasestr(line, "uuid=")) {
            p += n;
            continue;
        }
        fwrite(blank, 1, (size_t)(p - blank), f);
        /* The name of the array itself is what the line defines. */
        if (str_after(p, "/dev/md"))
            fwrite(p, 1, n, f);
        else if (edit_put_names(e, f, p, n, at, err) < 0)
            return -1;
        p += n;
    }
    return 0;
}

char *
edit_mdadm(
    const char *text, edit_rename rename, void *opaque, struct error *err)
{
    const struct line_edit e = {
        .put = put_mdadm_line, .rename = rename, .opaque = opaque};

    return edit_each_line(&e, text, err);
}
