/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/disk/uri.h"

#include <ctype.h>
#include <errno.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

/* nbd:unix:PATH or nbd:HOST:PORT, each with :exportname=NAME or without: what
 * nbdkit gives the command of --run as $nbd. */
#define LEGACY "nbd:"

static const struct scheme {
    const char *prefix, *driver, *port;
    bool host; /* a host is required */
} schemes[] = {
    {"nbd://", "nbd", "10809", true},
    {"nbd+unix://", "nbd", NULL, false},
    {LEGACY, "nbd", NULL, true},
    {"ssh://", "ssh", "22", true},
    {"http://", "http", NULL, true},
    {"https://", "https", NULL, true},
};

static const struct scheme *
find_scheme(const char *text)
{
    for (size_t i = 0; i < N_ELEMENTS(schemes); i++)
        if (str_after(text, schemes[i].prefix))
            return &schemes[i];
    return NULL;
}

bool
uri_is(const char *text)
{
    return find_scheme(text) != NULL;
}

/* A copy of N bytes with each %XX decoded; NULL if one is malformed. */
static char *
decode(const char *s, size_t n)
{
    cleanup_free char *copy = malloc(n + 1);
    size_t used = 0;

    for (size_t i = 0; copy && i < n; i++) {
        char hex[3] = {0};

        copy[used] = s[i];
        if (s[i] == '%') {
            if (n - i < 3 || !isxdigit((unsigned char)s[i + 1]) ||
                !isxdigit((unsigned char)s[i + 2]))
                return NULL;
            memcpy(hex, s + i + 1, 2);
            copy[used] = (char)strtol(hex, NULL, 16);
            if (copy[used] == 0)
                return NULL;
            i += 2;
        }
        used++;
    }
    if (copy)
        copy[used] = 0;
    return steal_pointer(&copy);
}

char *
uri_encode(const char *text, const char *extra)
{
    char *copy = malloc(3 * strlen(text) + 1), *p = copy;

    if (!copy)
        return NULL;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c < 0x80 && (isalnum(c) || strchr("-._~", c) || strchr(extra, c)))
            *p++ = (char)c;
        else
            p += sprintf(p, "%%%02X", c);
    }
    *p = 0;
    return copy;
}

static bool
is_port(const char *text)
{
    size_t n = strspn(text, "0123456789");

    return n > 0 && n <= 5 && !text[n];
}

/* [USER@]HOST[:PORT]; the host may be an IPv6 address in brackets. */
static bool
split_authority(struct uri *u, const char *s, size_t n)
{
    const char *at = memrchr(s, '@', n), *end = s + n;

    if (at) {
        u->user = decode(s, (size_t)(at - s));
        if (!u->user)
            return false;
        s = at + 1;
    }
    const char *bracket = *s == '[' ? memchr(s, ']', (size_t)(end - s)) : NULL;
    const char *from = bracket ? bracket : s;
    const char *colon = memchr(from, ':', (size_t)(end - from));
    if (colon) {
        u->port = strndup(colon + 1, (size_t)(end - colon - 1));
        if (!u->port || !is_port(u->port))
            return false;
        end = colon;
    }
    if (bracket)
        u->host = strndup(s + 1, (size_t)(bracket - s - 1));
    else
        u->host = decode(s, (size_t)(end - s));
    return u->host != NULL;
}

static bool
is_host_key(const char *text)
{
    const char *colon = strchr(text, ':');

    return str_equal(text, "no") ||
           (colon && colon[1] &&
               colon[1 + strspn(colon + 1, "0123456789abcdefABCDEF:")] == 0);
}

/* Nothing in it is encoded. */
static bool
split_legacy(struct uri *u, const char *rest)
{
    static const char name[] = ":exportname=";
    const char *path = str_after(rest, "unix:");
    const char *mark = strstr(rest, name);
    const char *end = mark ? mark : rest + strlen(rest);

    if (!(u->path = strdup(mark ? mark + strlen(name) : "")))
        return false;
    if (path) {
        u->socket = path < end ? strndup(path, (size_t)(end - path)) : NULL;
        return u->socket != NULL;
    }
    const char *colon = memrchr(rest, ':', (size_t)(end - rest));
    if (!colon || colon == rest ||
        !(u->host = strndup(rest, (size_t)(colon - rest))))
        return false;
    u->port = strndup(colon + 1, (size_t)(end - colon - 1));
    return u->port && is_port(u->port);
}

static bool
split(struct uri *u, const struct scheme *scheme)
{
    const char *rest = str_after(u->text, scheme->prefix);
    size_t n = strcspn(rest, "/?#");

    if (str_equal(scheme->prefix, LEGACY))
        return split_legacy(u, rest);

    if (!split_authority(u, rest, n) || (scheme->host && !*u->host))
        return false;
    rest += n;
    n = strcspn(rest, "?#");
    u->path = decode(rest, n);
    rest += n;
    const char *socket = str_after(rest, "?socket=");
    if (socket)
        u->socket = decode(socket, strcspn(socket, "&#"));
    const char *check = str_equal(scheme->driver, "ssh")
                            ? str_after(rest, "?host_key_check=")
                            : NULL;
    if (check && (!(u->host_key = strdup(check)) || !is_host_key(check)))
        return false;
    if (str_equal(scheme->driver, "ssh") && *rest == '?' && !check)
        return false;
    if (!scheme->host && (!u->socket || !*u->socket))
        return false;
    if (!u->port && scheme->port)
        u->port = strdup(scheme->port);
    return u->path && (u->port || !scheme->port);
}

struct uri *
uri_parse(const char *text, struct error *err)
{
    const struct scheme *scheme = find_scheme(text);
    struct uri *u = calloc(1, sizeof *u);

    if (u)
        u->text = strdup(text);
    if (!u || !u->text) {
        uri_free(u);
        return error_no_memory(err), NULL;
    }
    if (!scheme || !split(u, scheme)) {
        uri_free(u);
        error_set(err, EINVAL, "malformed address%s",
            scheme && !scheme->host ? "; it should be like "
                                      "nbd+unix:///EXPORT?socket=/PATH"
                                    : "");
        return NULL;
    }
    u->driver = scheme->driver;
    return u;
}

static void
add(struct json_object *o, const char *key, const char *value)
{
    json_object_object_add(o, key, json_object_new_string(value));
}

/* Without the slash that separates it from the host. */
static const char *
export_name(const struct uri *u)
{
    return u->path[0] == '/' ? u->path + 1 : u->path;
}

static void
add_host_key(struct json_object *node, const char *key)
{
    struct json_object *check = json_object_new_object();
    const char *colon = strchr(key, ':');
    cleanup_free char *type =
        colon ? strndup(key, (size_t)(colon - key)) : NULL;

    add(check, "mode", type ? "hash" : "none");
    if (type) {
        add(check, "type", type);
        add(check, "hash", colon + 1);
    }
    json_object_object_add(node, "host-key-check", check);
}

struct json_object *
uri_node(const struct uri *u)
{
    struct json_object *node = json_object_new_object(), *server = NULL;

    if (!node)
        return NULL;
    add(node, "driver", u->driver);
    if (str_equal(u->driver, "nbd") || str_equal(u->driver, "ssh")) {
        server = json_object_new_object();
        json_object_object_add(node, "server", server);
    }
    if (str_equal(u->driver, "nbd")) {
        add(server, "type", u->socket ? "fd" : "inet");
        if (u->socket)
            add(server, "str", URI_CONNECTION);
        add(node, "export", export_name(u));
    } else if (str_equal(u->driver, "ssh")) {
        add(node, "path", u->path);
        if (u->user)
            add(node, "user", u->user);
        if (u->host_key)
            add_host_key(node, u->host_key);
    } else {
        add(node, "url", u->text);
    }
    if (server && !u->socket) {
        add(server, "host", u->host);
        add(server, "port", u->port);
    }
    return node;
}

void
uri_free(struct uri *u)
{
    if (!u)
        return;
    free(u->text);
    free(u->user);
    free(u->host);
    free(u->port);
    free(u->path);
    free(u->socket);
    free(u->host_key);
    free(u);
}
