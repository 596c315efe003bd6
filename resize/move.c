/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new disk from an old one, when partitions move: the same table with other
 * places, the boot loader that is outside of partitions, and the content of
 * each partition.  All of that is copied as bytes of the disk, not through
 * devices of partitions, so nothing is assembled from the copy. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "resize/apply.h"
#include "tool/tool.h"

enum {
    MBR_CODE = 440, /* bytes of boot code */
    MBR_HEAD = 446, /* and the disk's id */
    MBR_ENTRY = 16,
    MBR_TYPE = 4,
    PROTECTIVE = 0xee,
    SECTOR = 512,
    NTFS_HIDDEN = 0x1c, /* the sectors before the partition */
};

#define BIOS_BOOT "21686148-6449-6E6F-744E-656564454649"

static int
fail(const struct work *w, struct error *err)
{
    return tool_handle_error(w->g, err);
}

static int
copy_bytes(const struct work *w, const char *disk, uint64_t from, uint64_t to,
    uint64_t size, struct error *err)
{
    const struct mayfly_copy_device_to_device_options options = {
        .set = MAYFLY_COPY_DEVICE_TO_DEVICE_SRCOFFSET |
               MAYFLY_COPY_DEVICE_TO_DEVICE_DESTOFFSET |
               MAYFLY_COPY_DEVICE_TO_DEVICE_SIZE |
               MAYFLY_COPY_DEVICE_TO_DEVICE_SPARSE,
        .srcoffset = (int64_t)from,
        .destoffset = (int64_t)to,
        .size = (int64_t)size,
        .sparse = !w->r->no_sparse,
    };

    if (size == 0)
        return 0;
    return mayfly_copy_device_to_device(w->g, w->device, disk, &options) < 0
               ? fail(w, err)
               : 0;
}

/* --- the table --- */

/* An MBR beside a GPT that has more than the entry that protects it. */
static int
refuse_hybrid(const struct work *w, const char *mbr, struct error *err)
{
    for (int i = 0; i < 4; i++) {
        unsigned type = (unsigned char)mbr[MBR_HEAD + i * MBR_ENTRY + MBR_TYPE];

        if (type && type != PROTECTIVE)
            return error_set(err, ENOTSUP,
                "%s: its table is a GPT with a hybrid MBR, which would not be "
                "right when partitions move; remove the hybrid MBR first, for "
                "example with gdisk",
                w->r->in);
    }
    return 0;
}

static int
copy_head(
    const struct work *w, const char *disk, const char *mbr, struct error *err)
{
    bool gpt = w->p->layout.table == LAYOUT_GPT;
    size_t from = w->r->no_boot_loader ? MBR_CODE : 0;
    size_t to = gpt ? MBR_CODE : MBR_HEAD;
    int32_t n;

    /* Without it an MBR has other PARTUUIDs. */
    if (from >= to)
        return 0;
    if (mayfly_pwrite_device(
            w->g, disk, mbr + from, to - from, (int64_t)from, &n) < 0)
        return fail(w, err);
    return (size_t)n == to - from
               ? 0
               : error_set(err, EIO, "the boot sector was not written");
}

/* GRUB's core lies between the table and the first partition. */
static int
copy_gap(const struct work *w, const char *disk, struct error *err)
{
    const struct layout *l = &w->p->layout;
    uint64_t table = l->table == LAYOUT_GPT
                         ? 2 + (128 * 128 + l->sector_size - 1) / l->sector_size
                         : 1;
    uint64_t end = l->new_sectors < l->sectors ? l->new_sectors : l->sectors;

    if (w->r->no_boot_loader)
        return 0;
    for (size_t i = 0; i < l->n; i++) {
        const struct slot *s = &l->slots[i];

        if (s->start < end)
            end = s->start;
        if (s->use != SLOT_DELETE && s->new_start < end)
            end = s->new_start;
    }
    if (l->n == 0 || end <= table)
        return 0;
    return copy_bytes(w, disk, table * l->sector_size, table * l->sector_size,
        (end - table) * l->sector_size, err);
}

static int
make_table(const struct work *w, const char *disk, struct error *err)
{
    const struct layout *l = &w->p->layout;
    bool gpt = l->table == LAYOUT_GPT;
    cleanup_free char *guid = NULL;
    cleanup_free void *mbr = NULL;
    size_t n;

    if (mayfly_pread_device(w->g, w->device, SECTOR, 0, &mbr, &n) < 0)
        return fail(w, err);
    if (n < SECTOR)
        return error_set(err, EIO, "the boot sector cannot be read");
    if (gpt && refuse_hybrid(w, mbr, err) < 0)
        return -1;
    if (mayfly_part_init(w->g, disk, gpt ? "gpt" : "mbr") < 0)
        return fail(w, err);
    if (copy_head(w, disk, mbr, err) < 0 || !gpt)
        return err->text ? -1 : 0;
    return mayfly_part_get_disk_guid(w->g, w->device, &guid) < 0 ||
                   mayfly_part_set_disk_guid(w->g, disk, guid) < 0
               ? fail(w, err)
               : 0;
}

/* By number: an extended one before the logical ones, and those in their own
 * order. */
static int
make_partitions(const struct work *w, const char *disk, struct error *err)
{
    const struct layout *l = &w->p->layout;
    int last = 0;

    for (size_t i = 0; i < l->n; i++)
        last = l->slots[i].number > last ? l->slots[i].number : last;
    for (int number = 1; number <= last; number++)
        for (size_t i = 0; i < l->n; i++) {
            const struct slot *s = &l->slots[i];

            if (s->number != number || s->use == SLOT_DELETE)
                continue;
            if (mayfly_part_copy(w->g, w->device, number, disk,
                    (int64_t)s->new_start, (int64_t)s->new_end) < 0) {
                fail(w, err);
                return error_context(
                    err, "cannot make the place of %s", s->device);
            }
        }
    return 0;
}

/* --- what moves and knows where it is --- */

static int
mend_ntfs(const struct work *w, const char *disk, const struct slot *s,
    struct error *err)
{
    uint32_t sector_size = w->p->layout.sector_size;
    uint8_t b[4];
    cleanup_free void *old = NULL;
    size_t n;
    int32_t written;

    if (s->new_start > UINT32_MAX)
        return 0;
    if (mayfly_pread_device(w->g, w->device, sizeof b,
            (int64_t)(s->start * sector_size + NTFS_HIDDEN), &old, &n) < 0)
        return fail(w, err);
    if (n < sizeof b || get_le32(old) != s->start)
        return 0;
    put_le32(b, (uint32_t)s->new_start);
    if (mayfly_pwrite_device(w->g, disk, b, sizeof b,
            (int64_t)(s->new_start * sector_size + NTFS_HIDDEN), &written) < 0)
        return fail(w, err);
    return 0;
}

/* Boot loaders have the places of their later stages written down. */
static int
settle_moved(const struct work *w, const char *disk, const struct slot *s,
    struct error *err)
{
    cleanup_free char *type = NULL;

    if (s->new_start == s->start)
        return 0;
    if (w->p->layout.table == LAYOUT_GPT) {
        if (mayfly_part_get_gpt_type(w->g, w->device, s->number, &type) < 0)
            return fail(w, err);
        if (str_equal(type, BIOS_BOOT))
            tool_warning("%s, with GRUB's core, moves: the guest does not "
                         "start by BIOS until grub-install has been run in it",
                s->device);
    }
    return str_equal(s->type, "ntfs") ? mend_ntfs(w, disk, s, err) : 0;
}

int
apply_copy(const struct work *w, const char *disk, struct error *err)
{
    const struct layout *l = &w->p->layout;

    if (make_table(w, disk, err) < 0 || make_partitions(w, disk, err) < 0 ||
        copy_gap(w, disk, err) < 0)
        return -1;
    for (size_t i = 0; i < l->n; i++) {
        const struct slot *s = &l->slots[i];
        uint64_t size =
            slot_size(s) < slot_new_size(s) ? slot_size(s) : slot_new_size(s);

        if (s->extended || s->use != SLOT_KEEP)
            continue;
        if (tool_interrupted())
            return error_set(err, EINTR, "interrupted");
        apply_say(w->r, "Copying %s", s->device);
        if (copy_bytes(w, disk, s->start * l->sector_size,
                s->new_start * l->sector_size, size * l->sector_size,
                err) < 0 ||
            settle_moved(w, disk, s, err) < 0)
            return -1;
    }
    return mayfly_sync(w->g) < 0 ? fail(w, err) : 0;
}
