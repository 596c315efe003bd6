/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a file whose bytes come from the library's export.  So a
 * partition of a Xen guest that is a block device or a qcow2 becomes a piece of
 * a disk without being copied. */
#include <config.h>

#include "v2v/disks/raw_view.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/file_view.h"

struct raw_view {
    struct server server;
    struct nbd_handle *nbd;
    struct file_view *file;
};

static int
read_bytes(void *opaque, char *data, size_t n, uint64_t offset)
{
    const struct raw_view *v = opaque;

    return nbd_pread(v->nbd, data, n, offset, 0) < 0 ? -EIO : 0;
}

static int
start(
    struct raw_view *v, const char *folder, char **ret_path, struct error *err)
{
    struct file_view_source source = {.read = read_bytes, .opaque = v};
    int64_t size;

    if (!(v->nbd = server_connect(&v->server, NULL, err)))
        return -1;
    if ((size = nbd_get_size(v->nbd)) < 0)
        return server_fail(err, "NBD");
    source.size = (uint64_t)size;
    return file_view_start(folder, &source, &v->file, ret_path, err);
}

int
raw_view_start(struct server *s, const char *folder, const char *name,
    struct raw_view **ret, char **ret_path, struct error *err)
{
    struct raw_view *v = calloc(1, sizeof *v);
    cleanup_free char *place = text_printf("%s/%s.view", folder, name);

    if (!v || !place) {
        server_stop(s);
        free(v);
        return error_no_memory(err);
    }
    v->server = *s;
    *s = (struct server){0};
    if (start(v, place, ret_path, err) < 0) {
        raw_view_stop(v);
        return -1;
    }
    *ret = v;
    return 0;
}

void
raw_view_stop(struct raw_view *v)
{
    if (!v)
        return;
    file_view_stop(v->file);
    nbd_close(v->nbd);
    server_stop(&v->server);
    free(v);
}
