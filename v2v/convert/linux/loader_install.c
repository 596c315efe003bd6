/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/linux/loader_install.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/device.h"
#include "v2v/disks/loader.h"

enum {
    SECTOR = 512,
    CODE_END = 440,
    HEAD = 1 << 20,
    TABLE_END = 34, /* sectors of a GPT */
};

static const char why[] = "Xen started the guest from outside";

/* --- the sectors --- */

/* Is there code in the boot sector? */
static bool
has_code(const uint8_t *sector)
{
    if (sector[SECTOR - 2] != 0x55 || sector[SECTOR - 1] != 0xaa)
        return false;
    for (size_t i = 0; i < CODE_END; i++)
        if (sector[i])
            return true;
    return false;
}

/* Where the first partition starts; 0 without a table. */
static int
first_partition(struct conversion *c, uint64_t *ret, struct error *err)
{
    struct mayfly_partition_list *list;

    *ret = 0;
    if (mayfly_part_list(c->job.g, c->disks->boot_device, &list) < 0)
        return job_fail(&c->job, err);
    for (uint32_t i = 0; i < list->len; i++)
        if (*ret == 0 || list->val[i].part_start < *ret)
            *ret = list->val[i].part_start;
    mayfly_free_partition_list(list);
    return 0;
}

static int
write_back(struct conversion *c, const uint8_t *data, size_t size,
    int64_t offset, struct error *err)
{
    int32_t written;

    if (mayfly_pwrite_device(
            c->job.g, c->disks->boot_device, data, size, offset, &written) < 0)
        return job_fail(&c->job, err);
    if ((size_t)written != size)
        return error_set(err, EIO, "the boot loader was only partly written");
    return 0;
}

static int
write_loader(struct conversion *c, size_t room, struct error *err)
{
    cleanup_free uint8_t *head = calloc(1, HEAD);
    cleanup_free void *old = NULL;
    cleanup_undo struct undo undo = {0};
    size_t n, end;

    if (!head)
        return error_no_memory(err);
    if (loader_write(head, room, &end, err) < 0)
        return -1;
    if (mayfly_pread_device(
            c->job.g, c->disks->boot_device, SECTOR, 0, &old, &n) < 0)
        return job_fail(&c->job, err);
    if (n != SECTOR)
        return error_set(err, EIO, "cannot read the boot sector");
    memcpy(old, head, CODE_END);
    if (write_back(c, old, SECTOR, 0, err) < 0 ||
        write_back(c, head + (size_t)TABLE_END * SECTOR,
            end - (size_t)TABLE_END * SECTOR, (int64_t)TABLE_END * SECTOR,
            err) < 0)
        return -1;
    c->loader_installed = true;
    return report_change(&c->report, NULL,
        "the boot loader, before the first partition", why, &undo, err);
}

/* A whole disk that only pygrub booted has no loader. */
static int
examine_disk(struct conversion *c, struct error *err)
{
    cleanup_free void *sector = NULL;
    size_t n;
    uint64_t start;

    if (mayfly_pread_device(
            c->job.g, c->disks->boot_device, SECTOR, 0, &sector, &n) < 0)
        return job_fail(&c->job, err);
    if (n == SECTOR && has_code(sector))
        return 0;
    if (first_partition(c, &start, err) < 0)
        return -1;
    if (start < HEAD)
        return conversion_tell(c, FINDING_BLOCKED, NULL, err,
            "the disk has no boot loader, and its first partition starts at "
            "byte %llu, which leaves no room for one",
            (unsigned long long)start);
    return write_loader(c, HEAD, err);
}

/* --- the settings --- */

/* The path of /boot as the loader sees it. */
static const char *
boot_prefix(const struct conversion *c)
{
    const struct mayfly_inspection_root *root = c->job.root;

    for (uint32_t i = 0; i < root->n_mountpoints; i++)
        if (str_equal(root->mountpoints[i].mountpoint, "/boot"))
            return "";
    return "/boot";
}

/* The partition of "/" in GRUB 1's numbering; -1: no partition. */
static int
legacy_partition(const struct conversion *c)
{
    const char *root = str_after(c->job.root->root, c->disks->boot_device);

    return root && *root >= '1' && *root <= '9' ? atoi(root) - 1 : -1;
}

/* menu.lst may have any "root (hd0,0)", since pygrub ignores it. */
static int
edit_menu(struct conversion *c, struct error *err)
{
    static const char path[] = "/boot/grub/menu.lst";
    int partition = legacy_partition(c);
    cleanup_free char *to = text_printf("(hd0,%d)", partition);
    cleanup_free char *text = conversion_read(c, path, NULL, err);

    if (!text || partition < 0)
        return err->code ? -1 : 0;

    cleanup_free char *once = edit_replace(text, "(hd0,0)", to, err);
    cleanup_free char *changed =
        once ? edit_replace(once, "(hd0)", to, err) : NULL;
    return changed ? conversion_write(c, path, changed,
                         "where GRUB finds its files", why, err)
                   : -1;
}

static char *
rename_device(void *opaque, const struct edit_name *name, struct error *err)
{
    struct device_renaming r = {.c = opaque, .form = FORM_LINE};

    return device_rename(&r, name, err);
}

/* The command line used under Xen, plus what is needed to boot without Xen. */
static char *
command_line(struct conversion *c, struct error *err)
{
    const char *given = c->guest->cmdline ? c->guest->cmdline : "";
    cleanup_free char *line = edit_command_line(given, rename_device, c, err);
    cleanup_free char *uuid = NULL;

    if (!line)
        return NULL;
    if (mayfly_vfs_uuid(c->job.g, c->job.root->root, &uuid) < 0)
        return job_fail(&c->job, err), NULL;

    char *all = text_printf("%s%s%s%s%s",
        strstr(line, "root=") ? "" : "root=UUID=",
        strstr(line, "root=") ? "" : uuid, strstr(line, "root=") ? "" : " ro ",
        line, strstr(line, "console=") ? "" : " console=tty0 console=ttyS0");
    if (!all)
        error_no_memory(err);
    return all;
}

static char *
own_entry(struct conversion *c, struct error *err)
{
    const struct kernel *k = &c->kernels[0];
    const char *prefix = boot_prefix(c);
    cleanup_free char *line = command_line(c, err);
    cleanup_free char *initrd = k->initrd
                                    ? text_printf("    initrd %s%s\n", prefix,
                                          k->initrd + strlen("/boot"))
                                    : strdup("");

    if (!line)
        return NULL;
    char *text = initrd ? text_printf("menuentry 'Linux %s' {\n"
                                      "    linux %s%s %s\n%s}\n",
                              k->version, prefix, k->image + strlen("/boot"),
                              line, initrd)
                        : NULL;
    if (!text)
        error_no_memory(err);
    return text;
}

/* Write the loader's configuration: it shows the guest's own menu, now or once
 * it has one. */
static int
write_settings(struct conversion *c, struct error *err)
{
    const char *prefix = boot_prefix(c);
    bool legacy = job_is_file(&c->job, "/boot/grub/menu.lst");
    cleanup_free char *entry = NULL;

    if (job_is_file(&c->job, "/boot/grub/grub.cfg") ||
        job_is_file(&c->job, "/boot/grub2/grub.cfg"))
        return 0;
    if (c->n_kernels == 0)
        return 0;
    if (legacy && edit_menu(c, err) < 0)
        return -1;
    entry = legacy ? text_printf("legacy_configfile %s/grub/menu.lst\n", prefix)
                   : own_entry(c, err);
    cleanup_free char *text =
        entry ? text_printf("# Made by mayfly-v2v: this guest had no boot "
                            "loader.\n"
                            "set default=0\nset timeout=2\n"
                            "if [ -e %s/grub/grub.cfg ]; then\n"
                            "    configfile %s/grub/grub.cfg\n"
                            "fi\n%s",
                    prefix, prefix, entry)
              : NULL;
    if (!text)
        return err->code ? -1 : error_no_memory(err);
    if (mayfly_mkdir_p(c->job.g, "/boot/grub") < 0)
        return job_fail(&c->job, err);
    return conversion_write(c, "/boot/grub/mayfly.cfg", text,
        "what the boot loader starts", why, err);
}

int
loader_install(struct conversion *c, struct error *err)
{
    cleanup_undo struct undo undo = {0};

    if (c->guest->uefi)
        return 0;
    if (c->disks->items[c->disks->boot].assembled) {
        c->loader_installed = true;
        if (report_change(&c->report, NULL,
                "a disk with a partition table and a boot loader",
                "under Xen its partitions were disks of their own", &undo,
                err) < 0)
            return -1;
    } else if (examine_disk(c, err) < 0) {
        return -1;
    }
    return c->loader_installed ? write_settings(c, err) : 0;
}
