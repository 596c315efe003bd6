/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/copy/remote.h"

#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <libxml/uri.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/copy/server.h"

static const char *const schemes[] = {
    "nbd://", "nbd+unix://", "ssh://", "http://", "https://"};

bool
server_is_remote(const char *path)
{
    for (size_t i = 0; i < N_ELEMENTS(schemes); i++)
        if (str_after(path, schemes[i]))
            return true;
    return false;
}

static void
add(struct json_object *o, const char *key, const char *value)
{
    json_object_object_add(o, key, json_object_new_string(value));
}

/* ?host_key_check=no or =sha256:HEX, as in QEMU's addresses; without it, the
 * user's known_hosts decides. */
static bool
add_host_key(struct json_object *o, const xmlURI *uri)
{
    const char *value =
        uri->query_raw ? str_after(uri->query_raw, "host_key_check=") : NULL;
    const char *colon = value ? strchr(value, ':') : NULL;
    cleanup_free char *type =
        colon ? strndup(value, (size_t)(colon - value)) : NULL;
    struct json_object *check;

    if (!uri->query_raw)
        return true;
    if (!value || (!type && !str_equal(value, "no")))
        return false;
    check = json_object_new_object();
    add(check, "mode", type ? "hash" : "none");
    if (type) {
        add(check, "type", type);
        add(check, "hash", colon + 1);
    }
    json_object_object_add(o, "host-key-check", check);
    return true;
}

static bool
add_ssh(struct json_object *o, const xmlURI *uri)
{
    struct json_object *server;
    cleanup_free char *port = text_printf("%d", uri->port > 0 ? uri->port : 22);

    if (!uri->server || !uri->path || !port)
        return false;
    server = json_object_new_object();
    add(server, "host", uri->server);
    add(server, "port", port);
    json_object_object_add(o, "server", server);
    add(o, "driver", "ssh");
    add(o, "path", uri->path);
    if (uri->user)
        add(o, "user", uri->user);
    return add_host_key(o, uri);
}

struct json_object *
remote_node(const char *text, struct error *err)
{
    xmlURI *uri = xmlParseURI(text);
    struct json_object *o = uri ? json_object_new_object() : NULL;
    bool good = o;

    if (good && str_after(text, "ssh"))
        good = add_ssh(o, uri);
    else if (good) {
        add(o, "driver", uri->scheme);
        add(o, "url", text);
    }
    xmlFreeURI(uri);
    if (good)
        return o;
    json_object_put(o);
    error_set(err, EINVAL, "invalid address '%s'", text);
    return NULL;
}
