/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Remote images, by the URI that the caller gave; never by one in an image.
 *
 *     nbd://HOST[:PORT]/[EXPORT]           nbd+unix:///[EXPORT]?socket=PATH
 *     ssh://[USER@]HOST[:PORT]/PATH        http://..., https://...
 *     nbd:unix:PATH[:exportname=EXPORT]    nbd:HOST:PORT[:exportname=EXPORT]
 *                                          nbd:[IPV6]:PORT...
 *     ftp://..., ftps://...                gluster://HOST[:PORT]/VOLUME/FILE
 *     iscsi://HOST[:PORT]/TARGET/LUN rbd://[USER@][HOST[:PORT]]/POOL/IMAGE
 *
 * ssh takes ?host_key_check=no or =md5:HEX, =sha1:HEX, =sha256:HEX, as in
 * QEMU's own addresses; without it the user's known_hosts decides.
 */
#pragma once
#include <stdbool.h>

#include "base/error.h"

struct json_object;

struct uri {
    const char *driver;              /* QEMU's name: nbd, ssh, http, ... */
    char *text;                      /* the whole URI */
    char *user, *host, *port, *path; /* decoded; NULL if absent */
    char *socket;                    /* the path of a server's socket */
    char *host_key;                  /* ssh: "no", or TYPE:HEX */
};

/* Is it a URI with a known scheme? */
bool uri_is(const char *text);

/* Is it one with another scheme?  uri_refuse says what to use instead. */
bool uri_is_strange(const char *text);
int uri_refuse(const char *text, struct error *err);

struct uri *uri_parse(const char *text, struct error *err);

/* How it is reached (lib/blocks/reach.h): an NBD server; a web or FTP server;
 * by a driver of QEMU. */
enum uri_way { URI_BY_SOCKET, URI_BY_WEB, URI_BY_DRIVER };
enum uri_way uri_way(const struct uri *u);

/* Can what the server has become larger? */
bool uri_can_grow(const struct uri *u);

/* The name of the export of an NBD server; else "". */
const char *uri_export(const struct uri *u);

/* URI_BY_DRIVER: the arguments for QEMU's blockdev-add; the caller owns them.
 * NULL if out of memory. */
struct json_object *uri_node(const struct uri *u);

/* TEXT with all but letters, digits, "-._~" and EXTRA as %XX. */
char *uri_encode(const char *text, const char *extra);

void uri_free(struct uri *u);
