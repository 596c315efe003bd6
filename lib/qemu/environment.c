/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/qemu/environment.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"

char **
qemu_environment(bool remote)
{
    static const char *const of_remote[] = {"HOME", "USER", "SSH_AUTH_SOCK",
        "https_proxy", "http_proxy", "no_proxy"};
    char **v = NULL;

    if (strv_append(&v, "LC_ALL=C") < 0 ||
        strv_append(&v, "PATH=/usr/bin:/bin") < 0)
        return strv_free(v), NULL;
    for (size_t i = 0; remote && i < N_ELEMENTS(of_remote); i++) {
        const char *value = getenv(of_remote[i]);

        if (value && strv_printf(&v, "%s=%s", of_remote[i], value) < 0)
            return strv_free(v), NULL;
    }
    return v;
}
