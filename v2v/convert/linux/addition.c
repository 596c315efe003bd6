/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the archive grows in memory after a sector of zeroes.
 * The zeroes end the compressed archive before it; as many of them are left out
 * as needed for the archive to start at a multiple of four bytes in the file,
 * the only place where the kernel looks for one. */
#include <config.h>

#include "v2v/convert/linux/addition.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum { SIZE_MAX_BYTES = 32 << 20, SECTOR = 512, KERNEL_ALIGN = 4 };

struct addition {
    struct archive *a;
    char *data;
    size_t used; /* after the zeroes */
};

static int
fail(const struct addition *x, struct error *err)
{
    const char *text = archive_error_string(x->a);

    return error_set(
        err, EIO, "cannot make an archive: %s", text ? text : "unknown error");
}

struct addition *
addition_open(struct error *err)
{
    struct addition *x = calloc(1, sizeof *x);

    if (!x || !(x->data = malloc(SIZE_MAX_BYTES)) ||
        !(x->a = archive_write_new())) {
        addition_close(x);
        error_no_memory(err);
        return NULL;
    }
    memset(x->data, 0, SECTOR);
    if (archive_write_set_format_cpio_newc(x->a) != ARCHIVE_OK ||
        archive_write_set_bytes_per_block(x->a, SECTOR) != ARCHIVE_OK ||
        archive_write_open_memory(x->a, x->data + SECTOR,
            SIZE_MAX_BYTES - SECTOR, &x->used) != ARCHIVE_OK) {
        fail(x, err);
        addition_close(x);
        return NULL;
    }
    return x;
}

static int
add_entry(struct addition *x, const char *path, unsigned type, const void *data,
    size_t size, struct error *err)
{
    struct archive_entry *e = archive_entry_new();

    if (!e)
        return error_no_memory(err);
    archive_entry_set_pathname(e, path);
    archive_entry_set_filetype(e, type);
    archive_entry_set_perm(e, type == AE_IFDIR ? 0755 : 0644);
    archive_entry_set_size(e, (int64_t)size);

    int r = archive_write_header(x->a, e);
    archive_entry_free(e);
    if (r != ARCHIVE_OK ||
        archive_write_data(x->a, data, size) != (la_ssize_t)size)
        return fail(x, err);
    return 0;
}

int
addition_add(struct addition *x, const char *path, const void *data,
    size_t size, struct error *err)
{
    cleanup_free char *folder = strdup(path);

    if (!folder)
        return error_no_memory(err);
    for (char *slash = folder; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = 0;
        if (*folder && add_entry(x, folder, AE_IFDIR, NULL, 0, err) < 0)
            return -1;
    }
    return add_entry(x, path, AE_IFREG, data, size, err);
}

int
addition_finish(struct addition *x, uint64_t before, const char **ret_data,
    size_t *ret_size, struct error *err)
{
    size_t skip = (size_t)(before % KERNEL_ALIGN);

    if (archive_write_close(x->a) != ARCHIVE_OK)
        return fail(x, err);
    *ret_data = x->data + skip;
    *ret_size = SECTOR + x->used - skip;
    return 0;
}

void
addition_close(struct addition *x)
{
    if (!x)
        return;
    archive_write_free(x->a);
    free(x->data);
    free(x);
}
