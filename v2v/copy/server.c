/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: we make the socket, listen on it and pass it to QEMU, so
 * a connection can be made at once: it waits until QEMU accepts it, and breaks
 * if QEMU ends.  There is no polling, and no other process can take the name
 * first. */
#include <config.h>

#include "v2v/copy/server.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/signals.h"
#include "v2v/copy/remote.h"

enum {
    CONNECTIONS_MAX = 32,
    CPU_SECONDS_MAX = 7 * 24 * 3600,
};

/* A socket address in a folder whose path may be too long for one. */
static int
socket_address(const char *path, struct sockaddr_un *ret, int *ret_folder,
    struct error *err)
{
    const char *slash = strrchr(path, '/');
    cleanup_free char *folder = strndup(path, (size_t)(slash - path));

    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    *ret_folder = folder ? open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    if (*ret_folder < 0)
        return error_errno(err, errno, "cannot open %s", path);
    snprintf(ret->sun_path, sizeof ret->sun_path, "/proc/self/fd/%d/%s",
        *ret_folder, slash + 1);
    return 0;
}

static int
listen_at(const char *path, struct error *err)
{
    struct sockaddr_un address;
    cleanup_close int folder = -1;

    if (socket_address(path, &address, &folder, err) < 0)
        return -1;

    cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(fd, CONNECTIONS_MAX) < 0)
        return error_errno(err, errno, "cannot make the socket %s", path);
    return steal_fd(&fd);
}

static void
add(struct json_object *o, const char *key, const char *value)
{
    json_object_object_add(o, key, json_object_new_string(value));
}

static struct json_object *
file_node(const struct server_image *image, struct error *err)
{
    struct stat st;
    struct json_object *o;

    if (server_is_remote(image->path))
        return remote_node(image->path, err);
    if (stat(image->path, &st) < 0)
        return error_errno(err, errno, "cannot open %s", image->path), NULL;
    if (!(o = json_object_new_object()))
        return error_no_memory(err), NULL;
    add(o, "driver", S_ISBLK(st.st_mode) ? "host_device" : "file");
    add(o, "filename", image->path);
    add(o, "locking", "off");
    return o;
}

/* Writes go to the page cache; a caller that needs them on the disk flushes the
 * file. */
static char *
node_text(const struct server_image *image, struct error *err)
{
    struct json_object *file = file_node(image, err), *o, *cache;
    char *text = NULL;

    if (!file)
        return NULL;
    o = json_object_new_object();
    cache = json_object_new_object();
    if (o && cache) {
        add(o, "driver", image->format);
        add(o, "node-name", "image");
        json_object_object_add(
            o, "read-only", json_object_new_boolean(!image->writable));
        add(o, "discard", "unmap");
        if (!image->writable)
            json_object_object_add(
                o, "force-share", json_object_new_boolean(1));
        json_object_object_add(cache, "direct", json_object_new_boolean(0));
        json_object_object_add(
            cache, "no-flush", json_object_new_boolean(image->writable));
        json_object_object_add(o, "cache", cache);
        json_object_object_add(o, "file", file);
        text = strdup(json_object_to_json_string(o));
    }
    json_object_put(o);
    if (!text)
        error_no_memory(err);
    return text;
}

/* As strict as they can be with one that serves for as long as it is asked, and
 * writes what it is given. */
static struct subprocess_limits
server_limits(const struct server_image *image)
{
    struct subprocess_limits limits = subprocess_strict(0);

    limits.cpu_seconds = CPU_SECONDS_MAX;
    if (image->writable)
        limits.file_size = 0;
    return limits;
}

static int
start(struct server *s, const struct server_image *image, int fd,
    struct error *err)
{
    cleanup_free char *node = node_text(image, err);
    cleanup_strv char **argv = NULL;

    if (!node)
        return -1;
    if (strv_append(&argv, "qemu-storage-daemon") < 0 ||
        strv_append(&argv, "--blockdev") < 0 || strv_append(&argv, node) < 0 ||
        strv_append(&argv, "--nbd-server") < 0 ||
        strv_printf(&argv, "addr.type=fd,addr.str=%d,max-connections=%d", fd,
            CONNECTIONS_MAX) < 0 ||
        strv_append(&argv, "--export") < 0 ||
        strv_printf(&argv,
            "nbd,id=image,node-name=image,name=,writable=%s,"
            "allocation-depth=on",
            image->writable ? "on" : "off") < 0)
        return error_no_memory(err);
    /* A comma would end the name in this option. */
    if (image->file && strchr(image->file, ','))
        return error_set(err, EINVAL,
            "%s: a name with a comma is not supported", image->file);
    if (image->file &&
        (strv_append(&argv, "--export") < 0 ||
            strv_printf(&argv, "fuse,id=file,node-name=image,mountpoint=%s",
                image->file) < 0))
        return error_no_memory(err);

    const struct subprocess_limits limits = server_limits(image);
    const struct subprocess_spec spec = {
        .program = QEMU_STORAGE,
        .argv = (const char *const *)argv,
        .inherit = &fd,
        .n_inherit = 1,
        .limits = &limits,
        .interrupted = tool_interrupted,
        .mounts = image->file,
    };
    return subprocess_start(&s->process, &spec, err);
}

int
server_start(struct server *s, const struct server_image *image,
    const char *folder, struct error *err)
{
    unsigned random = 0;

    *s = (struct server){0};
    if (str_after(image->path, "nbd") && server_is_remote(image->path)) {
        if (!str_equal(image->format, "raw"))
            return error_set(err, ENOTSUP,
                "%s: a server provides raw data, not %s", image->path,
                image->format);
        s->uri = strdup(image->path);
        return s->uri ? 0 : error_no_memory(err);
    }
    /* QEMU 7.2 hangs if several requests go to a web server at the same
     * time. */
    s->one_by_one =
        str_after(image->path, "http") && server_is_remote(image->path);
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return error_errno(err, errno, "cannot get random bytes");
    if (!(s->socket = text_printf("%s/%08x.nbd", folder, random)))
        return error_no_memory(err);

    cleanup_close int fd = listen_at(s->socket, err);
    return fd < 0 ? -1 : start(s, image, fd, err);
}

int
server_fail(struct error *err, const char *what)
{
    const char *text = nbd_get_error();
    int code = nbd_get_errno();

    return error_set(
        err, code ? code : EIO, "%s: %s", what, text ? text : "unknown error");
}

static int
connect_to(const char *path, struct error *err)
{
    struct sockaddr_un address;
    cleanup_close int folder = -1;

    if (socket_address(path, &address, &folder, err) < 0)
        return -1;

    cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return error_errno(err, errno, "cannot connect to %s", path);
    return steal_fd(&fd);
}

/* QEMU has ended; it prints the cause after a copy of its options. */
static void
ask_why(struct server *s, struct error *err)
{
    cleanup_error struct error own = {0};

    if (s->process.pid <= 0 || subprocess_wait(&s->process, &own) == 0)
        return;

    const char *why = error_text(&own);
    for (const char *p = why; (p = strstr(p, "}: "));)
        why = p += strlen("}: ");
    error_set(err, own.code, "%s", why);
}

struct nbd_handle *
server_connect(struct server *s, const char *context, struct error *err)
{
    cleanup_close int fd = s->uri ? -1 : connect_to(s->socket, err);
    struct nbd_handle *nbd = s->uri || fd >= 0 ? nbd_create() : NULL;

    if (!s->uri && fd < 0)
        return NULL;
    if (!nbd)
        return server_fail(err, "NBD"), NULL;
    if ((context && nbd_add_meta_context(nbd, context) < 0) ||
        (s->uri ? nbd_connect_uri(nbd, s->uri)
                : nbd_connect_socket(nbd, steal_fd(&fd))) < 0) {
        server_fail(err, "NBD");
        nbd_close(nbd);
        ask_why(s, err);
        return NULL;
    }
    return nbd;
}

int
server_size(struct server *s, uint64_t *ret, struct error *err)
{
    struct nbd_handle *nbd = server_connect(s, NULL, err);
    int64_t size = nbd ? nbd_get_size(nbd) : -1;

    if (!nbd)
        return -1;
    if (size < 0)
        server_fail(err, "NBD");
    nbd_close(nbd);
    if (size < 0)
        return -1;
    *ret = (uint64_t)size;
    return 0;
}

bool
server_is_parallel(const struct server *s, struct nbd_handle *nbd)
{
    return s->uri ? nbd_can_multi_conn(nbd) == 1 : !s->one_by_one;
}

int
server_end(struct server *s, struct error *err)
{
    kill(s->process.pid, SIGTERM);
    return subprocess_wait(&s->process, err);
}

void
server_stop(struct server *s)
{
    subprocess_stop(&s->process);
    if (s->socket)
        unlink(s->socket);
    free(steal_pointer(&s->socket));
    free(steal_pointer(&s->uri));
}
