/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As systemd-gpt-auto-generator(8) does it: what has no line in fstab(5) is
 * mounted on its folder, if that is empty, by the type of its partition, from
 * the disk that the root is on. */
#include <config.h>

#include "appliance/agent/inspect/gpt.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <gcrypt.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-gpt.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/notes.h"
#include "appliance/agent/inspect/volume.h"
#include "base/cleanup.h"
#include "base/strv.h"

static const struct known {
    sd_id128_t type;
    const char *path;
} known[] = {
    {SD_GPT_USR_X86_64, "/usr"},
    {SD_GPT_USR_ARM64, "/usr"},
    {SD_GPT_USR_X86, "/usr"},
    {SD_GPT_USR_ARM, "/usr"},
    {SD_GPT_USR_RISCV64, "/usr"},
    {SD_GPT_USR_RISCV32, "/usr"},
    {SD_GPT_USR_PPC64_LE, "/usr"},
    {SD_GPT_USR_PPC64, "/usr"},
    {SD_GPT_USR_PPC, "/usr"},
    {SD_GPT_USR_S390X, "/usr"},
    {SD_GPT_USR_S390, "/usr"},
    {SD_GPT_USR_LOONGARCH64, "/usr"},
    {SD_GPT_USR_MIPS, "/usr"},
    {SD_GPT_USR_MIPS_LE, "/usr"},
    {SD_GPT_USR_MIPS64, "/usr"},
    {SD_GPT_USR_MIPS64_LE, "/usr"},
    {SD_GPT_USR_IA64, "/usr"},
    {SD_GPT_USR_ALPHA, "/usr"},
    {SD_GPT_USR_ARC, "/usr"},
    {SD_GPT_USR_PARISC, "/usr"},
    {SD_GPT_USR_TILEGX, "/usr"},
    {SD_GPT_HOME, "/home"},
    {SD_GPT_SRV, "/srv"},
    {SD_GPT_VAR, "/var"},
    {SD_GPT_TMP, "/var/tmp"},
    {SD_GPT_XBOOTLDR, "/boot"},
    {SD_GPT_ESP, "/efi"},
    {SD_GPT_SWAP, "none"},
};

static bool
is_id(const char *text, sd_id128_t id)
{
    char hex[33];

    for (size_t i = 0; i < sizeof id.bytes; i++)
        sprintf(hex + 2 * i, "%02x", id.bytes[i]);
    return text && text[0] && volume_same_hex(text, hex);
}

static const struct known *
known_type(const struct volume *v)
{
    for (size_t i = 0; i < N_ELEMENTS(known); i++)
        if (is_id(v->partition_type, known[i].type))
            return &known[i];
    return NULL;
}

/* --- the disk --- */

/* The disk of a partition: the longest name of one before a number. */
static const struct volume *
disk_of(const struct volumes *all, const struct volume *v)
{
    for (uint32_t i = 0; i < all->n; i++) {
        const struct volume *d = &all->items[i];
        const char *rest = str_after(v->device, d->device);
        if (d->kind != VOLUME_DISK && d->kind != VOLUME_ARRAY)
            continue;
        if (rest && rest[0] == 'p' && isdigit((unsigned char)rest[-1]))
            rest++;
        if (rest && rest[0] && rest[strspn(rest, "0123456789")] == '\0')
            return d;
    }
    return NULL;
}

/* The partition that the system lies on, also if it is encrypted. */
static const struct volume *
root_partition(const struct volumes *all, const char *device)
{
    for (uint32_t i = 0; i < all->n; i++) {
        const struct volume *v = &all->items[i];
        const struct volume *opened = volume_opened(all, v);
        if (v->kind == VOLUME_PARTITION &&
            (str_equal(v->device, device) ||
                (opened && str_equal(opened->device, device))))
            return v;
    }
    return NULL;
}

/* --- the folders --- */

static bool
is_empty_folder(struct call *c, int root, const char *path)
{
    int fd = tree_open(root, path, O_RDONLY | O_DIRECTORY);
    cleanup_closedir DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *e;

    (void)c;
    if (fd >= 0 && !dir)
        close(fd);
    while (dir && (e = readdir(dir)))
        if (!str_equal(e->d_name, ".") && !str_equal(e->d_name, "..") &&
            !str_equal(e->d_name, "lost+found"))
            return false;
    return dir != NULL;
}

/* --- /var --- */

static bool
read_machine_id(struct call *c, int root, sd_id128_t *ret)
{
    const char *text = tree_text(c, root, "/etc/machine-id");

    for (size_t i = 0; text && i < sizeof ret->bytes; i++) {
        unsigned byte;
        if (!isxdigit((unsigned char)text[2 * i]) ||
            !isxdigit((unsigned char)text[2 * i + 1]) ||
            sscanf(text + 2 * i, "%2x", &byte) != 1)
            return false;
        ret->bytes[i] = (uint8_t)byte;
    }
    return text != NULL;
}

/* A machine's /var has a number that is made of the machine's; a machine
 * without one, an image, has it made when it first boots. */
static bool
is_var_of(struct call *c, int root, const struct volume *v)
{
    sd_id128_t machine, type = SD_GPT_VAR, own;
    gcry_md_hd_t h;

    if (!read_machine_id(c, root, &machine))
        return true;
    if (!gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P)) {
        gcry_check_version(NULL);
        gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    }
    if (gcry_md_open(&h, GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC) != 0)
        return false;
    gcry_md_setkey(h, machine.bytes, sizeof machine.bytes);
    gcry_md_write(h, type.bytes, sizeof type.bytes);
    memcpy(own.bytes, gcry_md_read(h, GCRY_MD_SHA256), sizeof own.bytes);
    gcry_md_close(h);
    own.bytes[6] = (uint8_t)((own.bytes[6] & 0x0f) | 0x40);
    own.bytes[8] = (uint8_t)((own.bytes[8] & 0x3f) | 0x80);
    return is_id(v->partition_uuid, own);
}

/* --- all --- */

struct search {
    struct call *c;
    int root;
    const struct volumes *all;
    struct list *ret, *notes;
    bool xbootldr;
};

static bool
has_path(const struct search *s, const char *path)
{
    const struct gpt_mount *m = s->ret->items;

    for (uint32_t i = 0; i < s->ret->n; i++)
        if (str_equal(m[i].path, path) && !str_equal(path, "none"))
            return true;
    return false;
}

static void
take(struct search *s, const struct volume *v, const struct known *k)
{
    const struct volume *opened = volume_opened(s->all, v);
    const char *path = k->path;

    if (is_id(v->partition_type, SD_GPT_ESP) &&
        !is_empty_folder(s->c, s->root, path) && !s->xbootldr)
        path = "/boot";
    if (str_equal(v->type, "crypto_LUKS") && !opened)
        return; /* which has a note of its own */
    if (!str_equal(path, "none") && !is_empty_folder(s->c, s->root, path) &&
        !(str_equal(path, "/var/tmp") &&
            is_empty_folder(s->c, s->root, "/var")))
        return;
    if (str_equal(path, "/var") && !is_var_of(s->c, s->root, v)) {
        inspection_note(s->c, s->notes, v->device,
            "a /var by the type of its partition, but of another machine");
        return;
    }
    if (has_path(s, path)) {
        inspection_note(s->c, s->notes, v->device,
            "a second %s by the type of its partition: the first is taken",
            path);
        return;
    }
    *list_add(s->c, s->ret, struct gpt_mount) = (struct gpt_mount){
        .path = path, .device = opened ? opened->device : v->device};
}

void
gpt_mounts(struct call *c, int root, const struct volumes *v,
    const char *root_device, struct list *ret, struct list *notes)
{
    const struct volume *of = root_partition(v, root_device);
    const struct volume *disk = of ? disk_of(v, of) : NULL;
    struct search s = {c, root, v, ret, notes, false};

    if (!disk)
        return;
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < v->n; i++) {
            struct volume *p = &v->items[i];
            if (p->kind != VOLUME_PARTITION || p == of || disk_of(v, p) != disk)
                continue;
            volume_name_partition(c, v, p);
            const struct known *k = known_type(p);
            if (!k || (p->partition_flags & SD_GPT_FLAG_NO_AUTO))
                continue;
            if (pass == 0)
                s.xbootldr |= is_id(p->partition_type, SD_GPT_XBOOTLDR);
            else
                take(&s, p, k);
        }
}
