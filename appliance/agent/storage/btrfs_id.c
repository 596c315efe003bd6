/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of its devices one is to a btrfs.  `btrfs filesystem resize` means the
 * first one, unless it is given the number. */
#include <config.h>

#include "appliance/agent/storage/btrfs_id.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "base/cleanup.h"

const char *
btrfs_device_id(struct call *c, const char *device, const char *target)
{
    struct btrfs_ioctl_fs_info_args info = {0};
    struct stat wanted, st;
    cleanup_close int fd = open(target, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || stat(device, &wanted) < 0 ||
        ioctl(fd, BTRFS_IOC_FS_INFO, &info) < 0) {
        call_fail(c, errno, "%s", device);
        return NULL;
    }
    for (unsigned long long id = 1; id <= info.max_id; id++) {
        struct btrfs_ioctl_dev_info_args dev = {.devid = id};

        if (ioctl(fd, BTRFS_IOC_DEV_INFO, &dev) == 0 &&
            stat((const char *)dev.path, &st) == 0 &&
            st.st_rdev == wanted.st_rdev)
            return call_printf(c, "%llu", id);
    }
    call_error(
        c, ENODEV, "%s: not a device of the btrfs that is on it", device);
    return NULL;
}
