/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libarchive's objects, tied to a call: its stream, its memory, its end. */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "appliance/agent/content.h"
#include "appliance/agent/pack.h"

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

static const struct filter {
    const char *name;
    int (*read)(struct archive *);
    int (*write)(struct archive *);
} filters[] = {
    {"gzip", archive_read_support_filter_gzip, archive_write_add_filter_gzip},
    {"bzip2", archive_read_support_filter_bzip2,
        archive_write_add_filter_bzip2},
    {"xz", archive_read_support_filter_xz, archive_write_add_filter_xz},
    {"zstd", archive_read_support_filter_zstd, archive_write_add_filter_zstd},
    {"lzma", archive_read_support_filter_lzma, archive_write_add_filter_lzma},
    {"compress", archive_read_support_filter_compress,
        archive_write_add_filter_compress},
    {"lzop", archive_read_support_filter_lzop, archive_write_add_filter_lzop},
};

static int
add_filter(struct call *c, struct archive *a, const char *name, bool write)
{
    if (!name)
        return 0;
    for (size_t i = 0; i < N_ELEMENTS(filters); i++) {
        if (!str_equal(name, filters[i].name))
            continue;
        /* Less than OK: it would run a program for that. */
        if ((write ? filters[i].write : filters[i].read)(a) == ARCHIVE_OK)
            return 0;
        break;
    }
    return call_error(c, ENOTSUP, "compression '%s' is not supported", name);
}

int
pack_read_filter(struct call *c, struct archive *a, const char *name)
{
    return add_filter(c, a, name, false);
}

int
pack_write_filter(struct call *c, struct archive *a, const char *name)
{
    return add_filter(c, a, name, true);
}

static la_ssize_t
write_stream(struct archive *a, void *opaque, const void *data, size_t size)
{
    if (stream_write(opaque, data, size) < 0) {
        archive_set_error(a, ECANCELED, "cancelled");
        return -1;
    }
    return (la_ssize_t)size;
}

int
pack_write_stream(struct call *c, struct archive *a)
{
    archive_write_set_bytes_per_block(a, CONTENT_CHUNK);
    archive_write_set_bytes_in_last_block(a, 1);
    if (archive_write_open(a, c, NULL, write_stream, NULL) != ARCHIVE_OK)
        return pack_fail(c, a, "archive");
    return 0;
}

struct input {
    struct call *c;
    char block[CONTENT_CHUNK];
};

static la_ssize_t
read_stream(struct archive *a, void *opaque, const void **ret)
{
    struct input *in = opaque;
    ssize_t n = stream_read(in->c, in->block, sizeof in->block);

    if (n < 0)
        archive_set_error(a, ECANCELED, "cancelled");
    *ret = in->block;
    return n;
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
