/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "customize/growth.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/progress.h"
#include "tool/session.h"

static int
fail(struct mayfly *g, struct error *err, const char *verb, const char *what)
{
    tool_handle_error(g, err);
    return error_context(err, "cannot %s %s", verb, what);
}

int
growth_partition(struct mayfly *g, const char *partition, struct error *err)
{
    cleanup_free char *device = NULL;
    int32_t number;
    int64_t size;

    if (mayfly_part_to_dev(g, partition, &device) < 0 ||
        mayfly_part_to_partnum(g, partition, &number) < 0 ||
        mayfly_part_grow(g, device, number, &size) < 0)
        return fail(g, err, "grow", partition);
    return 0;
}

/* --- encrypted devices --- */

/* Is it the key of this device: by its name, by the name of all, by UUID? */
static bool
key_fits(const struct tool_key *k, const char *device, const char *uuid)
{
    const char *plain = str_after(device, "/dev/");

    return str_equal(k->id, "all") || str_equal(k->id, device) ||
           (plain && str_equal(k->id, plain)) || str_equal(k->id, uuid);
}

static char *
map_name(unsigned i)
{
    return text_printf("mayfly-growth-%u", i);
}

/* A key that the user types, or that comes on stdin. */
static int
open_by_asking(struct growth *w, const char *device, const char *name)
{
    cleanup_error struct error ignored = {0};

    if (!w->keys->from_stdin && !isatty(STDERR_FILENO))
        return -1;
    tool_progress_clear();
    char *key = tool_keys_ask(w->keys, device, &ignored);
    int r = key ? mayfly_cryptsetup_open(w->g, device, key, name, NULL) : -1;
    tool_key_free(key);
    return r;
}

static int
open_by_keys(
    struct growth *w, const char *device, const char *uuid, const char *name)
{
    for (size_t i = 0; i < w->keys->n_keys; i++) {
        const struct tool_key *k = &w->keys->keys[i];

        if (key_fits(k, device, uuid) &&
            mayfly_cryptsetup_open(w->g, device, k->secret, name, NULL) == 0)
            return 0;
    }
    return -1;
}

/* NULL: no key opens it. */
static char *
open_encrypted(struct growth *w, const char *device, struct error *err)
{
    cleanup_free char *name = map_name(w->n_opened), *uuid = NULL;

    if (!name)
        return error_no_memory(err), NULL;
    if (mayfly_luks_uuid(w->g, device, &uuid) < 0)
        return fail(w->g, err, "open", device), NULL;
    if (open_by_keys(w, device, uuid, name) == 0 ||
        open_by_asking(w, device, name) == 0) {
        char *mapped = text_printf("/dev/mapper/%s", name);

        w->n_opened++;
        return mapped ? mapped : (error_no_memory(err), NULL);
    }
    return error_set(err, ENOKEY,
               "%s is encrypted, and no key opens it; give one with --key "
               "%s:key:STRING, or leave its content as it is with "
               "--no-expand-content",
               device, device),
           NULL;
}

int
growth_open(struct growth *w, const char *device, struct error *err)
{
    cleanup_free char *inside = open_encrypted(w, device, err);

    return inside ? 0 : -1;
}

void
growth_close(struct growth *w)
{
    for (unsigned i = 0; i < w->n_opened; i++) {
        cleanup_free char *name = map_name(i);
        cleanup_free char *mapped =
            name ? text_printf("/dev/mapper/%s", name) : NULL;

        if (mapped)
            mayfly_cryptsetup_close(w->g, mapped);
    }
    w->n_opened = 0;
}

/* --- content --- */

/* SIZE 0: that of the device. */
static int
resize_ntfs(
    struct growth *w, const char *device, uint64_t size, struct error *err)
{
    const struct mayfly_ntfsresize_options options = {
        .set = size ? MAYFLY_NTFSRESIZE_SIZE : 0,
        .size = (int64_t)size,
    };

    if (mayfly_ntfsresize(w->g, device, &options) == 0)
        return 0;
    fail(w->g, err, size ? "shrink" : "grow", device);
    return error_context(err,
        "NTFS has to be without faults and marks (--ntfsresize-force ignores "
        "a mark)");
}

int
growth_content(struct growth *w, const char *device, struct error *err)
{
    cleanup_free char *type = NULL, *grown = NULL;

    if (mayfly_vfs_type(w->g, device, &type) < 0)
        return fail(w->g, err, "grow", device);
    if (w->keys && str_equal(type, "crypto_LUKS")) {
        cleanup_free char *inside = open_encrypted(w, device, err);

        return inside ? growth_content(w, inside, err) : -1;
    }
    if (w->not_ntfs_marked && str_equal(type, "ntfs"))
        return resize_ntfs(w, device, 0, err);
    if (mayfly_filesystem_grow(w->g, device, &grown) == 0)
        return 0;
    bool cannot = mayfly_last_errno(w->g) == ENOTSUP;
    fail(w->g, err, "grow", device);
    return cannot ? GROWTH_CANNOT : -1;
}

int
growth_volume(struct growth *w, const char *lv, struct error *err)
{
    return mayfly_lvresize_free(w->g, lv, 100) < 0 ? fail(w->g, err, "grow", lv)
                                                   : 0;
}

/* --- shrinking --- */

/* The header of an encrypted device comes off what is in it. */
static int
shrink_encrypted(
    struct growth *w, const char *device, uint64_t size, struct error *err)
{
    cleanup_free char *inside = open_encrypted(w, device, err);
    int64_t whole, rest;

    if (!inside)
        return -1;
    if (mayfly_blockdev_getsize64(w->g, device, &whole) < 0 ||
        mayfly_blockdev_getsize64(w->g, inside, &rest) < 0)
        return fail(w->g, err, "shrink", device);
    uint64_t head = (uint64_t)(whole - rest);
    if (size <= head)
        return error_set(err, ENOSPC,
            "cannot shrink %s: its header alone needs %llu bytes", device,
            (unsigned long long)head);
    return growth_shrink(w, inside, size - head, err);
}

int
growth_shrink(
    struct growth *w, const char *device, uint64_t size, struct error *err)
{
    cleanup_free char *type = NULL, *shrunk = NULL;

    if (mayfly_vfs_type(w->g, device, &type) < 0)
        return fail(w->g, err, "shrink", device);
    if (w->keys && str_equal(type, "crypto_LUKS"))
        return shrink_encrypted(w, device, size, err);
    if (w->not_ntfs_marked && str_equal(type, "ntfs"))
        return resize_ntfs(w, device, size, err);
    if (mayfly_filesystem_shrink(w->g, device, (int64_t)size, &shrunk) == 0)
        return 0;
    bool cannot = mayfly_last_errno(w->g) == ENOTSUP;
    fail(w->g, err, "shrink", device);
    return cannot ? GROWTH_CANNOT : -1;
}
