/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What libblkid finds on a device, without a process for it. */
#include <config.h>

#include "appliance/agent/storage/probe.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"

struct holder {
    blkid_probe probe;
};

/* Once; the call's end does it if the handler was left in between. */
static void
close_probe(void *opaque)
{
    struct holder *h = opaque;

    if (h->probe)
        blkid_free_probe(h->probe);
    h->probe = NULL;
}

static struct holder *
open_probe(struct call *c, const char *device)
{
    struct holder *h = call_alloc(c, sizeof *h);

    call_defer(c, close_probe, h);
    h->probe = blkid_new_probe_from_filename(device);
    if (h->probe)
        return h;
    call_fail(c, errno ? errno : ENOMEM, "%s", device);
    return NULL;
}

static const char *
probe_value(struct call *c, blkid_probe p, const char *name)
{
    const char *value;

    if (blkid_probe_lookup_value(p, name, &value, NULL) < 0)
        return "";
    return call_strdup(c, value);
}

/* What nearly every guest is made of, and what may lie around it.  To ask for
 * all that libblkid knows reads the device in forty places. */
static const char *const usual[] = {"ext4", "ext3", "ext2", "xfs", "btrfs",
    "linux_raid_member", "LVM2_member", "crypto_LUKS", NULL};

enum range { ALL, USUAL, MEMBERS };

static int
probe(struct call *c, const char *device, enum range range, struct probe *ret)
{
    struct holder *h = open_probe(c, device);

    if (!h)
        return -1;
    blkid_probe p = h->probe;
    blkid_probe_enable_superblocks(p, 1);
    blkid_probe_set_superblocks_flags(
        p, BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID | BLKID_SUBLKS_TYPE |
               BLKID_SUBLKS_USAGE);
    if (range == USUAL)
        blkid_probe_filter_superblocks_type(
            p, BLKID_FLTR_ONLYIN, (char **)(uintptr_t)usual);
    if (range == MEMBERS)
        blkid_probe_filter_superblocks_usage(
            p, BLKID_FLTR_ONLYIN, BLKID_USAGE_RAID);
    /* Nothing found, or contradictions: unknown. */
    blkid_do_safeprobe(p);
    ret->type = probe_value(c, p, "TYPE");
    ret->usage = probe_value(c, p, "USAGE");
    ret->label = probe_value(c, p, "LABEL");
    ret->uuid = probe_value(c, p, "UUID");
    close_probe(h);
    return 0;
}

int
probe_device(struct call *c, const char *device, struct probe *ret)
{
    return probe(c, device, ALL, ret);
}

int
probe_member(struct call *c, const char *device, struct probe *ret)
{
    return probe(c, device, MEMBERS, ret);
}

int
probe_usual(struct call *c, const char *device, struct probe *ret)
{
    if (probe(c, device, USUAL, ret) < 0)
        return -1;
    return *ret->type ? 0 : probe(c, device, ALL, ret);
}

int
probe_all(struct call *c, const char *device, struct list *ret)
{
    struct holder *h = open_probe(c, device);

    if (!h)
        return -1;
    blkid_probe p = h->probe;
    blkid_probe_enable_superblocks(p, 1);
    blkid_probe_set_superblocks_flags(
        p, BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID | BLKID_SUBLKS_TYPE |
               BLKID_SUBLKS_SECTYPE | BLKID_SUBLKS_USAGE |
               BLKID_SUBLKS_VERSION | BLKID_SUBLKS_MAGIC);
    blkid_probe_enable_topology(p, 1);
    blkid_probe_enable_partitions(p, 1);
    blkid_probe_set_partitions_flags(p, BLKID_PARTS_ENTRY_DETAILS);
    blkid_do_safeprobe(p);
    for (int i = 0; i < blkid_probe_numof_values(p); i++) {
        const char *name, *value;

        if (blkid_probe_get_value(p, i, &name, &value, NULL) < 0 ||
            strstr(name, "MAGIC"))
            continue;
        list_add_string(c, ret, name);
        list_add_string(c, ret, value);
    }
    close_probe(h);
    return 0;
}

void
probe_partitions(struct call *c, const char *disk, struct list *ret)
{
    struct holder *h = open_probe(c, disk);

    if (!h) {
        call_forgive(c);
        return;
    }
    blkid_probe_enable_superblocks(h->probe, 0);
    blkid_probe_enable_partitions(h->probe, 1);
    blkid_partlist list = blkid_probe_get_partitions(h->probe);
    int n = list ? blkid_partlist_numof_partitions(list) : 0;
    for (int i = 0; i < n; i++) {
        blkid_partition p = blkid_partlist_get_partition(list, i);
        const char *guid = blkid_partition_get_type_string(p);
        const char *uuid = blkid_partition_get_uuid(p);
        const char *name = blkid_partition_get_name(p);

        *list_add(c, ret, struct partition) = (struct partition){
            .number = blkid_partition_get_partno(p),
            .type = guid ? call_strdup(c, guid)
                         : call_printf(c, "0x%x",
                               (unsigned)blkid_partition_get_type(p)),
            .uuid = call_strdup(c, uuid ? uuid : ""),
            .name = call_strdup(c, name ? name : ""),
            .flags = blkid_partition_get_flags(p),
        };
    }
    close_probe(h);
}
