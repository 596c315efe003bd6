/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which partition is C:?  HKLM\SYSTEM\MountedDevices has a value
 * \DosDevices\C: with either
 *     12 bytes    the disk's MBR signature (4 bytes at 0x1b8 of it) and the
 *                 first byte of the partition on it, little-endian
 *     24 bytes    "DMIO:ID:" and the partition's GUID in a GPT, as Windows
 *                 lays it out: the first three fields little-endian
 * A volume that is neither (a CD, a dynamic disk) is left out. */
#include <config.h>

#include <ctype.h>
#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/registry.h"
#include "appliance/agent/inspect/detect.h"
#include "appliance/agent/inspect/volume.h"
#include "appliance/agent/storage/blocks.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { DRIVES_MAX = 64, SECTOR = 512, MBR_BLOB = 12, GPT_BLOB = 24 };

/* In bytes; UINT64_MAX if it is not known. */
static uint64_t
partition_start(struct call *c, const struct volume *v)
{
    char *text = block_attribute(c, v->kernel_name, "start"), *end;
    uint64_t start = strtoull(text, &end, 10);

    return end == text || start > UINT64_MAX / SECTOR ? UINT64_MAX
                                                      : start * SECTOR;
}

/* The uuid that libblkid gives to a partition: of an MBR, the signature and
 * the number. */
static const char *
partition_uuid(struct call *c, const struct volumes *all, struct volume *v)
{
    volume_name_partition(c, all, v);
    return v->partition_uuid ? v->partition_uuid : "";
}

static const char *
find_mbr(struct call *c, const struct volumes *all, const unsigned char *blob)
{
    uint32_t signature;
    uint64_t start;
    char prefix[16];

    memcpy(&signature, blob, sizeof signature);
    memcpy(&start, blob + sizeof signature, sizeof start);
    snprintf(prefix, sizeof prefix, "%08" PRIx32 "-", le32toh(signature));
    for (uint32_t i = 0; i < all->n; i++) {
        struct volume *v = &all->items[i];

        if (v->kind == VOLUME_PARTITION &&
            str_after(partition_uuid(c, all, v), prefix) &&
            partition_start(c, v) == le64toh(start))
            return v->device;
    }
    return NULL;
}

static const char *
find_gpt(struct call *c, const struct volumes *all, const unsigned char *guid)
{
    static const unsigned char order[] = {
        3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    char text[40], *p = text;

    for (size_t i = 0; i < N_ELEMENTS(order); i++)
        p += sprintf(p, "%02x%s", guid[order[i]],
            i == 3 || i == 5 || i == 7 || i == 9 ? "-" : "");
    for (uint32_t i = 0; i < all->n; i++) {
        struct volume *v = &all->items[i];

        if (v->kind == VOLUME_PARTITION &&
            strcasecmp(partition_uuid(c, all, v), text) == 0)
            return v->device;
    }
    return NULL;
}

/* The letter of a value's key, or 0. */
static char
letter_of(const char *key)
{
    static const char prefix[] = "\\DosDevices\\";

    if (strncasecmp(key, prefix, sizeof prefix - 1) != 0)
        return 0;
    key += sizeof prefix - 1;
    return isalpha((unsigned char)key[0]) && key[1] == ':' ? key[0] : 0;
}

static void
map_value(struct call *c, hive_h *h, hive_value_h value,
    const struct volumes *all, struct list *pairs)
{
    hive_type type;
    size_t size = 0;
    char *key = hivex_value_key(h, value);
    char *blob = key ? hivex_value_value(h, value, &type, &size) : NULL;
    char letter = key ? letter_of(key) : 0;
    const char *device = NULL;

    if (key)
        call_defer(c, free, key);
    if (!blob)
        return;
    call_defer(c, free, blob);
    if (!letter || type != hive_t_REG_BINARY)
        return;
    if (size == MBR_BLOB)
        device = find_mbr(c, all, (unsigned char *)blob);
    else if (size >= GPT_BLOB && memcmp(blob, "DMIO:ID:", 8) == 0)
        device = find_gpt(c, all, (unsigned char *)blob + 8);
    if (!device)
        return;
    list_add_string(c, pairs, call_strndup(c, &letter, 1));
    list_add_string(c, pairs, device);
}

void
windows_map_drives(struct call *c, int root, const struct volumes *all,
    struct mayfly_inspection_root *s)
{
    hive_h *h = registry_open(c, root, s->windows_system_hive);
    hive_node_h node =
        h ? registry_node(h, hivex_root(h), "MountedDevices") : 0;
    hive_value_h *values = node ? hivex_node_values(h, node) : NULL;
    struct list pairs = {0};

    if (!values)
        return;
    call_defer(c, free, values);
    for (size_t i = 0; values[i] && pairs.n < 2 * DRIVES_MAX; i++)
        map_value(c, h, values[i], all, &pairs);
    s->drive_mappings = pairs.items;
    s->n_drive_mappings = pairs.n / 2;
}
