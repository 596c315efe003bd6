/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the disks with /boot (or with /, which has it then) are
 * found through volumes and arrays.  Of those the one whose boot sector has a
 * loader boots.  A loader can also be on another disk, if the firmware has run
 * it: then its code names itself.  Code without a name proves nothing, since
 * partition tables are made with some. */
#include <config.h>

#include "v2v/disks/boot_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/session.h"
#include "v2v/machine/device_name.h"

enum {
    SECTOR = 512,
    LARGE_SECTOR = 4096,
    CODE_END = 440,
    DEPTH_MAX = 8, /* of volumes on arrays on volumes */
    MBR_SYSTEM_PARTITION = 0xef,
};

enum code { CODE_NONE, CODE_SOME, CODE_LOADER };

struct look {
    enum code code;
    bool has_boot;   /* a part of /boot */
    bool has_system; /* the mounted EFI system partition */
    bool gpt;
    bool may_have_system; /* a partition of that type */
    bool bios_partition;  /* GRUB's place on a GPT */
    bool large_sectors;   /* the GPT counts in sectors of 4096 bytes */
};

/* --- which disks a device is on --- */

typedef void mark(struct look *look);

static void
mark_boot(struct look *look)
{
    look->has_boot = true;
}

static void
mark_system(struct look *look)
{
    look->has_system = true;
}

struct search {
    struct mayfly *g;
    struct look *looks;
    size_t n;
    mark *mark;
};

static bool mark_device(struct search *s, const char *device, int depth);

static bool
mark_array(struct search *s, const char *device, int depth)
{
    struct mayfly_mdstat_list *members;
    bool any = false;

    if (mayfly_md_stat(s->g, device, &members) < 0)
        return false;
    for (uint32_t i = 0; i < members->len; i++)
        any |= mark_device(s, members->val[i].mdstat_device, depth);
    mayfly_free_mdstat_list(members);
    return any;
}

/* One of them may be written without its dashes. */
static bool
is_same_uuid(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += *a == '-';
        b += *b == '-';
        if (*a != *b)
            return false;
        if (!*a)
            return true;
    }
}

/* The group is what comes first in the canonical name. */
static bool
mark_volume(struct search *s, const char *device, int depth)
{
    cleanup_free char **uuids = NULL;
    struct mayfly_lvm_pv_list *all;
    const char *name = str_after(device, "/dev/");
    const char *slash = name ? strchr(name, '/') : NULL;
    cleanup_free char *group =
        slash ? strndup(name, (size_t)(slash - name)) : NULL;
    bool any = false;

    if (!group || mayfly_vgpvuuids(s->g, group, &uuids) < 0 ||
        mayfly_pvs_full(s->g, &all) < 0)
        return false;
    for (uint32_t i = 0; i < all->len; i++)
        for (char **uuid = uuids; *uuid; uuid++)
            if (is_same_uuid(*uuid, all->val[i].pv_uuid))
                any |= mark_device(s, all->val[i].pv_name, depth);
    mayfly_free_lvm_pv_list(all);
    return any;
}

/* False: it is not known which disks it is on. */
static bool
mark_device(struct search *s, const char *device, int depth)
{
    const char *rest = str_after(device, "btrfsvol:");
    char letters[DEVICE_LETTERS];
    unsigned partition;
    bool yes = false;

    if (depth == DEPTH_MAX)
        return false;
    /* btrfsvol:/dev/sda2/@ */
    if (rest && strncmp(rest, "/dev/", 5) == 0) {
        const char *end = strchr(rest + 5, '/');
        cleanup_free char *plain =
            end ? strndup(rest, (size_t)(end - rest)) : strdup(rest);

        if (plain && mark_device(s, plain, depth + 1))
            return true;
        end = end ? strchr(end + 1, '/') : NULL;
        cleanup_free char *volume =
            end ? strndup(rest, (size_t)(end - rest)) : NULL;
        return volume && mark_device(s, volume, depth + 1);
    }
    if (str_after(device, "/dev/sd") &&
        device_split(device, letters, &partition)) {
        for (size_t i = 0; i < s->n; i++) {
            char own[DEVICE_LETTERS];

            device_letters((unsigned)i, own);
            if (!str_equal(own, letters))
                continue;
            s->mark(&s->looks[i]);
            return true;
        }
        return false;
    }
    if (str_after(device, "/dev/md"))
        return mark_array(s, device, depth + 1);
    return mayfly_is_lv(s->g, device, &yes) == 0 && yes &&
           mark_volume(s, device, depth + 1);
}

static const char *
mounted_at(const struct mayfly_inspection_root *root, const char *place)
{
    for (uint32_t i = 0; i < root->n_mountpoints; i++)
        if (str_equal(root->mountpoints[i].mountpoint, place))
            return root->mountpoints[i].mountable;
    return NULL;
}

static void
mark_disks(struct search *s, const struct mayfly_inspection_root *root)
{
    static const char *const system[] = {
        "/boot/efi", "/efi", "/boot/EFI", "/boot/esp"};
    const char *boot = mounted_at(root, "/boot");

    s->mark = mark_boot;
    if (!boot || !mark_device(s, boot, 0))
        mark_device(s, root->root, 0);
    s->mark = mark_system;
    for (size_t i = 0; i < N_ELEMENTS(system); i++) {
        const char *device = mounted_at(root, system[i]);

        if (device)
            mark_device(s, device, 0);
    }
}

/* --- what is on a disk --- */

static enum code
find_code(const uint8_t *sector)
{
    static const char *const loaders[] = {"GRUB", "LILO", "LINUX"};
    enum code code = CODE_NONE;

    if (sector[SECTOR - 2] != 0x55 || sector[SECTOR - 1] != 0xaa)
        return CODE_NONE;
    for (size_t i = 0; i < CODE_END; i++)
        if (sector[i])
            code = CODE_SOME;
    for (size_t i = 0; i < N_ELEMENTS(loaders); i++)
        if (memmem(sector, CODE_END, loaders[i], strlen(loaders[i])))
            code = CODE_LOADER;
    return code;
}

static void
look_at_partition(
    struct mayfly *g, const char *device, int32_t number, struct look *ret)
{
    static const char system[] = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
    static const char bios[] = "21686148-6449-6E6F-744E-656564454649";
    cleanup_free char *type = NULL;
    int32_t id;

    if (ret->gpt && mayfly_part_get_gpt_type(g, device, number, &type) == 0) {
        ret->may_have_system |= strcasecmp(type, system) == 0;
        ret->bios_partition |= strcasecmp(type, bios) == 0;
    } else if (!ret->gpt &&
               mayfly_part_get_mbr_id(g, device, number, &id) == 0) {
        ret->may_have_system |= id == MBR_SYSTEM_PARTITION;
    }
}

/* A GPT begins in the second sector. */
static bool
has_table_at(struct mayfly *g, const char *device, int64_t offset)
{
    static const char signature[] = "EFI PART";
    cleanup_free void *data = NULL;
    size_t n;

    return mayfly_pread_device(
               g, device, sizeof signature - 1, offset, &data, &n) == 0 &&
           n == sizeof signature - 1 && memcmp(data, signature, n) == 0;
}

/* What cannot be read has nothing on it. */
static void
look_at(struct mayfly *g, const char *device, struct look *ret)
{
    cleanup_free void *sector = NULL;
    cleanup_free char *table = NULL;
    struct mayfly_partition_list *list;
    size_t n;

    if (mayfly_pread_device(g, device, SECTOR, 0, &sector, &n) == 0 &&
        n == SECTOR)
        ret->code = find_code(sector);
    if (mayfly_part_get_parttype(g, device, &table) < 0 ||
        str_equal(table, "loop") || mayfly_part_list(g, device, &list) < 0)
        return;
    ret->gpt = str_equal(table, "gpt");
    ret->large_sectors = ret->gpt && !has_table_at(g, device, SECTOR) &&
                         has_table_at(g, device, LARGE_SECTOR);
    for (uint32_t i = 0; i < list->len; i++)
        look_at_partition(g, device, (int32_t)list->val[i].part_num, ret);
    mayfly_free_partition_list(list);
}

/* --- the answer --- */

static bool
has_boot(const struct look *look)
{
    return look->has_boot || look->has_system;
}

static bool
starts_by_uefi(const struct look *look)
{
    return look->may_have_system || look->has_system;
}

/* A BIOS runs what is in the boot sector; Windows needs UEFI on a GPT. */
static bool
starts_by_bios(const struct look *look, bool windows)
{
    return look->bios_partition ||
           (look->code != CODE_NONE && !(windows && look->gpt));
}

/* Nothing of the system can be started by a BIOS, and there is a system
 * partition.  Other disks count only if none of the system's own has one: they
 * may be what is left of another system. */
static bool
needs_uefi(const struct look *looks, size_t n, bool windows)
{
    bool bios = false, uefi = false, other_bios = false, other_uefi = false;

    for (size_t i = 0; i < n; i++) {
        if (has_boot(&looks[i])) {
            bios |= starts_by_bios(&looks[i], windows);
            uefi |= starts_by_uefi(&looks[i]);
        } else {
            other_bios |=
                looks[i].bios_partition || looks[i].code == CODE_LOADER;
            other_uefi |= starts_by_uefi(&looks[i]);
        }
    }
    return !bios && (uefi || (other_uefi && !other_bios));
}

/* How well would it do? The first of the best is taken. */
static int
score(const struct look *look, const struct guest *guest)
{
    /* Without a firmware, as under Xen, no boot sector was run. */
    bool ran = guest->kind == GUEST_HVM;

    if (guest->uefi)
        return look->has_system                          ? 5
               : look->may_have_system && look->has_boot ? 4
               : look->may_have_system                   ? 3
               : look->has_boot                          ? 2
                                                         : 0;
    if (look->has_boot)
        return look->code == CODE_LOADER ? 6 : look->code == CODE_SOME ? 5 : 3;
    if (look->code == CODE_LOADER)
        return ran ? 4 : 2;
    return look->code == CODE_SOME ? 1 : 0;
}

static char *
device_name(size_t i)
{
    char letters[DEVICE_LETTERS];

    device_letters((unsigned)i, letters);
    return text_printf("/dev/sd%s", letters);
}

static int
find_firmware(const struct look *looks, size_t n,
    const struct mayfly_inspection_root *root, struct guest *guest,
    struct error *err)
{
    bool windows = str_equal(root->type, "windows");

    /* Xen started these without firmware. */
    if (guest->kind == GUEST_PV || guest->kind == GUEST_PVH ||
        (guest->uefi && !guest->firmware_said))
        return 0;

    bool needs = needs_uefi(looks, n, windows), can = false;
    for (size_t i = 0; i < n; i++)
        can |= starts_by_uefi(&looks[i]);
    if (guest->firmware_said && needs && !guest->uefi)
        return guest_note(guest, err,
            "the source says BIOS, but it looks as if only UEFI could start "
            "the disk with the system");
    if (guest->firmware_said && guest->uefi && !can)
        return guest_note(guest, err,
            "the source says UEFI, but no disk has an EFI system partition");
    if (guest->firmware_said)
        return 0;
    guest->uefi = needs;
    return guest_note(guest, err,
        needs ? "the source does not name the firmware: UEFI, since the disk "
                "with the system has an EFI system partition and nothing for a "
                "BIOS"
              : "the source does not name the firmware: BIOS, since no disk "
                "needs UEFI");
}

int
boot_disk_find(struct mayfly *g, const struct mayfly_inspection_root *root,
    struct guest *guest, struct disks *disks, struct error *err)
{
    cleanup_free struct look *looks = calloc(disks->n, sizeof *looks);
    size_t best = 0;

    if (disks->boot_known)
        return 0;
    if (!looks)
        return error_no_memory(err);
    for (size_t i = 0; i < disks->n; i++) {
        cleanup_free char *device = device_name(i);

        if (!device)
            return error_no_memory(err);
        look_at(g, device, &looks[i]);
        if (looks[i].large_sectors && !disks->sector_size)
            disks->items[i].sector_size = LARGE_SECTOR;
    }

    struct search s = {.g = g, .looks = looks, .n = disks->n};
    mark_disks(&s, root);
    if (find_firmware(looks, disks->n, root, guest, err) < 0)
        return -1;
    for (size_t i = 1; i < disks->n; i++)
        if (score(&looks[i], guest) > score(&looks[best], guest))
            best = i;
    disks->boot = best;
    disks->boot_known = true;

    cleanup_free char *device = device_name(best);
    if (!device)
        return error_no_memory(err);
    snprintf(disks->boot_device, sizeof disks->boot_device, "%s", device);
    return best == 0 ? 0
                     : guest_note(guest, err,
                           "the system boots from vd%s, not from the first "
                           "disk",
                           disks->items[best].letters);
}

bool
boot_disk_lacks_table(
    struct mayfly *g, const struct guest *guest, const struct disks *disks)
{
    cleanup_free char *type = NULL;

    /* "loop" is a file system without a table. */
    return !disks->items[disks->boot].assembled && !guest->uefi &&
           (mayfly_part_get_parttype(g, disks->boot_device, &type) < 0 ||
               str_equal(type, "loop"));
}
