/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounting, by the system calls themselves; a tool runs only for file systems
 * that live in a process (ntfs-3g). */
#include <config.h>

#include "appliance/agent/storage/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/blocks.h"
#include "appliance/agent/storage/names.h"
#include "appliance/agent/storage/probe.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/strv.h"

enum { MOUNTINFO_MAX = 4 << 20 };

/* --- what is mounted --- */

/* \040 and its like, in place. */
static void
unescape(char *s)
{
    char *out = s;

    while (*s) {
        if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' &&
            s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
            *out++ =
                (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
            s += 4;
        } else {
            *out++ = *s++;
        }
    }
    *out = '\0';
}

static char *
canonical_source(struct call *c, const char *source)
{
    struct stat s;

    if (stat(source, &s) < 0 || !S_ISBLK(s.st_mode))
        return call_strdup(c, source);
    char *name = block_kernel_name(c, source);
    if (!name) {
        call_forgive(c);
        return call_strdup(c, source);
    }
    return device_name(c, name);
}

/* ID PARENT MAJOR:MINOR ROOT TARGET OPTIONS TAG... - TYPE SOURCE OPTIONS */
static void
take_line(struct call *c, char *line, const char *root, struct list *ret)
{
    char *before[6], *after[3], *save = NULL;

    for (size_t i = 0; i < N_ELEMENTS(before); i++)
        if (!(before[i] = strtok_r(i ? NULL : line, " ", &save)))
            return;
    for (char *tag; (tag = strtok_r(NULL, " ", &save));)
        if (str_equal(tag, "-"))
            break;
    for (size_t i = 0; i < N_ELEMENTS(after); i++)
        if (!(after[i] = strtok_r(NULL, " ", &save)))
            return;
    char *target = before[4], *source = after[1];
    unescape(target);
    unescape(source);
    const char *rest = str_after(target, root);
    if (!rest || (*rest && *rest != '/') || !str_after(source, "/dev/"))
        return;
    /* A read-only mount of a writable superblock is read-only to us. */
    bool ro = str_after(before[5], "ro") != NULL;
    *list_add(c, ret, struct mount_entry) = (struct mount_entry){
        .source = canonical_source(c, source),
        .target = call_strdup(c, target),
        .type = call_strdup(c, after[0]),
        .options = call_printf(c, "%s,%s", ro ? "ro" : "rw", after[2]),
    };
}

int
mounts_read(struct call *c, const char *root, struct list *ret)
{
    cleanup_error struct error err = {0};
    cleanup_free char *text =
        read_file("/proc/self/mountinfo", MOUNTINFO_MAX, NULL, &err);

    if (!text)
        return call_error(c, EIO, "%s", error_text(&err));
    char *copy = call_strdup(c, text), *save = NULL;
    for (char *line = strtok_r(copy, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save))
        take_line(c, line, root, ret);
    return 0;
}

const char *
mount_point_of(struct call *c, const char *device)
{
    struct list mounts = {0};
    const char *source = canonical_source(c, device), *found = NULL;

    if (mounts_read(c, "", &mounts) < 0) {
        call_forgive(c);
        return NULL;
    }
    struct mount_entry *m = mounts.items;
    for (uint32_t i = 0; i < mounts.n; i++)
        if (str_equal(m[i].source, source))
            found = m[i].target;
    return found;
}

/* --- mounting --- */

struct flag_option {
    const char *name;
    unsigned long set, clear;
};

static const struct flag_option flag_options[] = {
    {"defaults", 0, 0},
    {"ro", MS_RDONLY, 0},
    {"rw", 0, MS_RDONLY},
    {"sync", MS_SYNCHRONOUS, 0},
    {"async", 0, MS_SYNCHRONOUS},
    {"dirsync", MS_DIRSYNC, 0},
    {"noatime", MS_NOATIME, 0},
    {"atime", 0, MS_NOATIME},
    {"nodiratime", MS_NODIRATIME, 0},
    {"diratime", 0, MS_NODIRATIME},
    {"relatime", MS_RELATIME, 0},
    {"strictatime", MS_STRICTATIME, 0},
    {"lazytime", MS_LAZYTIME, 0},
    {"nosuid", MS_NOSUID, 0},
    {"suid", 0, MS_NOSUID},
    {"nodev", MS_NODEV, 0},
    {"dev", 0, MS_NODEV},
    {"noexec", MS_NOEXEC, 0},
    {"exec", 0, MS_NOEXEC},
    {"silent", MS_SILENT, 0},
    {"remount", MS_REMOUNT, 0},
    {"bind", MS_BIND, 0},
    /* Of fstab, for other programs than mount. */
    {"auto", 0, 0},
    {"noauto", 0, 0},
    {"user", 0, 0},
    {"users", 0, 0},
    {"nouser", 0, 0},
    {"owner", 0, 0},
    {"group", 0, 0},
    {"nofail", 0, 0},
    {"_netdev", 0, 0},
};

static bool
take_flag(const char *option, unsigned long *flags)
{
    for (size_t i = 0; i < N_ELEMENTS(flag_options); i++)
        if (str_equal(option, flag_options[i].name)) {
            *flags |= flag_options[i].set;
            *flags &= ~flag_options[i].clear;
            return true;
        }
    return str_after(option, "x-") || str_after(option, "X-") ||
           str_after(option, "comment=");
}

/* Split the options into flags of mount(2) and the rest. */
static char *
split_options(struct call *c, const char *options, const char *subvolume,
    unsigned long *ret_flags)
{
    char *copy = call_strdup(c, options), *save = NULL;
    char *data = call_strdup(c, "");

    *ret_flags = 0;
    for (char *o = strtok_r(copy, ",", &save); o;
         o = strtok_r(NULL, ",", &save))
        if (!take_flag(o, ret_flags))
            data = call_printf(c, "%s%s%s", data, *data ? "," : "", o);
    if (subvolume)
        data =
            call_printf(c, "%s%ssubvol=%s", data, *data ? "," : "", subvolume);
    return data;
}

/* Its file system lives in a process, which stays when this one ends. */
static int
mount_ntfs(
    struct call *c, const char *device, const char *target, const char *options)
{
    struct run_result r;
    const char *argv[] = {
        "ntfs-3g", device, target, *options ? "-o" : NULL, options, NULL};
    struct run run = {.argv = argv, .daemon = true};

    if (run_command(c, &run, &r) < 0)
        return -1;
    if (r.status != 0)
        return call_error(c, EIO, "mount %s (ntfs): %s", device,
            *r.errors ? r.errors : "ntfs-3g failed");
    return 0;
}

static int
mount_failed(struct call *c, int code, const char *device, const char *type)
{
    const char *why = strerror(code);

    if (code == EINVAL || code == EUCLEAN)
        why = "wrong file system type, bad option or damaged superblock";
    else if (code == ENODEV)
        why = "the appliance cannot mount this type";
    else if (code == ENOTDIR)
        why = "the mountpoint is not a directory";
    return call_error(c, code, "mount %s (%s): %s", device, type, why);
}

static bool
is_read_only(struct call *c, const char *device)
{
    char *name = block_kernel_name(c, device);

    if (!name) {
        call_forgive(c);
        return false;
    }
    return str_equal(block_attribute(c, name, "ro"), "1");
}

/* What nearly every guest is made of, if only to be read: the kernel itself
 * knows, and to ask libblkid first takes half as long again. */
static int
mount_usual(const char *device, const char *target, unsigned long flags,
    const char *data)
{
    if (!(flags & MS_RDONLY) || *data)
        return -1;
    return mount(device, target, "ext4", flags | MS_SILENT, NULL);
}

/* The kernel's driver does not find out which UFS it is.  The superblock of
 * UFS2 is 64 KiB into the device. */
static const char *
ufs_option(const char *device)
{
    enum { MAGIC_AT = (64 << 10) + 1372 };
    static const unsigned char little[4] = {0x19, 0x01, 0x54, 0x19},
                               big[4] = {0x19, 0x54, 0x01, 0x19};
    unsigned char found[4] = {0};

    cleanup_close int fd = open(device, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || pread(fd, found, sizeof found, MAGIC_AT) != sizeof found)
        return "ufstype=44bsd";
    return memcmp(found, little, 4) == 0 || memcmp(found, big, 4) == 0
               ? "ufstype=ufs2"
               : "ufstype=44bsd";
}

int
mount_device(struct call *c, const char *device, const char *subvolume,
    const char *target, const char *type, const char *options)
{
    unsigned long flags;
    char *data = split_options(c, options, subvolume, &flags);

    if (!type || !*type || str_equal(type, "auto")) {
        struct probe p;

        if (mount_usual(device, target, flags, data) == 0)
            return 0;
        if ((flags & MS_RDONLY ? probe_usual(c, device, &p)
                               : probe_device(c, device, &p)) < 0)
            return -1;
        if (!*p.type)
            return call_error(
                c, EINVAL, "mount %s: no file system found on it", device);
        if (!str_equal(p.usage, "filesystem"))
            return call_error(c, EINVAL,
                "mount %s: it holds %s, not a file system", device, p.type);
        type = p.type;
    }
    bool read_only = is_read_only(c, device);
    if (str_equal(type, "ntfs") || str_equal(type, "ntfs-3g") ||
        str_equal(type, "fuseblk"))
        return mount_ntfs(c, device, target,
            read_only ? call_printf(c, "ro%s%s", *options ? "," : "", options)
                      : options);
    if (read_only)
        flags |= MS_RDONLY;
    if (str_equal(type, "ufs") && !strstr(data, "ufstype="))
        data = call_printf(
            c, "%s%s%s", data, *data ? "," : "", ufs_option(device));
    if (mount(device, target, type, flags, data) == 0)
        return 0;
    int code = errno;
    if (str_equal(type, "btrfs")) {
        /* On several devices: the kernel has to know the others. */
        if (run_tool(c, NULL, "btrfs", "device", "scan", NULL) < 0)
            call_forgive(c);
        if (mount(device, target, type, flags, data) == 0)
            return 0;
        code = errno;
    }
    return mount_failed(c, code, device, type);
}

const char *
mount_private(
    struct call *c, const char *device, const char *type, const char *options)
{
    char *folder = call_strdup(c, "/run/mayfly.XXXXXX");

    mkdir("/run", 0755);
    if (!mkdtemp(folder)) {
        call_fail(c, errno, "%s", folder);
        return NULL;
    }
    if (mount_device(c, device, NULL, folder, type, options) < 0) {
        rmdir(folder);
        return NULL;
    }
    return folder;
}

int
mount_release(struct call *c, const char *target)
{
    int r = umount2(target, 0), code = errno;

    if (r < 0)
        umount2(target, MNT_DETACH);
    rmdir(target);
    if (r < 0 && !call_errno(c))
        return call_fail(c, code, "umount %s", target);
    return r;
}
