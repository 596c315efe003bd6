/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/storage/labels.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/storage/blocks.h"
#include "base/cleanup.h"
#include "base/strv.h"

/* The label is the disk's serial number: SCSI page 0x80, whose text begins
 * after four bytes. */
static char *
disk_serial(struct call *c, const char *kernel_name)
{
    char page[256];
    cleanup_close int fd =
        open(call_printf(c, "/sys/block/%s/device/vpd_pg80", kernel_name),
            O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, page, sizeof page);

    if (n <= 4)
        return call_strdup(c, "");
    char *text = call_strndup(c, page + 4, (size_t)n - 4);
    for (size_t i = strlen(text); i > 0 && text[i - 1] == ' ';)
        text[--i] = '\0';
    return text;
}

void
label_pairs(struct call *c, struct list *ret)
{
    struct list disks = {0};

    block_disks(c, &disks);
    char **v = disks.items;
    for (uint32_t i = 0; i < disks.n; i++) {
        const char *name = v[i] + strlen("/dev/");
        const char *label = disk_serial(c, name);
        struct list children = {0};

        if (!*label)
            continue;
        list_add_string(c, ret, label);
        list_add_string(c, ret, v[i]);
        block_children(c, name, &children);
        list_sort_strings(&children);
        char **child = children.items;
        for (uint32_t j = 0; j < children.n; j++) {
            list_add_string(c, ret,
                call_printf(c, "%s%s", label,
                    block_attribute(c, child[j], "partition")));
            list_add_string(c, ret, call_printf(c, "/dev/%s", child[j]));
        }
    }
}

char *
label_device(struct call *c, const char *label)
{
    struct list pairs = {0};

    label_pairs(c, &pairs);
    char **v = pairs.items;
    for (uint32_t i = 0; i + 1 < pairs.n; i += 2)
        if (str_equal(v[i], label))
            return v[i + 1];
    return NULL;
}
