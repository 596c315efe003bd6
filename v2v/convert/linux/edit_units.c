/* SPDX-License-Identifier: GPL-2.0-or-later */
/* systemd names the unit of a device after its path: "/dev/sdb1" is
 * "dev-sdb1.device", and a "-" in a path is "\x2d" there. */
#include <config.h>

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/edit_text.h"

/* Where the path ends in the name of a unit at P; NULL if it is none. */
static const char *
path_end(const char *start, const char *p)
{
    static const char *const endings[] = {".device", ".swap", ".service"};
    unsigned char before = p > start ? (unsigned char)p[-1] : ' ';
    size_t n;

    if (!str_after(p, "dev-") || isalnum(before) || strchr("_.-/\\", before))
        return NULL;
    n = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                  "0123456789:_.\\-");
    for (size_t i = 0; i < N_ELEMENTS(endings); i++) {
        size_t m = strlen(endings[i]);
        /* A service is one for a device only as "fsck@dev-sdb1". */
        bool fits = endings[i][2] != 'e' || before == '@' || i == 0;

        if (n > m + strlen("dev-") && fits &&
            strncmp(p + n - m, endings[i], m) == 0)
            return p + n - m;
    }
    return NULL;
}

static char *
unescape(const char *p, const char *end)
{
    char *path = malloc((size_t)(end - p) + 2), *to = path;

    if (!path)
        return NULL;
    *to++ = '/';
    while (p < end) {
        if (end - p >= 4 && p[0] == '\\' && p[1] == 'x' &&
            isxdigit((unsigned char)p[2]) && isxdigit((unsigned char)p[3])) {
            const char hex[3] = {p[2], p[3], 0};

            *to++ = (char)strtoul(hex, NULL, 16);
            p += 4;
        } else {
            *to++ = *p == '-' ? '/' : *p;
            p++;
        }
    }
    *to = 0;
    return path;
}

static void
put_escaped(FILE *f, const char *path)
{
    for (path += *path == '/'; *path; path++) {
        unsigned char c = (unsigned char)*path;

        if (c == '/')
            fputc('-', f);
        else if (isalnum(c) || strchr(":_.", c))
            fputc(c, f);
        else
            fprintf(f, "\\x%02x", c);
    }
}

int
edit_put_unit(const struct line_edit *e, FILE *f, const char *start,
    const char **p, const struct edit_name *at, struct error *err)
{
    const char *end = path_end(start, *p);
    struct edit_name whole = *at;

    if (!end)
        return 0;
    cleanup_free char *path = unescape(*p, end);
    if (!path)
        return error_no_memory(err);
    whole.name = path;
    cleanup_free char *changed = e->rename(e->opaque, &whole, err);
    if (!changed && err->code)
        return -1;
    if (changed && *changed == '/')
        put_escaped(f, changed);
    else
        fwrite(*p, 1, (size_t)(end - *p), f);
    *p = end;
    return 1;
}
