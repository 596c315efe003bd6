/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disklabels: sys/sys/disklabel.h of FreeBSD, NetBSD and OpenBSD, which agree
 * on what is read here.  The kernel has read them too, and made a partition of
 * each part; which letter it has is not to be seen there, so the label is read
 * again and compared by the first sector. */
#include <config.h>

#include "appliance/agent/inspect/slices.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance/agent/inspect/volume.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { SECTOR = 512 };

/* --- the label --- */

bool
bsd_label_parse(const uint8_t sector[BSD_LABEL_SIZE], uint64_t start,
    uint64_t size, struct bsd_label *ret)
{
    enum {
        MAGIC = 0x82564557,
        DUID_AT = 64,
        MAGIC2_AT = 132,
        COUNT_AT = 138,
        PARTS_AT = 148,
        PART = 16,
        WHOLE = 2, /* c: the slice, or the disk */
    };
    struct bsd_label label = {0};

    if (get_le32(sector) != MAGIC || get_le32(sector + MAGIC2_AT) != MAGIC)
        return false;
    label.n = get_le16(sector + COUNT_AT);
    if (label.n > BSD_PARTS_MAX)
        label.n = BSD_PARTS_MAX;
    memcpy(label.duid, sector + DUID_AT, BSD_DUID);
    /* FreeBSD counts from the slice, as is seen by "c"; the others count from
     * the disk, which is "c" of OpenBSD. */
    const uint8_t *whole = sector + PARTS_AT + (size_t)(PART * WHOLE);
    bool relative =
        label.n > WHOLE && get_le32(whole + 4) == 0 && get_le32(whole) <= size;
    for (unsigned i = 0; i < label.n; i++) {
        const uint8_t *p = sector + PARTS_AT + (size_t)(PART * i);

        label.parts[i].size = get_le32(p);
        label.parts[i].start = get_le32(p + 4) + (relative ? start : 0);
    }
    *ret = label;
    return true;
}

bool
bsd_label_read(const struct volume *v, struct bsd_label *ret)
{
    uint8_t sector[BSD_LABEL_SIZE];

    cleanup_close int fd = open(v->device, O_RDONLY | O_CLOEXEC);
    return fd >= 0 &&
           pread(fd, sector, sizeof sector, SECTOR) == sizeof sector &&
           bsd_label_parse(sector, v->start, v->size / SECTOR, ret);
}

/* --- slices and parts --- */

static const struct volume *
disk_of(const struct volumes *all, const struct volume *v)
{
    for (uint32_t i = 0; i < all->n; i++)
        if (all->items[i].kind == VOLUME_DISK &&
            volume_number(&all->items[i], v) > 0)
            return &all->items[i];
    return NULL;
}

bool
bsd_is_slice(const struct volumes *all, const struct volume *v)
{
    const struct volume *disk =
        v->kind == VOLUME_PARTITION ? disk_of(all, v) : NULL;
    uint64_t end = v->start + v->size / SECTOR;

    for (uint32_t i = 0; disk && i < all->n; i++) {
        const struct volume *x = &all->items[i];

        if (x != v && x->size > 0 && volume_number(disk, x) > 0 &&
            x->start >= v->start && x->start + x->size / SECTOR <= end)
            return true;
    }
    return false;
}

/* The part of a slice. */
static const char *
part_of(const struct volumes *all, const struct volume *disk,
    const struct volume *slice, const struct bsd_label *label, char letter)
{
    unsigned i = (unsigned)(letter - 'a');

    if (i >= label->n || label->parts[i].size == 0)
        return NULL;
    for (uint32_t k = 0; k < all->n; k++) {
        const struct volume *x = &all->items[k];

        if (x != slice && volume_number(disk, x) > 0 &&
            x->start == label->parts[i].start &&
            x->size == label->parts[i].size * SECTOR)
            return x->device;
    }
    /* A part as large as its slice has no device of its own. */
    return slice->start == label->parts[i].start ? slice->device : NULL;
}

/* Slice 0: the first with a label. */
static const char *
find_part(const struct volumes *all, const struct volume *disk, unsigned slice,
    const uint8_t *duid, char letter)
{
    struct bsd_label label;

    for (uint32_t i = 0; disk && all->read_label && i < all->n; i++) {
        const struct volume *x = &all->items[i];
        unsigned number = volume_number(disk, x);

        if ((x != disk && !number) || (slice && number != slice) ||
            !all->read_label(x, &label) ||
            (duid && memcmp(duid, label.duid, BSD_DUID) != 0))
            continue;
        return part_of(all, disk, x, &label, letter);
    }
    return NULL;
}

/* --- names --- */

static const char *
by_number(const struct volumes *all, const struct volume *disk, unsigned number)
{
    for (uint32_t i = 0; disk && i < all->n; i++)
        if (volume_number(disk, &all->items[i]) == number)
            return all->items[i].device;
    return NULL;
}

/* *P is moved past it; a number that no disk has if there is none, or it is
 * too long. */
static unsigned
number_at(const char **p)
{
    size_t n = strspn(*p, "0123456789");
    unsigned value =
        n > 0 && n < 6 ? (unsigned)strtoul(*p, NULL, 10) : UINT_MAX;

    *p += n;
    return value;
}

/* ada0, ada0p2, ada0s1, ada0s1a, wd0a */
static const char *
by_driver(const struct volumes *all, const char *name)
{
    static const char *const drivers[] = {"ada", "ad", "da", "vtbd", "nda",
        "nvd", "xbd", "mmcsd", "wd", "sd", "ld", "hd"};
    const char *p = NULL;

    for (size_t i = 0; !p && i < N_ELEMENTS(drivers); i++) {
        p = str_after(name, drivers[i]);
        p = p && isdigit((unsigned char)*p) ? p : NULL;
    }
    if (!p)
        return NULL;
    const struct volume *disk = volume_disk(all, number_at(&p));
    if (!disk || !*p)
        return disk ? disk->device : NULL;
    unsigned slice = 0;
    if (*p == 'p' && isdigit((unsigned char)p[1])) {
        p++;
        slice = number_at(&p);
        return *p ? NULL : by_number(all, disk, slice);
    }
    if (*p == 's' && isdigit((unsigned char)p[1])) {
        p++;
        slice = number_at(&p);
        if (!*p)
            return by_number(all, disk, slice);
    }
    return *p >= 'a' && *p <= 'v' && !p[1]
               ? find_part(all, disk, slice, NULL, *p)
               : NULL;
}

/* A wedge of NetBSD is a partition of GPT, all of them in one row. */
static const char *
by_wedge(const struct volumes *all, const char *name)
{
    const char *p = str_after(name, "dk");

    if (!p || !isdigit((unsigned char)*p))
        return NULL;
    unsigned n = number_at(&p);
    for (uint32_t i = 0; !*p && i < all->n; i++)
        if (all->items[i].kind == VOLUME_PARTITION && n-- == 0)
            return all->items[i].device;
    return NULL;
}

const char *
bsd_resolve(const struct volumes *v, const char *name)
{
    const char *device = by_driver(v, name);

    return device ? device : by_wedge(v, name);
}

const char *
bsd_resolve_duid(const struct volumes *v, const char *name)
{
    uint8_t duid[BSD_DUID];

    if (strspn(name, "0123456789abcdef") != 2 * sizeof duid ||
        name[16] != '.' || name[17] < 'a' || name[17] > 'v' || name[18])
        return NULL;
    for (size_t i = 0; i < sizeof duid; i++) {
        char hex[3] = {name[2 * i], name[2 * i + 1], '\0'};
        duid[i] = (uint8_t)strtoul(hex, NULL, 16);
    }
    for (uint32_t i = 0; i < v->n; i++) {
        const char *device = v->items[i].kind == VOLUME_DISK
                                 ? find_part(v, &v->items[i], 0, duid, name[17])
                                 : NULL;
        if (device)
            return device;
    }
    return NULL;
}
