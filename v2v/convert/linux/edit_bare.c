/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of disks without their folder: those of sysfs, and lists of disks in
 * the settings of tools that know no others.  They are looked at, and not
 * changed. */
#include <config.h>

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/edit_text.h"

/* The length of a name or a pattern of names at S: sda, sdb1, hd*, xvd[a-z]; 0
 * if none is there. */
static size_t
bare_name(const char *s)
{
    static const char *const prefixes[] = {"sd", "hd", "xvd"};
    const char *p = NULL;
    size_t letters = 0;

    for (size_t i = 0; !p && i < N_ELEMENTS(prefixes); i++)
        p = str_after(s, prefixes[i]);
    for (; p && *p; p++) {
        size_t set = *p == '[' ? strcspn(p, "] \t/") : 0;

        if (set && p[set] == ']')
            p += set;
        else if (!strchr("*?", *p) && !islower((unsigned char)*p))
            break;
        if (++letters > 3)
            return 0;
    }
    if (!letters)
        return 0;
    while (isdigit((unsigned char)*p))
        p++;
    return isalnum((unsigned char)*p) || *p == '_' ? 0 : (size_t)(p - s);
}

static int
look_at(const struct line_edit *e, const char *name, size_t n,
    const struct edit_name *at, struct error *err)
{
    cleanup_free char *path = text_printf("/dev/%.*s", (int)n, name);
    struct edit_name whole = *at;

    if (!path)
        return error_no_memory(err);
    whole.name = path;
    free(e->rename(e->opaque, &whole, err));
    return err->code ? -1 : 0;
}

static bool
is_comment(const char *line)
{
    line += strspn(line, edit_blanks);
    return *line == '#' || *line == ';';
}

/* /sys/block/sda/..., /sys/class/block/sda1; sysfs.conf leaves "/sys/" out. */
static int
put_sysfs(const struct line_edit *e, FILE *f, const char *line,
    const struct edit_name *at, struct error *err)
{
    fputs(line, f);
    for (const char *p = line;
         !is_comment(line) && (p = strstr(p, "block/"));) {
        p += strlen("block/");
        size_t n = bare_name(p);
        if (n && look_at(e, p, n, at, err) < 0)
            return -1;
    }
    return 0;
}

char *
edit_sysfs(
    const char *text, edit_rename rename, void *opaque, struct error *err)
{
    const struct line_edit e = {
        .put = put_sysfs, .rename = rename, .opaque = opaque};

    return edit_each_line(&e, text, err);
}

/* Each word that is a name.  Oracle's ASMLib has the prefixes alone. */
static int
put_words(const struct line_edit *e, FILE *f, const char *line,
    const struct edit_name *at, struct error *err)
{
    static const char between[] = " \t\r\"'=,;:(){}<>|/^$";
    bool order = strstr(line, "SCANORDER");

    fputs(line, f);
    for (const char *p = line; !is_comment(line) && *p;) {
        size_t blank = strspn(p, between), n = strcspn(p + blank, between);

        p += blank;
        if (n && bare_name(p) == n && look_at(e, p, n, at, err) < 0)
            return -1;
        if (order && n == 2 && str_after(p, "sd") &&
            look_at(e, "sd*", 3, at, err) < 0)
            return -1;
        p += n;
    }
    return 0;
}

char *
edit_disk_lists(
    const char *text, edit_rename rename, void *opaque, struct error *err)
{
    const struct line_edit e = {
        .put = put_words, .rename = rename, .opaque = opaque};

    return edit_each_line(&e, text, err);
}
