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
    bool host;        /* a host is required */
    const char *form; /* for an error; NULL: as everyone knows it */
} schemes[] = {
    {"nbd://", "nbd", "10809", true, NULL},
    {"nbd+unix://", "nbd", NULL, false, "nbd+unix:///EXPORT?socket=/PATH"},
    {LEGACY, "nbd", NULL, true, NULL},
    {"ssh://", "ssh", "22", true, NULL},
    {"http://", "http", NULL, true, NULL},
    {"https://", "https", NULL, true, NULL},
    {"ftp://", "ftp", NULL, true, NULL},
    {"ftps://", "ftps", NULL, true, NULL},
    {"gluster://", "gluster", "24007", true, "gluster://HOST/VOLUME/FILE"},
    {"gluster+tcp://", "gluster", "24007", true, "gluster://HOST/VOLUME/FILE"},
    {"iscsi://", "iscsi", "3260", true, "iscsi://HOST/TARGET/LUN"},
    {"rbd://", "rbd", NULL, false,
        "rbd:///POOL/IMAGE or rbd://HOST/POOL/IMAGE"},
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
    /* QEMU takes [::1] and, as it looks for the last colon, ::1. */
    bool bracket = colon && *rest == '[' && colon[-1] == ']';
    const char *host = bracket ? rest + 1 : rest;
    const char *host_end = bracket ? colon - 1 : colon;
    if (!colon || host_end <= host ||
        !(u->host = strndup(host, (size_t)(host_end - host))))
        return false;
    u->port = strndup(colon + 1, (size_t)(end - colon - 1));
    return u->port && is_port(u->port);
}

/* VOLUME/FILE, TARGET/LUN, POOL/IMAGE: a name, and more. */
static bool
has_parts(const struct uri *u, const struct scheme *scheme)
{
    static const char *const drivers[] = {"gluster", "iscsi", "rbd"};
    const char *name = u->path[0] == '/' ? u->path + 1 : "";
    const char *slash = strchr(name, '/');

    for (size_t i = 0; i < N_ELEMENTS(drivers); i++) {
        if (!str_equal(scheme->driver, drivers[i]))
            continue;
        if (!slash || slash == name || !slash[1])
            return false;
        /* A number; and no password in an address. */
        if (str_equal(scheme->driver, "iscsi") &&
            (u->user || slash[1 + strspn(slash + 1, "0123456789")]))
            return false;
    }
    return true;
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
    if (str_equal(scheme->prefix, "nbd+unix://") && (!u->socket || !*u->socket))
        return false;
    if (!u->port && scheme->port)
        u->port = strdup(scheme->port);
    return u->path && (u->port || !scheme->port) && has_parts(u, scheme);
}

enum uri_way
uri_way(const struct uri *u)
{
    static const char *const web[] = {"http", "https", "ftp", "ftps"};

    if (str_equal(u->driver, "nbd"))
        return URI_BY_SOCKET;
    for (size_t i = 0; i < N_ELEMENTS(web); i++)
        if (str_equal(u->driver, web[i]))
            return URI_BY_WEB;
    return URI_BY_DRIVER;
}

bool
uri_can_grow(const struct uri *u)
{
    return str_equal(u->driver, "ssh") || str_equal(u->driver, "rbd");
}

/* Kinds of addresses that other programs take. */
static const struct {
    const char *prefix, *instead;
} strangers[] = {
    {"nbds", "make an ssh tunnel to the NBD server (ssh -L) and use nbd://"},
    {"sftp://", "use ssh://"},
    {"scp://", "use ssh://"},
    {"smb://", "mount the share and give the path of the file"},
    {"cifs://", "mount the share and give the path of the file"},
    {"nfs://", "mount it and give the path of the file"},
    {"tftp://", "download the file"},
    {"s3://", "use an https:// address of the object, or download it"},
    {"file://", "give the path alone"},
    {"gluster+", "mount the volume and give the path of the file"},
};

int
uri_refuse(const char *text, struct error *err)
{
    const char *end = strstr(text, "://"), *instead = NULL;

    for (size_t i = 0; i < N_ELEMENTS(strangers) && !instead; i++)
        if (str_after(text, strangers[i].prefix))
            instead = strangers[i].instead;
    return error_set(err, ENOTSUP,
        "addresses that begin with %.*s:// are not supported; %s",
        (int)(end - text), text,
        instead ? instead
                : "copy the image here, or serve it over NBD or https");
}

bool
uri_is_strange(const char *text)
{
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+.-");

    return n >= 2 && str_after(text + n, "://") && !uri_is(text);
}

/* Where it is of no use it is better not to be there: it is seen in the list of
 * processes. */
static int
check_password(const struct uri *u, struct error *err)
{
    if (!u->user || uri_way(u) == URI_BY_WEB || !strchr(u->user, ':'))
        return 0;
    return error_set(err, EINVAL,
        "a password in an address of this kind is not used; leave it out%s",
        str_equal(u->driver, "ssh") ? " and add a key to ssh-agent" : "");
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
        error_set(err, EINVAL, "malformed address%s%s",
            scheme && scheme->form ? "; it should be like " : "",
            scheme && scheme->form ? scheme->form : "");
        return NULL;
    }
    u->driver = scheme->driver;
    if (check_password(u, err) < 0) {
        uri_free(u);
        return NULL;
    }
    return u;
}

/* Takes over VALUE; NULL: no memory. */
static int
put(struct json_object *o, const char *key, struct json_object *value)
{
    if (value && json_object_object_add(o, key, value) == 0)
        return 0;
    json_object_put(value);
    return -1;
}

static int
add(struct json_object *o, const char *key, const char *value)
{
    return value ? put(o, key, json_object_new_string(value)) : -1;
}

const char *
uri_export(const struct uri *u)
{
    if (!str_equal(u->driver, "nbd"))
        return "";
    /* Without the slash that separates it from the host. */
    return u->path[0] == '/' ? u->path + 1 : u->path;
}

static int
add_host_key(struct json_object *node, const char *key)
{
    struct json_object *check = json_object_new_object();
    const char *colon = strchr(key, ':');
    cleanup_free char *type = strndup(key, colon ? (size_t)(colon - key) : 0);

    if (put(node, "host-key-check", check) < 0 || !type)
        return -1;
    if (!colon)
        return add(check, "mode", "none");
    return add(check, "mode", "hash") < 0 || add(check, "type", type) < 0
               ? -1
               : add(check, "hash", colon + 1);
}

/* The path's first part as FIRST, the rest of it as REST. */
static int
add_parts(struct json_object *node, const struct uri *u, const char *first,
    const char *rest)
{
    const char *name = u->path + 1, *slash = strchr(name, '/');
    cleanup_free char *part = strndup(name, (size_t)(slash - name));

    if (add(node, first, part) < 0)
        return -1;
    return rest ? add(node, rest, slash + 1) : 0;
}

/* A list of one server; its TYPE may be NULL. */
static int
add_servers(struct json_object *node, const struct uri *u, const char *type)
{
    struct json_object *list = json_object_new_array();
    struct json_object *server = json_object_new_object();

    if (!server || put(node, "server", list) < 0 ||
        json_object_array_add(list, server) < 0) {
        json_object_put(server);
        return -1;
    }
    if (type && add(server, "type", type) < 0)
        return -1;
    return add(server, "host", u->host) < 0
               ? -1
               : add(server, "port", u->port ? u->port : "6789");
}

static int
add_gluster(struct json_object *node, const struct uri *u)
{
    return add_parts(node, u, "volume", "path") < 0
               ? -1
               : add_servers(node, u, "inet");
}

static int
add_iscsi(struct json_object *node, const struct uri *u)
{
    bool v6 = strchr(u->host, ':');
    cleanup_free char *portal = text_printf(
        "%s%s%s:%s", v6 ? "[" : "", u->host, v6 ? "]" : "", u->port);
    int lun = (int)strtol(strrchr(u->path, '/') + 1, NULL, 10);

    if (add(node, "transport", "tcp") < 0 || add(node, "portal", portal) < 0 ||
        add_parts(node, u, "target", NULL) < 0)
        return -1;
    return put(node, "lun", json_object_new_int(lun));
}

static int
add_rbd(struct json_object *node, const struct uri *u)
{
    if (add_parts(node, u, "pool", "image") < 0 ||
        (u->user && add(node, "user", u->user) < 0))
        return -1;
    return *u->host ? add_servers(node, u, NULL) : 0;
}

static int
add_ssh(struct json_object *node, const struct uri *u)
{
    struct json_object *server = json_object_new_object();

    if (put(node, "server", server) < 0 || add(server, "host", u->host) < 0 ||
        add(server, "port", u->port) < 0 || add(node, "path", u->path) < 0 ||
        (u->user && add(node, "user", u->user) < 0))
        return -1;
    return u->host_key ? add_host_key(node, u->host_key) : 0;
}

struct json_object *
uri_node(const struct uri *u)
{
    static const struct {
        const char *driver;
        int (*add)(struct json_object *node, const struct uri *u);
    } drivers[] = {
        {"gluster", add_gluster},
        {"iscsi", add_iscsi},
        {"rbd", add_rbd},
        {"ssh", add_ssh},
    };
    struct json_object *node = json_object_new_object();
    int r = node ? add(node, "driver", u->driver) : -1;

    for (size_t i = 0; r == 0 && i < N_ELEMENTS(drivers); i++)
        if (str_equal(u->driver, drivers[i].driver))
            r = drivers[i].add(node, u);
    if (r == 0)
        return node;
    json_object_put(node);
    return NULL;
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
