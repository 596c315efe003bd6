/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The partitions that the firmware and its loaders read (the EFI system
 * partition and systemd's extended boot partition) can be mounted anywhere, or
 * by no entry of fstab: systemd finds them by their type, and so do we. */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/steps.h"

static const char esp[] = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
static const char extended[] = "BC13C2FF-59E6-4262-A352-B275FD6F7172";
enum { MBR_ESP = 0xef };

/* Is the partition one of them, by the table? */
static bool
is_system_partition(
    struct conversion *c, const char *device, bool *ret_extended)
{
    size_t n = strlen(device);
    cleanup_free char *table = NULL, *type = NULL;
    int32_t id;

    while (n && isdigit((unsigned char)device[n - 1]))
        n--;
    cleanup_free char *disk = strndup(device, n);
    int32_t number = (int32_t)strtol(device + n, NULL, 10);

    *ret_extended = false;
    if (!disk || number <= 0 || !str_after(device, "/dev/sd") ||
        mayfly_part_get_parttype(c->job.g, disk, &table) < 0)
        return false;
    if (!str_equal(table, "gpt"))
        return mayfly_part_get_mbr_id(c->job.g, disk, number, &id) == 0 &&
               id == MBR_ESP;
    if (mayfly_part_get_gpt_type(c->job.g, disk, number, &type) < 0)
        return false;
    *ret_extended = strcasecmp(type, extended) == 0;
    return *ret_extended || strcasecmp(type, esp) == 0;
}

/* Where DEVICE is mounted; NULL: nowhere. */
static const char *
mounted_at(char *const *mounts, const char *device)
{
    for (; mounts[0] && mounts[1]; mounts += 2)
        if (str_equal(mounts[0], device))
            return mounts[1];
    return NULL;
}

static bool
is_taken(char *const *mounts, char *const *own, const char *folder)
{
    for (; mounts[0] && mounts[1]; mounts += 2)
        if (str_equal(mounts[1], folder))
            return true;
    return strv_contains(own, folder);
}

static bool
is_empty(struct conversion *c, const char *folder)
{
    cleanup_free char **names = NULL;

    return mayfly_ls(c->job.g, folder, &names) == 0 && !names[0];
}

/* A folder of the guest to mount it on: where the guest would, else any. */
static const char *
find_folder(struct conversion *c, char *const *mounts, bool is_extended)
{
    static const char *const folders[] = {"/boot", "/efi", "/boot/efi",
        "/boot/EFI", "/mnt", "/media", "/opt", "/srv", "/run"};

    for (size_t i = 0; i < N_ELEMENTS(folders); i++) {
        bool boot = i == 0;

        if (job_is_dir(&c->job, folders[i]) &&
            !is_taken(mounts, c->own_mounts, folders[i]) &&
            (boot ? is_extended && is_empty(c, folders[i]) : true))
            return folders[i];
    }
    return NULL;
}

static int
mount_one(struct conversion *c, char *const *mounts, const char *device,
    bool is_extended, struct error *err)
{
    const char *folder = find_folder(c, mounts, is_extended);

    if (!folder || mayfly_mount(c->job.g, device, folder) < 0)
        return conversion_tell(c, FINDING_REVIEW, NULL, err,
            "the boot partition %s cannot be mounted, so what is on it is not "
            "changed",
            device);
    if (strv_append(&c->own_mounts, folder) < 0 ||
        strv_append(&c->system_partitions, folder) < 0)
        return error_no_memory(err);
    return 0;
}

/* What fstab mounts at these places is one, whatever the table says. */
static int
add_usual(struct conversion *c, char *const *mounts, struct error *err)
{
    static const char *const usual[] = {
        "/boot/efi", "/efi", "/boot", "/boot/EFI", "/boot/firmware"};

    for (size_t i = 0; i < N_ELEMENTS(usual); i++)
        if (is_taken(mounts, NULL, usual[i]) &&
            strv_append(&c->system_partitions, usual[i]) < 0)
            return error_no_memory(err);
    return 0;
}

int
linux_system_partitions(struct conversion *c, struct error *err)
{
    cleanup_free char **mounts = NULL; /* devices and folders, in turn */
    cleanup_free char **devices = NULL;

    if (mayfly_mountpoints(c->job.g, &mounts) < 0 ||
        mayfly_list_partitions(c->job.g, &devices) < 0)
        return job_fail(&c->job, err);
    if (add_usual(c, mounts, err) < 0)
        return -1;
    for (char **device = devices; *device; device++) {
        bool is_extended;
        const char *folder = mounted_at(mounts, *device);

        if (!is_system_partition(c, *device, &is_extended))
            continue;
        if (!folder) {
            if (mount_one(c, mounts, *device, is_extended, err) < 0)
                return -1;
        } else if (!strv_contains(c->system_partitions, folder) &&
                   strv_append(&c->system_partitions, folder) < 0) {
            return error_no_memory(err);
        }
    }
    return 0;
}

int
linux_system_partitions_close(struct conversion *c, struct error *err)
{
    for (char **folder = c->own_mounts; folder && *folder; folder++)
        if (mayfly_umount(c->job.g, *folder, NULL) < 0)
            return job_fail(&c->job, err);
    strv_free(steal_pointer(&c->own_mounts));
    strv_free(steal_pointer(&c->system_partitions));
    return 0;
}
