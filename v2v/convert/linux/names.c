/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disk names: xvda2 under Xen is vda2 on the new machine, and can have another
 * number on a disk assembled from partitions.  A UUID works everywhere.
 *
 * Theory of operation: one table has every file that names devices, how it is
 * written, and the form of name that it takes.  Each name in it is looked up
 * (device.c); what is not understood is reported by file and line. */
#include <config.h>

#include "v2v/convert/linux/names.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/boot_entries.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/edit.h"
#include "v2v/convert/linux/hardware.h"
#include "v2v/convert/linux/kernels.h"
#include "v2v/convert/linux/lvm.h"
#include "v2v/convert/linux/steps.h"

static const char why[] = "disks have other names on the new machine";

/* --- how the files are written --- */

typedef char *(*edit_text)(
    const char *text, edit_rename rename, void *opaque, struct error *err);

static char *
edit_map(const char *text, edit_rename rename, void *opaque, struct error *err)
{
    return edit_column(text, 1, rename, opaque, err);
}

/* GRUB's environment is a whole number of blocks, filled with "#". */
static char *
edit_environment(
    const char *text, edit_rename rename, void *opaque, struct error *err)
{
    enum { BLOCK = 1024 };
    size_t n = strlen(text);

    while (n && text[n - 1] == '#')
        n--;
    cleanup_free char *settings = strndup(text, n);
    if (!settings)
        return error_no_memory(err), NULL;
    cleanup_free char *changed =
        edit_loader_lines(settings, rename, opaque, err);
    if (!changed)
        return NULL;

    size_t used = strlen(changed), size = n + strlen(text + n);
    size_t blocks = ((used > size ? used : size) + BLOCK - 1) / BLOCK;
    char *all = malloc(blocks * BLOCK + 1);
    if (!all)
        return error_no_memory(err), NULL;
    memset(all, '#', blocks * BLOCK);
    memcpy(all, changed, used);
    all[used > size ? blocks * BLOCK : size] = 0;
    return all;
}

/* Debian records where it installed GRUB, and its next update asks if that disk
 * is gone: an unattended update would hang. */
static char *
edit_debconf(
    const char *text, edit_rename rename, void *opaque, struct error *err)
{
    static const char *const names[] = {"\nName: grub-pc/install_devices\n",
        "\nName: grub-efi/install_devices\n"};
    char *all = strdup(text);

    for (size_t i = 0; all && i < N_ELEMENTS(names); i++) {
        cleanup_free char *before = all;
        char *entry = strstr(before, names[i]);
        char *end = entry ? strstr(entry + 1, "\n\n") : NULL;
        char *value = entry ? strstr(entry, "\nValue: ") : NULL;

        if (!value || (end && value > end)) {
            before = NULL;
            continue;
        }
        value++;
        size_t n = strcspn(value, "\n");
        cleanup_free char *line = strndup(value, n);
        cleanup_free char *changed =
            line ? edit_names(line, rename, opaque, err) : NULL;
        if (!changed)
            return err->code ? NULL : (error_no_memory(err), NULL);
        all = text_printf(
            "%.*s%s%s", (int)(value - before), before, changed, value + n);
    }
    if (!all)
        error_no_memory(err);
    return all;
}

/* --- the table --- */

static const char lines[] = "kernel command lines";
static const char disks[] = "disk names";
static const char grub[] = "settings of GRUB";
static const char resume[] = "where to resume from";
static const char making[] = "settings of the initramfs";

struct file {
    const char *pattern; /* "@" is each system partition (ESP) */
    const char *what;
    edit_text edit;
    enum device_form form;
};

static const struct file files[] = {
    /* What is mounted, opened and put together. */
    {"/etc/fstab", "disk names to UUIDs", edit_fstab, FORM_TABLE},
    {"/etc/fstab.d/*", "disk names to UUIDs", edit_fstab, FORM_TABLE},
    {"/etc/crypttab", "disk names to UUIDs", edit_crypttab, FORM_TABLE},
    {"/etc/crypttab.initramfs", "disk names to UUIDs", edit_crypttab,
        FORM_TABLE},
    {"/etc/veritytab", "disk names to UUIDs", edit_mapped_table, FORM_TABLE},
    {"/etc/integritytab", "disk names to UUIDs", edit_mapped_table, FORM_TABLE},
    {"/etc/mdadm/mdadm.conf", "where arrays are looked for", edit_mdadm,
        FORM_PATH},
    {"/etc/mdadm.conf", "where arrays are looked for", edit_mdadm, FORM_PATH},
    {"/etc/mdadm.conf.d/*", "where arrays are looked for", edit_mdadm,
        FORM_PATH},
    {"/etc/lvm/lvm.conf", "which disks LVM looks at", lvm_edit, FORM_LETTER},
    {"/etc/lvm/lvmlocal.conf", "which disks LVM looks at", lvm_edit,
        FORM_LETTER},
    {"/etc/systemd/system/*.mount", disks, edit_names, FORM_PATH},
    {"/etc/systemd/system/*.mount.d/*.conf", disks, edit_names, FORM_PATH},
    {"/etc/auto.*", disks, edit_names, FORM_PATH},
    {"/etc/auto.master.d/*", disks, edit_names, FORM_PATH},
    {"/etc/autofs/*", disks, edit_names, FORM_PATH},
    {"/etc/sysconfig/rawdevices", disks, edit_names, FORM_PATH},
    {"/etc/drbd.d/*.res", disks, edit_names, FORM_PATH},
    {"/etc/conf.d/dmcrypt", disks, edit_shell_settings, FORM_LINE},

    /* Boot loaders. */
    {"/boot/grub/grub.cfg", lines, edit_loader_lines, FORM_LINE},
    {"/boot/grub2/grub.cfg", lines, edit_loader_lines, FORM_LINE},
    {"/boot/grub.cfg", lines, edit_loader_lines, FORM_LINE},
    {"@/EFI/*/grub.cfg", lines, edit_loader_lines, FORM_LINE},
    {"@/grub/grub.cfg", lines, edit_loader_lines, FORM_LINE},
    {"/boot/grub/custom.cfg", lines, edit_loader_lines, FORM_LINE},
    {"/boot/grub2/custom.cfg", lines, edit_loader_lines, FORM_LINE},
    {"/boot/grub2/user.cfg", lines, edit_loader_lines, FORM_LINE},
    {"@/EFI/*/custom.cfg", lines, edit_loader_lines, FORM_LINE},
    {"/etc/grub.d/4[0-9]*", lines, edit_loader_lines, FORM_LINE},
    {"/etc/grub.d/*custom*", lines, edit_loader_lines, FORM_LINE},
    {"/boot/grub/grubenv", lines, edit_environment, FORM_LINE},
    {"/boot/grub2/grubenv", lines, edit_environment, FORM_LINE},
    {"@/EFI/*/grubenv", lines, edit_environment, FORM_LINE},
    {"@/grub/grubenv", lines, edit_environment, FORM_LINE},
    {"/boot/grub/menu.lst", lines, edit_loader_lines, FORM_LINE},
    {"/boot/grub/grub.conf", lines, edit_loader_lines, FORM_LINE},
    {"@/EFI/*/grub.conf", lines, edit_loader_lines, FORM_LINE},
    {"/boot/loader/entries/*.conf", lines, edit_loader_lines, FORM_LINE},
    {"@/loader/entries/*.conf", lines, edit_loader_lines, FORM_LINE},
    {"/boot/extlinux/*.conf", lines, edit_loader_lines, FORM_LINE},
    {"/boot/extlinux.conf", lines, edit_loader_lines, FORM_LINE},
    {"/boot/syslinux/*.cfg", lines, edit_loader_lines, FORM_LINE},
    {"/boot/syslinux.cfg", lines, edit_loader_lines, FORM_LINE},
    {"/extlinux.conf", lines, edit_loader_lines, FORM_LINE},
    {"@/syslinux.cfg", lines, edit_loader_lines, FORM_LINE},
    {"@/extlinux.conf", lines, edit_loader_lines, FORM_LINE},
    {"@/syslinux/*.cfg", lines, edit_loader_lines, FORM_LINE},
    {"@/extlinux/*.conf", lines, edit_loader_lines, FORM_LINE},
    {"@/EFI/*/syslinux.cfg", lines, edit_loader_lines, FORM_LINE},
    {"@/EFI/*/elilo.conf", lines, edit_loader_lines, FORM_LINE},
    {"/boot/refind_linux.conf", lines, edit_names, FORM_PATH},
    {"@/EFI/*/refind_linux.conf", lines, edit_names, FORM_PATH},
    {"@/EFI/*/refind.conf", lines, edit_loader_lines, FORM_LINE},
    {"/boot/limine*.c*f*", lines, edit_loader_lines, FORM_LINE},
    {"@/limine*.c*f*", lines, edit_loader_lines, FORM_LINE},
    {"@/EFI/*/limine*.c*f*", lines, edit_loader_lines, FORM_LINE},
    {"/boot/grub/device.map", "GRUB's disk names", edit_map, FORM_LETTER},
    {"/boot/grub2/device.map", "GRUB's disk names", edit_map, FORM_LETTER},

    /* From what boot loaders' files are made. */
    {"/etc/default/grub", grub, edit_shell_settings, FORM_LINE},
    {"/etc/default/grub.d/*.cfg", grub, edit_shell_settings, FORM_LINE},
    {"/etc/sysconfig/grub", grub, edit_shell_settings, FORM_LINE},
    {"/etc/sysconfig/bootloader", grub, edit_shell_settings, FORM_LINE},
    {"/etc/default/grub_installdevice", "where GRUB is installed at updates",
        edit_names, FORM_LETTER},
    {"/var/cache/debconf/config.dat", "where GRUB is installed at updates",
        edit_debconf, FORM_LETTER},
    {"/etc/kernel/cmdline*", lines, edit_command_line, FORM_LINE},
    {"/etc/kernel/cmdline.d/*", lines, edit_command_line, FORM_LINE},
    {"/etc/kernel/*.conf", lines, edit_shell_settings, FORM_LINE},
    {"/etc/sdboot-manage.conf", lines, edit_shell_settings, FORM_LINE},
    {"/etc/mkinitcpio.d/*.preset", lines, edit_shell_settings, FORM_LINE},
    {"/usr/lib/kernel/cmdline", lines, edit_command_line, FORM_LINE},
    {"/etc/cmdline.d/*.conf", lines, edit_command_line, FORM_LINE},
    {"/etc/cmdline", lines, edit_command_line, FORM_LINE},
    {"/etc/default/kernel-cmdline", lines, edit_shell_settings, FORM_LINE},
    {"/etc/default/limine", lines, edit_shell_settings, FORM_LINE},
    {"/etc/default/extlinux", lines, edit_shell_settings, FORM_LINE},
    {"/etc/default/u-boot", lines, edit_shell_settings, FORM_LINE},
    {"/etc/kernelstub/configuration", lines, edit_names, FORM_PATH},
    {"/etc/update-extlinux.conf", lines, edit_shell_settings, FORM_LINE},
    {"/etc/kernel-img.conf", grub, edit_names, FORM_LETTER},

    /* From what an initramfs is made, and where to resume from. */
    {"/etc/initramfs-tools/conf.d/*", resume, edit_shell_settings, FORM_LINE},
    {"/etc/initramfs-tools/initramfs.conf", making, edit_shell_settings,
        FORM_LINE},
    {"/etc/dracut.conf", making, edit_shell_settings, FORM_LINE},
    {"/etc/dracut.conf.d/*.conf", making, edit_shell_settings, FORM_LINE},
    {"/etc/mkinitcpio.conf", making, edit_shell_settings, FORM_LINE},
    {"/etc/mkinitcpio.conf.d/*.conf", making, edit_shell_settings, FORM_LINE},
    {"/etc/booster.yaml", making, edit_names, FORM_PATH},
    {"/etc/genkernel.conf", making, edit_shell_settings, FORM_LINE},
    {"/etc/mkinitfs/*.conf", making, edit_shell_settings, FORM_LINE},
    {"/etc/uswsusp.conf", resume, edit_names, FORM_PATH},
    {"/etc/suspend.conf", resume, edit_names, FORM_PATH},
    {"/etc/pm/config.d/*", resume, edit_shell_settings, FORM_LINE},
    {"/etc/systemd/sleep.conf", resume, edit_names, FORM_PATH},

    /* Where the memory of a crashed kernel goes. */
    {"/etc/kdump.conf", "where kdump saves", edit_names, FORM_PATH},
    {"/etc/sysconfig/kdump", "settings of kdump", edit_shell_settings,
        FORM_LINE},
    {"/etc/default/kdump-tools", "settings of kdump", edit_shell_settings,
        FORM_LINE},

    /* What people wrote themselves is reported. */
    {"/etc/rc.local", NULL, edit_names, FORM_LOOK},
    {"/etc/rc.d/rc.local", NULL, edit_names, FORM_LOOK},
    {"/etc/init.d/boot.local", NULL, edit_names, FORM_LOOK},
    {"/etc/init.d/after.local", NULL, edit_names, FORM_LOOK},
    {"/etc/local.d/*.start", NULL, edit_names, FORM_LOOK},
    {"/etc/crontab", NULL, edit_names, FORM_LOOK},
    {"/etc/cron.d/*", NULL, edit_names, FORM_LOOK},
    {"/etc/systemd/system/*.service", NULL, edit_names, FORM_LOOK},
    {"/etc/systemd/system/*.swap", NULL, edit_names, FORM_LOOK},
    {"/etc/systemd/system/*.service.d/*.conf", NULL, edit_names, FORM_LOOK},
    {"/etc/udev/rules.d/*.rules", NULL, edit_rules, FORM_LOOK},
    {"/etc/drbd.conf", NULL, edit_names, FORM_LOOK},
    {"/etc/{docker/daemon.json,target/*.json,tgt/targets.conf}", NULL,
        edit_names, FORM_LOOK},
    {"/etc/{iet/ietd.conf,ietd.conf,scst.conf,nbd-server/*,ctl.conf}", NULL,
        edit_names, FORM_LOOK},
    {"/etc/{my.cnf,my.cnf.d/*,mysql/*.cnf,mysql/*.d/*.cnf}", NULL, edit_names,
        FORM_LOOK},
    {"/etc/{ceph/*.conf,glusterfs/*,libvirt/{storage,qemu}/*,quotatab}", NULL,
        edit_names, FORM_LOOK},
    {"/etc/{tmpfiles.d/*.conf,sysfs.conf,sysfs.d/*.conf}", NULL, edit_names,
        FORM_LOOK},
    {"/etc/{tuned/*,tuned/profiles/*}/tuned.conf", NULL, edit_disk_lists,
        FORM_LOOK},
    {"/etc/{collectd.conf,collectd.d/*,collectd/*,collectd/*.d/*}", NULL,
        edit_disk_lists, FORM_LOOK},
    {"/etc/{zabbix/*,zabbix/*.d/*,munin/plugin-conf.d/*,nagios/*}", NULL,
        edit_disk_lists, FORM_LOOK},
    {"/etc/{nagios/nrpe.d/*,snmp/snmpd.conf,atoprc,netdata/*.d/*}", NULL,
        edit_disk_lists, FORM_LOOK},
    {"/etc/multipath.conf", NULL, edit_names, FORM_LOOK},
    {"/etc/multipath/conf.d/*.conf", NULL, edit_names, FORM_LOOK},
    {"/etc/smartd.conf", NULL, edit_names, FORM_LOOK},
    {"/etc/hdparm.conf", NULL, edit_names, FORM_LOOK},
    {"/etc/default/smartmontools", NULL, edit_names, FORM_LOOK},
    {"/etc/sysconfig/docker-storage-setup", NULL, edit_names, FORM_LOOK},
    {"/etc/sysconfig/sbd", NULL, edit_names, FORM_LOOK},
    {"/etc/sysconfig/oracleasm", NULL, edit_disk_lists, FORM_LOOK},
    {"/etc/cloud/cloud.cfg", NULL, edit_names, FORM_LOOK},
    {"/etc/cloud/cloud.cfg.d/*.cfg", NULL, edit_names, FORM_LOOK},
    {"/etc/tgt/conf.d/*.conf", NULL, edit_names, FORM_LOOK},
    {"/etc/fancontrol", NULL, edit_names, FORM_LOOK},
    {"/etc/lilo.conf", NULL, edit_names, FORM_LOOK},
    {"/etc/zipl.conf", NULL, edit_names, FORM_LOOK},
    {"/etc/systemd/system/*.{automount,path,timer,target,socket}", NULL,
        edit_names, FORM_LOOK},
    {"/etc/systemd/system/*.{device,mount,swap,target,timer}.d/*.conf", NULL,
        edit_names, FORM_LOOK},
    {"/etc/udisks2/*.conf", NULL, edit_names, FORM_LOOK},
    {"/etc/{btrbk,rear,monit,monit/conf.d,snapper/configs,telegraf}/*", NULL,
        edit_names, FORM_LOOK},
    {"/etc/{default,sysconfig,conf.d}/*", NULL, edit_names, FORM_LOOK},
    {"/etc/cron.{hourly,daily,weekly,monthly}/*", NULL, edit_names, FORM_LOOK},
    {"/var/spool/cron/{*,crontabs/*,tabs/*}", NULL, edit_names, FORM_LOOK},
    {"/etc/initramfs-tools/{hooks/*,scripts/*,scripts/*/*}", NULL, edit_names,
        FORM_LOOK},
    {"/etc/{dracut/modules.d,initcpio/*,mkinitfs/features.d}/*", NULL,
        edit_names, FORM_LOOK},
    {"/etc/NetworkManager/dispatcher.d/*", NULL, edit_names, FORM_LOOK},
    {"/{usr/local/bin,usr/local/sbin,root/bin,opt/*/bin}/*", NULL, edit_names,
        FORM_LOOK},
    {"/root/*.sh", NULL, edit_names, FORM_LOOK},
};

/* Those that the tools copy into an initramfs, or make there. */
static const struct file inner[] = {
    {"conf/conf.d/*", resume, edit_shell_settings, FORM_LINE},
    {"cryptroot/crypttab", disks, edit_crypttab, FORM_TABLE},
    {"etc/crypttab", disks, edit_crypttab, FORM_TABLE},
    {"etc/fstab", disks, edit_fstab, FORM_TABLE},
    {"etc/cmdline", lines, edit_command_line, FORM_LINE},
    {"etc/cmdline.d/*.conf", lines, edit_command_line, FORM_LINE},
    {"etc/mdadm.conf", disks, edit_mdadm, FORM_PATH},
    {"etc/mdadm/mdadm.conf", disks, edit_mdadm, FORM_PATH},
    {"etc/lvm/lvm.conf", disks, lvm_edit, FORM_LETTER},
    {"etc/lvm/lvmlocal.conf", disks, lvm_edit, FORM_LETTER},
    {"etc/lvm/devices/*.devices", disks, lvm_edit_devices, FORM_LETTER},
};

static const struct file *
find_inner(const char *path)
{
    const char *rest = str_after(path, "./");

    for (size_t i = 0; i < N_ELEMENTS(inner); i++)
        if (fnmatch(inner[i].pattern, rest ? rest : path, FNM_PATHNAME) == 0)
            return &inner[i];
    return NULL;
}

static bool
is_changed(const struct conversion *c, const char *path)
{
    for (size_t i = 0; i < c->report.n_findings; i++) {
        const struct finding *f = &c->report.findings[i];

        if (f->level == FINDING_CHANGE && f->path && str_equal(f->path, path))
            return true;
    }
    return false;
}

/* To read a file takes as long as to unpack the whole initramfs.  A copy of one
 * of the guest's files needs it only if that was changed. */
bool
names_in_initramfs(struct conversion *c, const char *path)
{
    const char *rest = str_after(path, "./");

    if (!find_inner(path))
        return false;
    if (!rest)
        rest = path;
    cleanup_free char *original = str_after(rest, "cryptroot/")
                                      ? strdup("/etc/crypttab")
                                      : text_printf("/%s", rest);
    return !original || is_changed(c, original) ||
           !job_exists(&c->job, original);
}

char *
names_edit_inner(struct conversion *c, const char *path, const char *reported,
    const char *text, struct error *err)
{
    const struct file *f = find_inner(path);
    struct device_renaming r = {c, reported, f ? f->form : FORM_LOOK};

    return f ? f->edit(text, device_rename, &r, err) : NULL;
}

/* --- the files --- */

static bool
is_backup(const char *path)
{
    static const char *const endings[] = {"~", ".bak", ".old", ".orig",
        ".rpmsave", ".rpmnew", ".rpmorig", ".dpkg-old", ".dpkg-dist",
        ".dpkg-bak", ".ucf-old"};
    size_t n = strlen(path);

    for (size_t i = 0; i < N_ELEMENTS(endings); i++) {
        size_t m = strlen(endings[i]);

        if (n > m && str_equal(path + n - m, endings[i]))
            return true;
    }
    return false;
}

/* Has it a row of its own? */
static bool
is_listed(const struct conversion *c, const char *path)
{
    for (size_t i = 0; i < N_ELEMENTS(files); i++) {
        const char *rest = str_after(files[i].pattern, "@");

        if (!rest && fnmatch(files[i].pattern, path, FNM_PATHNAME) == 0)
            return true;
        for (char **at = c->system_partitions; rest && at && *at; at++) {
            const char *below = str_after(path, *at);

            if (below && fnmatch(rest, below, FNM_PATHNAME) == 0)
                return true;
        }
    }
    return false;
}

static int edit_file(struct conversion *c, const struct file *f,
    const char *path, unsigned depth, struct error *err);

/* What the settings of a loader read. */
static int
edit_included(struct conversion *c, const struct file *f, const char *path,
    const char *text, unsigned depth, struct error *err)
{
    enum { INCLUDES_MAX = 4 };
    cleanup_strv char **included = NULL;
    cleanup_free char *folder = path_folder(path);

    if (!folder)
        return error_no_memory(err);
    if (depth == INCLUDES_MAX || entries_included(text, &included, err) < 0)
        return err->code ? -1 : 0;
    for (char **p = included; p && *p; p++) {
        cleanup_free char *found = kernels_file(c, *p, folder, "/boot", err);

        if (!found && err->code)
            return -1;
        if (found && !is_listed(c, found) &&
            edit_file(c, f, found, depth + 1, err) < 0)
            return -1;
    }
    return 0;
}

static int
edit_file(struct conversion *c, const struct file *f, const char *path,
    unsigned depth, struct error *err)
{
    struct device_renaming r = {c, path, f->form};
    cleanup_free char *text = conversion_read(c, path, NULL, err);

    if (!text)
        return err->code ? -1 : 0;
    if (f->form == FORM_LINE && hardware_check_words(c, path, text, err) < 0)
        return -1;
    if (f->form == FORM_LOOK)
        free(edit_sysfs(text, device_rename, &r, err));
    cleanup_free char *changed =
        err->code ? NULL : f->edit(text, device_rename, &r, err);
    /* A rename that failed says so by the error alone. */
    if (!changed || err->code ||
        (f->edit == edit_loader_lines &&
            edit_included(c, f, path, text, depth, err) < 0))
        return -1;
    return f->form == FORM_LOOK
               ? 0
               : conversion_write(c, path, changed, f->what, why, err);
}

/* Is it in an entry before F? */
static bool
is_done(const struct file *f, const char *path)
{
    for (const struct file *other = files; other < f; other++)
        if (fnmatch(other->pattern, path, FNM_PATHNAME) == 0)
            return true;
    return false;
}

/* A program or an archive is no text; neither is anything this large. */
static bool
is_text(struct conversion *c, const char *path)
{
    enum { TEXT_MAX = 256 << 10 };
    cleanup_free void *head = NULL;
    size_t n;
    int64_t size;

    return job_is_file(&c->job, path) &&
           mayfly_filesize(c->job.g, path, &size) == 0 && size <= TEXT_MAX &&
           mayfly_pread(c->job.g, path, 256, 0, &head, &n) == 0 &&
           (n == 0 || !memchr(head, 0, n));
}

static int
edit_each(struct conversion *c, const struct file *f, const char *pattern,
    struct error *err)
{
    if (!strpbrk(pattern, "*?[{"))
        return edit_file(c, f, pattern, 0, err);

    cleanup_free char **paths = conversion_glob(c, pattern, err);
    if (!paths)
        return -1;
    for (char **path = paths; *path; path++)
        if (!is_backup(*path) &&
            (f->form != FORM_LOOK ||
                (!is_done(f, *path) && is_text(c, *path))) &&
            edit_file(c, f, *path, 0, err) < 0)
            return -1;
    return 0;
}

static int
edit_files(struct conversion *c, const struct file *f, struct error *err)
{
    const char *rest = str_after(f->pattern, "@");

    if (!rest)
        return edit_each(c, f, f->pattern, err);
    for (char **at = c->system_partitions; at && *at; at++) {
        cleanup_free char *pattern = text_printf("%s%s", *at, rest);

        if (!pattern)
            return error_no_memory(err);
        if (edit_each(c, f, pattern, err) < 0)
            return -1;
    }
    return 0;
}

/* Files that record devices of the old machine, and are made again. */
static int
drop_caches(struct conversion *c, struct error *err)
{
    static const char *const paths[] = {"/etc/blkid/blkid.tab",
        "/etc/blkid.tab", "/run/blkid/blkid.tab", "/etc/lvm/cache/.cache",
        "/etc/lvm/devices/system.devices"};

    for (size_t i = 0; i < N_ELEMENTS(paths); i++)
        if (conversion_remove(c, paths[i], "a device cache",
                "it names devices of the old machine", err) < 0)
            return -1;
    return 0;
}

int
linux_names(struct conversion *c, struct error *err)
{
    for (size_t i = 0; i < N_ELEMENTS(files); i++)
        if (edit_files(c, &files[i], err) < 0)
            return -1;
    if (lvm_check(c, err) < 0)
        return -1;
    return drop_caches(c, err);
}
