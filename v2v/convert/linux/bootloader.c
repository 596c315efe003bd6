/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the files of every installed boot loader are edited in
 * place, and so are the settings from which the guest generates them: the next
 * update boots the same.  No program of the guest runs.
 *
 * A disk without a loader gets ours (loader.h), which reads the guest's
 * grub.cfg.  A guest without one, whose kernel was read by pygrub or given by
 * the host, also gets /boot/grub/mayfly.cfg. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/edit.h"
#include "v2v/convert/linux/loader_install.h"
#include "v2v/convert/linux/steps.h"
#include "v2v/machine/device_name.h"

static const char why[] = "disks and consoles have other names on the new "
                          "machine";

static char *
rename_device(void *opaque, const char *device, struct error *err)
{
    return conversion_uuid(opaque, device, err);
}

/* --- files that hold command lines --- */

static int
edit_each(struct conversion *c, const char *pattern,
    char *(*edit)(struct conversion *c, const char *text, struct error *err),
    const char *what, struct error *err)
{
    cleanup_free char **paths = conversion_glob(c, pattern, err);

    if (!paths)
        return -1;
    for (char **path = paths; *path; path++) {
        cleanup_free char *text = conversion_read(c, *path, NULL, err);

        if (!text && err->code)
            return -1;
        if (!text)
            continue;
        cleanup_free char *changed = edit(c, text, err);
        if (!changed || conversion_write(c, *path, changed, what, why, err) < 0)
            return -1;
    }
    return 0;
}

static char *
edit_loader(struct conversion *c, const char *text, struct error *err)
{
    return edit_loader_lines(text, rename_device, c, err);
}

static char *
edit_line(struct conversion *c, const char *text, struct error *err)
{
    size_t n = strcspn(text, "\n");
    cleanup_free char *line = strndup(text, n);
    if (!line)
        return error_no_memory(err), NULL;

    cleanup_free char *changed = edit_command_line(line, rename_device, c, err);
    return changed ? text_printf("%s%s", changed, text + n) : NULL;
}

/* This setting makes GRUB use names instead of UUIDs, which was right under
 * Xen. */
static int
wants_names(const char *line)
{
    const char *value = str_after(line, "GRUB_DISABLE_LINUX_UUID=");

    return value && strstr(value, "true");
}

static char *
edit_settings(struct conversion *c, const char *text, struct error *err)
{
    cleanup_free char *lines =
        edit_shell_settings(text, "GRUB_CMDLINE_LINUX", rename_device, c, err);

    return lines ? edit_comment_out(lines, wants_names, err) : NULL;
}

static char *
rename_for_map(void *opaque, const char *device, struct error *err)
{
    char letters[DEVICE_LETTERS];
    unsigned partition;

    (void)opaque;
    if (!device_split(device, letters, &partition) || partition)
        return NULL;
    char *name = text_printf("/dev/vd%s", letters);
    if (!name)
        error_no_memory(err);
    return name;
}

static char *
edit_map(struct conversion *c, const char *text, struct error *err)
{
    return edit_column(text, 1, rename_for_map, c, err);
}

static int
edit_files(struct conversion *c, struct error *err)
{
    static const char lines[] = "kernel command lines";
    static const struct {
        const char *pattern, *what;
        char *(*edit)(struct conversion *, const char *, struct error *);
    } files[] = {
        {"/boot/grub/grub.cfg", lines, edit_loader},
        {"/boot/grub2/grub.cfg", lines, edit_loader},
        {"/boot/efi/EFI/*/grub.cfg", lines, edit_loader},
        {"/boot/grub/menu.lst", lines, edit_loader},
        {"/boot/grub/grub.conf", lines, edit_loader},
        {"/boot/loader/entries/*.conf", lines, edit_loader},
        {"/boot/efi/loader/entries/*.conf", lines, edit_loader},
        {"/boot/extlinux/*.conf", lines, edit_loader},
        {"/boot/extlinux.conf", lines, edit_loader},
        {"/boot/syslinux/*.cfg", lines, edit_loader},
        {"/etc/kernel/cmdline", lines, edit_line},
        {"/etc/default/grub", "settings of GRUB", edit_settings},
        {"/etc/default/grub.d/*.cfg", "settings of GRUB", edit_settings},
        {"/etc/sysconfig/grub", "settings of GRUB", edit_settings},
        {"/boot/grub/device.map", "GRUB's disk names", edit_map},
        {"/boot/grub2/device.map", "GRUB's disk names", edit_map},
    };

    for (size_t i = 0; i < N_ELEMENTS(files); i++)
        if (edit_each(c, files[i].pattern, files[i].edit, files[i].what, err) <
            0)
            return -1;
    return 0;
}

/* --- what is not edited --- */

static int
tell_unknown(struct conversion *c, struct error *err)
{
    static const char *const environments[] = {
        "/boot/grub/grubenv", "/boot/grub2/grubenv"};

    for (size_t i = 0; i < N_ELEMENTS(environments); i++) {
        cleanup_free char *text =
            conversion_read(c, environments[i], NULL, err);

        if (!text && err->code)
            return -1;
        if (text && (strstr(text, "hvc0") || strstr(text, "/dev/xvd")) &&
            conversion_tell(c, FINDING_REVIEW, environments[i], err,
                "it has Xen names and is not edited") < 0)
            return -1;
    }
    if (job_is_file(&c->job, "/etc/lilo.conf") &&
        !job_is_dir(&c->job, "/boot/grub"))
        return conversion_tell(c, FINDING_BLOCKED, "/etc/lilo.conf", err,
            "LILO records where its files are on the disk, which only works in "
            "the running guest; install GRUB there first");
    return 0;
}

int
linux_bootloader(struct conversion *c, struct error *err)
{
    if (edit_files(c, err) < 0 || tell_unknown(c, err) < 0)
        return -1;
    return loader_install(c, err);
}
