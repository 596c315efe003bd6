/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/machine/firmware.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

static const char disk[] = "/dev/sda";

/* Does the disk have a partition of that GPT type? */
static bool
has_type(struct mayfly *g, const struct mayfly_partition_list *list,
    const char *type)
{
    for (uint32_t i = 0; i < list->len; i++) {
        cleanup_free char *is = NULL;

        if (mayfly_part_get_gpt_type(
                g, disk, (int32_t)list->val[i].part_num, &is) == 0 &&
            strcasecmp(is, type) == 0)
            return true;
    }
    return false;
}

int
firmware_guess(struct mayfly *g, struct guest *guest, struct error *err)
{
    static const char system[] = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
    static const char bios[] = "21686148-6449-6E6F-744E-656564454649";
    cleanup_free char *table = NULL;
    struct mayfly_partition_list *list;

    if (guest->kind != GUEST_UNKNOWN || guest->uefi ||
        mayfly_part_get_parttype(g, disk, &table) < 0 ||
        strcmp(table, "gpt") != 0 || mayfly_part_list(g, disk, &list) < 0)
        return 0;
    guest->uefi = has_type(g, list, system) && !has_type(g, list, bios);
    mayfly_free_partition_list(list);
    if (!guest->uefi)
        return 0;
    return guest_note(guest, err,
        "the source does not name the firmware; the first disk needs UEFI");
}
