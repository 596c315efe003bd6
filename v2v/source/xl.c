/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -i xl: a configuration file of xl or xm. */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "v2v/machine/nic_place.h"
#include "v2v/source/source.h"
#include "v2v/source/xl_disk.h"
#include "v2v/source/xl_grammar.h"

enum { MEMORY_MAX_MIB = 1 << 24, VCPUS_MAX = 4096 };

static int
copy(char **ret, const char *value, struct error *err)
{
    if (!value || !value[0])
        return 0;
    *ret = strdup(value);
    return *ret ? 0 : error_no_memory(err);
}

/* The number of the setting NAME, from 1 to MAX; 0 if it is missing. */
static int
number(const struct xl_config *config, const char *name, unsigned long max,
    unsigned long *ret, struct error *err)
{
    const char *text = xl_text(config, name);
    char *end = NULL;

    *ret = 0;
    if (!text || !text[0])
        return 0;
    errno = 0;
    *ret = strtoul(text, &end, 0);
    if (errno || *end || !isdigit((unsigned char)text[0]) || *ret == 0 ||
        *ret > max)
        return error_set(
            err, EINVAL, "%s = '%s' is not 1 to %lu", name, text, max);
    return 0;
}

static int
read_size(const struct xl_config *config, struct guest *ret, struct error *err)
{
    unsigned long memory, most, vcpus;

    if (number(config, "memory", MEMORY_MAX_MIB, &memory, err) < 0 ||
        number(config, "maxmem", MEMORY_MAX_MIB, &most, err) < 0 ||
        number(config, "vcpus", VCPUS_MAX, &vcpus, err) < 0)
        return -1;
    ret->memory = (uint64_t)(memory ? memory : most) << 20;
    ret->vcpus = (unsigned)vcpus;
    if (most > memory && memory)
        return guest_note(ret, err,
            "maxmem = %lu is more than memory = %lu; the machine gets %lu MiB",
            most, memory, memory);
    return 0;
}

static int
read_kind(const struct xl_config *config, struct guest *ret, struct error *err)
{
    const char *type = xl_text(config, "type");
    const char *builder = xl_text(config, "builder");
    const char *firmware = xl_text(config, "firmware");
    const char *bios = xl_text(config, "bios");

    if (!type)
        type = builder && str_equal(builder, "hvm") ? "hvm" : "pv";
    if (str_equal(type, "hvm"))
        ret->kind = GUEST_HVM;
    else if (str_equal(type, "pvh"))
        ret->kind = GUEST_PVH;
    else if (str_equal(type, "pv"))
        ret->kind = GUEST_PV;
    else
        return error_set(err, EINVAL, "unknown type = '%s'", type);
    ret->uefi = (firmware && (str_equal(firmware, "ovmf") ||
                                 str_equal(firmware, "uefi"))) ||
                (bios && str_equal(bios, "ovmf"));
    ret->firmware_said = firmware || bios;
    return 0;
}

/* root= and extra=, or cmdline= in place of both. */
static int
read_kernel(
    const struct xl_config *config, struct guest *ret, struct error *err)
{
    const char *root = xl_text(config, "root");
    const char *extra = xl_text(config, "extra");
    const char *whole = xl_text(config, "cmdline");
    const char *kernel = xl_text(config, "kernel");
    const char *bootloader = xl_text(config, "bootloader");

    /* For an HVM guest, kernel= named the firmware loader. */
    if (ret->kind == GUEST_HVM && kernel && strstr(kernel, "hvmloader"))
        kernel = NULL;
    if (copy(&ret->kernel, kernel, err) < 0 ||
        copy(&ret->ramdisk, kernel ? xl_text(config, "ramdisk") : NULL, err) <
            0 ||
        copy(&ret->bootloader, bootloader, err) < 0)
        return -1;
    if (whole)
        return copy(&ret->cmdline, whole, err);
    if (!root && !extra)
        return 0;
    ret->cmdline = text_printf("%s%s%s%s", root ? "root=" : "",
        root ? root : "", root && extra ? " " : "", extra ? extra : "");
    return ret->cmdline ? 0 : error_no_memory(err);
}

static int
read_disks(const struct xl_config *config, struct guest *ret, struct error *err)
{
    char *const *list = xl_list(config, "disk");

    for (; list && *list; list++) {
        struct guest_disk *disk = guest_add_disk(ret, err);

        if (!disk || xl_disk_parse(*list, disk, err) < 0)
            return -1;
        ret->cd_drives += disk->removable;
    }
    return 0;
}

static int
take_vif(char *word, struct guest_nic *nic, unsigned *number, struct error *err)
{
    const char *mac = str_after(word, "mac=");
    const char *id = str_after(word, "devid=");
    const char *bridge = str_after(word, "bridge=");

    if (bridge) {
        free(nic->network);
        nic->is_bridge = true;
        nic->network = NULL;
        return copy(&nic->network, bridge, err);
    }
    if (id && isdigit((unsigned char)id[0]))
        *number = (unsigned)strtoul(id, NULL, 10);
    if (!mac)
        return 0;
    free(nic->mac);
    nic->mac = strdup(mac);
    return nic->mac ? 0 : error_no_memory(err);
}

static int
read_vifs(const struct xl_config *config, struct guest *ret, struct error *err)
{
    char *const *list = xl_list(config, "vif");
    unsigned number = 0;

    for (; list && *list; list++) {
        struct guest_nic *nic = guest_add_nic(ret, err);
        cleanup_free char *text = strdup(*list);
        char *rest = text, *word;

        if (!nic)
            return -1;
        if (!text)
            return error_no_memory(err);
        while ((word = strsep(&rest, ",")))
            if (take_vif(word + strspn(word, " \t"), nic, &number, err) < 0)
                return -1;
        if (nic_place_xen(nic, number++, err) < 0)
            return -1;
    }
    return 0;
}

static int
read_config(
    const struct xl_config *config, struct guest *ret, struct error *err)
{
    if (copy(&ret->name, xl_text(config, "name"), err) < 0 ||
        copy(&ret->uuid, xl_text(config, "uuid"), err) < 0 ||
        read_size(config, ret, err) < 0 || read_kind(config, ret, err) < 0 ||
        read_kernel(config, ret, err) < 0 || read_disks(config, ret, err) < 0)
        return -1;
    return read_vifs(config, ret, err);
}

static int
read_xl(
    char *const *words, size_t n_words, struct guest *ret, struct error *err)
{
    cleanup_xl struct xl_config config = {0};
    size_t size;

    (void)n_words;
    cleanup_free char *text = read_file(words[0], XL_SIZE_MAX, &size, err);
    if (!text)
        return -1;
    if (xl_parse(text, size, &config, err) < 0 ||
        read_config(&config, ret, err) < 0)
        return error_context(err, "%s", words[0]);
    return 0;
}

const struct source source_xl = {
    .name = "xl",
    .help = "FILE: a configuration of xl or xm, as in /etc/xen",
    .read = read_xl,
};
