/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: whatever a device is made of (LVM, RAID, encryption, all
 * of them), the appliance's kernel reads it, and whatever a file lies on, its
 * file system does.  We read pieces by calls of the library, and show them as a
 * file of our own, which is then served like an image:
 *
 *     client --NBD--> caged QEMU --> view (FUSE) --> this program --> appliance
 *
 * A piece is what was asked for, or much more when one follows the other. */
#include <config.h>

#include "serve/guest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/file_view.h"

enum { PIECE = 4 << 20 };

static int
start(struct tool *t, struct mayfly **ret)
{
    t->read_only = true;
    return tool_start(t, ret);
}

static int
choose(int number, const struct mayfly_partition_list *list,
    uint64_t *ret_start, uint64_t *ret_size)
{
    cleanup_free char *names = NULL;

    for (uint32_t i = 0; i < list->len; i++) {
        const struct mayfly_partition *p = &list->val[i];
        char *more = text_printf(
            "%s%s%d", names ? names : "", names ? ", " : "", p->part_num);

        free(names);
        names = more;
        if (p->part_num != number)
            continue;
        *ret_start = p->part_start;
        *ret_size = p->part_size;
        return TOOL_OK;
    }
    tool_error(
        "no partition %d; the disk has %s", number, names ? names : "none");
    return TOOL_FAILED;
}

int
guest_find_partition(
    const struct tool *t, int number, uint64_t *ret_start, uint64_t *ret_size)
{
    struct tool copy = *t; /* this once read-only */
    cleanup_mayfly struct mayfly *g = NULL;
    struct mayfly_partition_list *list;
    int code = start(&copy, &g);

    if (code != TOOL_OK)
        return tool_end(g, code);
    if (mayfly_part_list(g, "/dev/sda", &list) < 0)
        return tool_end(g, tool_fail(g, TOOL_FAILED, NULL));
    code = choose(number, list, ret_start, ret_size);
    mayfly_free_partition_list(list);
    return tool_end(g, code);
}

/* --- reading --- */

static int
read_piece(struct guest *v, size_t n, uint64_t offset)
{
    void *data;
    size_t got;
    int r = v->device ? mayfly_pread_device(v->g, v->device, (int32_t)n,
                            (int64_t)offset, &data, &got)
                      : mayfly_pread(v->g, v->path, (int32_t)n, (int64_t)offset,
                            &data, &got);

    if (r < 0) {
        tool_warning(
            "%s: %s", v->device ? v->device : v->path, mayfly_last_error(v->g));
        return -EIO;
    }
    free(v->piece);
    v->piece = data;
    v->piece_start = offset;
    v->piece_size = got;
    return got >= n ? 0 : -EIO;
}

static int
read_bytes(void *opaque, char *data, size_t n, uint64_t offset)
{
    struct guest *v = opaque;
    uint64_t end = v->piece_start + v->piece_size;

    while (n > 0) {
        if (offset < v->piece_start || offset >= end || !v->piece) {
            size_t wanted = v->piece && offset == end && n < PIECE ? PIECE : n;

            if (wanted > v->size - offset)
                wanted = (size_t)(v->size - offset);
            int r = read_piece(v, wanted, offset);
            if (r < 0)
                return r;
            end = v->piece_start + v->piece_size;
        }
        size_t skip = (size_t)(offset - v->piece_start);
        size_t k = v->piece_size - skip < n ? v->piece_size - skip : n;
        memcpy(data, v->piece + skip, k);
        data += k;
        offset += k;
        n -= k;
    }
    return 0;
}

/* --- finding --- */

static int
take_size(struct guest *v, const char *name, int64_t size)
{
    if (size <= 0) {
        tool_error("%s is empty: there is nothing to serve", name);
        return TOOL_FAILED;
    }
    v->size = (uint64_t)size;
    return TOOL_OK;
}

/* The next step for one who named a wrong device. */
static int
no_such_device(struct guest *v)
{
    cleanup_free char *why = strdup(mayfly_last_error(v->g));
    cleanup_free char *list = NULL;
    char **pairs = NULL;

    if (tool_interrupted())
        return tool_exit_code(TOOL_FAILED);
    if (mayfly_list_filesystems(v->g, &pairs) == 0)
        for (size_t i = 0; pairs[i] && pairs[i + 1]; i += 2) {
            char *more = text_printf(
                "%s%s%s", list ? list : "", list ? ", " : "", pairs[i]);

            free(list);
            list = more;
        }
    free(pairs);
    tool_error("%s; the disk has %s", why ? why : "no memory",
        list ? list : "no file system");
    return TOOL_FAILED;
}

/* A device that is not there may appear when what is encrypted is opened. */
static int
find_device(struct guest *v, const struct tool *t)
{
    struct mayfly_inspection *found;
    int64_t size;

    if (mayfly_blockdev_getsize64(v->g, v->device, &size) < 0) {
        int code = tool_inspect(t, v->g, NULL, &found);

        if (code != TOOL_OK)
            return code;
        mayfly_free_inspection(found);
        if (mayfly_blockdev_getsize64(v->g, v->device, &size) < 0)
            return no_such_device(v);
    }
    return take_size(v, v->device, size);
}

static int
find_file(struct guest *v, struct tool *t)
{
    const struct mayfly_is_file_options options = {
        .set = MAYFLY_IS_FILE_FOLLOWSYMLINKS, .followsymlinks = true};
    int64_t size;
    bool is_file;

    t->inspect = t->n_mounts == 0;
    int code = tool_mount_all(t, v->g);
    if (code != TOOL_OK)
        return code;
    if (mayfly_filesize(v->g, v->path, &size) < 0 ||
        mayfly_is_file(v->g, v->path, &options, &is_file) < 0)
        return tool_fail(v->g, TOOL_FAILED, NULL);
    if (!is_file) {
        tool_error("%s is not a file of the guest; only a regular file can be "
                   "served",
            v->path);
        return TOOL_FAILED;
    }
    return take_size(v, v->path, size);
}

int
guest_show(struct guest *v, struct tool *t, const char *folder, char **ret)
{
    cleanup_error struct error err = {0};
    int code = start(t, &v->g);

    if (code == TOOL_OK)
        code = v->device ? find_device(v, t) : find_file(v, t);
    if (code != TOOL_OK)
        return code;
    const struct file_view_source source = {v->size, read_bytes, v};
    if (file_view_start(folder, &source, &v->view, ret, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    /* A signal ends what is served first; until then clients read. */
    tool_signals_watch(NULL);
    return TOOL_OK;
}

int
guest_end(struct guest *v, int code)
{
    file_view_stop(v->view);
    code = tool_end(v->g, code);
    mayfly_close(v->g);
    free(v->piece);
    return code;
}
