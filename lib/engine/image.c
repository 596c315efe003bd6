/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/engine/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/appliance.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "codec.h"

/* QEMU opens the file again by /proc/self/fd, which the file's mode may forbid
 * to QEMU's user; a copy in memory has no such limits. */
static int
copy_to_memory(int fd, off_t size)
{
    cleanup_close int copy = memfd_create("mayfly-image", MFD_CLOEXEC);
    off_t offset = 0;

    while (copy >= 0 && offset < size) {
        if (sendfile(copy, fd, &offset, (size_t)(size - offset)) <= 0)
            return -1;
    }
    return steal_fd(&copy);
}

static int
open_part(const char *folder, const char *name, uid_t user, struct stat *st,
    struct error *err)
{
    cleanup_free char *path = text_printf("%s/%s", folder, name);
    if (!path)
        return error_no_memory(err);

    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return error_set(err, ENOENT,
            "no appliance in %s; make it with mayfly-appliance build or "
            "import, or set MAYFLY_APPLIANCE to its folder",
            folder);
    if (fd < 0 || fstat(fd, st) < 0)
        return error_errno(err, errno, "cannot open %s", path);
    if (!S_ISREG(st->st_mode) || st->st_size == 0)
        return error_set(err, EINVAL, "%s is not part of an appliance", path);
    if (user == geteuid() || (st->st_mode & S_IROTH))
        return steal_fd(&fd);

    int copy = copy_to_memory(fd, st->st_size);
    if (copy < 0)
        return error_errno(err, errno, "cannot copy %s", path);
    return copy;
}

int
appliance_image_open(
    struct appliance_image *image, uid_t user, struct error *err)
{
    *image = (struct appliance_image){.kernel = -1, .initrd = -1};
    image->folder = appliance_folder(API_HASH, NULL, err);
    if (!image->folder)
        return -1;
    image->kernel =
        open_part(image->folder, "kernel", user, &image->kernel_stat, err);
    if (image->kernel >= 0)
        image->initrd =
            open_part(image->folder, "initrd", user, &image->initrd_stat, err);
    if (image->initrd < 0) {
        appliance_image_close(image);
        return -1;
    }
    return 0;
}

void
appliance_image_close(struct appliance_image *image)
{
    if (image->kernel >= 0)
        close(image->kernel);
    if (image->initrd >= 0)
        close(image->initrd);
    free(image->folder);
    *image = (struct appliance_image){.kernel = -1, .initrd = -1};
}
