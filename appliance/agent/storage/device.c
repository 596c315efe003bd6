/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices that the caller names. */
#include <config.h>

#include "appliance/agent/storage/device.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/storage/activate.h"
#include "appliance/agent/storage/blocks.h"
#include "appliance/agent/storage/labels.h"
#include "appliance/agent/storage/probe.h"
#include "base/cleanup.h"
#include "base/strv.h"

/* Where libguestfs has disks by the label that add_drive gave them. */
static const char by_label[] = "/dev/disk/guestfs/";

static bool
is_block(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 && S_ISBLK(s.st_mode);
}

static bool
exists(const char *path)
{
    return access(path, F_OK) == 0;
}

const char *
device_check(struct call *c, const char *device)
{
    static const char *const others[] = {"/dev/hd", "/dev/vd", "/dev/xvd"};
    const char *name = device;
    const char *rest;

    if (!str_after(device, "/dev/") || strstr(device, "/../")) {
        call_error(
            c, EINVAL, "%s: not the name of a device (/dev/...)", device);
        return NULL;
    }
    /* One look for what nearly always is so. */
    if (is_block(device))
        return device;
    if ((rest = str_after(device, by_label))) {
        name = label_device(c, rest);
        if (!name) {
            call_error(c, ENOENT,
                "%s: no disk was added with this label, or it has no such "
                "partition",
                device);
            return NULL;
        }
    } else if (!exists(device))
        for (size_t i = 0; i < N_ELEMENTS(others); i++)
            if ((rest = str_after(device, others[i])))
                name = call_printf(c, "/dev/sd%s", rest);
    /* An array or a volume that has not been activated yet. */
    if (!exists(name))
        storage_activate(c);
    if (!exists(name)) {
        call_fail(c, errno, "%s", device);
        return NULL;
    }
    if (!is_block(name)) {
        call_error(c, ENOTBLK, "%s: not a block device", device);
        return NULL;
    }
    return name;
}

int
mountable_split(struct call *c, const char *mountable, const char **ret_device,
    const char **ret_subvolume)
{
    const char *rest = str_after(mountable, "btrfsvol:");

    if (!rest) {
        const char *device = device_check(c, mountable);
        if (!device)
            return -1;
        *ret_device = device;
        *ret_subvolume = NULL;
        return 0;
    }
    if (!str_after(rest, "/dev/sd"))
        storage_activate(c);
    /* The device ends at the first "/" before which there is one: both
     * /dev/sda1/home and /dev/VG/LV/home occur. */
    for (const char *p = str_after(rest, "/dev/"); p && *p; p++) {
        if (*p != '/')
            continue;
        char *device = call_strndup(c, rest, (size_t)(p - rest));
        const char *label = str_after(device, by_label);
        char *labelled = label ? label_device(c, label) : NULL;

        if (labelled)
            device = labelled;
        if (is_block(device) && p[1]) {
            *ret_device = device;
            *ret_subvolume = call_strdup(c, p + 1);
            return 0;
        }
    }
    return call_error(
        c, EINVAL, "%s: no such device with a subvolume", mountable);
}

static bool
has_value(
    struct call *c, const char *device, const char *name, const char *value)
{
    struct list all = {0};

    if (probe_all(c, device, &all) < 0) {
        call_forgive(c);
        return false;
    }
    char **v = all.items;
    for (uint32_t i = 0; i + 1 < all.n; i += 2)
        if (str_equal(v[i], name) && str_equal(v[i + 1], value))
            return true;
    return false;
}

const char *
device_find(struct call *c, const char *name, const char *value)
{
    struct list devices = {0};

    storage_activate(c);
    block_disks(c, &devices);
    block_partitions(c, &devices);
    block_arrays(c, &devices);
    block_mapped(c, true, &devices);
    block_mapped(c, false, &devices);
    char **v = devices.items;
    for (uint32_t i = 0; i < devices.n; i++)
        if (has_value(c, v[i], name, value))
            return v[i];
    call_error(c, ENOENT, "no device with %s %s", name, value);
    return NULL;
}
