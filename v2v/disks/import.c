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
#include "v2v/copy/import_target.h"
#include "v2v/copy/server.h"
#include "v2v/machine/guest.h"
#include "v2v/source/reader.h"

static int
copy(const struct guest_disk *disk, struct import *to, struct error *err)
{
    if (disk->reader->copy(disk, to, err) < 0)
        return -1;
    if (to->stream.piece && image_stream_finish(&to->stream, err) < 0)
        return -1;
    image_stream_close(&to->stream);
    return image_finish(&to->image, false, err);
}

int
import_image(const struct guest_disk *disk, const struct image_options *options,
    uint64_t bwlimit, struct image *ret, struct error *err)
{
    struct import to = {
        .options = *options, .bwlimit = bwlimit, .image = {.fd = -1}};
    int r = copy(disk, &to, err);

    image_stream_close(&to.stream);
    if (r < 0) {
        image_close(&to.image);
        return server_name(disk->path, err);
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
    if (disk->reader->unpack(disk, fd, err) < 0)
        return error_context(err, "%s", disk->path);
    return 0;
}

int
import_disk(const struct guest_disk *disk, const char *folder, const char *name,
    char **ret_path, struct error *err)
{
    const struct disk_reader *reader = disk->reader;
    cleanup_free char *path =
        text_printf("%s/%s.%s", folder, name, reader->copy ? "raw" : "image");
    if (!path)
        return error_no_memory(err);

    const struct image_options options = {
        .path = path, .format = "raw", .folder = folder, .digests = -1};
    cleanup_image struct image image = {.fd = -1};
    if ((reader->copy ? import_image(disk, &options, 0, &image, err)
                      : unpack(disk, path, err)) < 0)
        return -1;
    *ret_path = steal_pointer(&path);
    return 0;
}
