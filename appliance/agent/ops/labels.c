/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labels, UUIDs and sizes of file systems of any type. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/device.h"
#include "appliance/agent/storage/mounts.h"
#include "appliance/agent/storage/probe.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "ops-labels.h"

/* A device and the type of what is on it. */
static const char *
device_and_type(struct call *c, const char *mountable, const char **ret_type)
{
    const char *device, *subvolume;
    struct probe p;

    if (mountable_split(c, mountable, &device, &subvolume) < 0 ||
        probe_device(c, device, &p) < 0)
        return NULL;
    *ret_type = p.type;
    return device;
}

static bool
is_ext(const char *type)
{
    return str_equal(type, "ext2") || str_equal(type, "ext3") ||
           str_equal(type, "ext4");
}

static size_t
count_characters(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static int
check_length(struct call *c, const char *type, const char *label)
{
    static const struct {
        const char *type;
        size_t bytes, characters;
    } limits[] = {
        {"ext2", 16, 0},
        {"ext3", 16, 0},
        {"ext4", 16, 0},
        {"xfs", 12, 0},
        {"btrfs", 255, 0},
        {"vfat", 11, 0},
        {"ntfs", 0, 128},
        {"swap", 16, 0},
    };
    for (size_t i = 0; i < N_ELEMENTS(limits); i++) {
        if (!str_equal(type, limits[i].type))
            continue;
        if (limits[i].bytes && strlen(label) > limits[i].bytes)
            return call_error(c, EINVAL,
                "%s: a label of %s has at most %zu bytes", label, type,
                limits[i].bytes);
        if (limits[i].characters &&
            count_characters(label) > limits[i].characters)
            return call_error(c, EINVAL,
                "%s: a label of %s has at most %zu characters", label, type,
                limits[i].characters);
        return 0;
    }
    return call_error(c, ENOTSUP,
        "don't know how to set the label for '%s' filesystems", type);
}

/* Mounted file systems are labelled by the kernel. */
static int
set_label_mounted(struct call *c, const char *target, const char *label)
{
    char text[FSLABEL_MAX] = "";
    cleanup_close int fd = open(target, O_RDONLY | O_CLOEXEC);

    memcpy(text, label, strnlen(label, sizeof text - 1));
    if (fd < 0 || ioctl(fd, FS_IOC_SETFSLABEL, text) < 0)
        return call_fail(c, errno, "set the label of a mounted file system");
    return 0;
}

int
op_set_label(struct call *c, const struct api_set_label_args *args)
{
    const char *type, *label = args->label;
    const char *device = device_and_type(c, args->mountable, &type);

    if (!device || check_length(c, type, label) < 0)
        return -1;
    const char *target = mount_point_of(c, device);
    if (target &&
        (is_ext(type) || str_equal(type, "btrfs") || str_equal(type, "xfs")))
        return set_label_mounted(c, target, label);
    if (is_ext(type))
        return run_tool(c, NULL, "e2label", device, label, NULL);
    if (str_equal(type, "btrfs"))
        return run_tool(
            c, NULL, "btrfs", "filesystem", "label", device, label, NULL);
    if (str_equal(type, "xfs"))
        return run_tool(
            c, NULL, "xfs_admin", "-L", *label ? label : "--", device, NULL);
    if (str_equal(type, "ntfs"))
        return run_tool(c, NULL, "ntfslabel", device, label, NULL);
    if (str_equal(type, "swap"))
        return run_tool(c, NULL, "swaplabel", "-L", label, device, NULL);
    if (!*label)
        return run_tool(c, NULL, "fatlabel", "-r", device, NULL);
    return run_tool(c, NULL, "fatlabel", device, label, NULL);
}

/* UUID NULL: a random one. */
static int
set_uuid(struct call *c, const char *name, const char *uuid)
{
    const char *type;
    const char *device = device_and_type(c, name, &type);

    if (!device)
        return -1;
    if (is_ext(type))
        return run_tool(c, NULL, "tune2fs", "-f", "-U", uuid ? uuid : "random",
            device, NULL);
    if (str_equal(type, "xfs"))
        return run_tool(
            c, NULL, "xfs_admin", "-U", uuid ? uuid : "generate", device, NULL);
    if (str_equal(type, "btrfs"))
        return uuid ? run_tool(
                          c, NULL, "btrfstune", "-f", "-U", uuid, device, NULL)
                    : run_tool(c, NULL, "btrfstune", "-f", "-u", device, NULL);
    if (str_equal(type, "swap")) {
        char *random;

        if (!uuid) {
            if (run_tool(c, &random, "uuidgen", "-r", NULL) < 0)
                return -1;
            random[strcspn(random, "\n")] = '\0';
            uuid = random;
        }
        return run_tool(c, NULL, "swaplabel", "-U", uuid, device, NULL);
    }
    return call_error(c, ENOTSUP,
        "don't know how to set the UUID for '%s' filesystems", type);
}

int
op_set_uuid(struct call *c, const struct api_set_uuid_args *args)
{
    return set_uuid(c, args->device, args->uuid);
}

int
op_set_uuid_random(struct call *c, const struct api_set_uuid_random_args *args)
{
    return set_uuid(c, args->device, NULL);
}

/* --- the smallest size --- */

/* The number after NAME in a tool's output; -1 (call failed) if it is not
 * there. */
static int64_t
number_after(struct call *c, const char *text, const char *name)
{
    const char *at = strstr(text, name);

    if (at) {
        at += strlen(name);
        at += strcspn(at, "0123456789\n");
        if (*at >= '0' && *at <= '9')
            return strtoll(at, NULL, 10);
    }
    return call_error(c, EIO, "no line '%s' in the output of the tool", name);
}

static int64_t
ext_minimum(struct call *c, const char *device)
{
    char *out, *blocks;

    if (run_tool(c, &out, "dumpe2fs", "-h", device, NULL) < 0 ||
        run_tool(c, &blocks, "resize2fs", "-P", "-f", device, NULL) < 0)
        return -1;
    int64_t size = number_after(c, out, "Block size:");
    int64_t n =
        size < 0 ? -1
                 : number_after(c, blocks, "minimum size of the filesystem:");
    return n < 0 ? -1 : n * size;
}

static int64_t
ntfs_minimum(struct call *c, const char *device)
{
    struct run_result r;
    const char *argv[] = {
        "ntfsresize", "--info", "-ff", "--no-progress-bar", device, NULL};
    struct run run = {.argv = argv};

    if (run_command(c, &run, &r) < 0)
        return -1;
    int64_t size = number_after(c, r.output, "You might resize at");
    if (size >= 0)
        return size;
    call_forgive(c);
    /* A full volume says so and nothing else. */
    if (strstr(r.output, "is full"))
        return number_after(c, r.output, "Current volume size:");
    return call_error(c, EIO, "ntfsresize: %s", r.errors);
}

static int64_t
btrfs_minimum(struct call *c, const char *device)
{
    char *out = NULL;
    const char *target = mount_point_of(c, device), *private = NULL;

    if (!target)
        target = private = mount_private(c, device, "btrfs", "ro");
    if (!target)
        return -1;
    int r = run_tool(
        c, &out, "btrfs", "inspect-internal", "min-dev-size", target, NULL);
    if (private)
        mount_release(c, private);
    return r < 0 ? -1 : number_after(c, out, "");
}

/* It cannot shrink. */
static int64_t
xfs_minimum(struct call *c, const char *device)
{
    char *out;
    const char *target = mount_point_of(c, device);

    if (run_tool(c, &out, "xfs_info", target ? target : device, NULL) < 0)
        return -1;
    char *data = strstr(out, "\ndata ");
    int64_t size = data ? number_after(c, data, "bsize=") : -1;
    int64_t blocks = size < 0 ? -1 : number_after(c, data, "blocks=");
    return blocks < 0 ? -1 : blocks * size;
}

int
op_vfs_minimum_size(struct call *c,
    const struct api_vfs_minimum_size_args *args,
    struct api_vfs_minimum_size_ret *ret)
{
    const char *type;
    const char *device = device_and_type(c, args->mountable, &type);

    if (!device)
        return -1;
    if (is_ext(type))
        ret->value = ext_minimum(c, device);
    else if (str_equal(type, "ntfs"))
        ret->value = ntfs_minimum(c, device);
    else if (str_equal(type, "btrfs"))
        ret->value = btrfs_minimum(c, device);
    else if (str_equal(type, "xfs"))
        ret->value = xfs_minimum(c, device);
    else
        return call_error(c, ENOTSUP,
            "don't know how to get minimum size of '%s' filesystems", type);
    return ret->value < 0 ? -1 : 0;
}
