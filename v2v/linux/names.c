/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of disks: under Xen they are xvda2, on the new machine vda2, and
 * assembled from parts they can have another number.  A UUID is right under
 * all of them. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "v2v/device_name.h"
#include "v2v/linux/edit.h"
#include "v2v/linux/steps.h"

/* What could not be renamed is told once. */
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

    /* A CD is called so on every machine that has one. */
    if (!spec && !err->code && device_split(device, letters, &partition) &&
        conversion_tell(r->c, FINDING_REVIEW, r->path, err,
            "%s is no file system of the guest's disks; the name stays",
            device) < 0)
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
                         c, path, changed, "names of disks to UUIDs", why, err)
                   : -1;
}

/* RESUME=/dev/xvda1 of Debian's initramfs-tools. */
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

/* What remembers devices of the old machine, and is made anew. */
static int
drop_caches(struct conversion *c, struct error *err)
{
    static const char *const paths[] = {"/etc/blkid/blkid.tab",
        "/etc/blkid.tab", "/run/blkid/blkid.tab", "/etc/lvm/cache/.cache",
        "/etc/lvm/devices/system.devices"};

    for (size_t i = 0; i < N_ELEMENTS(paths); i++)
        if (conversion_remove(c, paths[i], "a cache of devices",
                "it names those of the old machine", err) < 0)
            return -1;
    return 0;
}

int
linux_names(struct conversion *c, struct error *err)
{
    if (edit_names(c, "/etc/fstab", 0, err) < 0 ||
        edit_names(c, "/etc/crypttab", 1, err) < 0 || edit_resume(c, err) < 0)
        return -1;
    return drop_caches(c, err);
}
