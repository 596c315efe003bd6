/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a tag (UUID=, LABEL=) means the same on any machine; it
 * only has to exist.  So do the names that the guest gives itself: volumes,
 * arrays, what crypttab opens.  The name of a disk's place (sda2) is looked up
 * among the disks as the source names them.  A name by the old hardware
 * (by-path, by-id, multipath) says little; but the guest's "/" is known, so
 * what fstab calls "/" is a name of that disk, whatever it is, and of the
 * others some can be told by the number in the name, or since only one device
 * is left that fits.  Such a guess is used, and reported. */
#include <config.h>

#include "v2v/convert/linux/device_meaning.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/machine/device_name.h"

/* --- disks and partitions of the appliance --- */

static char *
disk_device(size_t index, struct error *err)
{
    char letters[DEVICE_LETTERS];
    char *name;

    device_letters((unsigned)index, letters);
    if (!(name = text_printf("/dev/sd%s", letters)))
        error_no_memory(err);
    return name;
}

bool
device_split_partition(
    const char *device, size_t *ret_disk, unsigned *ret_partition)
{
    size_t n = strlen(device);

    if (!str_after(device, "/dev/sd"))
        return false;
    while (n && isdigit((unsigned char)device[n - 1]))
        n--;
    *ret_disk = n;
    *ret_partition = (unsigned)strtoul(device + n, NULL, 10);
    return true;
}

static const struct volume *
find_partition(const struct volumes *v, const char *disk, unsigned partition)
{
    cleanup_free char *name =
        partition ? text_printf("%s%u", disk, partition) : strdup(disk);

    return name ? volumes_find(v, name) : NULL;
}

const char *
device_of_root(struct conversion *c, struct error *err)
{
    const char *root = c->job.root->root;

    if (!str_after(root, "btrfsvol:"))
        return root;
    if (!c->root_device &&
        mayfly_mountable_device(c->job.g, root, &c->root_device) < 0)
        return job_fail(&c->job, err), NULL;
    return c->root_device;
}

/* --- does it fit what fstab says is there? --- */

/* The families of file systems that one driver mounts. */
static const char *
family(const char *type)
{
    static const char *const families[][2] = {{"ext2", "ext"}, {"ext3", "ext"},
        {"ext4", "ext"}, {"ext4dev", "ext"}, {"msdos", "vfat"}, {"fat", "vfat"},
        {"ntfs-3g", "ntfs"}, {"ntfs3", "ntfs"}, {"fuseblk", "ntfs"},
        {"swsuspend", "swap"}};

    for (size_t i = 0; i < N_ELEMENTS(families); i++)
        if (str_equal(families[i][0], type))
            return families[i][1];
    return type;
}

static bool
fits(const struct volume *x, const struct edit_name *name)
{
    static const char *const open[] = {"auto", "none", "bind", "swap"};
    const char *type = name->type;

    if (!name->folder || !type || !x->type[0])
        return true;
    /* What is made at each start may hold anything now. */
    if (str_equal(type, "swap"))
        return str_equal(family(x->type), "swap") ||
               str_equal(x->type, "crypto_LUKS");
    for (size_t i = 0; i < N_ELEMENTS(open); i++)
        if (str_equal(open[i], type))
            return true;
    for (const char *p = type; *p;) {
        size_t n = strcspn(p, ",");
        cleanup_free char *one = strndup(p, n);

        if (one && str_equal(family(one), family(x->type)))
            return true;
        p += n + (p[n] == ',');
    }
    return false;
}

/* A disk with a partition table is not itself mounted. */
static bool
is_mountable(const struct volume *x, const struct edit_name *name)
{
    return !name->folder || x->type[0] ||
           isdigit((unsigned char)x->device[strlen(x->device) - 1]);
}

/* --- what a name means --- */

static struct meaning
means(enum meaning_kind kind, const struct volume *volume)
{
    return (struct meaning){volume ? kind : MEANS_GONE, volume};
}

static bool
may_be(const struct volume *x, const struct device_ref *ref,
    const struct edit_name *name)
{
    size_t disk;
    unsigned partition;

    return device_split_partition(x->device, &disk, &partition) &&
           partition == ref->partition && x->type[0] && fits(x, name);
}

/* The only device that it can be: first of those that no other name means,
 * then of all but that of "/". */
static struct meaning
by_elimination(const struct volumes *v, const struct device_ref *ref,
    const struct edit_name *name, const char *root)
{
    for (int again = 0; again < 2; again++) {
        const struct volume *found = NULL;
        size_t n = 0;

        for (size_t i = 0; i < v->n; i++) {
            const struct volume *x = &v->items[i];

            if (str_equal(x->device, root) || !may_be(x, ref, name) ||
                (!again && strv_contains(v->taken, x->device)))
                continue;
            found = x;
            n++;
        }
        if (n)
            return means(MEANS_PROBABLY, n == 1 ? found : NULL);
    }
    return means(MEANS_GONE, NULL);
}

/* Does the name count in the same way as that of the disk of "/"?  Then its
 * number was right once. */
static bool
counts_alike(const struct volumes *v, const struct device_ref *ref)
{
    size_t n = strcspn(ref->text, "0123456789");

    return v->root_name && strncmp(v->root_name, ref->text, n) == 0;
}

/* "/dev/sda2" or "/dev/nvme0n1p2", also of a number of a device. */
static char *
whole_name(const struct device_ref *ref)
{
    size_t n = strlen(ref->text);
    bool digit = n && isdigit((unsigned char)ref->text[n - 1]);

    return ref->partition ? text_printf("/dev/%s%s%u", ref->text,
                                digit ? "p" : "", ref->partition)
                          : text_printf("/dev/%s", ref->text);
}

/* Does the source say what the guest calls its disks? */
static bool
has_names(const struct conversion *c)
{
    const struct target_disk *t = &c->disks->items[0];

    return t->n_parts > 0 && t->parts[0].disk->name;
}

static int
by_place(struct conversion *c, const struct volumes *v,
    const struct device_ref *ref, const struct edit_name *name,
    struct meaning *ret, struct error *err)
{
    enum meaning_kind kind = MEANS_SURELY;
    const struct volume *x = NULL;

    if (v->root_name && str_equal(ref->text, v->root_name)) {
        x = find_partition(v, v->root_disk, ref->partition);
    } else {
        cleanup_free char *plain = whole_name(ref);
        cleanup_free char *device =
            plain ? disks_device(c->disks, plain) : NULL;

        x = device ? volumes_find(v, device) : NULL;
    }
    /* The source does not say which disks the guest counts so. */
    if (!x && !ref->letters[0] && ref->disk >= 0 &&
        (size_t)ref->disk < c->disks->n) {
        cleanup_free char *disk = disk_device((size_t)ref->disk, err);

        if (!disk)
            return -1;
        x = find_partition(v, disk, ref->partition);
        if (c->disks->n > 1 && !counts_alike(v, ref))
            kind = MEANS_PROBABLY;
    }
    /* The disks are not in the order that the guest knew. */
    if (x && v->root_disk && v->root_name &&
        !str_equal(ref->text, v->root_name) &&
        str_after(x->device, v->root_disk) && c->disks->n > 1 &&
        v->is_reordered)
        x = NULL;
    const char *root = device_of_root(c, err);
    if (!root)
        return -1;
    /* A root= that names another disk than the one with the guest's "/": more
     * likely they were given in another order than it is for another system. */
    if (str_equal(name->key, "root") && !has_names(c) &&
        !(x && str_equal(x->device, root))) {
        size_t disk;
        unsigned partition;
        bool same = device_split_partition(root, &disk, &partition) &&
                    partition == ref->partition;

        if (same)
            x = volumes_find(v, root);
        if (same || c->disks->n > 1)
            kind = MEANS_PROBABLY;
    }
    if (x && fits(x, name) && is_mountable(x, name)) {
        *ret = means(v->is_reordered && !str_equal(ref->text, v->root_name)
                         ? MEANS_PROBABLY
                         : kind,
            x);
        return 0;
    }

    /* A disk that is not given has no place to be guessed from. */
    *ret = x || v->is_reordered ? by_elimination(v, ref, name, root)
                                : means(MEANS_GONE, NULL);
    return 0;
}

static int
by_hardware(struct conversion *c, const struct volumes *v,
    const struct device_ref *ref, const struct edit_name *name,
    struct meaning *ret, struct error *err)
{
    const char *root = device_of_root(c, err);
    const struct volume *x;

    if (!root)
        return -1;
    if (name->folder && str_equal(name->folder, "/") && !name->key[0]) {
        *ret = means(MEANS_SURELY, volumes_find(v, root));
        return 0;
    }
    if (v->root_name && str_equal(v->root_name, ref->text)) {
        *ret = means(
            MEANS_SURELY, find_partition(v, v->root_disk, ref->partition));
        return 0;
    }
    /* The disk that a cloud lends for the time of a run stays there; and a
     * pattern is no name. */
    if (strpbrk(ref->text, "*?[") || strstr(ref->text, "azure_resource") ||
        str_after(ref->text, "azure/resource")) {
        *ret = means(MEANS_GONE, NULL);
        return 0;
    }
    if (str_equal(name->key, "root")) {
        *ret = means(c->disks->n == 1 ? MEANS_SURELY : MEANS_PROBABLY,
            volumes_find(v, root));
        return 0;
    }
    if (ref->disk >= 0 || c->disks->n == 1) {
        size_t index = c->disks->n == 1 ? 0 : (size_t)ref->disk;
        cleanup_free char *disk = disk_device(index, err);

        if (!disk)
            return -1;
        x = find_partition(v, disk, ref->partition);
        /* What is mounted is not mounted again: then it is the name of a disk
         * that is not given. */
        if (x && fits(x, name) && is_mountable(x, name) &&
            !(name->folder &&
                (str_equal(x->device, root) ||
                    (ref->disk < 0 && strv_contains(v->taken, x->device))))) {
            *ret = means(c->disks->n == 1 && !v->root_name ? MEANS_SURELY
                                                           : MEANS_PROBABLY,
                x);
            return 0;
        }
    }
    if (c->disks->n == 1) {
        *ret = means(MEANS_GONE, NULL);
        return 0;
    }
    *ret = by_elimination(v, ref, name, root);
    return 0;
}

/* A name in /dev/mapper that neither LVM nor crypttab makes is one of
 * multipath: mpatha, with a partition as mpatha1, mpathap1 or mpatha-part1. */
static int
by_mapper(struct conversion *c, const struct volumes *v,
    const struct device_ref *ref, const struct edit_name *name,
    struct meaning *ret, struct error *err)
{
    static const char *const separators[] = {"-part", "_part", "p", ""};
    struct device_ref disk = *ref;
    size_t n = strlen(ref->text), digits = n;

    if (volumes_is_mapped(v, ref->text) ||
        strv_contains(v->opened, ref->text) || str_after(ref->text, "luks-")) {
        *ret = (struct meaning){.kind = MEANS_SAME};
        return 0;
    }
    while (digits && isdigit((unsigned char)ref->text[digits - 1]))
        digits--;
    if (digits < n && n - digits <= 3 && digits) {
        disk.partition = (unsigned)strtoul(ref->text + digits, NULL, 10);
        for (size_t i = 0; i < N_ELEMENTS(separators); i++) {
            size_t m = strlen(separators[i]);

            if (digits <= m ||
                strncmp(ref->text + digits - m, separators[i], m) != 0)
                continue;
            disk.text[digits - m] = 0;
            break;
        }
    }
    disk.disk = -1;
    return by_hardware(c, v, &disk, name, ret, err);
}

static struct meaning
by_tag(const struct volumes *v, const struct device_ref *ref)
{
    const struct volume *x;
    size_t n = ref->tag[0] ? volumes_by_tag(v, ref->tag, ref->text, &x) : 1;

    return (struct meaning){n == 0   ? MEANS_GONE
                            : n == 1 ? MEANS_SAME
                                     : MEANS_SEVERAL,
        n && ref->tag[0] ? x : NULL};
}

int
device_meaning(struct conversion *c, const struct volumes *v,
    const struct device_ref *ref, const struct edit_name *name,
    struct meaning *ret, struct error *err)
{
    cleanup_free char *path = NULL;
    const char *root;

    switch (ref->kind) {
    case DEVICE_OTHER:
        break;
    case DEVICE_TAG:
        *ret = by_tag(v, ref);
        return 0;
    case DEVICE_PLACE:
        return by_place(c, v, ref, name, ret, err);
    case DEVICE_OPAQUE:
        return by_hardware(c, v, ref, name, ret, err);
    case DEVICE_MAPPED:
        return by_mapper(c, v, ref, name, ret, err);
    case DEVICE_ARRAY:
        ret->kind = v->n_arrays ? MEANS_SAME : MEANS_GONE;
        return 0;
    case DEVICE_VOLUME:
        if (!(path = text_printf("/dev/%s", ref->text)))
            return error_no_memory(err);
        ret->kind = strv_contains(v->logical, path) ? MEANS_SAME : MEANS_GONE;
        return 0;
    case DEVICE_ROOT:
        if (!(root = device_of_root(c, err)))
            return -1;
        *ret = means(MEANS_SURELY, volumes_find(v, root));
        return 0;
    }
    ret->kind = MEANS_NOTHING;
    return 0;
}
