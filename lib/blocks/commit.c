/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing what an overlay holds into its backing file.  The overlay is only
 * read, so this can be repeated after a failure:
 *
 *     source:      overlay -> backing file, read-only
 *                     |  a mirror job, of what the overlay has
 *     destination: backing file, writable
 *
 * The backing file is open twice, and grown by the one that writes.  That is
 * safe since no block is copied of which the overlay has only a part: the job's
 * unit is not larger than one of the overlay's clusters. */
#include <config.h>

#include <errno.h>
#include <json.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "lib/blocks/attach.h"
#include "lib/blocks/server.h"
#include "lib/blocks/unlock.h"
#include "lib/disk/disk.h"
#include "lib/disk/options.h"
#include "lib/handle/handle.h"
#include "lib/qemu/qmp.h"

enum { BUFFER = 16 << 20 };

static int
read_options(const struct mayfly_disk_commit_options *o,
    struct disk_options *ret, struct error *err)
{
    uint64_t set = o ? o->set : 0;
    struct mayfly_add_drive_options drive = {
        .set = MAYFLY_ADD_DRIVE_READONLY | MAYFLY_ADD_DRIVE_FORMAT,
        .readonly = true,
        .format = "qcow2",
    };

    if (set & MAYFLY_DISK_COMMIT_BACKING_POLICY) {
        drive.set |= MAYFLY_ADD_DRIVE_BACKING_POLICY;
        drive.backing_policy = o->backing_policy;
    }
    if (set & MAYFLY_DISK_COMMIT_ALLOW) {
        drive.set |= MAYFLY_ADD_DRIVE_ALLOW;
        drive.allow = o->allow;
    }
    return disk_options_read(&drive, ret, err);
}

/* Both sides of a mirror have one size.  A repeated call finds it grown. */
static int
grow_base(struct block_server *s, const struct disk *overlay,
    const struct disk *base, struct error *err)
{
    uint64_t size = disk_size(overlay);

    if (size == disk_size(base))
        return 0;
    struct json_object *args = qmp_strings("node-name", "destination", NULL);
    if (!args)
        return error_no_memory(err);
    json_object_object_add(args, "size", json_object_new_int64((int64_t)size));
    if (qmp_command(block_server_qmp(s), "block_resize", args, NULL, err) == 0)
        return 0;
    return error_context(
        err, "the image cannot grow to %llu bytes", (unsigned long long)size);
}

static int
copy_down(struct mayfly *g, struct disk *overlay, struct disk *base, bool grow,
    struct error *err)
{
    cleanup_block_server struct block_server *s = NULL;

    if (grow ? disk_size(overlay) < disk_size(base)
             : disk_size(overlay) != disk_size(base))
        return error_set(err, EINVAL,
            "it has %llu bytes, but its backing file %llu",
            (unsigned long long)disk_size(overlay),
            (unsigned long long)disk_size(base));
    if (unlock_disk(g, overlay, err) < 0 || unlock_disk(g, base, err) < 0 ||
        block_server_start(g, BLOCKS_HERE, &s, err) < 0 ||
        server_add_disk(g, s, overlay, false, "source", err) < 0 ||
        server_add_disk(g, s, base, true, "destination", err) < 0 ||
        grow_base(s, overlay, base, err) < 0 ||
        block_server_mirror(s, "top", BUFFER, err) < 0)
        return -1;
    return block_server_stop(steal_pointer(&s), err);
}

static int
commit(struct mayfly *g, const char *filename,
    const struct disk_options *options, bool grow, struct error *err)
{
    struct disk *overlay = NULL, *base = NULL;
    struct disk_options below = *options;
    int result;

    if (disk_open(filename, options, &overlay, err) < 0)
        return -1;
    const struct disk_file *backing =
        overlay->file ? overlay->file->backing : NULL;
    if (!backing || backing->part_size) {
        disk_free(overlay);
        return error_set(err, backing ? ENOTSUP : EINVAL, "%s: %s", filename,
            backing ? "its backing file is a part of a file"
                    : "it has no backing file");
    }
    below.read_only = false;
    below.format = image_format_name(backing->header.format);
    result = disk_open(backing->path, &below, &base, err);
    if (result == 0 && (result = copy_down(g, overlay, base, grow, err)) < 0)
        error_context(err, "%s", filename);
    disk_free(base);
    disk_free(overlay);
    return result;
}

MAYFLY_PUBLIC int
mayfly_disk_commit(struct mayfly *g, const char *filename,
    const struct mayfly_disk_commit_options *options)
{
    cleanup_error struct error err = {0};
    struct disk_options disk;

    error_clear(&g->error);
    if (handle_take_cancel(g, "disk_commit") < 0)
        return -1;
    bool grow =
        options && options->set & MAYFLY_DISK_COMMIT_GROW && options->grow;
    if (read_options(options, &disk, &err) < 0 ||
        commit(g, filename, &disk, grow, &err) < 0)
        return handle_fail(g, &err);
    return 0;
}
