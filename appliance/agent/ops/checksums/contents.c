/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The contents of all regular files of a tree, for callers to whom an archive
 * would say too much: to make an entry of it is, in emulation, a quarter of the
 * work for a file.  The stream is that of wire/contents.h. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/stream.h"
#include "appliance/agent/guest/direct.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/tree/batch.h"
#include "appliance/agent/tree/file_queue.h"
#include "appliance/agent/tree/walk.h"
#include "base/strv.h"
#include "wire/contents.h"
#include "wire/frame.h"
#include "wire/wire.h"
#include "ops-checksums.h"

/* A file that also has other names. */
struct group {
    dev_t device;
    ino_t inode;
    uint32_t number;
};

/* Of a file that waits in the queue. */
struct named {
    uint64_t size;
    uint32_t group;
    char path[];
};

struct contents {
    struct call *c;
    const char *top;
    struct file_queue queue;
    void *groups; /* tree of struct group */
    uint32_t n_groups;
    void *buffer;
};

static int
fail(const struct contents *k, int code, const char *path)
{
    return call_fail(
        k->c, code, "%s/%s", str_equal(k->top, "/") ? "" : k->top, path);
}

/* --- names --- */

static int
compare_groups(const void *a, const void *b)
{
    const struct group *x = a, *y = b;

    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return x->inode < y->inode ? -1 : x->inode > y->inode;
}

/* The group of the file; *ret_known: its content has been sent.  0: no
 * memory. */
static uint32_t
find_group(struct contents *k, const struct stat *st, bool *ret_known)
{
    struct group *g = malloc(sizeof *g), **found;

    if (!g)
        return 0;
    *g = (struct group){st->st_dev, st->st_ino, k->n_groups + 1};
    found = tsearch(g, &k->groups, compare_groups);
    *ret_known = found && *found != g;
    if (!found || *ret_known)
        free(g);
    else
        k->n_groups++;
    return found ? (*found)->number : 0;
}

/* --- a round --- */

static int
send_table(struct contents *k, const struct queued_file *files, size_t n)
{
    struct wire_writer w = {.cap = CONTENTS_HEADER + CONTENTS_TABLE};
    struct contents_round round = {.files = (uint32_t)n};
    int r = -1;

    for (size_t i = 0; i < n; i++) {
        const struct named *named = files[i].what;
        round.table += CONTENTS_FILE + (uint32_t)strlen(named->path);
    }
    contents_put_round(&w, &round);
    for (size_t i = 0; i < n; i++) {
        const struct named *named = files[i].what;
        contents_put_file(&w,
            &(struct contents_file){named->size, named->group, named->path});
    }
    if (w.bad)
        call_fail(k->c, ENOMEM, "%s", k->top);
    else
        r = stream_write(k->c, w.p, w.used);
    wire_writer_free(&w);
    return r;
}

/* With what fills it up: only the last piece has an odd size. */
static int
send_filled(void *opaque, void *data, size_t size)
{
    return stream_write(opaque, data, bulk_round_up(size));
}

/* Up to the first file that is not in the batch: there they lie as they are to
 * be sent.  Returns how many those are, or -1. */
static ssize_t
send_batched(struct contents *k, struct batch *batch,
    const struct queued_file *files, size_t n)
{
    const void *start = NULL;
    size_t size = 0, i;

    for (i = 0; i < n && files[i].fd < 0; i++) {
        const struct named *named = files[i].what;

        if (files[i].number < 0)
            continue;
        const void *data =
            batch_content(batch, files[i].number, (size_t)files[i].size);
        if (!data)
            return fail(k, errno, named->path);
        start = start ? start : data;
        size += bulk_round_up((size_t)files[i].size);
    }
    return stream_write(k->c, start, size) < 0 ? -1 : (ssize_t)i;
}

static int
send_round(void *opaque, struct batch *batch, const struct queued_file *files,
    size_t n)
{
    struct contents *k = opaque;

    if (send_table(k, files, n) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const struct named *named;
        ssize_t sent = send_batched(k, batch, files + i, n - i);

        if (sent < 0)
            return -1;
        i += (size_t)sent;
        if (i == n)
            break;
        named = files[i].what;
        if (direct_each(
                files[i].fd, files[i].size, k->buffer, send_filled, k->c) < 0)
            return call_errno(k->c) ? -1 : fail(k, errno, named->path);
    }
    return 0;
}

/* --- finding them --- */

/* If its content is to be sent. */
static int
open_file(struct contents *k, struct queued_file *file,
    const struct walk_file *f, const struct stat *st)
{
    struct named *named = file->what;
    bool known = false;

    if (st->st_nlink > 1) {
        named->group = find_group(k, st, &known);
        if (named->group == 0)
            return -1;
    }
    if (known || file->size == 0)
        return 0;
    file->fd = file_queue_open(&k->queue, f->dirfd, f->name, file->size);
    return file->fd < 0 ? -1 : 0;
}

static int
visit(struct walk *w, const struct walk_file *f)
{
    struct contents *k = w->opaque;
    size_t n = f->length + 1;
    struct stat st;

    if (f->type != DT_REG)
        return 0;
    if (fstatat(f->dirfd, f->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return fail(k, errno, f->path);
    struct named *named = malloc(sizeof *named + n);
    if (!named)
        return fail(k, ENOMEM, f->path);
    *named = (struct named){.size = (uint64_t)st.st_size};
    memcpy(named->path, f->path, n);
    struct queued_file file = {
        .fd = -1, .size = st.st_size, .inode = st.st_ino, .what = named};
    if (open_file(k, &file, f, &st) < 0) {
        fail(k, errno, f->path);
        free(named);
        return -1;
    }
    return file_queue_add(&k->queue, &file);
}

static void
free_contents(void *opaque)
{
    struct contents *k = opaque;

    tdestroy(k->groups, free);
}

int
op_internal_contents_out(
    struct call *c, const struct api_internal_contents_out_args *args)
{
    struct contents *k = call_alloc(c, sizeof *k);
    struct walk *w = call_alloc(c, sizeof *w);
    int fd = path_open(c, args->directory, O_RDONLY | O_DIRECTORY, 0);

    if (fd < 0)
        return -1;
    *k = (struct contents){.c = c,
        .top = args->directory,
        .buffer = bulk_buffer(c),
        .queue = {.c = c,
            .write = send_round,
            .release = free,
            .opaque = k,
            .top = fd}};
    *w = (struct walk){
        .c = c, .top = args->directory, .visit = visit, .opaque = k};
    file_queue_prepare(&k->queue);
    call_defer(c, free_contents, k);
    return walk_directory(w, fd) < 0 ? -1 : file_queue_end(&k->queue);
}
