/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: first the firmware's side.  A BIOS starts what lies in
 * the first sector of a disk; of GRUB that is followed to its second part.
 * UEFI starts a program on a partition of a certain type, and GRUB's program
 * there reads a short file that says where the rest is.  What cannot be
 * followed is given as "unknown", so that no one takes it for good. */
#include <config.h>

#include <endian.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/facts/devices.h"
#include "appliance/agent/facts/reading.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/mounted.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { SECTOR = 512 };

static const char esp_type[] = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
static const char bios_boot_type[] = "21686148-6449-6e6f-744e-656564454649";

/* --- BIOS --- */

static bool
is_zero(const uint8_t *p, size_t n)
{
    return p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

/* GRUB's first sector has the number of the next one at 0x5c, which starts
 * with "loading" in it; after that comes the program itself. */
static bool
has_core(int fd, const uint8_t *first)
{
    enum { NEXT_AT = 0x5c };
    uint64_t next;
    uint8_t second[2 * SECTOR];

    memcpy(&next, first + NEXT_AT, sizeof next);
    next = le64toh(next);
    if (next == 0 || next > (1ULL << 40) ||
        pread(fd, second, sizeof second, (off_t)(next * SECTOR)) !=
            (ssize_t)sizeof second)
        return false;
    return memmem(second, SECTOR, "loading", 7) &&
           !is_zero(second + SECTOR, SECTOR);
}

static const char *
grub_folder(struct facts *f)
{
    static const char *const folders[] = {"/boot/grub", "/boot/grub2"};

    for (size_t i = 0; i < N_ELEMENTS(folders); i++)
        if (fact_exists(
                f, call_printf(f->c, "%s/i386-pc/normal.mod", folders[i])))
            return folders[i];
    return NULL;
}

static void
add_bios(struct facts *f, const struct volume *disk)
{
    enum { CODE = 440, SIGNATURE_AT = 510, TABLE_AT = 446, ENTRY = 16 };
    struct volumes *all = &f->guest->volumes;
    uint8_t first[SECTOR] = {0};
    cleanup_close int fd = open(disk->device, O_RDONLY | O_CLOEXEC);
    bool gpt = false, active = false;

    if (fd < 0 || pread(fd, first, SECTOR, 0) != SECTOR)
        return;
    struct fact_row r =
        fact_add(f, call_printf(f->c, "bios:%s", disk->device), "", 0);
    for (int i = 0; i < 4; i++) {
        const uint8_t *entry = first + TABLE_AT + i * ENTRY;

        gpt |= entry[4] == 0xee;
        active |= entry[0] == 0x80;
    }
    bool grub = memmem(first, CODE, "GRUB", 4) != NULL;
    fact_text(&r, "firmware", "bios");
    fact_text(&r, "device", disk->device);
    fact_text(&r, "table", gpt ? "gpt" : disk->partitioned ? "mbr" : "none");
    fact_flag(&r, "signature",
        first[SIGNATURE_AT] == 0x55 && first[SIGNATURE_AT + 1] == 0xaa);
    fact_flag(&r, "code", !is_zero(first, CODE));
    fact_text(&r, "loader",
        is_zero(first, CODE) ? "none"
        : grub               ? "grub"
        : memmem(first, CODE, "SYSLINUX", 8) ||
                memmem(first, CODE, "isolinux", 8)
            ? "syslinux"
            : "unknown");
    fact_flag(&r, "active", active);
    if (grub) {
        fact_flag(&r, "core", has_core(fd, first));
        const char *folder = grub_folder(f);
        fact_flag(&r, "modules_found", folder != NULL);
        fact_text(&r, "modules_folder", folder);
    }
    for (uint32_t i = 0; gpt && i < all->n; i++) {
        struct volume *v = &all->items[i];

        if (!volume_number(disk, v))
            continue;
        volume_name_partition(f->c, all, v);
        if (v->partition_type &&
            strcasecmp(v->partition_type, bios_boot_type) == 0)
            fact_text(&r, "bios_boot", v->device);
    }
}

/* --- UEFI --- */

/* Is it a program for UEFI, whole and signed? */
static bool
is_program(struct facts *f, int root, const char *path, bool *ret_signed)
{
    enum { MAX = 64 << 20, PE_AT = 0x3c, SECURITY = 4, PE_PLUS = 0x20b };
    size_t size;
    uint8_t *data = (uint8_t *)tree_read(f->c, root, path, MAX, &size);
    uint32_t at, sections, need;

    *ret_signed = false;
    if (!data || size < 0x200 || memcmp(data, "MZ", 2) != 0)
        return false;
    memcpy(&at, data + PE_AT, sizeof at);
    at = le32toh(at);
    if (at > size - 0x100 || memcmp(data + at, "PE\0\0", 4) != 0)
        return false;
    sections = data[at + 6] | (uint32_t)data[at + 7] << 8;
    uint32_t optional = data[at + 20] | (uint32_t)data[at + 21] << 8;
    uint64_t table = (uint64_t)at + 24 + optional;
    bool plus = (data[at + 24] | data[at + 25] << 8) == PE_PLUS;
    uint64_t security = (uint64_t)at + 24 + (plus ? 112 : 96) + SECURITY * 8;
    if (security + 8 <= size) {
        memcpy(&need, data + security + 4, sizeof need);
        *ret_signed = le32toh(need) > 0;
    }
    for (uint32_t i = 0; i < sections && table + 40 <= size; i++, table += 40) {
        uint32_t length, offset;

        memcpy(&length, data + table + 16, sizeof length);
        memcpy(&offset, data + table + 20, sizeof offset);
        if ((uint64_t)le32toh(length) + le32toh(offset) > size)
            return false;
    }
    return sections > 0;
}

/* The names in a folder of another file system. */
static char **
folder_of(struct facts *f, int root, const char *path)
{
    int before = f->root;

    f->root = root;
    char **names = fact_folder(f, path);
    f->root = before;
    return names;
}

static char *
text_of(struct facts *f, int root, const char *path)
{
    int before = f->root;

    f->root = root;
    char *text = fact_file(f, path);
    f->root = before;
    return text;
}

/* Short files that only lead to the real one:
 *     search.fs_uuid UUID root
 *     configfile $prefix/grub.cfg */
static void
add_stub(struct facts *f, const struct volume *v, int root, const char *path)
{
    char *text = text_of(f, root, path), *line;
    const char *wanted = NULL, *prefix = "", *config = NULL;
    unsigned number = 0, at = 0;
    bool menu = false;

    while ((line = next_line(&text))) {
        char *rest = fact_trim(line);
        char *word = (number++, fact_word(&rest, " \t"));

        if (!word || word[0] == '#')
            continue;
        menu |= str_equal(word, "menuentry") || str_equal(word, "blscfg");
        if (str_equal(word, "search.fs_uuid")) {
            wanted = call_printf(f->c, "UUID=%s", fact_word(&rest, " \t"));
            at = number;
        } else if (str_equal(word, "search.fs_label") ||
                   str_equal(word, "search.fs")) {
            wanted = call_printf(f->c, "LABEL=%s", fact_word(&rest, " \t"));
            at = number;
        } else if (str_equal(word, "search")) {
            const char *one, *kind = "UUID", *last = NULL;

            while ((one = fact_word(&rest, " \t"))) {
                if (str_equal(one, "--label") || str_equal(one, "-l"))
                    kind = "LABEL";
                if (one[0] != '-')
                    last = one;
            }
            if (last && !menu)
                wanted = call_printf(f->c, "%s=%s", kind, last);
            at = number;
        } else if (str_equal(word, "set") && str_after(rest, "prefix=")) {
            char *p = strchr(rest, ')');

            p = shell_unquote(p ? p + 1 : rest + strlen("prefix="));
            prefix = p;
        } else if (str_equal(word, "configfile")) {
            config = fact_word(&rest, " \t");
        }
    }
    struct fact_row r =
        fact_add(f, call_printf(f->c, "stub:%s", v->device), path, at);
    fact_text(&r, "firmware", "uefi");
    fact_text(&r, "device", v->device);
    fact_text(&r, "loader", "grub");
    fact_flag(&r, "menu", menu);
    fact_text(&r, "search", wanted);
    if (wanted)
        fact_flag(&r, "found", facts_resolve(f, wanted) != NULL);
    if (!config)
        return;
    const char *rest = str_after(config, "$prefix");
    if (!rest)
        rest = str_after(config, "${prefix}");
    const char *p = strchr(config, ')');
    char *target = rest ? call_printf(f->c, "%s%s", prefix, rest)
                        : call_strdup(f->c, p ? p + 1 : config);
    fact_text(&r, "config", target);
    bool found = fact_exists(f, target) ||
                 fact_exists(f, call_printf(f->c, "/boot%s", target));
    fact_flag(&r, "config_found", found);
}

static void
add_loaders(struct facts *f, const struct volume *v, int root,
    const char *folder, bool *ret_fallback)
{
    for (char **name = folder_of(f, root, folder); *name; name++) {
        size_t n = strlen(*name);
        bool is_signed;

        if (n > 4 && strcasecmp(*name + n - 4, ".efi") == 0) {
            char *path = call_printf(f->c, "%s/%s", folder, *name);
            struct fact_row r = fact_add(
                f, call_printf(f->c, "program:%s", v->device), path, 0);
            bool good = is_program(f, root, path, &is_signed);

            fact_text(&r, "firmware", "uefi");
            fact_text(&r, "device", v->device);
            fact_flag(&r, "whole", good);
            fact_flag(&r, "signed", is_signed);
            fact_text(&r, "loader",
                strcasestr(*name, "shim")               ? "shim"
                : strcasestr(*name, "grub")             ? "grub"
                : strcasestr(*name, "systemd")          ? "systemd-boot"
                : strcasecmp(folder, "/EFI/Linux") == 0 ? "unified kernel"
                                                        : "");
            bool fallback = strcasecmp(folder, "/EFI/BOOT") == 0 &&
                            (strcasecmp(*name, "BOOTX64.EFI") == 0 ||
                                strcasecmp(*name, "BOOTAA64.EFI") == 0 ||
                                strcasecmp(*name, "BOOTIA32.EFI") == 0);
            fact_flag(&r, "fallback", fallback);
            *ret_fallback |= fallback && good;
        } else if (strcasecmp(*name, "grub.cfg") == 0) {
            add_stub(f, v, root, call_printf(f->c, "%s/%s", folder, *name));
        }
    }
}

static void
add_esp(struct facts *f, const struct volume *v, int root)
{
    bool fallback = false;

    for (char **name = root >= 0 ? folder_of(f, root, "/EFI")
                                 : (char *[]){NULL};
         *name; name++)
        add_loaders(f, v, root, call_printf(f->c, "/EFI/%s", *name), &fallback);
    struct fact_row r =
        fact_add(f, call_printf(f->c, "esp:%s", v->device), "", 0);
    fact_text(&r, "firmware", "uefi");
    fact_text(&r, "device", v->device);
    fact_text(&r, "type", v->type);
    fact_flag(&r, "mounted", root >= 0);
    fact_flag(&r, "fallback", fallback);
}

void
facts_boot(struct facts *f)
{
    struct volumes *all = f->guest ? &f->guest->volumes : NULL;
    const struct mounted_volume *item = f->guest ? f->guest->items.items : NULL;

    for (uint32_t i = 0; all && i < all->n; i++)
        if (all->items[i].kind == VOLUME_DISK)
            add_bios(f, &all->items[i]);
    for (uint32_t i = 0; all && i < all->n; i++) {
        struct volume *v = &all->items[i];
        bool esp = false;
        int root = -1;

        if (v->kind != VOLUME_PARTITION)
            continue;
        volume_name_partition(f->c, all, v);
        esp = v->partition_type &&
              (strcasecmp(v->partition_type, esp_type) == 0 ||
                  str_equal(v->partition_type, "0xef"));
        for (uint32_t k = 0; k < f->guest->items.n; k++)
            if (str_equal(item[k].mountable, v->device)) {
                root = item[k].root;
                esp |= str_equal(item[k].role, "esp");
            }
        if (esp)
            add_esp(f, v, root);
    }
}
