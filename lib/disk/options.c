/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/disk/options.h"

#include <errno.h>

#include "base/strv.h"

static int
read_discard(const char *text, enum disk_discard *ret, struct error *err)
{
    if (str_equal(text, "disable"))
        *ret = DISCARD_OFF;
    else if (str_equal(text, "enable"))
        *ret = DISCARD_ON;
    else if (str_equal(text, "besteffort"))
        *ret = DISCARD_BEST_EFFORT;
    else
        return error_set(err, EINVAL,
            "invalid discard '%s': use disable, enable or besteffort", text);
    return 0;
}

static int
read_cache_mode(const char *text, bool *ret_unsafe, struct error *err)
{
    if (!str_equal(text, "writeback") && !str_equal(text, "unsafe"))
        return error_set(err, EINVAL,
            "invalid cachemode '%s': use writeback or unsafe", text);
    *ret_unsafe = str_equal(text, "unsafe");
    return 0;
}

static int
read_policy(const char *text, enum policy_kind *ret, struct error *err)
{
    if (str_equal(text, "folder"))
        *ret = POLICY_FOLDER;
    else if (str_equal(text, "named"))
        *ret = POLICY_NAMED;
    else if (str_equal(text, "images"))
        *ret = POLICY_IMAGES;
    else if (str_equal(text, "none"))
        *ret = POLICY_NONE;
    else if (str_equal(text, "any"))
        *ret = POLICY_ANY;
    else
        return error_set(err, EINVAL,
            "invalid backing_policy '%s': use folder, images, named, none or "
            "any",
            text);
    return 0;
}

int
disk_options_read(const struct mayfly_add_drive_options *in,
    struct disk_options *out, struct error *err)
{
    uint64_t set = in ? in->set : 0;

    *out = (struct disk_options){.discard = DISCARD_BEST_EFFORT};
    if (set & MAYFLY_ADD_DRIVE_READONLY)
        out->read_only = in->readonly;
    if (set & MAYFLY_ADD_DRIVE_FORMAT)
        out->format = in->format;
    if (set & MAYFLY_ADD_DRIVE_NAME)
        out->name = in->name;
    if (set & MAYFLY_ADD_DRIVE_LABEL)
        out->label = in->label;
    if (set & MAYFLY_ADD_DRIVE_COPYONREAD)
        out->copy_on_read = in->copyonread;
    if (set & MAYFLY_ADD_DRIVE_BLOCKSIZE)
        out->block_size = in->blocksize;
    if (set & MAYFLY_ADD_DRIVE_SNAPSHOT)
        out->snapshot = in->snapshot;
    if (set & MAYFLY_ADD_DRIVE_ALLOW)
        out->allow = in->allow;
    if (set & MAYFLY_ADD_DRIVE_CACHEMODE &&
        read_cache_mode(in->cachemode, &out->unsafe, err) < 0)
        return -1;
    if (set & MAYFLY_ADD_DRIVE_DISCARD &&
        read_discard(in->discard, &out->discard, err) < 0)
        return -1;
    if (set & MAYFLY_ADD_DRIVE_BACKING_POLICY &&
        read_policy(in->backing_policy, &out->policy, err) < 0)
        return -1;
    if (out->discard == DISCARD_ON && out->read_only)
        return error_set(
            err, EINVAL, "discard cannot be enabled on a read-only disk");
    if (out->snapshot && !out->read_only)
        return error_set(
            err, EINVAL, "a snapshot can only be read: it needs readonly");
    if (out->copy_on_read && !out->read_only)
        return error_set(err, EINVAL, "copyonread needs readonly");
    return 0;
}
