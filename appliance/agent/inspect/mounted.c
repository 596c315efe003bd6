/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation.  Mounting is what costs, so each file system is
 * mounted once, below one folder of the appliance, and stays until all
 * questions are answered: the tests of the detectors and, for a system, the
 * reading of everything in it.  A btrfs is mounted with its topmost
 * subvolume; the others are folders in it.  To see a system as a whole its
 * other file systems are bound into its root at the mount points of its
 * fstab, which costs next to nothing.
 *
 * The mounts hang on the call: whatever way it ends, they go. */
#include <config.h>

#include "appliance/agent/inspect/mounted.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/detect.h"
#include "appliance/agent/inspect/notes.h"
#include "appliance/agent/inspect/slices.h"
#include "appliance/agent/inspect/stack.h"
#include "appliance/agent/inspect/unknown.h"
#include "appliance/agent/inspect/volume.h"
#include "appliance/agent/storage/claimed_size.h"
#include "appliance/agent/storage/mounts.h"
#include "appliance/agent/storage/probe.h"
#include "appliance/agent/storage/subvolumes.h"
#include "appliance/agent/storage/table_adopt.h"
#include "base/cleanup.h"
#include "base/strv.h"

#define FOLDER        "/run/inspect"
#define SYSTEM_FOLDER FOLDER "/root"
#define OPTIONS       "ro,nosuid,nodev,noexec"

enum { ITEMS_MAX = 4096, BTRFS_TOP = 5 };

/* Detached, everything below goes with it. */
static void
clean(void *unused)
{
    (void)unused;
    umount2(FOLDER, MNT_DETACH);
}

static int
prepare(struct call *c)
{
    mkdir("/run", 0755);
    mkdir(FOLDER, 0700);
    if (mount("tmpfs", FOLDER, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700") < 0)
        return call_fail(c, errno, FOLDER);
    call_defer(c, clean, NULL);
    if (mkdir(SYSTEM_FOLDER, 0700) < 0)
        return call_fail(c, errno, SYSTEM_FOLDER);
    return 0;
}

static struct mounted_volume *
add_item(struct call *c, struct mounted_guest *s, const struct volume *v,
    const char *mountable, int root)
{
    struct mounted_volume *item = list_add(c, &s->items, struct mounted_volume);

    *item = (struct mounted_volume){.volume = v,
        .mountable = call_strdup(c, mountable),
        .root = root,
        .role = ""};
    if (root >= 0)
        item->detector = detect(c, root, &item->role);
    return item;
}

/* What the table says of a partition whose content is not known, else "". */
static const char *
partition_type(struct call *c, const struct volumes *all, struct volume *v)
{
    if (v->kind != VOLUME_PARTITION || v->partitioned || v->type[0])
        return "";
    volume_name_partition(c, all, v);
    return v->partition_type ? v->partition_type : "";
}

/* Members, containers and tables hold file systems, but are none; nor are
 * extended partitions. */
static bool
can_be_file_system(
    const struct mounted_guest *s, const struct volume *v, const char *type)
{
    size_t n = strlen(v->type), suffix = strlen("_member");

    if (v->partitioned || bsd_is_slice(&s->volumes, v) ||
        str_after(v->type, "crypto_") || str_equal(v->type, "BitLocker") ||
        (n > suffix && str_equal(v->type + n - suffix, "_member")))
        return false;
    return !str_equal(type, "0x5") && !str_equal(type, "0xf") &&
           !str_equal(type, "0x85");
}

/* The root directory of the mounted volume, or -1 and a note. */
static int
mount_volume(struct call *c, struct mounted_guest *s, const struct volume *v)
{
    static unsigned number;
    char *target = call_printf(c, FOLDER "/%u", number++);
    /* Known already, but for what goes by another name there. */
    const char *type = str_equal(v->type, "ntfs") ? NULL : v->type;
    const char *options = OPTIONS;

    if (str_equal(v->type, "xfs"))
        options = OPTIONS ",nouuid";
    else if (str_equal(v->type, "btrfs"))
        options = OPTIONS ",subvolid=5";
    mkdir(target, 0700);
    int r = mount_device(c, v->device, NULL, target, type, options);
    if (r < 0) {
        uint64_t wanted = filesystem_claimed_size(v->device, v->type);
        inspection_reason(c, s->notes, v->device, "damaged", "%s%s",
            call_error_text(c),
            wanted > v->size ? call_printf(c,
                                   "; the file system is larger than its "
                                   "device, %" PRIu64 " bytes of %" PRIu64
                                   ": the disk is truncated",
                                   wanted, v->size)
                             : "");
        call_forgive(c);
        return -1;
    }
    int fd = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        call_defer_close(c, fd);
    else
        inspection_note(c, s->notes, v->device, "%s", strerror(errno));
    return fd;
}

/* The default subvolume is what the device alone stands for. */
static void
add_btrfs(
    struct call *c, struct mounted_guest *s, const struct volume *v, int top)
{
    struct list subvolumes = {0};
    uint64_t standard = BTRFS_TOP;
    const char *target = fd_path(c, top);
    int root = top;

    if (btrfs_subvolumes(c, target, &subvolumes) < 0 ||
        btrfs_default_subvolume(c, target, &standard) < 0) {
        inspection_note(c, s->notes, v->device, "%s", call_error_text(c));
        call_forgive(c);
    }
    volume_find(&s->volumes, v->device)->subvolumes = subvolumes;
    const struct subvolume *sub = subvolumes.items;
    for (uint32_t i = 0; i < subvolumes.n; i++) {
        if (sub[i].id != standard)
            continue;
        root = tree_open(top, sub[i].path, O_RDONLY | O_DIRECTORY);
        if (root >= 0)
            call_defer_close(c, root);
    }
    add_item(c, s, v, v->device, root);
    for (uint32_t i = 0; i < subvolumes.n && s->items.n < ITEMS_MAX; i++) {
        if (sub[i].id == standard)
            continue;
        int fd = tree_open(top, sub[i].path, O_RDONLY | O_DIRECTORY);
        if (fd >= 0)
            call_defer_close(c, fd);
        add_item(c, s, v,
            call_printf(c, "btrfsvol:%s/%s", v->device, sub[i].path), fd);
    }
}

/* One of several devices of a file system stands for all. */
static bool
is_second_device(const struct mounted_guest *s, const struct volume *v)
{
    const struct mounted_volume *item = s->items.items;

    for (uint32_t i = 0; i < s->items.n; i++) {
        const struct volume *first = item[i].volume;
        if (str_equal(first->type, "btrfs") && v->uuid[0] &&
            str_equal(first->uuid, v->uuid))
            return true;
    }
    return false;
}

/* What cannot be opened here, but has a name. */
static const char *
foreign_name(const struct volume *v)
{
    static const struct {
        const char *type, *name;
    } names[] = {
        {"zfs_member", "ZFS"},
        {"apfs", "APFS"},
        {"ReFS", "ReFS"},
        {"VMFS", "VMFS"},
        {"VMFS_volume_member", "VMFS"},
        {"bcachefs", "bcachefs"},
        {"bcache", "bcache"},
        {"ceph_bluestore", "a volume of Ceph"},
        {"drbd", "DRBD"},
        {"stratis", "Stratis"},
    };

    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        if (str_equal(v->type, names[i].type))
            return names[i].name;
    return NULL;
}

/* "dos", if V has a partition table and is no disk: the kernel makes partitions
 * of disks only. */
static const char *
find_inner_table(struct call *c, const struct volume *v)
{
    struct list all = {0};

    if ((v->kind != VOLUME_MAPPED && v->kind != VOLUME_LOGICAL) || v->type[0])
        return NULL;
    if (probe_all(c, v->device, &all) < 0) {
        call_forgive(c);
        return NULL;
    }
    char **value = all.items;
    for (uint32_t i = 0; i + 1 < all.n; i += 2)
        if (str_equal(value[i], "PTTYPE"))
            return value[i + 1];
    return NULL;
}

/* What is not opened, or only in part, and why. */
static void
add_complaints(struct call *c, struct mounted_guest *s, const struct volume *v,
    const char *type)
{
    const char *foreign = v->partitioned ? NULL : foreign_name(v);
    const char *reason = "foreign";
    const char *table =
        v->kind == VOLUME_DISK ? table_complaint(c, v->device, &reason) : NULL;

    if (foreign)
        inspection_reason(c, s->notes, v->device, "foreign",
            "it holds %s, which cannot be opened here", foreign);
    else if (table)
        inspection_reason(c, s->notes, v->device, reason, "%s", table);
    else if ((table = find_inner_table(c, v)))
        inspection_reason(c, s->notes, v->device, "foreign",
            "it holds a partition table (%s), but only the partitions of a "
            "disk are opened; copy its content to an image, and add that",
            table);
    else if (!v->type[0] && can_be_file_system(s, v, type))
        unknown_note(c, s->notes, v, type);
}

static void
add_volume(struct call *c, struct mounted_guest *s, struct volume *v)
{
    const char *type = partition_type(c, &s->volumes, v);

    add_complaints(c, s, v, type);
    if (!can_be_file_system(s, v, type))
        return;
    if (!v->type[0] || foreign_name(v)) {
        add_item(c, s, v, v->device, -1);
    } else if (str_equal(v->type, "swap")) {
        add_item(c, s, v, v->device, -1)->role = "swap";
    } else if (str_equal(v->type, "btrfs")) {
        if (is_second_device(s, v))
            return;
        int top = mount_volume(c, s, v);
        if (top >= 0)
            add_btrfs(c, s, v, top);
        else
            add_item(c, s, v, v->device, -1);
    } else {
        add_item(c, s, v, v->device, mount_volume(c, s, v));
    }
}

int
mounted_open(struct call *c, struct mounted_guest *s, struct list *notes)
{
    *s = (struct mounted_guest){.notes = notes};
    if (volumes_open(c, &s->volumes, notes) < 0 || prepare(c) < 0)
        return -1;
    for (uint32_t i = 0; i < s->volumes.n; i++) {
        if (call_cancelled(c))
            return -1;
        call_progress(c, i, s->volumes.n);
        add_volume(c, s, &s->volumes.items[i]);
    }
    return 0;
}

static const struct mounted_volume *
find_item(const struct mounted_guest *s, const char *mountable)
{
    const struct mounted_volume *item = s->items.items;

    for (uint32_t i = 0; i < s->items.n; i++) {
        if (str_equal(item[i].mountable, mountable))
            return &item[i];
    }
    return NULL;
}

static int
bind_into(struct call *c, int root, const char *path, int what)
{
    cleanup_close int target = tree_open(root, path, O_PATH | O_DIRECTORY);
    char from[32], to[32];

    (void)c;
    if (target < 0)
        return -1;
    snprintf(from, sizeof from, "/proc/self/fd/%d", what);
    snprintf(to, sizeof to, "/proc/self/fd/%d", target);
    return mount(from, to, NULL, MS_BIND, NULL);
}

static int
by_length(const void *a, const void *b)
{
    const struct mayfly_inspection_mountpoint *p = a, *q = b;

    return compare_mountpoints(p->mountpoint, q->mountpoint);
}

int
mounted_enter(struct call *c, struct mounted_guest *s,
    const struct mounted_volume *item,
    const struct mayfly_inspection_root *system)
{
    char from[32];

    snprintf(from, sizeof from, "/proc/self/fd/%d", item->root);
    if (mount(from, SYSTEM_FOLDER, NULL, MS_BIND, NULL) < 0)
        return call_fail(c, errno, "%s", item->mountable);
    int root = open(SYSTEM_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return call_fail(c, errno, SYSTEM_FOLDER);
    call_defer_close(c, root);

    /* A parent before what is in it. */
    uint32_t n = system->n_mountpoints;
    struct mayfly_inspection_mountpoint *m = call_alloc(c, (n + 1) * sizeof *m);
    if (n > 0)
        memcpy(m, system->mountpoints, n * sizeof *m);
    qsort(m, n, sizeof *m, by_length);
    for (uint32_t i = 0; i < n; i++) {
        const struct mounted_volume *other = find_item(s, m[i].mountable);
        if (str_equal(m[i].mountpoint, "/") || !other || other->root < 0)
            continue;
        if (bind_into(c, root, m[i].mountpoint, other->root) < 0)
            inspection_note(c, s->notes, m[i].mountable,
                "cannot mount it on %s of %s: %s", m[i].mountpoint,
                item->mountable, strerror(errno));
    }
    return root;
}

void
mounted_leave(void)
{
    umount2(SYSTEM_FOLDER, MNT_DETACH);
}
