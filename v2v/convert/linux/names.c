/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disk names: xvda2 under Xen is vda2 on the new machine, and can have another
 * number on a disk assembled from partitions.  A UUID works everywhere. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/edit.h"
#include "v2v/convert/linux/steps.h"
#include "v2v/machine/device_name.h"

/* A name that cannot be changed is reported once. */
struct renaming {
    struct conversion *c;
    const char *path;
};

static char *
rename_device(void *opaque, const char *device, struct error *err)
{
    const struct renaming *r = opaque;
    char letters[DEVICE_LETTERS];
    unsigned partition;
    char *spec = conversion_uuid(r->c, device, err);

    /* A CD drive has this name on every machine. */
    if (!spec && !err->code && device_split(device, letters, &partition) &&
        conversion_tell(r->c, FINDING_REVIEW, r->path, err,
            "%s is not on the guest's disks; the name stays", device) < 0)
        return NULL;
    return spec;
}

static const char why[] = "disks have other names on the new machine";

static int
edit_names(
    struct conversion *c, const char *path, unsigned column, struct error *err)
{
    struct renaming r = {c, path};
    cleanup_free char *text = conversion_read(c, path, NULL, err);

    if (!text)
        return err->code ? -1 : 0;

    cleanup_free char *changed =
        edit_column(text, column, rename_device, &r, err);
    return changed ? conversion_write(
                         c, path, changed, "disk names to UUIDs", why, err)
                   : -1;
}

/* RESUME=/dev/xvda1 in the settings of Debian's initramfs-tools. */
static int
edit_resume(struct conversion *c, struct error *err)
{
    static const char path[] = "/etc/initramfs-tools/conf.d/resume";
    cleanup_free char *text = conversion_read(c, path, NULL, err);
    const char *line = text ? strstr(text, "RESUME=/dev/") : NULL;

    if (!line || (line > text && line[-1] != '\n'))
        return err->code ? -1 : 0;
    line += strlen("RESUME=");

    cleanup_free char *device = strndup(line, strcspn(line, " \t\n"));
    cleanup_free char *spec = device ? conversion_uuid(c, device, err) : NULL;
    if (!spec)
        return err->code ? -1 : 0;
    cleanup_free char *changed = edit_replace(text, device, spec, err);
    return changed ? conversion_write(
                         c, path, changed, "where to resume from", why, err)
                   : -1;
}

/* Debian records where it installed GRUB, and its next update asks if that disk
 * is gone: an unattended update would hang. */
static int
edit_debconf(struct conversion *c, struct error *err)
{
    static const char path[] = "/var/cache/debconf/config.dat";
    cleanup_free char *text = conversion_read(c, path, NULL, err);
    char *entry =
        text ? strstr(text, "\nName: grub-pc/install_devices\n") : NULL;
    char *end = entry ? strstr(entry, "\n\n") : NULL;
    char *value = entry ? strstr(entry, "\nValue: ") : NULL;

    if (!value || (end && value > end))
        return err->code ? -1 : 0;
    value++;

    size_t n = strcspn(value, "\n");
    cleanup_free char *line = strndup(value, n);
    cleanup_free char *changed =
        line ? edit_replace(line, "/dev/xvd", "/dev/vd", err) : NULL;
    cleanup_free char *all = changed
                                 ? text_printf("%.*s%s%s", (int)(value - text),
                                       text, changed, value + n)
                                 : NULL;
    if (!all)
        return err->code ? -1 : error_no_memory(err);
    return conversion_write(
        c, path, all, "where GRUB is installed at updates", why, err);
}

/* An LVM filter that only accepts xvd disks leaves the guest without its
 * volumes. */
static int
tell_filter(struct conversion *c, struct error *err)
{
    static const char path[] = "/etc/lvm/lvm.conf";
    cleanup_free char *text = conversion_read(c, path, NULL, err);

    if (!text && err->code)
        return -1;
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';

        size_t n = strcspn(line, "\n#");
        if (memmem(line, n, "filter", 6) && memmem(line, n, "xvd", 3))
            return conversion_tell(c, FINDING_REVIEW, path, err,
                "its filter names Xen disks; the volumes may not be found");
    }
    return 0;
}

/* Files that record devices of the old machine, and are made again. */
static int
drop_caches(struct conversion *c, struct error *err)
{
    static const char *const paths[] = {"/etc/blkid/blkid.tab",
        "/etc/blkid.tab", "/run/blkid/blkid.tab", "/etc/lvm/cache/.cache",
        "/etc/lvm/devices/system.devices"};

    for (size_t i = 0; i < N_ELEMENTS(paths); i++)
        if (conversion_remove(c, paths[i], "a device cache",
                "it names devices of the old machine", err) < 0)
            return -1;
    return 0;
}

int
linux_names(struct conversion *c, struct error *err)
{
    if (edit_names(c, "/etc/fstab", 0, err) < 0 ||
        edit_names(c, "/etc/crypttab", 1, err) < 0 || edit_resume(c, err) < 0 ||
        edit_debconf(c, err) < 0 || tell_filter(c, err) < 0)
        return -1;
    return drop_caches(c, err);
}
