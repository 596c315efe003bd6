/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/zeroes.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "v2v/guest.h"

enum { PIECE = 4096 };

/* QEMU reads a VHD that stands alone, but takes one with a parent for whole
 * and gives it a size of its own making. */
const struct disk_reader *
import_reader(const struct guest_disk *disk)
{
    char magic[8] = "";

    if (disk->reader)
        return disk->reader;
    if (disk->format)
        return str_equal(disk->format, "vpc") ? &reader_vhd : NULL;

    cleanup_close int fd = open(disk->path, O_RDONLY | O_CLOEXEC);
    bool is_vhd = fd >= 0 &&
                  pread(fd, magic, sizeof magic, 0) == sizeof magic &&
                  memcmp(magic, "conectix", sizeof magic) == 0;
    return is_vhd ? &reader_vhd : NULL;
}

int
import_disk(const struct guest_disk *disk, const char *folder, const char *name,
    char **ret_path, struct error *err)
{
    const struct disk_reader *reader = import_reader(disk);
    cleanup_free char *path = text_printf(
        "%s/%s.%s", folder, name, reader->is_image ? "image" : "raw");
    if (!path)
        return error_set(err, ENOMEM, "no memory");

    cleanup_close int fd =
        open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(err, errno, "cannot make %s", path);
    if (reader->copy(disk, fd, err) < 0)
        return error_context(err, "%s", disk->path);
    *ret_path = steal_pointer(&path);
    return 0;
}

int
import_write(int to, const uint8_t *data, size_t size, uint64_t offset,
    struct error *err)
{
    for (size_t at = 0; at < size;) {
        size_t n = size - at < PIECE ? size - at : PIECE, run = 0;

        if (is_zeroes(data + at, n)) {
            at += n;
            continue;
        }
        while (at + run < size) {
            n = size - at - run < PIECE ? size - at - run : PIECE;
            if (is_zeroes(data + at + run, n))
                break;
            run += n;
        }
        if (lseek(to, (off_t)(offset + at), SEEK_SET) < 0 ||
            write_all(to, data + at, run) < 0)
            return error_errno(err, errno, "cannot write the copy");
        at += run;
    }
    return 0;
}
