/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounting the guest's file systems. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/loop.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/blocks.h"
#include "appliance/agent/storage/device.h"
#include "appliance/agent/storage/mounts.h"
#include "appliance/agent/storage/names.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "ops-mount.h"

/* The path in the appliance of a folder of the guest; NULL (call failed). */
static const char *
mountpoint_path(struct call *c, const char *mountpoint)
{
    struct stat s;

    if (str_equal(mountpoint, "/"))
        return SYSROOT;
    cleanup_close int fd = path_open_mountpoint(c, mountpoint);

    if (fd < 0)
        return NULL;
    if (fstat(fd, &s) < 0 || !S_ISDIR(s.st_mode)) {
        call_error(c, ENOTDIR, "mount: %s: mount point is not a directory",
            mountpoint);
        return NULL;
    }
    char *real = path_of(c, fd, mountpoint);
    if (!real)
        return NULL;
    return str_equal(real, "/") ? SYSROOT
                                : call_printf(c, "%s%s", SYSROOT, real);
}

static int
mount_mountable(struct call *c, const char *mountable, const char *mountpoint,
    const char *type, const char *options)
{
    const char *device, *subvolume;

    if (mountable_split(c, mountable, &device, &subvolume) < 0)
        return -1;
    const char *target = mountpoint_path(c, mountpoint);
    if (!target)
        return -1;
    return mount_device(c, device, subvolume, target, type, options);
}

int
op_mount(struct call *c, const struct api_mount_args *args)
{
    return mount_mountable(c, args->mountable, args->mountpoint, NULL, "");
}

int
op_mount_ro(struct call *c, const struct api_mount_ro_args *args)
{
    return mount_mountable(c, args->mountable, args->mountpoint, NULL, "ro");
}

int
op_mount_options(struct call *c, const struct api_mount_options_args *args)
{
    return mount_mountable(
        c, args->mountable, args->mountpoint, NULL, args->options);
}

int
op_mount_vfs(struct call *c, const struct api_mount_vfs_args *args)
{
    return mount_mountable(
        c, args->mountable, args->mountpoint, args->vfstype, args->options);
}

/* --- loop devices --- */

/* A loop device for FD that goes away with its last user.  Returns it opened,
 * so that it stays until it is mounted. */
static int
attach_loop(struct call *c, int fd, bool read_only, const char **ret_device)
{
    struct loop_config config = {
        .fd = (uint32_t)fd,
        .info.lo_flags =
            LO_FLAGS_AUTOCLEAR | (read_only ? LO_FLAGS_READ_ONLY : 0),
    };

    if (access("/dev/loop-control", F_OK) < 0)
        run_tool(c, NULL, "modprobe", "loop", NULL);
    cleanup_close int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    if (control < 0)
        return call_fail(c, errno, "/dev/loop-control");
    int number = ioctl(control, LOOP_CTL_GET_FREE);
    if (number < 0)
        return call_fail(c, errno, "loop device");
    const char *device = call_printf(c, "/dev/loop%d", number);
    int loop = open(device, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (loop < 0)
        return call_fail(c, errno, "%s", device);
    if (ioctl(loop, LOOP_CONFIGURE, &config) < 0) {
        int code = errno;

        close(loop);
        return call_fail(c, code, "%s", device);
    }
    *ret_device = device;
    return loop;
}

int
op_mount_loop(struct call *c, const struct api_mount_loop_args *args)
{
    const char *device, *target;
    bool read_only = false;

    int fd = path_open(c, args->file, O_RDWR, 0);
    if (fd < 0 && call_errno(c) == EROFS) {
        call_forgive(c);
        read_only = true;
        fd = path_open(c, args->file, O_RDONLY, 0);
    }
    if (fd < 0)
        return -1;
    call_defer_close(c, fd);
    if (!(target = mountpoint_path(c, args->mountpoint)))
        return -1;
    int loop = attach_loop(c, fd, read_only, &device);
    if (loop < 0)
        return -1;
    call_defer_close(c, loop);
    return mount_device(c, device, NULL, target, NULL, "");
}

/* --- remount, unmount --- */

int
op_remount(struct call *c, const struct api_remount_args *args)
{
    struct statvfs s;

    if (!args->has_rw)
        return call_error(c, EINVAL, "remount: rw must be given");
    const char *target = mountpoint_path(c, args->mountpoint);
    if (!target)
        return -1;
    if (statvfs(target, &s) < 0)
        return call_fail(c, errno, "%s", args->mountpoint);
    /* The flags of statvfs are those of mount(2), as far as these go. */
    unsigned long flags =
        MS_REMOUNT |
        (s.f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME |
                        MS_NODIRATIME | MS_SYNCHRONOUS));
    if (!args->rw)
        flags |= MS_RDONLY;
    if (mount(NULL, target, NULL, flags, NULL) < 0)
        return call_fail(c, errno, "remount %s", args->mountpoint);
    return 0;
}

/* The last mount of a device, or on a path. */
static const char *
find_target(struct call *c, const char *what)
{
    struct list mounts = {0};
    const char *found = NULL, *path = NULL, *source = NULL;

    if (str_after(what, "/dev/") && access(what, F_OK) == 0) {
        const char *device = device_check(c, what);
        char *name = device ? block_kernel_name(c, device) : NULL;
        if (!name)
            return NULL;
        source = device_name(c, name);
    } else if (!(path = mountpoint_path(c, what))) {
        return NULL;
    }
    if (mounts_read(c, SYSROOT, &mounts) < 0)
        return NULL;
    struct mount_entry *m = mounts.items;
    for (uint32_t i = 0; i < mounts.n; i++)
        if (path ? str_equal(m[i].target, path)
                 : str_equal(m[i].source, source))
            found = m[i].target;
    if (!found)
        call_error(c, EINVAL, "umount: %s: not mounted", what);
    return found;
}

/* A scrub of btrfs holds its file system as long as it runs; who unmounts it
 * does not wait for that.  The process that reported its progress takes a
 * moment to see that there is nothing left to report. */
static int
unmount(const char *target, int flags)
{
    enum { WAIT = 2000, STEP = 20 }; /* milliseconds */
    int r = umount2(target, flags);

    if (r == 0 || errno != EBUSY)
        return r;
    cleanup_close int fd = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* ENOTCONN: a btrfs whose scrub has just ended. */
    if (fd < 0 ||
        (ioctl(fd, BTRFS_IOC_SCRUB_CANCEL, NULL) < 0 && errno != ENOTCONN)) {
        errno = EBUSY;
        return -1;
    }
    close(steal_fd(&fd));
    for (int waited = 0; waited < WAIT; waited += STEP) {
        r = umount2(target, flags);
        if (r == 0 || errno != EBUSY)
            break;
        poll(NULL, 0, STEP);
    }
    return r;
}

int
op_umount(struct call *c, const struct api_umount_args *args)
{
    const char *target = find_target(c, args->pathordevice);

    if (!target)
        return -1;
    int flags =
        (args->force ? MNT_FORCE : 0) | (args->lazyunmount ? MNT_DETACH : 0);
    if (unmount(target, flags) < 0)
        return call_fail(c, errno, "umount %s", args->pathordevice);
    return 0;
}

int
op_umount_all(struct call *c, const struct api_umount_all_args *args)
{
    struct list mounts = {0};

    (void)args;
    if (mounts_read(c, SYSROOT, &mounts) < 0)
        return -1;
    struct mount_entry *m = mounts.items;
    for (uint32_t i = mounts.n; i-- > 0;)
        if (unmount(m[i].target, 0) < 0)
            return call_fail(c, errno, "umount %s",
                m[i].target[strlen(SYSROOT)] ? m[i].target + strlen(SYSROOT)
                                             : "/");
    return 0;
}

/* --- what is mounted --- */

int
op_mounts(struct call *c, const struct api_mounts_args *args,
    struct api_mounts_ret *ret)
{
    struct list mounts = {0}, list = {0};

    (void)args;
    if (mounts_read(c, SYSROOT, &mounts) < 0)
        return -1;
    struct mount_entry *m = mounts.items;
    for (uint32_t i = 0; i < mounts.n; i++)
        list_add_string(c, &list, m[i].source);
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

int
op_mountpoints(struct call *c, const struct api_mountpoints_args *args,
    struct api_mountpoints_ret *ret)
{
    struct list mounts = {0}, list = {0};

    (void)args;
    if (mounts_read(c, SYSROOT, &mounts) < 0)
        return -1;
    struct mount_entry *m = mounts.items;
    for (uint32_t i = 0; i < mounts.n; i++) {
        const char *path = m[i].target + strlen(SYSROOT);

        list_add_string(c, &list, m[i].source);
        list_add_string(c, &list, *path ? path : "/");
    }
    ret->value = list.items;
    ret->n_value = list.n / 2;
    return 0;
}

/* --- mountpoints without a root --- */

int
op_mkmountpoint(struct call *c, const struct api_mkmountpoint_args *args)
{
    char *name;
    cleanup_close int folder =
        path_open_mountpoint_parent(c, args->exemptpath, &name);

    if (folder < 0)
        return -1;
    if (mkdirat(folder, name, 0777) < 0)
        return call_fail(c, errno, "%s", args->exemptpath);
    return 0;
}

int
op_rmmountpoint(struct call *c, const struct api_rmmountpoint_args *args)
{
    char *name;
    cleanup_close int folder =
        path_open_mountpoint_parent(c, args->exemptpath, &name);

    if (folder < 0)
        return -1;
    if (unlinkat(folder, name, AT_REMOVEDIR) < 0)
        return call_fail(c, errno, "%s", args->exemptpath);
    return 0;
}

/* --- the rest --- */

int
op_mountable_device(struct call *c,
    const struct api_mountable_device_args *args,
    struct api_mountable_device_ret *ret)
{
    const char *subvolume;

    return mountable_split(c, args->mountable, &ret->value, &subvolume);
}

int
op_mountable_subvolume(struct call *c,
    const struct api_mountable_subvolume_args *args,
    struct api_mountable_subvolume_ret *ret)
{
    const char *device, *subvolume;

    if (mountable_split(c, args->mountable, &device, &subvolume) < 0)
        return -1;
    if (!subvolume)
        return call_error(
            c, EINVAL, "%s: not a btrfs subvolume identifier", args->mountable);
    ret->value = subvolume;
    return 0;
}

int
op_sync(struct call *c, const struct api_sync_args *args)
{
    (void)c;
    (void)args;
    sync();
    return 0;
}

int
op_drop_caches(struct call *c, const struct api_drop_caches_args *args)
{
    char text[16];

    sync();
    if (args->whattodrop == 0)
        return 0;
    int n = snprintf(text, sizeof text, "%d", args->whattodrop);
    cleanup_close int fd =
        open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write_all(fd, text, (size_t)n) < 0)
        return call_fail(c, errno, "/proc/sys/vm/drop_caches");
    return 0;
}
