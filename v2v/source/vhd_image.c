/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See Microsoft's "Virtual Hard Disk Image Format Specification", with
 * XenServer's additions; all numbers are big-endian.
 *
 *     footer copy, header, table [, batmap] , blocks ..., footer
 *
 * A block is a bitmap of its stored sectors, followed by the sectors.  A sector
 * that is not stored comes from the parent, or is zero without a parent.  If
 * the batmap says that a block is full, the bitmap of that block is not kept up
 * to date and must not be used.
 *
 * Every number from the file is bounded before it is used, and compared with
 * the file's size by subtraction. */
#include <config.h>

#include "v2v/source/vhd_image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/strv.h"

enum {
    BLOCK_MIN = 4096,
    BLOCK_MAX = 64 << 20,
    BLOCKS_MAX = 1 << 24,
    NAME_UNITS = 256,
};

static const uint64_t size_max = (uint64_t)64 << 40;
static const uint32_t no_block = UINT32_MAX;

static int
corrupt(struct error *err, const char *what)
{
    return error_set(err, EINVAL, "corrupt VHD: %s", what);
}

static int
read_at(const struct vhd_image *v, void *data, size_t size, uint64_t offset,
    const char *what, struct error *err)
{
    if (offset > INT64_MAX - size)
        return corrupt(err, what);
    if (pread_all(v->fd, data, size, (off_t)offset) < 0)
        return errno == ENODATA
                   ? corrupt(err, what)
                   : error_errno(err, errno, "cannot read %s", what);
    return 0;
}

/* The footer is the last sector.  After a crash it may be missing there; then
 * the copy at the start counts. */
static int
read_footer(struct vhd_image *v, uint64_t *ret_header, struct error *err)
{
    uint8_t b[VHD_FOOTER];
    struct vhd_footer footer;
    struct stat st;

    if (fstat(v->fd, &st) < 0)
        return error_errno(err, errno, "cannot examine it");
    if (!S_ISREG(st.st_mode))
        return error_set(err, EINVAL, "it is not a file");
    if (st.st_size < VHD_FOOTER)
        return corrupt(err, "it is too short");
    if (read_at(v, b, VHD_FOOTER, (uint64_t)st.st_size - VHD_FOOTER,
            "the footer", err) < 0)
        return -1;
    if (!vhd_read_footer(b, &footer) &&
        read_at(v, b, VHD_FOOTER, 0, "the footer", err) < 0)
        return -1;
    if (!vhd_read_footer(b, &footer))
        return corrupt(err, "it has no footer");

    uint32_t kind = footer.kind;
    if (kind != VHD_FIXED && kind != VHD_DYNAMIC && kind != VHD_DIFFERENCING)
        return error_set(err, ENOTSUP, "unknown VHD type %u", kind);
    v->kind = (enum vhd_kind)kind;
    v->size = footer.size;
    memcpy(v->id, b + 68, sizeof v->id);
    if (v->size == 0 || v->size > size_max || footer.stored % VHD_SECTOR != 0)
        return corrupt(err, "the size of the disk");
    if (v->kind == VHD_FIXED && v->size > (uint64_t)st.st_size - VHD_FOOTER)
        return corrupt(err, "it is shorter than its disk");
    *ret_header = footer.header;
    return 0;
}

/* The last part of a name in UTF-16.  It becomes a file name, so anything but
 * ASCII is refused. */
static char *
base_name(const uint8_t *units, struct error *err)
{
    char name[NAME_UNITS + 1];
    size_t n = 0;

    for (size_t i = 0; i < NAME_UNITS; i++) {
        unsigned unit = (unsigned)units[2 * i] << 8 | units[2 * i + 1];

        if (unit == 0)
            break;
        if (unit < 0x20 || unit > 0x7e)
            return error_set(
                       err, ENOTSUP, "the name of the parent is not ASCII"),
                   NULL;
        if (unit == '/' || unit == '\\')
            n = 0;
        else
            name[n++] = (char)unit;
    }
    name[n] = 0;
    if (n == 0 || str_equal(name, ".") || str_equal(name, ".."))
        return corrupt(err, "the name of the parent"), NULL;
    return strdup(name);
}

static int
read_table(struct vhd_image *v, uint64_t offset, struct error *err)
{
    size_t bytes = (size_t)v->n_blocks * 4;

    if (!(v->table = malloc(bytes)))
        return error_no_memory(err);
    if (read_at(v, v->table, bytes, offset, "the table of blocks", err) < 0)
        return -1;
    for (uint32_t i = 0; i < v->n_blocks; i++)
        v->table[i] = get_be32(v->table + i);
    return 0;
}

/* XenServer's batmap, in the sector after the table; other VHDs have none. */
static int
read_batmap(struct vhd_image *v, uint64_t table, struct error *err)
{
    uint8_t header[VHD_SECTOR];
    uint64_t at = table + (uint64_t)v->n_blocks * 4;
    size_t bytes = (v->n_blocks + 7) / 8;

    at = (at + VHD_SECTOR - 1) / VHD_SECTOR * VHD_SECTOR;
    if (pread_all(v->fd, header, sizeof header, (off_t)at) < 0 ||
        memcmp(header, "tdbatmap", 8) != 0)
        return 0;
    if (get_be32(header + 16) < (bytes + VHD_SECTOR - 1) / VHD_SECTOR)
        return corrupt(err, "the map of full blocks is too short");
    if (!(v->batmap = malloc(bytes)))
        return error_no_memory(err);
    return read_at(v, v->batmap, bytes, get_be64(header + 8),
        "the map of full blocks", err);
}

static int
read_header(struct vhd_image *v, uint64_t offset, struct error *err)
{
    uint8_t b[VHD_HEADER];
    struct vhd_header header;

    if (read_at(v, b, VHD_HEADER, offset, "the header", err) < 0)
        return -1;
    if (!vhd_read_header(b, &header))
        return corrupt(err, "the header");

    v->n_blocks = header.n_blocks;
    v->block_size = header.block_size;
    memcpy(v->parent_id, b + 40, sizeof v->parent_id);
    if (v->block_size < BLOCK_MIN || v->block_size > BLOCK_MAX ||
        (v->block_size & (v->block_size - 1)))
        return corrupt(err, "the size of its blocks");
    if (v->n_blocks > BLOCKS_MAX ||
        (uint64_t)v->n_blocks * v->block_size < v->size)
        return corrupt(err, "the number of its blocks");
    v->bitmap_size = v->block_size / VHD_SECTOR / 8;
    v->bitmap_size =
        (v->bitmap_size + VHD_SECTOR - 1) / VHD_SECTOR * VHD_SECTOR;
    if (!(v->bitmap = malloc(v->bitmap_size)))
        return error_no_memory(err);
    v->bitmap_block = no_block;
    if (v->kind == VHD_DIFFERENCING && !(v->parent = base_name(b + 64, err)))
        return err->code ? -1 : error_no_memory(err);
    if (read_table(v, header.table, err) < 0)
        return -1;
    return read_batmap(v, header.table, err);
}

int
vhd_open(int dirfd, const char *name, struct vhd_image *ret, struct error *err)
{
    uint64_t header = 0;
    struct vhd_image v = {
        .fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};

    if (v.fd < 0)
        return error_errno(err, errno, "cannot open %s", name);
    if (read_footer(&v, &header, err) < 0 ||
        (v.kind != VHD_FIXED && read_header(&v, header, err) < 0)) {
        vhd_close(&v);
        return error_context(err, "%s", name);
    }
    *ret = v;
    return 0;
}

static bool
is_full(const struct vhd_image *v, uint32_t block)
{
    return v->batmap && (v->batmap[block / 8] & (0x80 >> block % 8));
}

static bool
is_here(const struct vhd_image *v, uint32_t sector)
{
    return v->bitmap[sector / 8] & (0x80 >> sector % 8);
}

/* Load the bitmap of BLOCK. */
static int
load_bitmap(struct vhd_image *v, uint32_t block, struct error *err)
{
    if (v->bitmap_block == block)
        return 0;
    v->bitmap_block = no_block;
    if (is_full(v, block))
        memset(v->bitmap, 0xff, v->bitmap_size);
    else if (read_at(v, v->bitmap, v->bitmap_size,
                 (uint64_t)v->table[block] * VHD_SECTOR, "a bitmap", err) < 0)
        return -1;
    v->bitmap_block = block;
    return 0;
}

int
vhd_find(struct vhd_image *v, uint64_t sector, uint64_t *n,
    enum vhd_place *ret_place, uint64_t *ret_offset, struct error *err)
{
    uint64_t sectors = v->size / VHD_SECTOR;
    enum vhd_place absent = v->kind == VHD_DIFFERENCING ? VHD_PARENT : VHD_ZERO;

    *ret_offset = 0;
    if (sector >= sectors) {
        /* A child can be larger than its parent. */
        *ret_place = VHD_ZERO;
        return 0;
    }
    if (*n > sectors - sector)
        *n = sectors - sector;
    if (v->kind == VHD_FIXED) {
        *ret_place = VHD_HERE;
        *ret_offset = sector * VHD_SECTOR;
        return 0;
    }

    uint32_t in_block = v->block_size / VHD_SECTOR;
    uint32_t block = (uint32_t)(sector / in_block);
    uint32_t first = (uint32_t)(sector % in_block), run = 1;
    if (*n > in_block - first)
        *n = in_block - first;
    if (v->table[block] == no_block) {
        *ret_place = absent;
        return 0;
    }
    if (load_bitmap(v, block, err) < 0)
        return -1;

    bool here = is_here(v, first);
    while (run < *n && is_here(v, first + run) == here)
        run++;
    *n = run;
    *ret_place = here ? VHD_HERE : absent;
    *ret_offset = (uint64_t)v->table[block] * VHD_SECTOR + v->bitmap_size +
                  (uint64_t)first * VHD_SECTOR;
    return 0;
}

void
vhd_close(struct vhd_image *v)
{
    if (v->fd >= 0)
        close(v->fd);
    free(v->parent);
    free(v->table);
    free(v->batmap);
    free(v->bitmap);
    *v = (struct vhd_image){.fd = -1};
}
