/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/volumes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"

static int
fail(struct mayfly *g, struct error *err)
{
    return error_set(err, EIO, "%s", mayfly_last_error(g));
}

static const char *
value_of(char *const *pairs, const char *name)
{
    for (; pairs && pairs[0] && pairs[1]; pairs += 2)
        if (str_equal(pairs[0], name))
            return pairs[1];
    return "";
}

/* udev makes no link for a member of an array or of a volume group. */
static bool
has_link(const char *type)
{
    static const char *const members[] = {"LVM2_member", "LVM1_member",
        "linux_raid_member", "DM_snapshot_cow", "DM_verity_hash", "bcache",
        "drbd", "zfs_member", "ddf_raid_member", "isw_raid_member"};

    for (size_t i = 0; i < N_ELEMENTS(members); i++)
        if (str_equal(type, members[i]))
            return false;
    return true;
}

static int
add(struct volumes *v, struct mayfly *g, const char *device, struct error *err)
{
    cleanup_free char **pairs = NULL;
    struct volume *more;

    if (volumes_find(v, device))
        return 0;
    /* An empty device has nothing to say. */
    if (mayfly_blkid(g, device, &pairs) < 0)
        pairs = NULL;
    if (!(more = reallocarray(v->items, v->n + 1, sizeof *more)))
        return error_no_memory(err);
    v->items = more;

    struct volume *x = &more[v->n++];
    *x = (struct volume){
        .device = strdup(device),
        .uuid = strdup(value_of(pairs, "UUID")),
        .label = strdup(value_of(pairs, "LABEL")),
        .type = strdup(value_of(pairs, "TYPE")),
        .part_uuid = strdup(value_of(pairs, "PART_ENTRY_UUID")),
        .part_label = strdup(value_of(pairs, "PART_ENTRY_NAME")),
    };
    if (!x->device || !x->uuid || !x->label || !x->type || !x->part_uuid ||
        !x->part_label)
        return error_no_memory(err);
    x->linked = x->uuid[0] && has_link(x->type);
    return 0;
}

static int
add_all(struct volumes *v, struct mayfly *g, char *const *devices,
    struct error *err)
{
    for (; devices && *devices; devices++)
        if (add(v, g, *devices, err) < 0)
            return -1;
    return 0;
}

static int
list(struct volumes *v, struct mayfly *g, struct error *err)
{
    static int (*const lists[])(struct mayfly *, char ***) = {
        mayfly_list_devices, mayfly_list_partitions, mayfly_list_md_devices,
        mayfly_lvs, mayfly_list_dm_devices};

    for (size_t i = 0; i < N_ELEMENTS(lists); i++) {
        cleanup_free char **devices = NULL;

        if (lists[i](g, &devices) < 0)
            return fail(g, err);
        if (add_all(v, g, devices, err) < 0)
            return -1;
        if (lists[i] == mayfly_list_md_devices)
            v->n_arrays = strv_length(devices);
        if (lists[i] == mayfly_lvs)
            v->logical = steal_pointer(&devices);
    }
    return 0;
}

struct volumes *
volumes_list(struct mayfly *g, struct error *err)
{
    struct volumes *v = calloc(1, sizeof *v);

    if (!v) {
        error_no_memory(err);
        return NULL;
    }
    if (list(v, g, err) < 0) {
        volumes_free(v);
        return NULL;
    }
    for (size_t i = 0; i < v->n; i++)
        v->n_locked += str_equal(v->items[i].type, "crypto_LUKS");
    return v;
}

const struct volume *
volumes_find(const struct volumes *v, const char *device)
{
    for (size_t i = 0; i < v->n; i++)
        if (str_equal(v->items[i].device, device))
            return &v->items[i];
    return NULL;
}

static bool
has_tag(const struct volume *x, const char *tag, const char *value)
{
    if (str_equal(tag, "UUID"))
        return strcasecmp(x->uuid, value) == 0;
    if (str_equal(tag, "LABEL"))
        return str_equal(x->label, value);
    if (str_equal(tag, "PARTUUID"))
        return strcasecmp(x->part_uuid, value) == 0;
    return str_equal(x->part_label, value);
}

size_t
volumes_by_tag(const struct volumes *v, const char *tag, const char *value,
    const struct volume **ret_first)
{
    size_t n = 0;

    *ret_first = NULL;
    for (size_t i = 0; value[0] && i < v->n; i++) {
        const struct volume *x = &v->items[i];

        if (!has_tag(x, tag, value))
            continue;
        /* A volume group's /dev/GROUP/VOLUME and /dev/mapper name are one, and
         * an array's content shows through a member of the old format. */
        bool shares = n && (str_equal(x->type, "btrfs") || !x->linked ||
                               str_after(x->device, "/dev/md") ||
                               str_after(x->device, "/dev/dm-") ||
                               str_after(x->device, "/dev/mapper/"));
        if (!shares)
            n++;
        if (!*ret_first)
            *ret_first = x;
    }
    return n;
}

bool
volumes_is_mapped(const struct volumes *v, const char *name)
{
    for (char **p = v->logical; p && *p; p++) {
        const char *from = str_after(*p, "/dev/"), *to = name;

        /* GROUP-VOLUME, with each "-" in them doubled */
        for (; from && *from; from++) {
            if (*to != (*from == '/' ? '-' : *from))
                break;
            to++;
            if (*from == '-' && *to++ != '-')
                break;
        }
        if (from && !*from && !*to)
            return true;
    }
    return false;
}

void
volumes_free(struct volumes *v)
{
    if (!v)
        return;
    for (size_t i = 0; i < v->n; i++) {
        struct volume *x = &v->items[i];

        free(x->device);
        free(x->uuid);
        free(x->label);
        free(x->type);
        free(x->part_uuid);
        free(x->part_label);
    }
    free(v->items);
    free(v->logical);
    strv_free(v->opened);
    strv_free(v->told);
    strv_free(v->taken);
    free(v->root_name);
    free(v->root_disk);
    free(v);
}
