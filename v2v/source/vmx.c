/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -i vmx: the configuration of a VMware machine, with its disks in the same
 * folder.
 *
 * Lines are NAME = "VALUE", where the quotes may be missing; names are
 * case-insensitive; |22 in a value is the byte 0x22; .encoding is the set of
 * characters.  A device counts only if its .present is not FALSE. */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/charset.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "v2v/machine/device_name.h"
#include "v2v/machine/nic_place.h"
#include "v2v/source/source.h"

enum {
    VMX_MAX = 1 << 20,
    SETTINGS_MAX = 8192,
    VALUE_MAX = 4096,
    MEMORY_DEFAULT = 32, /* MiB, if not given */
    MEMORY_MAX = 1 << 24,
    NICS_MAX = 10,
};

/* Names and values, alternating. */
struct vmx {
    char **words;
    size_t n;
};

/* --- the text --- */

static void
unescape(char *value)
{
    char *to = value;

    for (const char *p = value; *p; p++) {
        if (p[0] == '|' && isxdigit((unsigned char)p[1]) &&
            isxdigit((unsigned char)p[2])) {
            char hex[] = {p[1], p[2], 0};
            long byte = strtol(hex, NULL, 16);

            *to++ = byte ? (char)byte : '|';
            p += 2;
        } else {
            *to++ = *p;
        }
    }
    *to = 0;
}

static int
read_line(struct vmx *vmx, const char *line, size_t n, struct error *err)
{
    const char *equals = memchr(line, '=', n), *end = line + n;
    const char *name = line, *value = equals ? equals + 1 : NULL;

    while (name < end && isspace((unsigned char)*name))
        name++;
    if (!equals || name == end || *name == '#' || *name == '.')
        return 0;
    while (equals > name && isspace((unsigned char)equals[-1]))
        equals--;
    while (value < end && isspace((unsigned char)*value))
        value++;
    if (value < end && *value == '"') {
        const char *quote = memchr(value + 1, '"', (size_t)(end - value - 1));

        value++;
        end = quote ? quote : end;
    } else {
        while (end > value && isspace((unsigned char)end[-1]))
            end--;
    }
    if (end - value > VALUE_MAX || vmx->n == SETTINGS_MAX)
        return error_set(err, E2BIG, "it is too large");

    cleanup_free char *copy = strndup(value, (size_t)(end - value));
    if (!copy ||
        strv_take(&vmx->words, strndup(name, (size_t)(equals - name))) < 0)
        return error_no_memory(err);
    unescape(copy);
    if (strv_take(&vmx->words, steal_pointer(&copy)) < 0)
        return error_no_memory(err);
    vmx->n += 2;
    return 0;
}

static int
parse(struct vmx *vmx, const char *text, struct error *err)
{
    while (*text) {
        size_t n = strcspn(text, "\n");

        if (read_line(vmx, text, n, err) < 0)
            return -1;
        text += n + (text[n] != 0);
    }
    return 0;
}

static const char *
get(const struct vmx *vmx, const char *name)
{
    for (size_t i = 0; i < vmx->n; i += 2)
        if (strcasecmp(vmx->words[i], name) == 0)
            return vmx->words[i + 1];
    return NULL;
}

/* NAME.KEY */
static const char *
get_of(const struct vmx *vmx, const char *name, const char *key)
{
    cleanup_free char *full = text_printf("%s.%s", name, key);

    return full ? get(vmx, full) : NULL;
}

static bool
is_yes(const char *value)
{
    static const char *const yes[] = {"TRUE", "T", "YES", "Y", "1"};

    for (size_t i = 0; value && i < N_ELEMENTS(yes); i++)
        if (strcasecmp(value, yes[i]) == 0)
            return true;
    return false;
}

static bool
is_present(const struct vmx *vmx, const char *name)
{
    return is_yes(get_of(vmx, name, "present"));
}

/* --- the machine --- */

static int
number(const struct vmx *vmx, const char *name, unsigned long missing,
    unsigned long max, unsigned long *ret, struct error *err)
{
    const char *text = get(vmx, name);
    char *end = NULL;

    *ret = missing;
    if (!text)
        return 0;
    errno = 0;
    *ret = strtoul(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end || errno || *ret == 0 ||
        *ret > max)
        return error_set(err, EINVAL, "%s: invalid value '%s'", name, text);
    return 0;
}

static int
read_machine(const struct vmx *vmx, struct guest *ret, struct error *err)
{
    const char *name = get(vmx, "displayName");
    const char *firmware = get(vmx, "firmware");
    const char *memory_file = get(vmx, "checkpoint.vmState");
    unsigned long memory, vcpus;

    if (get(vmx, "encryption.data"))
        return error_set(err, ENOTSUP,
            "the machine is encrypted, and its disks are not named; decrypt it "
            "in VMware first");
    if (number(vmx, "memSize", MEMORY_DEFAULT, MEMORY_MAX, &memory, err) < 0 ||
        number(vmx, "numvcpus", 1, 4096, &vcpus, err) < 0)
        return -1;
    if (name && !(ret->name = strdup(name)))
        return error_no_memory(err);
    ret->memory = (uint64_t)memory << 20;
    ret->vcpus = (unsigned)vcpus;
    /* 0: VMware chooses at each start. */
    const char *cores = get(vmx, "cpuid.coresPerSocket");
    unsigned long n = cores ? strtoul(cores, NULL, 10) : 0;
    ret->cores = n <= vcpus ? (unsigned)n : 0;
    ret->kind = GUEST_HVM;
    ret->firmware_said = firmware && *firmware;
    ret->uefi = firmware && strcasecmp(firmware, "efi") == 0;
    if (is_yes(get(vmx, "uefi.secureBoot.enabled")) &&
        guest_note_secure_boot(ret, err) < 0)
        return -1;
    if (memory_file && *memory_file &&
        guest_note(ret, err,
            "the machine is suspended (%s): what is in its memory is lost, and "
            "its file systems are as after a power failure; shut it down first",
            memory_file) < 0)
        return -1;
    return is_present(vmx, "vtpm") ? guest_note_tpm(ret, err) : 0;
}

/* A file in the folder of the configuration.  A path on a datastore means
 * nothing here. */
static char *
disk_path(const char *folder, const char *file, struct error *err)
{
    if (strchr(file, '/') || !file[0])
        return error_set(err, ENOTSUP,
                   "the disk '%s' is not in the folder of the configuration; "
                   "copy it there, with its extents, and name it without a "
                   "folder in fileName",
                   file),
               NULL;

    char *path = text_printf("%s%s", folder, file);
    if (!path)
        error_no_memory(err);
    return path;
}

static bool
is_one_of(const char *word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(word, words[i]) == 0)
            return true;
    return false;
}

/* Without a type it is a disk. */
static int
is_disk(const char *name, const char *type, struct guest *ret, bool *ret_disk,
    bool *ret_left_out, struct error *err)
{
    static const char *const disks[] = {
        "disk", "scsi-hardDisk", "ata-hardDisk", "plainDisk"};
    static const char *const others[] = {
        "cdrom-image", "cdrom-raw", "atapi-cdrom"};

    *ret_disk = !type || is_one_of(type, disks, N_ELEMENTS(disks));
    if (*ret_disk)
        return 0;
    if (is_one_of(type, others, N_ELEMENTS(others))) {
        ret->cd_drives++;
        return 0;
    }
    *ret_left_out = true;
    return guest_note(ret, err,
        "%s is left out: it is of the type '%s', not a disk in a file", name,
        type);
}

/* What is not in the file of the disk, and what was lost at each power-off. */
static int
note_changes(const struct vmx *vmx, const char *name, const char *file,
    struct guest *ret, struct error *err)
{
    const char *redo = get_of(vmx, name, "redo");
    const char *mode = get_of(vmx, name, "mode");

    if (redo && *redo &&
        guest_note(ret, err,
            "%s has changes in %s, which are not in %s: they are lost; power "
            "the machine off, or commit them in VMware",
            name, redo, file) < 0)
        return -1;
    if (!mode || !strcasestr(mode, "nonpersistent"))
        return 0;
    return guest_note(ret, err,
        "%s is not persistent: VMware threw its changes away at each "
        "power-off, "
        "and the new machine keeps them",
        name);
}

static int
read_disk(const struct vmx *vmx, const char *name, const char *folder,
    struct guest *ret, bool *ret_left_out, struct error *err)
{
    const char *file = get_of(vmx, name, "fileName");
    bool yes;

    if (!is_present(vmx, name) || !file)
        return 0;
    if (is_disk(name, get_of(vmx, name, "deviceType"), ret, &yes, ret_left_out,
            err) < 0)
        return -1;
    if (!yes)
        return 0;

    struct guest_disk *disk = guest_add_disk(ret, err);
    if (!disk)
        return -1;
    disk->path = disk_path(folder, file, err);
    return disk->path ? note_changes(vmx, name, file, ret, err) : -1;
}

/* A controller can be taken away while its disks stay in the file. */
static bool
has_controller(const struct vmx *vmx, const char *bus, int number)
{
    cleanup_free char *name = text_printf("%s%d", bus, number);

    return !name || !get_of(vmx, name, "present") || is_present(vmx, name);
}

struct place {
    const char *bus;
    int controller, number;
    bool left_out; /* it only has its letter */
};

struct places {
    struct place v[GUEST_DISKS_MAX];
    size_t n;
};

/* Disks on NVMe have names of their own, and do not count for the letters. */
static int
name_disks(const struct places *places, struct guest *ret, struct error *err)
{
    bool named = false;
    unsigned letter = 0;
    size_t k = 0;

    for (size_t i = 0; i < places->n; i++)
        named |= places->v[i].left_out || str_equal(places->v[i].bus, "nvme");
    for (size_t i = 0; named && i < places->n; i++) {
        const struct place *p = &places->v[i];
        bool nvme = str_equal(p->bus, "nvme");
        char letters[DEVICE_LETTERS];

        if (!nvme)
            device_letters(letter++, letters);
        if (p->left_out)
            continue;
        struct guest_disk *d = &ret->disks[k++];
        d->name = nvme ? text_printf("nvme%dn%d", p->controller, p->number + 1)
                       : text_printf("sd%s", letters);
        if (!d->name)
            return error_no_memory(err);
    }
    return 0;
}

/* In the order of VMware's BIOS. */
static int
read_disks(const struct vmx *vmx, const char *folder, struct guest *ret,
    struct error *err)
{
    struct places places = {0};
    static const struct {
        const char *bus;
        int controllers, places;
    } buses[] = {
        {"scsi", 4, 16}, {"nvme", 4, 15}, {"sata", 4, 30}, {"ide", 2, 2}};

    for (size_t i = 0; i < N_ELEMENTS(buses); i++)
        for (int c = 0; c < buses[i].controllers; c++)
            for (int p = 0;
                 has_controller(vmx, buses[i].bus, c) && p < buses[i].places;
                 p++) {
                cleanup_free char *name =
                    text_printf("%s%d:%d", buses[i].bus, c, p);

                if (!name)
                    return error_no_memory(err);
                size_t before = ret->n_disks;
                bool left_out = false;
                if (read_disk(vmx, name, folder, ret, &left_out, err) < 0)
                    return -1;
                if ((ret->n_disks > before || left_out) &&
                    places.n < GUEST_DISKS_MAX)
                    places.v[places.n++] =
                        (struct place){buses[i].bus, c, p, left_out};
            }
    return name_disks(&places, ret, err);
}

static int
read_others(const struct vmx *vmx, struct guest *ret, struct error *err)
{
    static const struct {
        const char *name, *model;
    } cards[] = {{"sb16", "sb16"}, {"es1371", "es1370"}, {"hdaudio", "ich6"}};
    const char *card = get(vmx, "sound.virtualDev");

    ret->floppy_drives =
        is_present(vmx, "floppy0") + is_present(vmx, "floppy1");
    if (!is_present(vmx, "sound") || !card)
        return 0;
    for (size_t i = 0; i < N_ELEMENTS(cards); i++)
        if (strcasecmp(card, cards[i].name) == 0)
            card = cards[i].model;
    return guest_set_sound(ret, card, err);
}

static int
read_nics(const struct vmx *vmx, struct guest *ret, struct error *err)
{
    for (int i = 0; i < NICS_MAX; i++) {
        cleanup_free char *name = text_printf("ethernet%d", i);
        struct guest_nic *nic;

        if (!name)
            return error_no_memory(err);
        if (!is_present(vmx, name))
            continue;
        if (!(nic = guest_add_nic(ret, err)))
            return -1;

        /* The other one can be left from before. */
        const char *type = get_of(vmx, name, "addressType");
        bool fixed = type && strcasecmp(type, "static") == 0;
        const char *mac =
            get_of(vmx, name, fixed || !type ? "address" : "generatedAddress");
        if (!mac)
            mac = get_of(
                vmx, name, fixed || !type ? "generatedAddress" : "address");
        const char *network = get_of(vmx, name, "networkName");
        if (network && *network) {
            if (!(nic->network = strdup(network)))
                return error_no_memory(err);
            nic->is_network_foreign = true;
        }
        if (mac && strlen(mac) == 17 && !(nic->mac = strdup(mac)))
            return error_no_memory(err);

        const char *slot = get_of(vmx, name, "pciSlotNumber");
        if (slot && isdigit((unsigned char)slot[0]) &&
            nic_place_vmware(nic, (unsigned)i, strtoul(slot, NULL, 10), err) <
                0)
            return -1;
    }
    return 0;
}

static int
read_vmx(
    char *const *words, size_t n_words, struct guest *ret, struct error *err)
{
    const char *slash = strrchr(words[0], '/');
    cleanup_free char *folder =
        slash ? strndup(words[0], (size_t)(slash - words[0]) + 1) : strdup("");
    cleanup_free char *stored = read_file(words[0], VMX_MAX, NULL, err);
    struct vmx vmx = {0};

    (void)n_words;
    if (!stored)
        return -1;
    cleanup_free char *text = text_from_own_charset(stored, ".encoding");
    if (!folder || !text)
        return error_no_memory(err);

    int r = parse(&vmx, text, err);
    if (r == 0)
        r = read_machine(&vmx, ret, err);
    if (r == 0)
        r = read_disks(&vmx, folder, ret, err);
    if (r == 0)
        r = read_nics(&vmx, ret, err);
    if (r == 0)
        r = read_others(&vmx, ret, err);
    strv_free(vmx.words);
    return r < 0 ? error_context(err, "%s", words[0]) : 0;
}

const struct source source_vmx = {
    .name = "vmx",
    .help = "FILE: the configuration of a VMware machine",
    .read = read_vmx,
};
