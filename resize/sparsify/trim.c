/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "resize/sparsify/trim.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "resize/disk.h"
#include "resize/say.h"
#include "tool/tool.h"

/* The header of a swap area is in its first page, which has at most: */
enum { SWAP_HEADER = 64 << 10 };

void
sparsify_say(const struct sparsify *s, const char *format, ...)
{
    va_list ap;

    if (s->quiet)
        return;
    va_start(ap, format);
    say_line(s->start, format, ap);
    va_end(ap);
}

struct trim {
    const struct sparsify *s;
    struct mayfly *g;
    bool fill;
    char **ignored, **zeroed; /* names as the appliance has them */
};

static int
fail(struct trim *w, struct error *err)
{
    return tool_handle_error(w->g, err);
}

/* Not done, which is no error: another guest may have what this one has not. */
static void
leave(struct trim *w, const char *what, const char *type)
{
    tool_warning("%s%s%s%s: its free space stays as it is: %s", what,
        *type ? " (" : "", type, *type ? ")" : "", mayfly_last_error(w->g));
}

/* --- the parts --- */

static int
trim_mounted(struct trim *w, const char *device, const char *type)
{
    if (mayfly_fstrim(w->g, "/", NULL) == 0)
        return 0;
    if (w->fill && mayfly_zero_free_space(w->g, "/") == 0)
        return 0;
    if (tool_interrupted())
        return -1;
    leave(w, device, type);
    return 0;
}

static int
trim_file_system(
    struct trim *w, const char *device, const char *type, struct error *err)
{
    if (mayfly_mount(w->g, device, "/") < 0) {
        leave(w, device, type);
        return 0;
    }
    sparsify_say(w->s, "Trimming %s (%s)", device, type);
    int r = trim_mounted(w, device, type);
    if (mayfly_umount_all(w->g) < 0 && r == 0)
        r = fail(w, err);
    return r < 0 && !err->text ? error_set(err, EINTR, "interrupted") : r;
}

static int
trim_swap(struct trim *w, const char *device, struct error *err)
{
    int64_t size;

    if (mayfly_blockdev_getsize64(w->g, device, &size) < 0)
        return fail(w, err);
    if (size <= SWAP_HEADER)
        return 0;
    sparsify_say(w->s, "Trimming %s (swap)", device);
    if (mayfly_blkdiscard_range(w->g, device, SWAP_HEADER, size - SWAP_HEADER) <
        0)
        leave(w, device, "swap");
    return 0;
}

/* By type: those without free space, or that are only read, need no word. */
static int
trim_one(
    struct trim *w, const char *device, const char *type, struct error *err)
{
    static const char *const nothing_free[] = {"unknown", "iso9660", "udf",
        "squashfs", "erofs", "cramfs", "romfs", NULL};

    for (size_t i = 0; nothing_free[i]; i++)
        if (str_equal(type, nothing_free[i]))
            return 0;
    /* It is on the device that was trimmed before it. */
    if (str_after(device, "btrfsvol:"))
        return 0;
    if (str_equal(type, "swap"))
        return trim_swap(w, device, err);
    if (str_equal(type, "swsuspend")) {
        tool_warning(
            "%s: it holds the memory of a hibernated system, and stays "
            "as it is",
            device);
        return 0;
    }
    return trim_file_system(w, device, type, err);
}

static int
trim_file_systems(struct trim *w, struct error *err)
{
    cleanup_free char **pairs = NULL;

    if (mayfly_list_filesystems(w->g, &pairs) < 0)
        return fail(w, err);
    for (size_t i = 0; pairs[i] && pairs[i + 1]; i += 2) {
        if (tool_interrupted())
            return error_set(err, EINTR, "interrupted");
        if (strv_contains(w->ignored, pairs[i]) ||
            strv_contains(w->zeroed, pairs[i]))
            continue;
        if (trim_one(w, pairs[i], pairs[i + 1], err) < 0)
            return -1;
    }
    return 0;
}

/* --- volume groups --- */

static int
trim_volumes(struct trim *w, struct error *err)
{
    cleanup_free char **devices = NULL;
    int64_t bytes;

    if (mayfly_pvs(w->g, &devices) < 0)
        return fail(w, err);
    for (char **pv = devices; *pv; pv++) {
        if (strv_contains(w->ignored, *pv))
            continue;
        if (mayfly_pv_discard_free(w->g, *pv, &bytes) < 0)
            leave(w, *pv, "LVM2_member");
        else if (bytes > 0)
            sparsify_say(
                w->s, "Trimming %s (free space of a volume group)", *pv);
    }
    return 0;
}

/* --- encrypted devices --- */

static int
name_encrypted(struct trim *w, struct error *err)
{
    cleanup_free char **partitions = NULL, **devices = NULL, **volumes = NULL;

    if (mayfly_list_devices(w->g, &devices) < 0 ||
        mayfly_list_partitions(w->g, &partitions) < 0 ||
        mayfly_lvs(w->g, &volumes) < 0)
        return fail(w, err);
    char **const lists[] = {devices, partitions, volumes};
    for (size_t i = 0; i < N_ELEMENTS(lists); i++)
        for (char **d = lists[i]; *d; d++) {
            cleanup_free char *type = NULL;

            if (strv_contains(w->ignored, *d) ||
                mayfly_vfs_type(w->g, *d, &type) < 0)
                continue;
            if (str_equal(type, "crypto_LUKS") || str_equal(type, "BitLocker"))
                tool_warning("%s: it is encrypted, so what is free in it is "
                             "not zero, and it stays as it is",
                    *d);
        }
    return 0;
}

/* --- what the user names --- */

/* Names of devices as the appliance has them; names of volume groups become
 * those of their physical volumes. */
static int
resolve_group(struct trim *w, const char *name, char ***ret, bool *ret_found,
    struct error *err)
{
    struct mayfly_lvm_vg_list *groups = NULL;
    cleanup_free char **uuids = NULL;

    if (mayfly_vgs_full(w->g, &groups) < 0)
        return fail(w, err);
    for (uint32_t i = 0; i < groups->len; i++)
        *ret_found |= str_equal(groups->val[i].vg_name, name);
    mayfly_free_lvm_vg_list(groups);
    if (!*ret_found)
        return 0;
    struct mayfly_lvm_pv_list *all = NULL;
    if (mayfly_vgpvuuids(w->g, name, &uuids) < 0 ||
        mayfly_pvs_full(w->g, &all) < 0)
        return fail(w, err);
    int r = 0;
    for (uint32_t i = 0; i < all->len && r == 0; i++)
        if (strv_contains(uuids, all->val[i].pv_uuid))
            r = strv_append(ret, all->val[i].pv_name);
    mayfly_free_lvm_pv_list(all);
    return r < 0 ? error_no_memory(err) : 0;
}

static int
resolve(struct trim *w, const char *option, char *const *names, bool groups,
    char ***ret, struct error *err)
{
    for (; names && *names; names++) {
        bool found = false;
        int64_t size;

        if (groups && !strchr(*names, '/') &&
            resolve_group(w, *names, ret, &found, err) < 0)
            return -1;
        if (found)
            continue;
        cleanup_free char *device = NULL;
        cleanup_free char *full = str_after(*names, "/dev/")
                                      ? strdup(*names)
                                      : text_printf("/dev/%s", *names);
        if (!full)
            return error_no_memory(err);
        if (mayfly_canonical_device_name(w->g, full, &device) < 0 ||
            mayfly_blockdev_getsize64(w->g, device, &size) < 0)
            return error_set(err, ENOENT, "%s: there is no %s in %s", option,
                *names, w->s->in);
        if (strv_append(ret, device) < 0)
            return error_no_memory(err);
    }
    return 0;
}

static int
zero_named(struct trim *w, struct error *err)
{
    for (char **device = w->zeroed; device && *device; device++) {
        sparsify_say(w->s, "Zeroing %s", *device);
        if (mayfly_zero_device(w->g, *device) < 0)
            return fail(w, err);
    }
    return 0;
}

/* Where partitions overlap, what is free in one can be data of another. */
static int
check_table(struct trim *w, struct error *err)
{
    cleanup_layout struct layout l = {0};
    cleanup_error struct error why = {0};
    bool table;

    if (disk_read(w->g, "/dev/sda", &l, &table, &why) == 0 ||
        why.code == ENOTSUP)
        return 0;
    error_context(&why, "%s", w->s->in);
    return error_move(err, &why);
}

int
trim_disk(
    const struct sparsify *s, struct mayfly *g, bool fill, struct error *err)
{
    cleanup_strv char **ignored = NULL, **zeroed = NULL;
    struct trim w = {.s = s, .g = g, .fill = fill};

    if (check_table(&w, err) < 0)
        return -1;
    if (resolve(&w, "--ignore", s->ignored, true, &ignored, err) < 0 ||
        resolve(&w, "--zero", s->zeroed, false, &zeroed, err) < 0)
        return -1;
    w.ignored = ignored;
    w.zeroed = zeroed;
    if (zero_named(&w, err) < 0 || trim_file_systems(&w, err) < 0 ||
        trim_volumes(&w, err) < 0 || name_encrypted(&w, err) < 0)
        return -1;
    return mayfly_sync(g) < 0 ? fail(&w, err) : 0;
}
