/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/image/output.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "builder/image/convert.h"
#include "tool/progress.h"
#include "tool/signals.h"

enum { PIECE = 32 << 20, BLOCK = 1 << 20 };

int
nameless_file(const char *folder, struct error *err)
{
    const char *tmpdir = getenv("TMPDIR");

    if (!folder)
        folder = tmpdir ? tmpdir : "/var/tmp";

    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;

    /* Not every file system supports O_TMPFILE. */
    cleanup_free char *path = text_printf("%s/mayfly.XXXXXX", folder);
    fd = path ? mkostemp(path, O_CLOEXEC) : -1;
    if (fd < 0)
        return error_errno(
            err, errno, "cannot make a temporary file in %s", folder);
    unlink(path);
    return fd;
}

int
output_examine(const char *path, uint64_t *ret_device_size, struct error *err)
{
    struct stat st;

    *ret_device_size = 0;
    if (stat(path, &st) < 0) {
        if (errno == ENOENT)
            return 0;
        return error_errno(err, errno, "cannot examine %s", path);
    }
    if (S_ISREG(st.st_mode))
        return 0;
    if (S_ISDIR(st.st_mode))
        return error_set(err, EISDIR,
            "%s is a directory; give the name of a file in it", path);
    if (!S_ISBLK(st.st_mode))
        return error_set(
            err, EINVAL, "%s is neither a file nor a block device", path);

    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || ioctl(fd, BLKGETSIZE64, ret_device_size) < 0)
        return error_errno(err, errno, "cannot open %s", path);
    return 0;
}

static int
copy_by_hand(int from, int to, off_t at, off_t end)
{
    cleanup_free char *block = malloc(BLOCK);

    if (!block)
        return -1;
    while (at < end) {
        size_t n = end - at < BLOCK ? (size_t)(end - at) : BLOCK;

        if (pread_all(from, block, n, at) < 0 || lseek(to, at, SEEK_SET) < 0 ||
            write_all(to, block, n) < 0)
            return -1;
        at += (off_t)n;
    }
    return 0;
}

static int
copy_extent(int from, int to, off_t at, off_t end)
{
    while (at < end) {
        off_t in = at, out = at;
        ssize_t n = copy_file_range(from, &in, to, &out, (size_t)(end - at), 0);

        if (n <= 0) {
            if (n < 0 && errno != EXDEV && errno != EINVAL && errno != ENOSYS &&
                errno != EOPNOTSUPP)
                return -1;
            return copy_by_hand(from, to, at, end);
        }
        at += n;
    }
    return 0;
}

/* Copy all but the holes; the file system shares the blocks if it can. */
static int
copy_sparse(int from, int to, off_t size, struct error *err)
{
    off_t data = 0;

    if (ioctl(to, FICLONE, from) == 0)
        return 0;
    while ((data = lseek(from, data, SEEK_DATA)) >= 0 && data < size) {
        off_t hole = lseek(from, data, SEEK_HOLE);

        if (hole < 0)
            break;
        while (data < hole) {
            off_t end = hole - data > PIECE ? data + PIECE : hole;

            if (tool_interrupted())
                return error_set(err, EINTR, "interrupted");
            if (copy_extent(from, to, data, end) < 0)
                return error_errno(err, errno, "cannot copy the template");
            data = end;
            tool_progress_show("copy", (uint64_t)data, (uint64_t)size);
        }
    }
    if (data < 0 && errno != ENXIO)
        return error_errno(err, errno, "cannot read the template");
    return 0;
}

static int
copy_to_device(struct new_image *image, const char *path, uint64_t size,
    const struct base *base, struct error *err)
{
    uint64_t range[2] = {0, size};

    image->device = open(path, O_RDWR | O_EXCL | O_CLOEXEC);
    if (image->device < 0)
        return error_errno(err, errno, "cannot open %s", path);
    if (ioctl(image->device, BLKZEROOUT, range) < 0)
        return error_errno(err, errno, "cannot clear %s", path);
    if (!(image->path = strdup(path)))
        return error_no_memory(err);
    return copy_sparse(base->fd, image->device, (off_t)base->size, err);
}

int
new_image_create(struct new_image *image, const char *path, const char *format,
    uint64_t size, const struct base *base, struct error *err)
{
    uint64_t device_size;

    *image = (struct new_image){.out.fd = -1, .device = -1, .format = format};
    if (output_examine(path, &device_size, err) < 0)
        return -1;
    if (device_size)
        return copy_to_device(image, path, size, base, err);
    if (output_open_named(&image->out, path, 0600, err) < 0)
        return -1;
    if (!(image->path = strdup(image->out.temporary)))
        return error_no_memory(err);

    int r = 0;
    if (str_equal(format, "qcow2")) {
        r = convert_to_qcow2(base->fd, image->out.fd, size, err);
    } else {
        r = copy_sparse(base->fd, image->out.fd, (off_t)base->size, err);
        if (r == 0 && ftruncate(image->out.fd, (off_t)size) < 0)
            r = error_errno(err, errno, "cannot grow it");
    }
    tool_progress_clear();
    if (r < 0)
        return error_context(err, "cannot make %s", path);

    /* Let the disk write while the appliance works. */
    sync_file_range(image->out.fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    return 0;
}

int
new_image_commit(struct new_image *image, bool flush, struct error *err)
{
    if (image->device >= 0) {
        if (flush && fsync(image->device) < 0)
            return error_errno(err, errno, "cannot write %s", image->path);
        return 0;
    }
    if (flush)
        return output_commit(&image->out, err);
    return output_publish(&image->out, err);
}

void
new_image_close(struct new_image *image)
{
    output_abort(&image->out);
    if (image->device >= 0)
        close(image->device);
    free(image->path);
    image->device = -1;
    image->path = NULL;
}
