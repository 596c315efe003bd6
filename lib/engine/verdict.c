/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/engine/verdict.h"

#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "lib/engine/template.h"

char *
verdict_name(const char *prefix, const char *qemu_identity)
{
    struct utsname u;

    if (uname(&u) < 0)
        return NULL;
    cleanup_free char *text =
        text_printf("%s\n%s\n%s\n", u.release, u.version, qemu_identity);
    cleanup_free char *hash = text ? template_hash(text, strlen(text)) : NULL;
    return hash ? text_printf("%s%.32s", prefix, hash) : NULL;
}
