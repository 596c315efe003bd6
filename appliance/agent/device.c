/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices and their names, in a world without udev: nodes come from devtmpfs,
 * names of logical volumes and arrays from the tools that make them. */
#include <config.h>

#include "appliance/agent/agent.h"
#include "appliance/agent/storage.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
sysfs_line(const char *path, char *ret_line, size_t size)
{
    cleanup_fclose FILE *f = fopen(path, "re");

    if (!f || !fgets(ret_line, (int)size, f))
        return false;
    ret_line[strcspn(ret_line, "\n")] = '\0';
    return true;
}

void
write_setting(const char *path, const char *value)
{
    cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd >= 0 && write(fd, value, strlen(value)) < 0)
        fprintf(stderr, "mayfly-agent: %s: %m\n", path);
}

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

/* --- names --- */

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
    if (!exists(device))
        for (size_t i = 0; i < N_ELEMENTS(others); i++)
            if ((rest = str_after(device, others[i])))
                name = call_printf(c, "/dev/sd%s", rest);
    /* An array or a volume that nobody has asked for yet. */
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
        if (is_block(device) && p[1]) {
            *ret_device = device;
            *ret_subvolume = call_strdup(c, p + 1);
            return 0;
        }
    }
    return call_error(
        c, EINVAL, "%s: no such device with a subvolume", mountable);
}
