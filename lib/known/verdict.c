/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/known/verdict.h"

#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/strv.h"

static char *
hash_of(const char *text)
{
    cleanup_hash struct hash *h = hash_new(HASH_SHA256);

    if (!h)
        return NULL;
    hash_feed(h, text, strlen(text));
    return hash_hex(h);
}

char *
verdict_name(const char *prefix, const char *qemu_identity)
{
    struct utsname u;

    if (uname(&u) < 0)
        return NULL;
    cleanup_free char *text =
        text_printf("%s\n%s\n%s\n", u.release, u.version, qemu_identity);
    cleanup_free char *hash = text ? hash_of(text) : NULL;
    return hash ? text_printf("%s%.32s", prefix, hash) : NULL;
}
