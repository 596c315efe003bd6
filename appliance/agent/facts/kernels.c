/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a kernel starts on a machine if the driver of the disk,
 * of what lies between (LVM, encryption) and of the file system are built in
 * or in its initramfs, each with the modules that it needs.  The rows of
 * "kernels" say what is built in and what the guest has on disk; those of
 * "initramfs" what each archive holds, which takes longer to read. */
#include <config.h>

#include "appliance/agent/facts/kernels.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/facts/reading.h"
#include "appliance/agent/guest/tree.h"
#include "base/cleanup.h"
#include "base/kernel_version.h"
#include "base/strv.h"

enum { VERSIONS_MAX = 64, DEPENDENCIES_MAX = 32 << 20 };

/* --- modules --- */

char *
module_name(struct facts *f, const char *path, size_t n)
{
    static const char *const endings[] = {".ko", ".ko.xz", ".ko.gz", ".ko.zst"};
    size_t start = n;

    while (start > 0 && path[start - 1] != '/')
        start--;
    for (size_t i = 0; i < N_ELEMENTS(endings); i++) {
        size_t m = strlen(endings[i]);

        if (n - start <= m || strncmp(path + n - m, endings[i], m) != 0)
            continue;
        char *name = call_strndup(f->c, path + start, n - start - m);
        for (char *p = name; *p; p++)
            if (*p == '-')
                *p = '_';
        return name;
    }
    return NULL;
}

bool
module_matters(const char *name)
{
    static const char *const names[] = {"virtio", "virtio_ring", "virtio_pci",
        "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_blk",
        "virtio_scsi", "virtio_net", "net_failover", "failover", "scsi_mod",
        "scsi_common", "sd_mod", "t10_pi", "crc_t10dif", "crct10dif_common",
        "libata", "libahci", "ahci", "ata_piix", "ata_generic", "nvme",
        "nvme_core", "xen_blkfront", "xen_netfront", "vmw_pvscsi", "mptspi",
        "mptbase", "mptscsih", "scsi_transport_spi", "vmxnet3", "e1000",
        "e1000e", "igb", "hv_vmbus", "hv_storvsc", "hv_netvsc",
        "scsi_transport_fc", "dm_mod", "dm_crypt", "dm_snapshot", "dm_raid",
        "md_mod", "raid0", "raid1", "raid10", "raid456", "linear", "ext4",
        "ext3", "ext2", "jbd2", "mbcache", "xfs", "btrfs", "f2fs", "vfat",
        "fat", "crc32c_generic", "libcrc32c", "crc32_generic", "overlay",
        "squashfs", "erofs", "nls_cp437", "nls_ascii", "nls_iso8859_1",
        "nls_utf8"};

    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        if (str_equal(names[i], name))
            return true;
    return false;
}

void
kernel_versions(struct facts *f, struct list *ret)
{
    for (char **name = fact_folder(f, "/lib/modules"); *name; name++) {
        if (ret->n == VERSIONS_MAX) {
            fact_note(f, f->system->root,
                "facts: /lib/modules: more than %d kernels, some are left out",
                VERSIONS_MAX);
            return;
        }
        if (tree_is_dir(f->root, call_printf(f->c, "/lib/modules/%s", *name)))
            list_add_string(f->c, ret, *name);
    }
}

char *
kernel_modules_file(struct facts *f, const char *version, const char *name)
{
    return tree_read(f->c, f->root,
        call_printf(f->c, "/lib/modules/%s/%s", version, name),
        DEPENDENCIES_MAX, NULL);
}

static void
add_drivers(struct fact_row *r, const char *value, char *text)
{
    char *line;

    while ((line = next_line(&text))) {
        char *name = module_name(r->f, line, strcspn(line, ": \t"));

        if (name && module_matters(name))
            fact_text(r, value, name);
    }
}

/* --- images --- */

const char *
kernel_version_of(
    struct facts *f, const struct boot_file *file, bool *ret_is_kernel)
{
    uint8_t header[KERNEL_HEADER];
    char text[KERNEL_VERSION_MAX + 1];

    *ret_is_kernel = false;
    if (!file->path[0])
        return "";
    cleanup_close int fd =
        tree_open(file->root, file->path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return "";
    ssize_t n = pread(fd, header, sizeof header, 0);
    int64_t at = n > 0 ? kernel_version_at(header, (size_t)n) : 0;
    /* Those of other machines: an EFI program, compressed, or an ELF file. */
    *ret_is_kernel = at || (n > 4 && (memcmp(header, "MZ", 2) == 0 ||
                                         memcmp(header, "\037\213", 2) == 0 ||
                                         memcmp(header, "\177ELF", 4) == 0));
    n = at ? pread(fd, text, KERNEL_VERSION_MAX, at) : 0;
    if (n <= 0)
        return "";
    text[n] = '\0';
    kernel_version_end(text);
    /* Cut off in the middle: what the header promises is not there. */
    enum { SETUP_SECTORS_AT = 0x1f1, SIZE_AT = 0x1f4 };
    uint64_t sectors = header[SETUP_SECTORS_AT] ? header[SETUP_SECTORS_AT] : 4;
    uint64_t paragraphs = header[SIZE_AT] | (uint64_t)header[SIZE_AT + 1] << 8 |
                          (uint64_t)header[SIZE_AT + 2] << 16 |
                          (uint64_t)header[SIZE_AT + 3] << 24;
    *ret_is_kernel =
        (uint64_t)st.st_size >= (sectors + 1) * 512 + paragraphs * 16;
    return kernel_version_is_valid(text) ? call_strdup(f->c, text) : "";
}

void
facts_kernels(struct facts *f)
{
    static const char *const prefixes[] = {
        "vmlinuz", "vmlinux", "kernel-", "bzImage", "Image"};
    struct list versions = {0};

    kernel_versions(f, &versions);
    for (char **name = fact_folder(f, "/boot"); *name; name++) {
        bool image = false, is_kernel;

        for (size_t i = 0; i < N_ELEMENTS(prefixes); i++)
            image |= str_after(*name, prefixes[i]) != NULL;
        struct boot_file file = {
            f->root, call_printf(f->c, "/boot/%s", *name), NULL};
        if (!image || ends_with_text(*name, ".hmac") ||
            !tree_is_file(f->root, file.path))
            continue;
        const char *version = kernel_version_of(f, &file, &is_kernel);
        if (!version[0])
            version = kernel_version_of_name(*name, versions.items);
        struct fact_row r = fact_add(f, *name, file.path, 0);
        fact_text(&r, "version", version);
        fact_flag(&r, "whole", is_kernel);
    }
    char **version = versions.items;
    for (uint32_t i = 0; i < versions.n; i++) {
        char *path = call_printf(f->c, "/lib/modules/%s", version[i]);
        char *modules = kernel_modules_file(f, version[i], "modules.dep");
        char *builtin = kernel_modules_file(f, version[i], "modules.builtin");
        struct fact_row r = fact_add(f, path, path, 0);

        fact_text(&r, "version", version[i]);
        fact_flag(&r, "dependencies", modules != NULL);
        if (modules)
            add_drivers(&r, "modules", modules);
        if (builtin)
            add_drivers(&r, "builtin", builtin);
    }
}
