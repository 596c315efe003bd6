/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the handle's disks are the overlays, opened with all
 * their backing files before the guest could write to them.  The library
 * exports them over NBD as it opened them, so no name that an image holds by
 * now leads to a file.  We read that and write the images, all disks at the
 * same time.
 *
 * The images are made in the run's temporary folder, on the file system of the
 * target, and get their names when all of them are on the disk. */
#include <config.h>

#include "v2v/disks/copies.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/copy/transfer.h"
#include "v2v/disks/assemble.h"
#include "v2v/machine/device_name.h"

/* The final name. */
static int
choose_path(struct copies *copies, const char *folder, const char *name,
    const char *letters, struct error *err)
{
    cleanup_free char *path = text_printf("%s/%s-sd%s", folder, name, letters);
    struct stat st;

    if (!path)
        return error_no_memory(err);
    if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return error_set(err, EEXIST, "%s exists and is not a file", path);
    return strv_take(&copies->paths, steal_pointer(&path)) < 0
               ? error_no_memory(err)
               : 0;
}

static int
open_target(struct image *image, struct target_disk *t,
    const struct disks *disks, struct error *err)
{
    const char *folder = disks->workspace.path;

    if (t->own) {
        *image = t->image;
        t->image = (struct image){.fd = -1};
        return image_resume(image, folder, err);
    }

    cleanup_free char *path = text_printf("%s/sd%s-copy", folder, t->letters);
    if (!path)
        return error_no_memory(err);
    const struct image_options options = {.path = path,
        .format = disks->format,
        .folder = folder,
        .size = t->size,
        .digests = -1,
        .hash = disks->sums};
    return image_open(image, &options, err);
}

static int
add_pieces(struct map *map, const struct target_disk *t, struct error *err)
{
    const struct guest_disk *d = t->parts[0].disk;

    if (t->assembled)
        return assemble_pieces(t, map, err);
    if (!str_equal(t->format, "raw"))
        return 0;
    return map_add_piece(map, t->base, 0, t->part ? d->part_size : UINT64_MAX,
        t->part ? d->part_start : 0, err);
}

/* Without a map the copy only takes longer. */
static void
read_map(
    struct map *map, const struct target_disk *t, const struct server *source)
{
    cleanup_error struct error ignored = {0};

    if (add_pieces(map, t, &ignored) < 0 ||
        (map->n_pieces && map_read(map, source, &ignored) < 0))
        map_clear(map);
}

static int
prepare(struct copies *copies, struct server *source, struct transfer *transfer,
    struct map *map, size_t i, struct disks *disks, struct mayfly *g,
    struct error *err)
{
    struct target_disk *t = &disks->items[i];
    char letters[DEVICE_LETTERS];

    device_letters((unsigned)i, letters);
    cleanup_free char *device = text_printf("/dev/sd%s", letters);
    if (!device)
        return error_no_memory(err);
    if (open_target(&copies->images[i], t, disks, err) < 0)
        return -1;
    copies->n = i + 1;
    if (server_start_drive(source, g, device, disks->workspace.path, err) < 0)
        return -1;
    read_map(map, t, source);
    *transfer = (struct transfer){
        .source = source,
        .map = map,
        .target = &copies->images[i],
        .visit = t->own ? VISIT_TOP : VISIT_ALL,
    };
    return 0;
}

static int
finish(struct copies *copies, bool sums, struct error *err)
{
    for (size_t i = 0; i < copies->n; i++) {
        if (image_finish(&copies->images[i], false, err) < 0)
            return -1;
        if (sums && strv_take(&copies->sums,
                        digests_root(&copies->images[i].digests)) < 0)
            return error_no_memory(err);
    }
    return 0;
}

int
copies_make(struct copies *copies, struct disks *disks, struct mayfly *g,
    const char *folder, const char *name, struct error *err)
{
    cleanup_free struct server *sources = calloc(disks->n, sizeof *sources);
    cleanup_free struct transfer *transfers =
        calloc(disks->n, sizeof *transfers);
    cleanup_free struct map *maps = calloc(disks->n, sizeof *maps);
    int r = 0;

    copies->images = calloc(disks->n, sizeof *copies->images);
    if (!sources || !transfers || !maps || !copies->images)
        return error_no_memory(err);
    for (size_t i = 0; i < disks->n; i++)
        copies->images[i].fd = -1;
    for (size_t i = 0; r == 0 && i < disks->n; i++) {
        r = choose_path(copies, folder, name, disks->items[i].letters, err);
        if (r == 0)
            r = prepare(
                copies, &sources[i], &transfers[i], &maps[i], i, disks, g, err);
    }
    size_t most = disks->parallel ? disks->parallel : disks->n;
    for (size_t i = 0; r == 0 && i < disks->n; i += most)
        r = transfer_run(transfers + i,
            most < disks->n - i ? most : disks->n - i, "copy", disks->bwlimit,
            err);
    for (size_t i = 0; i < disks->n; i++) {
        server_stop(&sources[i]);
        map_clear(&maps[i]);
    }
    if (r == 0)
        r = finish(copies, disks->sums, err);
    return r;
}

int
copies_commit(struct copies *copies, struct error *err)
{
    for (size_t i = 0; i < copies->n; i++)
        if (fsync(copies->images[i].fd) < 0)
            return error_errno(err, errno, "cannot write %s", copies->paths[i]);
    for (size_t i = 0; i < copies->n; i++)
        if (rename(copies->images[i].path, copies->paths[i]) < 0)
            return error_errno(
                err, errno, "cannot rename to %s", copies->paths[i]);
    return 0;
}

void
copies_clear(struct copies *copies)
{
    for (size_t i = 0; i < copies->n; i++)
        image_close(&copies->images[i]);
    free(copies->images);
    strv_free(copies->paths);
    strv_free(copies->sums);
    *copies = (struct copies){0};
}
