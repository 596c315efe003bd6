/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -i vhd: VHDs, each with all its parents.  A snapshot of XenServer or Hyper-V
 * leaves a chain: the last file has what was written since, its parents the
 * rest.  A parent is only looked for in the folder of its child, by the name in
 * the child, and must have the identity stored in the child. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "tool/progress.h"
#include "tool/signals.h"
#include "v2v/copy/import_target.h"
#include "v2v/source/reader.h"
#include "v2v/source/source.h"
#include "v2v/source/vhd_image.h"

enum { CHAIN_MAX = 64, PIECE = 1 << 20 };

/* The files from the last to the first. */
struct chain {
    struct vhd_image images[CHAIN_MAX];
    size_t n;
};

static void
close_chain(struct chain *chain)
{
    for (size_t i = 0; i < chain->n; i++)
        vhd_close(&chain->images[i]);
}

static int
open_folder(const char *path, const char **ret_name, struct error *err)
{
    const char *slash = strrchr(path, '/');
    cleanup_free char *folder = path_folder(path);
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (fd < 0)
        return error_errno(err, errno, "cannot open its folder");
    *ret_name = slash ? slash + 1 : path;
    return fd;
}

static int
open_chain(const char *path, struct chain *chain, struct error *err)
{
    const char *name = NULL;
    cleanup_close int folder = open_folder(path, &name, err);

    if (folder < 0)
        return -1;
    for (;;) {
        struct vhd_image *v = &chain->images[chain->n];

        if (vhd_open(folder, name, v, err) < 0)
            return -1;
        chain->n++;
        if (chain->n > 1 && memcmp(v[-1].parent_id, v->id, sizeof v->id) != 0)
            return error_set(err, EINVAL,
                "%s is not the parent that its child was made from", name);
        if (v->kind != VHD_DIFFERENCING)
            return 0;
        if (chain->n == CHAIN_MAX)
            return error_set(
                err, ELOOP, "the chain has more than %d files", CHAIN_MAX);
        name = v->parent;
    }
}

/* Which file has SECTOR? NULL: none, it reads as zero. */
static int
find(struct chain *chain, uint64_t sector, uint64_t *n,
    const struct vhd_image **ret, uint64_t *ret_offset, struct error *err)
{
    *ret = NULL;
    for (size_t i = 0; i < chain->n; i++) {
        enum vhd_place place;

        if (vhd_find(&chain->images[i], sector, n, &place, ret_offset, err) < 0)
            return -1;
        if (place == VHD_HERE)
            *ret = &chain->images[i];
        if (place != VHD_PARENT)
            break;
    }
    return 0;
}

static int
copy_chain(struct chain *chain, struct import *to, struct error *err)
{
    uint64_t end = chain->images[0].size / VHD_SECTOR, n;
    cleanup_free uint8_t *data = malloc(PIECE);

    if (!data)
        return error_no_memory(err);
    if (import_begin(to, chain->images[0].size, err) < 0)
        return -1;
    for (uint64_t sector = 0; sector < end; sector += n) {
        const struct vhd_image *v;
        uint64_t offset;

        if (tool_interrupted())
            return error_set(err, EINTR, "interrupted");
        n = end - sector < PIECE / VHD_SECTOR ? end - sector
                                              : PIECE / VHD_SECTOR;
        if (find(chain, sector, &n, &v, &offset, err) < 0)
            return -1;
        tool_progress_show("read", sector, end);
        if (!v)
            continue;
        if (pread_all(v->fd, data, n * VHD_SECTOR, (off_t)offset) < 0)
            return error_errno(err, errno, "cannot read a block");
        if (import_write(to, data, n * VHD_SECTOR, sector * VHD_SECTOR, err) <
            0)
            return -1;
    }
    return 0;
}

static int
copy(const struct guest_disk *disk, struct import *to, struct error *err)
{
    struct chain chain = {0};
    int r = open_chain(disk->path, &chain, err);

    if (r == 0)
        r = copy_chain(&chain, to, err);
    close_chain(&chain);
    return r;
}

const struct disk_reader reader_vhd = {.copy = copy};

static int
read_vhd(
    char *const *words, size_t n_words, struct guest *ret, struct error *err)
{
    if (source_disk.read(words, n_words, ret, err) < 0)
        return -1;
    for (size_t i = 0; i < ret->n_disks; i++)
        ret->disks[i].reader = &reader_vhd;
    return 0;
}

const struct source source_vhd = {
    .name = "vhd",
    .help = "FILE...: VHDs, the last one of each chain",
    .many = true,
    .read = read_vhd,
};
