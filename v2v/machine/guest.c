/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/machine/guest.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/strv.h"

static const uint64_t default_memory = (uint64_t)1 << 30;

const char *
guest_kind_name(enum guest_kind kind)
{
    static const char *const names[] = {
        [GUEST_UNKNOWN] = "unknown",
        [GUEST_PV] = "pv",
        [GUEST_PVH] = "pvh",
        [GUEST_HVM] = "hvm",
    };

    return names[kind];
}

struct guest_disk *
guest_add_disk(struct guest *guest, struct error *err)
{
    if (guest->n_disks == GUEST_DISKS_MAX) {
        error_set(err, E2BIG, "more than %d disks", GUEST_DISKS_MAX);
        return NULL;
    }

    struct guest_disk *more =
        reallocarray(guest->disks, guest->n_disks + 1, sizeof *more);
    if (!more)
        return error_no_memory(err), NULL;
    guest->disks = more;
    more[guest->n_disks] = (struct guest_disk){0};
    return &more[guest->n_disks++];
}

struct guest_nic *
guest_add_nic(struct guest *guest, struct error *err)
{
    if (guest->n_nics == GUEST_NICS_MAX) {
        error_set(err, E2BIG, "more than %d network cards", GUEST_NICS_MAX);
        return NULL;
    }

    struct guest_nic *more =
        reallocarray(guest->nics, guest->n_nics + 1, sizeof *more);
    if (!more)
        return error_no_memory(err), NULL;
    guest->nics = more;
    more[guest->n_nics] = (struct guest_nic){0};
    return &more[guest->n_nics++];
}

int
guest_note(struct guest *guest, struct error *err, const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    return strv_take(&guest->notes, text) < 0 ? error_no_memory(err) : 0;
}

bool
guest_name_is_safe(const char *name)
{
    return name[0] && name[0] != '.' && name[0] != '-' && strlen(name) <= 200 &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-+")] == 0;
}

unsigned
guest_sockets(const struct guest *guest)
{
    unsigned threads = guest->threads ? guest->threads : 1;
    unsigned all = guest->vcpus;

    if (!guest->cores || all % guest->cores || all / guest->cores % threads)
        return 0;
    return all / guest->cores / threads;
}

/* Only what can be part of a file name; what was between becomes one "-". */
static char *
safe_name(const char *name)
{
    char *out = malloc(strlen(name) + sizeof "guest"), *to = out;

    if (!out)
        return NULL;
    for (const char *p = name; *p && to - out < 200; p++) {
        const char one[] = {'a', *p, 0};

        if (*p != '-' && guest_name_is_safe(one))
            *to++ = *p;
        else if (to > out && to[-1] != '-')
            *to++ = '-';
        if (to == out + 1 && strchr(".-", out[0]))
            to = out;
    }
    while (to > out && to[-1] == '-')
        to--;
    *to = 0;
    if (!*out)
        strcpy(out, "guest");
    return out;
}

static int
complete_name(struct guest *guest, struct error *err)
{
    if (guest_name_is_safe(guest->name))
        return 0;

    cleanup_free char *old = guest->name;
    guest->name = safe_name(old);
    if (!guest->name)
        return error_no_memory(err);
    return guest_note(guest, err,
        "the name '%s' cannot be part of a file name: it becomes '%s'; give "
        "another one with -on",
        old, guest->name);
}

int
guest_note_secure_boot(struct guest *guest, struct error *err)
{
    return guest_note(guest, err,
        "the machine has Secure Boot on; the new one starts without it unless "
        "its firmware is set up so");
}

int
guest_note_tpm(struct guest *guest, struct error *err)
{
    return guest_note(guest, err,
        "the machine has a virtual TPM, and what it holds cannot be moved: "
        "have the recovery keys of what depends on it (BitLocker, LUKS by "
        "systemd-cryptenroll or clevis, passkeys), or decrypt that first");
}

/* From QEMU's range, so that it is not taken for a real card. */
static char *
random_mac(void)
{
    unsigned char b[3];

    if (getrandom(b, sizeof b, 0) != sizeof b)
        return NULL;
    return text_printf("52:54:00:%02x:%02x:%02x", b[0], b[1], b[2]);
}

/* It goes into settings and scripts, so it must be valid; made lower case. */
static int
check_mac(char *mac, struct error *err)
{
    bool good = strlen(mac) == 17;

    for (char *p = mac; good && *p; p++) {
        good = (p - mac) % 3 == 2 ? *p == ':' : isxdigit((unsigned char)*p);
        *p = (char)tolower((unsigned char)*p);
    }
    return good ? 0 : error_set(err, EINVAL, "invalid MAC address '%s'", mac);
}

/* Each card gets an address that stays: the guest's names for its cards depend
 * on it. */
static int
complete_nics(struct guest *guest, struct error *err)
{
    for (size_t i = 0; i < guest->n_nics; i++) {
        struct guest_nic *nic = &guest->nics[i];

        if (nic->mac && check_mac(nic->mac, err) < 0)
            return -1;
        if (nic->mac)
            continue;
        if (!(nic->mac = random_mac()))
            return error_no_memory(err);
        nic->is_mac_made_up = true;
        if (guest_note(guest, err,
                "network card %zu: the source has no MAC address; it gets %s",
                i, nic->mac) < 0)
            return -1;
    }
    return 0;
}

/* A machine name from a file name: without folder and ending; for an address,
 * without the query, unless nothing comes before it. */
static char *
name_of_file(const char *path)
{
    const char *query = strstr(path, "://") ? strchr(path, '?') : NULL;
    size_t n =
        query && query[-1] != '/' ? (size_t)(query - path) : strlen(path);
    const char *slash = memrchr(path, '/', n);
    const char *base = slash ? slash + 1 : path;
    const char *dot = memrchr(base, '.', n - (size_t)(base - path));

    return strndup(base,
        dot && dot > base ? (size_t)(dot - base) : n - (size_t)(base - path));
}

int
guest_set_sound(struct guest *guest, const char *model, struct error *err)
{
    static const char *const known[] = {
        "ac97", "es1370", "ich6", "ich7", "ich9", "sb16", "usb"};

    for (size_t i = 0; i < N_ELEMENTS(known); i++)
        if (str_equal(model, known[i])) {
            free(guest->sound);
            guest->sound = strdup(model);
            return guest->sound ? 0 : error_no_memory(err);
        }
    return guest_note(
        guest, err, "the sound card '%s' is left out: no such model", model);
}

int
guest_complete(struct guest *guest, struct error *err)
{
    if (!guest->name) {
        if (guest->n_disks == 0)
            return error_set(err, EINVAL, "it has neither name nor disks");
        if (!(guest->name = name_of_file(guest->disks[0].path)))
            return error_no_memory(err);
    }
    if (complete_name(guest, err) < 0)
        return -1;
    if (!guest->memory) {
        guest->memory = default_memory;
        if (guest_note(guest, err,
                "the source has no memory size; it gets 1024 MiB") < 0)
            return -1;
    }
    if (!guest->vcpus) {
        guest->vcpus = 1;
        if (guest_note(guest, err,
                "the source has no number of processors; it gets 1") < 0)
            return -1;
    }
    if (guest->cores && !guest_sockets(guest) &&
        guest_note(guest, err,
            "%u processors are no whole number of sockets with %u cores each: "
            "the new machine has its own order of them",
            guest->vcpus, guest->cores) < 0)
        return -1;
    return complete_nics(guest, err);
}

void
nic_clear(struct guest_nic *nic)
{
    free(nic->mac);
    free(nic->network);
    free(nic->address);
    free(nic->gateway);
    strv_free(nic->name_servers);
    strv_free(nic->names);
    free(nic->pci);
    *nic = (struct guest_nic){0};
}

void
guest_clear(struct guest *guest)
{
    for (size_t i = 0; i < guest->n_disks; i++) {
        free(guest->disks[i].path);
        free(guest->disks[i].format);
        free(guest->disks[i].name);
        free(guest->disks[i].member);
        free(guest->disks[i].sum);
        free(guest->disks[i].digests);
    }
    for (size_t i = 0; i < guest->n_nics; i++)
        nic_clear(&guest->nics[i]);
    free(guest->disks);
    free(guest->nics);
    free(guest->name);
    free(guest->uuid);
    free(guest->kernel);
    free(guest->ramdisk);
    free(guest->cmdline);
    free(guest->bootloader);
    free(guest->sound);
    strv_free(guest->notes);
    *guest = (struct guest){0};
}
