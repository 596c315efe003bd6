/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: after the move every disk is a new device to Windows,
 * and its policy for new disks (SanPolicy of the partition manager, "san" in
 * diskpart) may leave all but the system's offline.  A policy of 1 brings them
 * online.  It is set in every control set, since any can be used next.
 *
 * Drive letters are values of MountedDevices.  Those of partitions hold the
 * disk's signature and an offset, or a GUID, which stay the same; others hold
 * the path of a device on the old controller. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/windows/bitlocker.h"
#include "v2v/convert/windows/windows.h"

enum { ALL_ONLINE = 1, MBR_SIZE = 12, GPT_SIZE = 24 };

static int
bring_online(struct windows *w, struct hive *system, struct error *err)
{
    static const char what[] =
        "disks that are new to Windows come online (SanPolicy 1)";
    static const char why[] = "after the change of the bus each disk is a new "
                              "one, and other disks than the system's could "
                              "stay offline";

    if (w->c->disks->n < 2)
        return 0;
    for (char **set = w->control_sets; *set; set++) {
        cleanup_free char *key =
            text_printf("%s\\Services\\partmgr\\Parameters", *set);

        if (!key)
            return error_no_memory(err);
        if (hive_set_number(system, key, "SanPolicy", ALL_ONLINE, err) < 0)
            return -1;
    }
    return hive_tell(system, what, why, err);
}

/* Does a value stay true: a partition, by signature or GUID? */
static bool
stays(const uint8_t *value, size_t size)
{
    return size == MBR_SIZE ||
           (size == GPT_SIZE && memcmp(value, "DMIO:ID:", 8) == 0);
}

/* In UTF-16: \??\SCSI#CdRom&Ven_... */
static bool
has_word(const uint8_t *value, size_t size, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i + 2 * n <= size; i += 2) {
        size_t k = 0;

        while (k < n && (value[i + 2 * k] | 0x20) == (uint8_t)word[k] &&
               !value[i + 2 * k + 1])
            k++;
        if (k == n)
            return true;
    }
    return false;
}

static int
check_letter(
    struct windows *w, struct hive *system, char letter, struct error *err)
{
    char name[] = "\\DosDevices\\X:";
    size_t size;

    name[strlen(name) - 2] = letter;
    cleanup_free uint8_t *value =
        hive_get(system, "MountedDevices", name, &size, err);
    if (!value)
        return err->code ? -1 : 0;
    if (stays(value, size) || has_word(value, size, "cdrom") ||
        has_word(value, size, "fdc#") || has_word(value, size, "floppy"))
        return 0;
    return conversion_tell(w->c, FINDING_REVIEW, system->path, err,
        "the drive letter %c: is bound to a device of the old machine, not to "
        "a partition; check it in Windows (diskmgmt.msc)",
        letter);
}

static int
tell_encrypted(struct windows *w, struct error *err)
{
    cleanup_strv char **encrypted = NULL;

    if (bitlocker_find(w->c->job.g, &encrypted, err) < 0)
        return -1;
    for (char **device = encrypted; device && *device; device++)
        if (conversion_tell(w->c, FINDING_REVIEW, NULL, err, "%s %s", *device,
                bitlocker_advice) < 0)
            return -1;
    return 0;
}

int
windows_disks(struct windows *w, struct hive *system, struct error *err)
{
    if (bring_online(w, system, err) < 0)
        return -1;
    for (char letter = 'A'; letter <= 'Z'; letter++)
        if (check_letter(w, system, letter, err) < 0)
            return -1;
    return tell_encrypted(w, err);
}
