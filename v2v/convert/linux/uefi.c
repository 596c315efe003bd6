/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UEFI finds a loader by an entry in the firmware's memory, which is lost with
 * the old machine.  Without an entry it looks for EFI/BOOT/BOOTX64.EFI, which
 * not every installation has: then we copy the guest's own loader there. */
#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/steps.h"

static const char why[] =
    "the entry for it was in the memory of the old machine's firmware";

static int
copy(struct conversion *c, const char *from, const char *to, struct error *err)
{
    cleanup_undo struct undo undo = {.kind = UNDO_REMOVE};

    if (job_exists(&c->job, to))
        return 0;
    if (mayfly_cp(c->job.g, from, to) < 0)
        return job_fail(&c->job, err);
    return report_change(
        &c->report, to, "where UEFI finds a loader", why, &undo, err);
}

/* shim starts the grubx64.efi in its own folder. */
static int
copy_loader(struct conversion *c, const char *loader, struct error *err)
{
    const char *slash = strrchr(loader, '/');
    cleanup_free char *grub =
        text_printf("%.*s/grubx64.efi", (int)(slash - loader), loader);

    if (!grub)
        return error_no_memory(err);
    if (mayfly_mkdir_p(c->job.g, "/boot/efi/EFI/BOOT") < 0)
        return job_fail(&c->job, err);
    if (copy(c, loader, "/boot/efi/EFI/BOOT/BOOTX64.EFI", err) < 0)
        return -1;
    return strstr(loader, "/shimx64.efi") && job_is_file(&c->job, grub)
               ? copy(c, grub, "/boot/efi/EFI/BOOT/grubx64.efi", err)
               : 0;
}

int
linux_uefi(struct conversion *c, struct error *err)
{
    static const char *const patterns[] = {"/boot/efi/EFI/*/shimx64.efi",
        "/boot/efi/EFI/*/grubx64.efi",
        "/boot/efi/EFI/systemd/systemd-bootx64.efi"};

    if (!c->guest->uefi ||
        job_is_file(&c->job, "/boot/efi/EFI/BOOT/BOOTX64.EFI"))
        return 0;
    for (size_t i = 0; i < N_ELEMENTS(patterns); i++) {
        cleanup_free char **found = conversion_glob(c, patterns[i], err);

        if (!found)
            return -1;
        if (found[0])
            return copy_loader(c, found[0], err);
    }
    return conversion_tell(c, FINDING_REVIEW, "/boot/efi", err,
        "no UEFI boot loader found; the machine may not start");
}
