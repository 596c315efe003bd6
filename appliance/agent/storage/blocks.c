/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's block devices, as /sys lists them. */
#include <config.h>

#include "appliance/agent/storage/blocks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/storage/disks.h"
#include "appliance/agent/storage/names.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { ATTRIBUTE_MAX = 4096 };

char *
block_attribute(struct call *c, const char *kernel_name, const char *attribute)
{
    char path[PATH_MAX], text[ATTRIBUTE_MAX];

    snprintf(
        path, sizeof path, "/sys/class/block/%s/%s", kernel_name, attribute);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[n < 0 ? 0 : n] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return call_strdup(c, text);
}

static bool
block_has(struct call *c, const char *kernel_name, const char *entry)
{
    return access(call_printf(c, "/sys/class/block/%s/%s", kernel_name, entry),
               F_OK) == 0;
}

char *
block_kernel_name(struct call *c, const char *device)
{
    char link[PATH_MAX];
    struct stat s;

    if (stat(device, &s) < 0) {
        call_fail(c, errno, "%s", device);
        return NULL;
    }
    if (!S_ISBLK(s.st_mode)) {
        call_error(c, ENOTBLK, "%s: not a block device", device);
        return NULL;
    }
    ssize_t n = readlink(call_printf(c, "/sys/dev/block/%u:%u",
                             major(s.st_rdev), minor(s.st_rdev)),
        link, sizeof link - 1);
    if (n < 0) {
        call_fail(c, errno, "%s", device);
        return NULL;
    }
    link[n] = '\0';
    const char *slash = strrchr(link, '/');
    return call_strdup(c, slash ? slash + 1 : link);
}

bool
block_partition_of(
    struct call *c, const char *kernel_name, char **ret_disk, int *ret_number)
{
    char link[PATH_MAX];
    const char *number = block_attribute(c, kernel_name, "partition");

    if (!*number)
        return false;
    /* ../../devices/.../block/sda/sda1 */
    ssize_t n = readlink(call_printf(c, "/sys/class/block/%s", kernel_name),
        link, sizeof link - 1);
    if (n < 0)
        return false;
    link[n] = '\0';
    char *slash = strrchr(link, '/');
    if (!slash)
        return false;
    *slash = '\0';
    slash = strrchr(link, '/');
    *ret_disk = call_strdup(c, slash ? slash + 1 : link);
    *ret_number = atoi(number);
    return true;
}

void
block_children(struct call *c, const char *kernel_name, struct list *ret)
{
    cleanup_closedir DIR *dir =
        opendir(call_printf(c, "/sys/block/%s", kernel_name));
    struct dirent *entry;

    while (dir && (entry = readdir(dir)))
        if (str_after(entry->d_name, kernel_name))
            list_add_string(c, ret, entry->d_name);
}

bool
block_has_partitions(struct call *c, const char *kernel_name)
{
    struct list children = {0};

    block_children(c, kernel_name, &children);
    return children.n > 0;
}

void
block_holders(struct call *c, const char *kernel_name, struct list *ret)
{
    cleanup_closedir DIR *dir =
        opendir(call_printf(c, "/sys/class/block/%s/holders", kernel_name));
    struct dirent *entry;

    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            list_add_string(c, ret, entry->d_name);
}

/* Letters first by length, then alphabetically; numbers as numbers. */
static int
compare_names(const void *a, const void *b)
{
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    size_t nx = strcspn(x, "0123456789"), ny = strcspn(y, "0123456789");

    if (nx != ny)
        return nx < ny ? -1 : 1;
    int order = strncmp(x, y, nx);
    return order ? order : strverscmp(x + nx, y + ny);
}

static void
sort_names(struct list *l)
{
    if (l->n > 1)
        qsort(l->items, l->n, sizeof(char *), compare_names);
}

/* Names in /sys/class/block that WANTED says yes to. */
static void
block_list(struct call *c,
    bool (*wanted)(struct call *c, const char *kernel_name), struct list *ret)
{
    cleanup_closedir DIR *dir = opendir("/sys/class/block");
    struct dirent *entry;

    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.' && wanted(c, entry->d_name))
            list_add_string(c, ret, device_name(c, entry->d_name));
    sort_names(ret);
}

/* Everything else, of other drivers, is the appliance's own. */
static bool
is_disk(struct call *c, const char *name)
{
    return str_after(name, "sd") && !disks_is_slot(name) &&
           !block_has(c, name, "partition");
}

static bool
is_partition(struct call *c, const char *name)
{
    return (str_after(name, "sd") || str_after(name, "md")) &&
           block_has(c, name, "partition");
}

static bool
is_array(struct call *c, const char *name)
{
    return str_after(name, "md") && block_has(c, name, "md") &&
           !str_equal(block_attribute(c, name, "md/array_state"), "clear") &&
           !str_equal(block_attribute(c, name, "md/array_state"), "inactive");
}

/* Volumes of LVM that hold no data of their own (pools, mirror images) have
 * a uuid with a suffix: "LVM-VG..LV..-tpool". */
static bool
is_volume(struct call *c, const char *name)
{
    enum { PLAIN = 4 + 32 + 32 };
    const char *uuid;

    return str_after(name, "dm-") &&
           (uuid = block_attribute(c, name, "dm/uuid")) &&
           str_after(uuid, "LVM-") && strlen(uuid) == PLAIN;
}

static bool
is_other_mapped(struct call *c, const char *name)
{
    return str_after(name, "dm-") &&
           !str_after(block_attribute(c, name, "dm/uuid"), "LVM-");
}

void
block_disks(struct call *c, struct list *ret)
{
    block_list(c, is_disk, ret);
}

void
block_partitions(struct call *c, struct list *ret)
{
    block_list(c, is_partition, ret);
}

void
block_arrays(struct call *c, struct list *ret)
{
    block_list(c, is_array, ret);
}

void
block_mapped(struct call *c, bool volumes, struct list *ret)
{
    cleanup_closedir DIR *dir = opendir("/sys/class/block");
    struct dirent *entry;

    while (dir && (entry = readdir(dir)))
        if (volumes ? is_volume(c, entry->d_name)
                    : is_other_mapped(c, entry->d_name))
            list_add_string(c, ret, device_name(c, entry->d_name));
    list_sort_strings(ret);
}
