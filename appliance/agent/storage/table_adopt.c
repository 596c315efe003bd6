/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a GPT has a protective MBR in front.  A disk that has
 * one and of which the kernel knows no partitions is read again by libfdisk,
 * which also uses the second copy.  What was adopted is remembered by the
 * kernel's sequence number of the disk, since names are used again. */
#include <config.h>

#include "appliance/agent/storage/table_adopt.h"

#include <stdlib.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/storage/blocks.h"
#include "appliance/agent/storage/table.h"
#include "appliance/agent/storage/table_head.h"

enum { ADOPTED_MAX = 256 };

static const char second_copy[] =
    "the first copy of its partition table (GPT) is damaged; the second one, "
    "at the end of the disk, is used, but a booting system may not do so: "
    "repair it with 'sgdisk -e' or 'gdisk'";
static const char large_sectors[] =
    "its partition table (GPT) was made for sectors of 4096 bytes: only a "
    "machine that gives the disk such sectors can boot from it";
static const char no_copy[] =
    "its partition table (GPT) is damaged in both copies";
static const char unprotected[] =
    "its partition table (GPT) is not used, since the protective MBR in front "
    "of it is missing; make one with 'gdisk' (w)";

/* The disks that were adopted. */
static struct {
    unsigned long long sequence;
    const char *complaint;
} adopted[ADOPTED_MAX];
static unsigned n_adopted;

static unsigned long long
sequence_of(struct call *c, const char *kernel_name)
{
    return strtoull(block_attribute(c, kernel_name, "diskseq"), NULL, 10);
}

static bool
give_partitions(struct call *c, const char *device)
{
    struct list extents = {0};
    struct table *t = table_open(c, device, false, TABLE_GPT);
    bool given = t && table_extents(t, &extents) == 0 && extents.n > 0;

    if (t)
        table_close(t);
    given = given && table_update_kernel(t, &extents) == 0;
    call_forgive(c);
    return given;
}

static void
remember(unsigned long long sequence, const char *complaint)
{
    unsigned at = n_adopted++ % ADOPTED_MAX;

    adopted[at].sequence = sequence;
    adopted[at].complaint = complaint;
}

void
table_adopt(struct call *c, const char *device)
{
    /* Nearly always so, and much less than a look into sysfs. */
    if (access(call_printf(c, "%s1", device), F_OK) == 0)
        return;

    char *name = block_kernel_name(c, device);
    if (!name) {
        call_forgive(c);
        return;
    }
    if (block_has_partitions(c, name))
        return;

    struct table_head h = table_head(device);
    if (h.readable && h.protective && give_partitions(c, device))
        remember(sequence_of(c, name),
            h.large_gpt && !h.gpt ? large_sectors : second_copy);
}

const char *
table_complaint(struct call *c, const char *device, const char **ret_reason)
{
    char *name = block_kernel_name(c, device);

    if (!name) {
        call_forgive(c);
        return NULL;
    }

    unsigned long long sequence = sequence_of(c, name);
    if (block_has_partitions(c, name)) {
        for (unsigned i = 0; i < ADOPTED_MAX; i++)
            if (sequence && adopted[i].sequence == sequence) {
                *ret_reason = adopted[i].complaint == second_copy
                                  ? "second-table"
                                  : "sectors";
                return adopted[i].complaint;
            }
        return NULL;
    }

    struct table_head h = table_head(device);
    *ret_reason = "damaged-table";
    if (h.protective)
        return no_copy;
    return h.gpt || h.large_gpt ? unprotected : NULL;
}
