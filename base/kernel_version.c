/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "base/kernel_version.h"

#include <ctype.h>
#include <endian.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

int64_t
kernel_version_at(const uint8_t *header, size_t n)
{
    enum { MAGIC_AT = 0x202, POINTER_AT = 0x20e, BASE = 0x200 };
    uint16_t pointer;

    if (n < KERNEL_HEADER || memcmp(header + MAGIC_AT, "HdrS", 4) != 0)
        return 0;
    memcpy(&pointer, header + POINTER_AT, sizeof pointer);
    return pointer ? BASE + le16toh(pointer) : 0;
}

void
kernel_version_end(char *text)
{
    text[strcspn(text, " \n")] = 0;
}

bool
kernel_version_is_valid(const char *text)
{
    return text[0] && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789.-+_~")];
}

const char *
kernel_stem(const char *name)
{
    static const char *const prefixes[] = {
        "vmlinuz", "vmlinux", "kernel", "bzImage", "Image", "zImage", "linux"};

    for (size_t i = 0; i < N_ELEMENTS(prefixes); i++) {
        const char *rest = str_after(name, prefixes[i]);

        if (rest && (!*rest || strchr("-_.", *rest)))
            return rest + (*rest != 0);
    }
    return name;
}

/* Is VERSION in NAME, and not only the beginning of another version? */
static bool
is_in(const char *name, const char *version)
{
    size_t n = strlen(version);

    for (const char *p = name; (p = strstr(p, version)); p++)
        if ((p == name || !isalnum((unsigned char)p[-1])) &&
            !isalnum((unsigned char)p[n]))
            return true;
    return false;
}

static bool
ends_with(const char *version, const char *stem)
{
    size_t n = strlen(version), m = strlen(stem);

    return m && n > m && str_equal(version + n - m, stem) &&
           strchr("-_.", version[n - m - 1]);
}

const char *
kernel_version_of_name(const char *name, char *const *versions)
{
    const char *best = NULL, *stem = kernel_stem(name);
    size_t n = 0;

    for (char *const *v = versions; v && *v; v++)
        if (is_in(name, *v) && (!best || strlen(*v) > strlen(best)))
            best = *v;
    if (best)
        return best;
    for (char *const *v = versions; v && *v; v++)
        if (ends_with(*v, stem) && (!best || strverscmp(*v, best) > 0))
            best = *v;
    if (best)
        return best;
    /* A name without any number says nothing: then it is the only one. */
    for (char *const *v = versions; v && *v; v++)
        n++;
    return n == 1 && !strpbrk(stem, "0123456789") ? versions[0] : NULL;
}
