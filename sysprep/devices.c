/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UUIDs of file systems and of what LVM has, changed with nothing mounted. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/uuid.h"
#include "sysprep/operations.h"
#include "tool/print.h"
#include "tool/session.h"

/* --- lvm-uuids --- */

static size_t
count(char **list)
{
    size_t n = list ? strv_length(list) : 0;

    free(list);
    return n;
}

/* A volume that holds an encrypted device is in use while that is open. */
static int
deactivate(struct work *w, struct error *err)
{
    struct mayfly *g = w->job.g;
    cleanup_free char **opened = NULL;

    if (mayfly_vg_activate_all(g, false) == 0)
        return 0;
    if (mayfly_list_dm_devices(g, &opened) < 0)
        return job_fail(&w->job, err);
    for (size_t i = 0; opened[i]; i++)
        mayfly_cryptsetup_close(g, opened[i]);
    return mayfly_vg_activate_all(g, false) < 0 ? job_fail(&w->job, err) : 0;
}

int
run_lvm_uuids(struct work *w, struct error *err)
{
    struct mayfly *g = w->job.g;
    char **pvs = NULL, **vgs = NULL;

    if (mayfly_pvs(g, &pvs) < 0 || mayfly_vgs(g, &vgs) < 0) {
        free(pvs);
        return job_fail(&w->job, err);
    }
    size_t n_pvs = count(pvs), n_vgs = count(vgs);
    if (n_pvs == 0)
        return 0;
    if (n_vgs && deactivate(w, err) < 0)
        return -1;
    if (mayfly_pvchange_uuid_all(g) < 0 ||
        (n_vgs && (mayfly_vgchange_uuid_all(g) < 0 ||
                      mayfly_vg_activate_all(g, true) < 0)))
        return job_fail(&w->job, err);
    work_note(w, CHANGED, "the UUIDs of physical volumes");
    if (n_vgs)
        work_note(w, CHANGED, "the UUIDs of volume groups");
    return 0;
}

/* --- fs-uuids --- */

/* The UUIDs that were changed: old and new in turn. */
struct uuids {
    char **pairs;
};

static int
change_uuid(struct work *w, struct uuids *u, const char *device,
    const char *type, struct error *err)
{
    struct mayfly *g = w->job.g;
    cleanup_free char *old = NULL, *now = NULL;
    char uuid[UUID_SIZE];

    if (uuid_random(uuid, err) < 0)
        return -1;
    if (mayfly_vfs_uuid(g, device, &old) < 0)
        return job_fail(&w->job, err);
    if (!*old)
        return 0;
    if (mayfly_set_uuid(g, device, uuid) < 0) {
        tool_warning("fs-uuids: %s, %s, keeps its UUID: %s", device, type,
            mayfly_last_error(g));
        return 0;
    }
    if (mayfly_vfs_uuid(g, device, &now) < 0)
        return job_fail(&w->job, err);
    work_note(w, CHANGED, device);
    return strv_append(&u->pairs, old) < 0 || strv_append(&u->pairs, now) < 0
               ? error_no_memory(err)
               : 0;
}

static int
change_uuids(struct work *w, struct uuids *u, struct error *err)
{
    cleanup_free char **found = NULL;

    if (mayfly_list_filesystems(w->job.g, &found) < 0)
        return job_fail(&w->job, err);
    for (size_t i = 0; found[i] && found[i + 1]; i += 2) {
        /* A subvolume has the UUID of its file system. */
        bool subvolume = str_after(found[i], "btrfsvol:") != NULL;

        if (subvolume || str_equal(found[i + 1], "unknown") || !*found[i + 1])
            continue;
        if (change_uuid(w, u, found[i], found[i + 1], err) < 0)
            return -1;
    }
    return 0;
}

/* TEXT with each old UUID replaced. */
static char *
replace_uuids(const char *text, const struct uuids *u)
{
    char *result = NULL;
    size_t size;
    FILE *out = open_memstream(&result, &size);

    if (!out)
        return NULL;
    while (*text) {
        size_t i = 0;

        while (u->pairs[i] && !str_after(text, u->pairs[i]))
            i += 2;
        if (u->pairs[i]) {
            fputs(u->pairs[i + 1], out);
            text += strlen(u->pairs[i]);
        } else {
            putc(*text++, out);
        }
    }
    if (fclose(out) != 0) {
        free(result);
        return NULL;
    }
    return result;
}

/* The files that say which file system is which. */
static int
change_references(struct work *w, const struct uuids *u, struct error *err)
{
    static const char pattern[] =
        "/{etc/fstab,etc/crypttab,etc/default/grub,etc/kernel/cmdline,"
        "etc/initramfs-tools/conf.d/*,etc/systemd/system/*.mount,"
        "boot/grub/grub.cfg,boot/grub2/grub.cfg,boot/grub/menu.lst,"
        "boot/grub2/grubenv,boot/extlinux/extlinux.conf,"
        "boot/loader/entries/*.conf,boot/efi/loader/entries/*.conf,"
        "boot/efi/EFI/*/grub.cfg,efi/loader/entries/*.conf}";
    cleanup_free char **paths = work_glob(w, pattern, err);

    if (!paths)
        return -1;
    for (size_t i = 0; paths[i]; i++) {
        if (!job_is_file(&w->job, paths[i]))
            continue;
        cleanup_free char *text = job_read(&w->job, paths[i], NULL, err);
        cleanup_free char *changed = text ? replace_uuids(text, u) : NULL;

        if (!changed)
            return text ? error_no_memory(err) : -1;
        if (change_file(w, paths[i], text, changed, err) < 0)
            return -1;
    }
    return 0;
}

int
run_fs_uuids(struct work *w, struct error *err)
{
    struct uuids u = {0};
    int r = change_uuids(w, &u, err);

    if (r == 0 && u.pairs) {
        /* The mount points name devices, which stay. */
        struct mayfly_inspection_root *root = (void *)(uintptr_t)w->job.root;

        r = tool_mount_whole_guest(w->job.g, root, w->mounts, err);
        if (r == 0)
            r = change_references(w, &u, err);
        if (mayfly_umount_all(w->job.g) < 0 && r == 0)
            r = job_fail(&w->job, err);
    }
    strv_free(u.pairs);
    return r;
}
