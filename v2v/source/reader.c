/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/source/reader.h"

#include <fcntl.h>
#include <mayfly.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/vhd.h"
#include "tool/session.h"
#include "v2v/copy/server.h"
#include "v2v/machine/device_name.h"

static bool
is_partition(const struct guest_disk *disk)
{
    char letters[DEVICE_LETTERS];
    unsigned partition = 0;

    return disk->name && device_split(disk->name, letters, &partition) &&
           partition;
}

/* QEMU can read a VHD without a parent, but treats one with a parent as
 * complete and computes a wrong size for it; the library refuses it. */
static bool
starts_as_vhd(const char *path)
{
    char magic[8] = "";
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);

    return fd >= 0 && pread(fd, magic, sizeof magic, 0) == sizeof magic &&
           vhd_looks_like(magic);
}

static int
accept_image(const struct guest_disk *disk, const struct tool *tool,
    struct mayfly *g, struct error *err)
{
    struct mayfly_add_drive_options options = {
        .set = MAYFLY_ADD_DRIVE_READONLY,
        .readonly = true,
    };

    if (disk->format) {
        options.set |= MAYFLY_ADD_DRIVE_FORMAT;
        options.format = disk->format;
    }
    tool_allow(tool, &options);
    return mayfly_add_drive(g, disk->path, &options) < 0
               ? tool_handle_error(g, err)
               : 0;
}

/* Does the file's own name say that format? */
static bool
is_named(const char *path, const char *format)
{
    const char *dot = strrchr(path, '.');

    return dot && !strchr(dot, '/') && strcasecmp(dot + 1, format) == 0;
}

/* The guest writes the first bytes of a partition: it stays raw, unless its
 * name says, too, what they look like. */
static int
find_partition_format(
    struct guest_disk *disk, struct mayfly *g, struct error *err)
{
    cleanup_free char *format = NULL;
    bool known = mayfly_disk_format(g, disk->path, &format) == 0 &&
                 is_named(disk->path, format);

    disk->format = known ? steal_pointer(&format) : strdup("raw");
    return disk->format ? 0 : error_no_memory(err);
}

static int
find_format(struct guest_disk *disk, const struct tool *tool, struct mayfly *g,
    struct error *err)
{
    if (!disk->format && is_partition(disk) &&
        find_partition_format(disk, g, err) < 0)
        return -1;
    if (accept_image(disk, tool, g, err) < 0)
        return -1;
    if (disk->format)
        return 0;
    return mayfly_disk_format(g, disk->path, &disk->format) < 0
               ? tool_handle_error(g, err)
               : 0;
}

static int
find_reader(struct guest_disk *disk, const struct tool *tool, struct mayfly *g,
    struct error *err)
{
    if (disk->reader || disk->removable || disk->part_size)
        return 0;
    if (server_is_remote(disk->path))
        disk->reader = &reader_remote;
    else if (disk->format ? str_equal(disk->format, "vpc")
                          : starts_as_vhd(disk->path))
        disk->reader = &reader_vhd;
    else
        return find_format(disk, tool, g, err);
    return 0;
}

/* The source is right about what the guest saw, but perhaps not about what was
 * meant. */
static int
doubt_raw(struct guest *guest, const struct guest_disk *disk, struct mayfly *g,
    struct error *err)
{
    cleanup_free char *format = NULL;

    if (disk->reader || disk->removable || disk->part_size || !disk->format ||
        !str_equal(disk->format, "raw") ||
        mayfly_disk_format(g, disk->path, &format) < 0 ||
        str_equal(format, "raw") || !is_named(disk->path, format))
        return 0;
    return guest_note(guest, err,
        "%s is used as raw, as the source says, though it looks like a %s "
        "image; if it is one, say so there",
        disk->path, format);
}

/* What the copy of an image loses. */
static int
note_image(struct guest *guest, const struct guest_disk *disk, struct mayfly *g,
    struct error *err)
{
    bool encrypted = false, data = false;

    if (disk->reader || disk->removable || disk->part_size || !disk->format ||
        !str_equal(disk->format, "qcow2"))
        return 0;
    if (mayfly_disk_is_encrypted(g, disk->path, &encrypted) < 0)
        return tool_handle_error(g, err);
    if (mayfly_disk_has_data_file(g, disk->path, &data) < 0)
        return tool_handle_error(g, err);
    if (data &&
        guest_note(guest, err,
            "%s names another file that holds its content, which is "
            "copied: if you do not know who made it, look with qemu-img "
            "info whether that file is its own",
            disk->path) < 0)
        return -1;
    return encrypted
               ? guest_note(guest, err,
                     "%s is encrypted (LUKS in qcow2); a new image that is "
                     "made of it is not: keep that where no one else reads it",
                     disk->path)
               : 0;
}

int
readers_find(struct guest *guest, const struct tool *tool, struct error *err)
{
    struct mayfly *g = mayfly_create();
    int r = g ? 0 : error_no_memory(err);

    for (size_t i = 0; r == 0 && i < guest->n_disks; i++)
        if ((r = find_reader(&guest->disks[i], tool, g, err)) == 0 &&
            (r = note_image(guest, &guest->disks[i], g, err)) == 0)
            r = doubt_raw(guest, &guest->disks[i], g, err);
    mayfly_close(g);
    return r;
}
