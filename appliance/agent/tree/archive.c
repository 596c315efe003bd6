/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/tree/archive.h"

#include <errno.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/stream.h"
#include "wire/frame.h"

int
pack_fail(struct call *c, struct archive *a, const char *shown)
{
    int code = archive_errno(a);

    /* A stream that broke has said why already. */
    if (call_errno(c))
        return -1;
    return call_error(c, code > 0 && code < 4096 ? code : EIO, "%s: %s", shown,
        archive_error_string(a));
}

static void
free_reader(void *opaque)
{
    archive_read_free(opaque);
}

/* What is not closed yet is given up: nothing more may go into the stream. */
static void
free_writer(void *opaque)
{
    archive_write_fail(opaque);
    archive_write_free(opaque);
}

/* This one must be able to close the file that it is in the middle of. */
static void
free_disk_writer(void *opaque)
{
    archive_write_free(opaque);
}

static struct archive *
keep(struct call *c, struct archive *a, void (*release)(void *))
{
    if (!a)
        call_fail(c, ENOMEM, "archive");
    else
        call_defer(c, release, a);
    return a;
}

struct archive *
pack_new_reader(struct call *c)
{
    return keep(c, archive_read_new(), free_reader);
}

struct archive *
pack_new_writer(struct call *c)
{
    return keep(c, archive_write_new(), free_writer);
}

struct archive *
pack_new_disk_writer(struct call *c, int flags)
{
    struct archive *a = keep(c, archive_write_disk_new(), free_disk_writer);

    if (a)
        archive_write_disk_set_options(a, flags);
    return a;
}

/* What libarchive writes in small pieces is gathered; a large one is the
 * buffer of pack.c, and is best passed on as it is. */
struct output {
    struct call *c;
    char *gathered;
    size_t used;
};

enum {
    GATHER_LESS = 256 << 10, /* bytes that are cheaper copied than sent */
    GATHER_ROOM = BULK_SLOT,
};

static int
flush(struct output *o)
{
    size_t n = o->used;

    o->used = 0;
    return n > 0 ? stream_write(o->c, o->gathered, n) : 0;
}

static int
gather(struct output *o, const char *data, size_t size)
{
    while (size > 0) {
        size_t n = GATHER_ROOM - o->used;

        n = n < size ? n : size;
        memcpy(o->gathered + o->used, data, n);
        o->used += n;
        data += n;
        size -= n;
        if (o->used == GATHER_ROOM && flush(o) < 0)
            return -1;
    }
    return 0;
}

static la_ssize_t
write_stream(struct archive *a, void *opaque, const void *data, size_t size)
{
    struct output *o = opaque;
    int r = size < GATHER_LESS ? gather(o, data, size) : flush(o);

    if (r == 0 && size >= GATHER_LESS)
        r = stream_write(o->c, data, size);
    if (r < 0) {
        archive_set_error(a, ECANCELED, "cancelled");
        return -1;
    }
    return (la_ssize_t)size;
}

static int
close_stream(struct archive *a, void *opaque)
{
    (void)a;
    return flush(opaque) < 0 ? ARCHIVE_FATAL : ARCHIVE_OK;
}

int
pack_write_stream(struct call *c, struct archive *a)
{
    struct output *o = call_alloc(c, sizeof *o);

    char *room = call_alloc(c, GATHER_ROOM + BULK_ALIGN);

    *o = (struct output){
        .c = c, .gathered = room + BULK_ALIGN - (uintptr_t)room % BULK_ALIGN};
    archive_write_set_bytes_per_block(a, 0);
    if (archive_write_open(a, o, NULL, write_stream, close_stream) !=
        ARCHIVE_OK)
        return pack_fail(c, a, "archive");
    return 0;
}

struct input {
    struct call *c;
    uint64_t hole;
    char zeroes[64 << 10];
};

static la_ssize_t
read_stream(struct archive *a, void *opaque, const void **ret)
{
    struct input *in = opaque;
    struct piece p = {0};
    int r = in->hole > 0 ? 1 : stream_next(in->c, &p);

    if (r < 0)
        archive_set_error(a, ECANCELED, "cancelled");
    if (r <= 0)
        return r;
    if (p.size > 0) {
        *ret = p.data;
        return (la_ssize_t)p.size;
    }
    in->hole += p.hole;
    size_t n =
        in->hole < sizeof in->zeroes ? (size_t)in->hole : sizeof in->zeroes;
    in->hole -= n;
    *ret = in->zeroes;
    return (la_ssize_t)n;
}

int
pack_read_stream(struct call *c, struct archive *a)
{
    struct input *in = call_alloc(c, sizeof *in);

    in->c = c;
    if (archive_read_open(a, in, NULL, read_stream, NULL) != ARCHIVE_OK)
        return pack_fail(c, a, "archive");
    return 0;
}
