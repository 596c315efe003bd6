/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/copy/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "base/unix_socket.h"
#include "tool/session.h"

int
server_name(const char *path, struct error *err)
{
    cleanup_free char *name = text_message(path);
    const char *rest = name ? str_after(error_text(err), name) : NULL;

    return rest && *rest == ':' ? -1 : error_context(err, "%s", path);
}

/* Bytes from the start and from the end that say what an image is. */
enum { LOOK = 64 << 10 };

/* Also what the library does not know: it says so. */
bool
server_is_remote(const char *path)
{
    size_t n = strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789+");

    return n > 0 && (str_after(path + n, "://") || str_after(path, "nbd:"));
}

bool
server_is_nbd(const char *path)
{
    return str_after(path, "nbd:") || str_after(path, "nbd+unix:");
}

/* What libnbd connects to itself. */
static bool
is_direct(const char *path)
{
    return str_after(path, "nbd://") || str_after(path, "nbd+unix://");
}

static int
start_export(struct server *s, const char *label, const char *folder,
    bool writable, struct error *err)
{
    const struct mayfly_export_drive_options options = {
        .set = MAYFLY_EXPORT_DRIVE_WRITABLE, .writable = writable};
    unsigned random = 0;

    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return error_errno(err, errno, "cannot get random bytes");
    s->label = strdup(label);
    s->socket = text_printf("%s/%08x.nbd", folder, random);
    if (!s->label || !s->socket)
        return error_no_memory(err);
    if (mayfly_export_drive(s->g, label, s->socket, &options) < 0) {
        free(steal_pointer(&s->label));
        return tool_handle_error(s->g, err);
    }
    return 0;
}

int
server_start_drive(struct server *s, struct mayfly *g, const char *label,
    const char *folder, struct error *err)
{
    *s = (struct server){.g = g};
    return start_export(s, label, folder, false, err);
}

/* What is written is flushed by the caller, file by file. */
static int
add_drive(struct mayfly *g, const struct server_image *image, struct error *err)
{
    const struct mayfly_add_drive_options options = {
        .set = MAYFLY_ADD_DRIVE_READONLY | MAYFLY_ADD_DRIVE_FORMAT |
               MAYFLY_ADD_DRIVE_CACHEMODE,
        .readonly = !image->writable,
        .format = image->format,
        .cachemode = image->writable ? "unsafe" : "writeback",
    };

    return mayfly_add_drive(g, image->path, &options) < 0
               ? tool_handle_error(g, err)
               : 0;
}

int
server_start(struct server *s, const struct server_image *image,
    const char *folder, struct error *err)
{
    *s = (struct server){0};
    if (is_direct(image->path)) {
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
    s->own = true;
    if (!(s->g = mayfly_create()))
        return error_no_memory(err);
    if (image->tool && tool_give_image_keys(image->tool, s->g) != TOOL_OK)
        return error_set(err, ENOMEM, "its keys cannot be given");
    return add_drive(s->g, image, err) < 0
               ? -1
               : start_export(s, "/dev/sda", folder, image->writable, err);
}

int
server_fail(struct error *err, const char *what)
{
    const char *text = nbd_get_error();
    int code = nbd_get_errno();

    return error_set(
        err, code ? code : EIO, "%s: %s", what, text ? text : "unknown error");
}

struct nbd_handle *
server_connect(const struct server *s, const char *context, struct error *err)
{
    cleanup_close int fd = s->uri ? -1 : unix_connect(s->socket, err);
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
        return NULL;
    }
    return nbd;
}

int
server_size(const struct server *s, uint64_t *ret, struct error *err)
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

/* The same number of bytes, of which only the first and the last are there. */
static int
copy_ends(struct nbd_handle *nbd, uint64_t size, int to, struct error *err)
{
    char *data = malloc(LOOK);
    size_t n = size < LOOK ? (size_t)size : LOOK;
    const uint64_t places[] = {0, size - n};
    int r = data ? 0 : error_no_memory(err);

    if (r == 0 && ftruncate(to, (off_t)size) < 0)
        r = error_errno(err, errno, "cannot make a file of that size");
    for (size_t i = 0; r == 0 && i < N_ELEMENTS(places); i++) {
        if (nbd_pread(nbd, data, n, places[i], 0) < 0)
            r = server_fail(err, "NBD");
        else if (pwrite_all(to, data, n, (off_t)places[i]) < 0)
            r = error_errno(err, errno, "cannot write a file");
    }
    free(data);
    return r;
}

int
server_looks_raw(
    const struct server *s, const char *folder, bool *ret, struct error *err)
{
    cleanup_free char *path = text_printf("%s/look.XXXXXX", folder);
    cleanup_free char *format = NULL;
    cleanup_close int fd = path ? mkostemp(path, O_CLOEXEC) : -1;

    if (fd < 0)
        return error_errno(
            err, path ? errno : ENOMEM, "cannot make a file in %s", folder);
    struct nbd_handle *nbd = server_connect(s, NULL, err);
    int64_t size = nbd ? nbd_get_size(nbd) : -1;
    int r = !nbd       ? -1
            : size < 0 ? server_fail(err, "NBD")
                       : copy_ends(nbd, (uint64_t)size, fd, err);
    nbd_close(nbd);
    struct mayfly *g = r == 0 ? mayfly_create() : NULL;
    if (r == 0 && !g)
        r = error_no_memory(err);
    /* The tables of another format are not in it, which is an error. */
    if (r == 0)
        *ret = mayfly_disk_format(g, path, &format) == 0 &&
               str_equal(format, "raw");
    mayfly_close(g);
    unlink(path);
    return r;
}

bool
server_is_parallel(const struct server *s, struct nbd_handle *nbd)
{
    return s->uri ? nbd_can_multi_conn(nbd) == 1 : !s->one_by_one;
}

int
server_end(struct server *s, struct error *err)
{
    cleanup_free char *label = steal_pointer(&s->label);

    if (label && mayfly_export_stop(s->g, label) < 0)
        return tool_handle_error(s->g, err);
    return 0;
}

void
server_stop(struct server *s)
{
    if (s->own)
        mayfly_close(s->g);
    else if (s->label)
        mayfly_export_stop(s->g, s->label);
    free(s->label);
    free(s->socket);
    free(s->uri);
    *s = (struct server){0};
}
