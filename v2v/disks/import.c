/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/disks/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "base/vhd.h"
#include "v2v/machine/guest.h"

/* QEMU can read a VHD without a parent, but treats one with a parent as
 * complete and computes a wrong size for it. */
const struct disk_reader *
import_reader(const struct guest_disk *disk)
{
    char magic[8] = "";

    if (disk->reader)
        return disk->reader;
    if (server_is_remote(disk->path))
        return &reader_remote;
    if (disk->format)
        return str_equal(disk->format, "vpc") ? &reader_vhd : NULL;

    cleanup_close int fd = open(disk->path, O_RDONLY | O_CLOEXEC);
    bool is_vhd = fd >= 0 &&
                  pread(fd, magic, sizeof magic, 0) == sizeof magic &&
                  vhd_looks_like(magic);
    return is_vhd ? &reader_vhd : NULL;
}

static int
copy(const struct guest_disk *disk, struct import *to, struct error *err)
{
    if (import_reader(disk)->copy(disk, to, err) < 0)
        return -1;
    if (to->stream.piece && stream_finish(&to->stream, err) < 0)
        return -1;
    stream_close(&to->stream);
    return image_finish(&to->image, false, err);
}

int
import_image(const struct guest_disk *disk, const struct image_options *options,
    uint64_t bwlimit, struct image *ret, struct error *err)
{
    struct import to = {
        .options = *options, .bwlimit = bwlimit, .image = {.fd = -1}};
    int r = copy(disk, &to, err);

    stream_close(&to.stream);
    if (r < 0) {
        image_close(&to.image);
        return error_context(err, "%s", disk->path);
    }
    *ret = to.image;
    return 0;
}

static int
unpack(const struct guest_disk *disk, const char *path, struct error *err)
{
    cleanup_close int fd =
        open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return error_errno(err, errno, "cannot make %s", path);
    if (import_reader(disk)->unpack(disk, fd, err) < 0)
        return error_context(err, "%s", disk->path);
    return 0;
}

int
import_disk(const struct guest_disk *disk, const char *folder, const char *name,
    char **ret_path, struct error *err)
{
    const struct disk_reader *reader = import_reader(disk);
    cleanup_free char *path =
        text_printf("%s/%s.%s", folder, name, reader->copy ? "raw" : "image");
    if (!path)
        return error_set(err, ENOMEM, "no memory");

    const struct image_options options = {
        .path = path, .format = "raw", .folder = folder, .digests = -1};
    cleanup_image struct image image = {.fd = -1};
    if ((reader->copy ? import_image(disk, &options, 0, &image, err)
                      : unpack(disk, path, err)) < 0)
        return -1;
    *ret_path = steal_pointer(&path);
    return 0;
}

int
import_open(struct import *to, uint64_t size, struct error *err)
{
    to->options.size = size;
    return image_open(&to->image, &to->options, err);
}

int
import_begin(struct import *to, uint64_t size, struct error *err)
{
    return import_open(to, size, err) < 0
               ? -1
               : stream_open(&to->stream, &to->image, err);
}

int
import_write(struct import *to, const uint8_t *data, size_t size,
    uint64_t offset, struct error *err)
{
    return stream_write(&to->stream, data, size, offset, err);
}
