/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of devices, in a world without udev: nodes come from devtmpfs,
 * names of logical volumes and arrays from the tools that make them. */
#include <config.h>

#include "appliance/agent/storage/names.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/kernel/sysfs.h"
#include "appliance/agent/kernel/uevent.h"
#include "appliance/agent/program/run.h"
#include "base/cleanup.h"
#include "base/strv.h"

/* Names of mapped devices that libdevmapper has not made nodes for, because
 * the kernel made the device by itself. */
static bool
nodes_missing(void)
{
    cleanup_closedir DIR *dir = opendir("/sys/block");
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        char path[300], name[256], node[300];

        if (!str_after(entry->d_name, "dm-"))
            continue;
        snprintf(path, sizeof path, "/sys/block/%s/dm/name", entry->d_name);
        if (!sysfs_line(path, name, sizeof name))
            continue;
        snprintf(node, sizeof node, "/dev/mapper/%s", name);
        if (access(node, F_OK) < 0)
            return true;
    }
    return false;
}

void
device_settle(struct call *c)
{
    (void)c;
    while (uevent_wait(0) > 0)
        ;
    if (nodes_missing()) {
        run_quiet((const char *const[]){"dmsetup", "mknodes", NULL});
        run_quiet((const char *const[]){"vgmknodes", NULL});
    }
}

/* "vg--a-lv" -> "vg-a/lv": the separator is the first single "-". */
static char *
volume_name(struct call *c, const char *mapped)
{
    char *out = call_alloc(c, strlen(mapped) + 2);
    size_t n = 0;
    bool split = false;

    for (const char *p = mapped; *p; p++) {
        if (*p == '-' && p[1] == '-')
            out[n++] = *p++;
        else if (*p == '-' && !split)
            split = true, out[n++] = '/';
        else
            out[n++] = *p;
    }
    out[n] = '\0';
    return split ? out : NULL;
}

char *
device_name(struct call *c, const char *kernel_name)
{
    char uuid[256] = "", mapped[256];

    if (str_after(kernel_name, "dm-") &&
        sysfs_line(call_printf(c, "/sys/block/%s/dm/name", kernel_name), mapped,
            sizeof mapped)) {
        sysfs_line(call_printf(c, "/sys/block/%s/dm/uuid", kernel_name), uuid,
            sizeof uuid);
        char *name = str_after(uuid, "LVM-") ? volume_name(c, mapped) : NULL;
        return name ? call_printf(c, "/dev/%s", name)
                    : call_printf(c, "/dev/mapper/%s", mapped);
    }
    char *path = call_printf(c, "/dev/%s", kernel_name);
    /* The kernel writes "!" where the node has "/". */
    for (char *p = path; *p; p++)
        if (*p == '!')
            *p = '/';
    return path;
}
