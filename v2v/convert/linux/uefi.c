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

/* --- names by architecture --- */

static const char *
architecture(const struct conversion *c)
{
    const char *arch = c->job.root->arch;

    if (str_equal(arch, "aarch64"))
        return "aa64";
    if (str_equal(arch, "i386"))
        return "ia32";
    return "x64";
}

static char *
fallback(const struct conversion *c, const char *at, struct error *err)
{
    const char *arch = architecture(c);
    char *path = text_printf("%s/EFI/BOOT/BOOT%s.EFI", at,
        str_equal(arch, "aa64")   ? "AA64"
        : str_equal(arch, "ia32") ? "IA32"
                                  : "X64");

    if (!path)
        error_no_memory(err);
    return path;
}

/* --- copying --- */

static int
copy(struct conversion *c, const char *from, const char *to, const char *what,
    struct error *err)
{
    cleanup_undo struct undo undo = {.kind = UNDO_REMOVE};

    if (job_exists(&c->job, to))
        return 0;
    if (mayfly_cp(c->job.g, from, to) < 0)
        return job_fail(&c->job, err);
    return report_change(&c->report, to, what, why, &undo, err);
}

/* shim starts the grubx64.efi in its own folder, and MokManager if it has to
 * ask. */
static int
copy_companions(
    struct conversion *c, const char *shim, const char *at, struct error *err)
{
    static const char *const names[] = {"grub", "mm"};
    const char *arch = architecture(c), *slash = strrchr(shim, '/');

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        cleanup_free char *from = text_printf(
            "%.*s/%s%s.efi", (int)(slash - shim), shim, names[i], arch);
        cleanup_free char *to =
            text_printf("%s/EFI/BOOT/%s%s.efi", at, names[i], arch);

        if (!from || !to)
            return error_no_memory(err);
        if (job_is_file(&c->job, from) &&
            copy(c, from, to, "what shim starts", err) < 0)
            return -1;
    }
    return 0;
}

static bool
is_shim(const char *loader)
{
    const char *name = strrchr(loader, '/');

    return name && str_after(name, "/shim");
}

static int
copy_loader(struct conversion *c, const char *loader, const char *at,
    const char *to, struct error *err)
{
    cleanup_free char *folder = text_printf("%s/EFI/BOOT", at);

    if (!folder)
        return error_no_memory(err);
    if (mayfly_mkdir_p(c->job.g, folder) < 0)
        return job_fail(&c->job, err);
    if (copy(c, loader, to,
            is_shim(loader) ? "where UEFI finds a loader, also with Secure "
                              "Boot"
                            : "where UEFI finds a loader; it is not shim, so "
                              "Secure Boot has to be off",
            err) < 0)
        return -1;
    return is_shim(loader) ? copy_companions(c, loader, at, err) : 0;
}

/* --- what is there --- */

/* The folder below EFI that a system of this kind makes. */
static const char *
own_folder(const struct conversion *c)
{
    static const char *const names[][2] = {{"rhel", "redhat"},
        {"oraclelinux", "redhat"}, {"scientificlinux", "redhat"},
        {"archlinux", "arch"}};
    const char *distro = c->job.root->distro;

    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        if (str_equal(names[i][0], distro))
            return names[i][1];
    return distro;
}

/* A loader at AT in a folder that matches; that of the guest first. */
static int
find_loader(struct conversion *c, const char *at, char **ret, struct error *err)
{
    /* %s is the architecture. */
    static const char *const files[] = {"shim%s.efi", "shim.efi", "grub%s.efi",
        "grub.efi", "systemd-boot%s.efi", "refind_%s.efi", "limine_%s.efi",
        "elilo.efi"};
    const char *const folders[] = {
        own_folder(c), "[!Bb]*", "B[!Oo]*", "b[!Oo]*"};

    for (size_t k = 0; k < N_ELEMENTS(folders); k++) {
        for (size_t i = 0; i < N_ELEMENTS(files); i++) {
            const char *mark = strstr(files[i], "%s");
            int before = mark ? (int)(mark - files[i]) : 0;
            cleanup_free char *pattern =
                mark ? text_printf("%s/EFI/%s/%.*s%s%s", at, folders[k], before,
                           files[i], architecture(c), mark + 2)
                     : text_printf("%s/EFI/%s/%s", at, folders[k], files[i]);
            if (!pattern)
                return error_no_memory(err);
            cleanup_free char **found = conversion_glob(c, pattern, err);
            if (!found)
                return -1;
            if (!found[0])
                continue;
            *ret = strdup(found[0]);
            return *ret ? 0 : error_no_memory(err);
        }
    }
    return 0;
}

/* Without a loader of its own, the firmware started the kernel. */
static int
find_image(struct conversion *c, const char *at, char **ret, struct error *err)
{
    cleanup_free char *pattern = text_printf("%s/EFI/Linux/*.efi", at);

    if (!pattern)
        return error_no_memory(err);
    cleanup_free char **found = conversion_glob(c, pattern, err);
    if (!found)
        return -1;
    for (char **p = found; *p; p++)
        if (!p[1] && !(*ret = strdup(*p)))
            return error_no_memory(err);
    return 0;
}

/* BOOTX64.EFI may be a shim without what it starts: that was in the folder that
 * the old entry named. */
static int
complete_shim(struct conversion *c, const char *at, const char *present,
    struct error *err)
{
    cleanup_free char *pattern =
        text_printf("%s/EFI/*/shim%s.efi", at, architecture(c));
    cleanup_free char *grub =
        text_printf("%s/EFI/BOOT/grub%s.efi", at, architecture(c));
    cleanup_free char *helper =
        text_printf("%s/EFI/BOOT/fb%s.efi", at, architecture(c));

    if (!pattern || !grub || !helper)
        return error_no_memory(err);
    if (job_exists(&c->job, grub) || job_exists(&c->job, helper))
        return 0;
    cleanup_free char **found = conversion_glob(c, pattern, err);
    if (!found)
        return -1;
    for (char **p = found; *p; p++) {
        bool same = false;

        if (mayfly_equal(c->job.g, *p, present, &same) == 0 && same)
            return copy_companions(c, *p, at, err);
    }
    return 0;
}

/* The loader that is there already: can Secure Boot stay on? */
static int
say_secure(struct conversion *c, const char *at, const char *present,
    struct error *err)
{
    cleanup_free char *pattern = text_printf("%s/EFI/*/shim*.efi", at);
    cleanup_free char *own =
        text_printf("%s/EFI/BOOT/grub%s.efi", at, architecture(c));
    bool shim;

    if (!pattern || !own)
        return error_no_memory(err);
    cleanup_free char **found = conversion_glob(c, pattern, err);
    if (!found)
        return -1;
    /* A medium's BOOTX64.EFI with a GRUB beside it is a shim. */
    shim = found[0] || job_is_file(&c->job, own);
    return conversion_tell(c, FINDING_NOTE, present, err,
        shim ? "shim is there, so Secure Boot can stay on"
             : "there is no shim, so Secure Boot has to be off unless the "
               "loader is signed by a key of yours");
}

static int
examine(
    struct conversion *c, const char *at, bool *ret_found, struct error *err)
{
    cleanup_free char *folder = text_printf("%s/EFI", at);
    cleanup_free char *to = fallback(c, at, err), *loader = NULL;

    if (!folder || !to)
        return error_no_memory(err);
    if (!job_is_dir(&c->job, folder))
        return 0;
    if (job_is_file(&c->job, to)) {
        *ret_found = true;
        return complete_shim(c, at, to, err) < 0 ? -1
                                                 : say_secure(c, at, to, err);
    }
    if (find_loader(c, at, &loader, err) < 0 ||
        (!loader && find_image(c, at, &loader, err) < 0))
        return -1;
    if (!loader)
        return 0;
    *ret_found = true;
    return copy_loader(c, loader, at, to, err);
}

int
linux_uefi(struct conversion *c, struct error *err)
{
    bool found = false;

    if (!c->guest->uefi)
        return 0;
    for (char **at = c->system_partitions; at && *at; at++)
        if (examine(c, *at, &found, err) < 0)
            return -1;
    if (found)
        return 0;
    if (!c->system_partitions)
        return conversion_tell(c, FINDING_REVIEW, NULL, err,
            "the disks have no EFI system partition; the machine may not "
            "start");
    return conversion_tell(c, FINDING_REVIEW, c->system_partitions[0], err,
        "no UEFI boot loader found; the machine may not start");
}
