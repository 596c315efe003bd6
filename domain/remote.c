/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "domain/remote.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

bool
remote_known(const char *protocol)
{
    static const char *const protocols[] = {"nbd", "ssh", "http", "https"};

    for (size_t i = 0; i < N_ELEMENTS(protocols); i++) {
        if (str_equal(protocols[i], protocol))
            return true;
    }
    return false;
}

/* A path in a URI: characters with a special meaning are quoted. */
static char *
quote(const char *text)
{
    char *out = malloc(strlen(text) * 3 + 1), *p = out;

    for (; out && *text; text++) {
        if (isalnum((unsigned char)*text) || strchr("/-._~", *text))
            *p++ = *text;
        else
            p += sprintf(p, "%%%02X", (unsigned char)*text);
    }
    if (p)
        *p = '\0';
    return out;
}

char *
remote_uri(const char *protocol, const char *user, const char *server,
    const char *filename)
{
    const char *path = str_after(server, "unix:");
    const char *host = str_after(server, "tcp:");
    cleanup_free char *name = NULL, *name_of_user = NULL;

    while (*filename == '/')
        filename++;
    name = quote(filename);
    name_of_user = quote(user ? user : "");
    if (!name || !name_of_user)
        return NULL;
    if (path) {
        cleanup_free char *socket = quote(path);

        return socket ? text_printf(
                            "%s+unix:///%s?socket=%s", protocol, name, socket)
                      : NULL;
    }
    return text_printf("%s://%s%s%s/%s", protocol, name_of_user,
        user ? "@" : "", host ? host : server, name);
}
