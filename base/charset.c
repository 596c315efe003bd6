/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "base/charset.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"

/* A name from a foreign file never gets to iconv, which would load a module for
 * it.  The sets are those of Windows, where they go by these names. */
static const char *const sets[][2] = {
    {"windows-1250", "CP1250"},
    {"windows-1251", "CP1251"},
    {"windows-1252", "CP1252"},
    {"windows-1253", "CP1253"},
    {"windows-1254", "CP1254"},
    {"windows-1255", "CP1255"},
    {"windows-1256", "CP1256"},
    {"windows-1257", "CP1257"},
    {"windows-1258", "CP1258"},
    {"ISO-8859-1", "ISO-8859-1"},
    {"Shift_JIS", "CP932"},
    {"windows-932", "CP932"},
    {"GBK", "CP936"},
    {"windows-936", "CP936"},
    {"EUC-KR", "CP949"},
    {"windows-949", "CP949"},
    {"Big5", "CP950"},
    {"windows-950", "CP950"},
};

char *
text_from_charset(const char *text, const char *name)
{
    enum { GROWTH = 4 }; /* bytes of UTF-8 for one of a set, at most */
    size_t n = strlen(text), room = n * GROWTH + 1;
    const char *set = NULL;

    for (size_t i = 0; i < N_ELEMENTS(sets); i++)
        if (strcasecmp(sets[i][0], name) == 0)
            set = sets[i][1];
    iconv_t way = set ? iconv_open("UTF-8", set) : (iconv_t)-1;
    if (way == (iconv_t)-1)
        return strdup(text);

    cleanup_free char *in = strdup(text), *out = malloc(room);
    char *from = in, *to = out;
    bool good = in && out && iconv(way, &from, &n, &to, &room) != (size_t)-1;
    iconv_close(way);
    if (!in || !out)
        return NULL;
    if (!good)
        return strdup(text);
    *to = 0;
    return steal_pointer(&out);
}

char *
text_from_own_charset(const char *text, const char *key)
{
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *value = line + strspn(line, " \t");
        size_t n = strlen(key);

        if (strncasecmp(value, key, n) != 0)
            continue;
        value += n + strspn(value + n, " \t");
        if (*value++ != '=')
            continue;
        value += strspn(value, " \t\"");
        cleanup_free char *name = strndup(value, strcspn(value, "\" \t\r\n"));
        return name ? text_from_charset(text, name) : NULL;
    }
    return strdup(text);
}
