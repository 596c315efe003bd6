/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation.  Arrays, volume groups and encryption can lie on each
 * other in any order, and on whole disks as well as on partitions.  So each
 * round looks at the devices that have come up since the last one, asks
 * libblkid what they are, and opens what can be opened; when a round has
 * opened nothing, the stack is stable.  A device is probed once: what is on
 * it does not change in between.  The number of rounds has a limit, since a
 * disk can hold a stack that is deeper than any real one. */
#include <config.h>

#include "appliance/agent/inspect/stack.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/inspect/notes.h"
#include "appliance/agent/inspect/slices.h"
#include "appliance/agent/inspect/volume.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/activate.h"
#include "appliance/agent/storage/blocks.h"
#include "appliance/agent/storage/device.h"
#include "appliance/agent/storage/luks.h"
#include "appliance/agent/storage/names.h"
#include "appliance/agent/storage/probe.h"
#include "base/strv.h"

enum { ROUNDS_MAX = 16, VOLUMES_MAX = 4096, KEYS_MAX = 1024, SECTOR = 512 };

static struct key {
    struct key *next;
    char *id;
    uint8_t *data;
    uint32_t size;
} * keys;

int
volume_key_add(
    struct call *c, const char *id, const uint8_t *key, uint32_t size)
{
    struct key **end = &keys, *k = calloc(1, sizeof *k);
    uint32_t n = 0;

    for (; *end; end = &(*end)->next)
        n++;
    if (n >= KEYS_MAX) {
        free(k);
        return call_error(c, E2BIG, "more than %d keys", KEYS_MAX);
    }
    char *name = strdup(id);
    uint8_t *data = malloc(size + 1);
    if (!k || !name || !data) {
        free(k);
        free(name);
        free(data);
        return call_fail(c, ENOMEM, "key");
    }
    memcpy(data, key, size);
    *k = (struct key){NULL, name, data, size};
    *end = k;
    return 0;
}

/* --- listing --- */

struct stack {
    struct list volumes;
    struct list *notes;
    const struct volumes *before; /* of the round before */
    bool new_array_member, new_group_member;
};

static struct volume *
known(const struct stack *s, const char *device)
{
    return s->before ? volume_find(s->before, device) : NULL;
}

static const char *
sysfs(struct call *c, const char *kernel_name, const char *attribute)
{
    return block_attribute(c, kernel_name, attribute);
}

/* uuid and name of an array are in the superblock of each member. */
static void
describe_array(struct call *c, struct volume *v)
{
    struct probe p;
    struct dirent *e;
    char member[256] = "";
    char *path = call_printf(c, "/sys/block/%s/slaves", v->kernel_name);
    DIR *dir = opendir(path);

    while (dir && (e = readdir(dir))) {
        if (e->d_name[0] != '.')
            snprintf(member, sizeof member, "%s", e->d_name);
    }
    if (dir)
        closedir(dir);
    if (!member[0])
        return;
    if (probe_device(c, device_name(c, member), &p) < 0) {
        call_forgive(c);
        return;
    }
    v->array_uuid = p.uuid;
    v->array_name = p.label;
}

static void
add_volume(
    struct call *c, struct stack *s, enum volume_kind kind, const char *device)
{
    const struct volume *old = known(s, device);
    struct volume *v = list_add(c, &s->volumes, struct volume);
    struct probe p = {"", "", "", ""};

    if (old) {
        *v = *old;
        v->partitioned = block_has_partitions(c, v->kernel_name);
        return;
    }
    *v = (struct volume){.kind = kind,
        .device = call_strdup(c, device),
        .mapped_name = "",
        .mapped_uuid = "",
        .array_uuid = "",
        .array_name = "",
        .partition_uuid = "",
        .partition_name = ""};
    char *kernel_name = block_kernel_name(c, device);
    if (!kernel_name || probe_device(c, device, &p) < 0) {
        inspection_note(c, s->notes, device, "%s", call_error_text(c));
        call_forgive(c);
    }
    v->kernel_name = kernel_name ? kernel_name : call_strdup(c, "");
    v->size = strtoull(sysfs(c, v->kernel_name, "size"), NULL, 10) * SECTOR;
    v->start = strtoull(sysfs(c, v->kernel_name, "start"), NULL, 10);
    v->partitioned = block_has_partitions(c, v->kernel_name);
    v->type = p.type;
    v->label = p.label;
    v->uuid = p.uuid;
    if (kind == VOLUME_MAPPED || kind == VOLUME_LOGICAL) {
        v->mapped_name = sysfs(c, v->kernel_name, "dm/name");
        v->mapped_uuid = sysfs(c, v->kernel_name, "dm/uuid");
    }
    if (kind == VOLUME_ARRAY)
        describe_array(c, v);
    if (strstr(p.type, "_raid_member"))
        s->new_array_member = true;
    if (str_equal(p.type, "LVM2_member"))
        s->new_group_member = true;
}

static void
add_volumes(struct call *c, struct stack *s, enum volume_kind kind,
    const struct list *devices)
{
    char **device = devices->items;

    for (uint32_t i = 0; i < devices->n && s->volumes.n < VOLUMES_MAX; i++)
        add_volume(c, s, kind, device[i]);
}

static void
list_volumes(struct call *c, struct stack *s)
{
    struct list disks = {0}, mapped = {0}, partitions = {0}, arrays = {0},
                logical = {0};

    s->volumes = (struct list){0};
    s->new_array_member = s->new_group_member = false;
    block_disks(c, &disks);
    add_volumes(c, s, VOLUME_DISK, &disks);
    block_mapped(c, false, &mapped);
    add_volumes(c, s, VOLUME_MAPPED, &mapped);
    block_partitions(c, &partitions);
    add_volumes(c, s, VOLUME_PARTITION, &partitions);
    block_arrays(c, &arrays);
    add_volumes(c, s, VOLUME_ARRAY, &arrays);
    block_mapped(c, true, &logical);
    add_volumes(c, s, VOLUME_LOGICAL, &logical);
}

/* --- opening --- */

/* What the tools say is worth a note, but no reason to stop. */
static void
try_tool(struct call *c, struct stack *s, const char *const *argv)
{
    if (run_tool_argv(c, NULL, argv) < 0) {
        inspection_note(c, s->notes, "", "%s", call_error_text(c));
        call_forgive(c);
    }
    device_settle(c);
}

/* storage_activate does not look at what encryption hid. */
static bool
activate(struct call *c, struct stack *s)
{
    if (s->new_array_member)
        try_tool(c, s,
            (const char *const[]){
                "mdadm", "--assemble", "--scan", "--run", NULL});
    if (s->new_group_member)
        try_tool(c, s,
            (const char *const[]){
                "lvm", "vgchange", "--activate", "y", "--sysinit", NULL});
    return s->new_array_member || s->new_group_member;
}

/* A key names its device in any of the ways in which a guest does: by the
 * array's name, the volume's with "-" or "/", UUID=... */
static bool
same_device(struct call *c, const struct volumes *all, const char *id,
    const struct volume *v)
{
    const char *device = volume_resolve(c, all, -1, id);

    if (device && str_equal(device, v->device))
        return true;
    if (!str_after(id, "/dev/"))
        return false;
    device = device_check(c, id);
    call_forgive(c);
    return device && str_equal(device, v->device);
}

static bool
key_fits(struct call *c, const struct volumes *all, const struct key *k,
    const struct volume *v)
{
    if (str_equal(k->id, "all") ||
        (v->uuid[0] && volume_same_hex(k->id, v->uuid)) ||
        (v->array_uuid[0] && volume_same_hex(k->id, v->array_uuid)))
        return true;
    return same_device(c, all, k->id, v) ||
           (k->id[0] != '/' && strchr(k->id, '/') &&
               same_device(c, all, call_printf(c, "/dev/%s", k->id), v));
}

static bool
is_encrypted(const struct volume *v)
{
    return str_equal(v->type, "crypto_LUKS") || str_equal(v->type, "BitLocker");
}

/* A key for something else may be a typing error. */
static void
note_unused_keys(struct call *c, const struct volumes *v, struct list *notes)
{
    for (const struct key *k = keys; k; k = k->next) {
        bool fits = str_equal(k->id, "all");
        for (uint32_t i = 0; !fits && i < v->n; i++)
            fits =
                is_encrypted(&v->items[i]) && key_fits(c, v, k, &v->items[i]);
        if (!fits)
            inspection_note(c, notes, k->id,
                "a key was given for it, but no encrypted device is called so");
    }
}

/* 2: no key slot opens with it. */
enum { WRONG_KEY = 2 };

/* 0: opened; else a status of cryptsetup, or -1 after a note. */
static int
try_key(struct call *c, struct stack *s, const struct volume *v,
    const struct key *k)
{
    const char *name = call_printf(c, "luks-%s", v->uuid);
    struct run_result result;
    struct list argv = {0};
    const char *skipped;

    add_words(c, &argv, "cryptsetup", "open", "--type", "luks", v->device, name,
        NULL);
    if (luks_run_open(
            c, v->device, &argv, k->data, k->size, &result, &skipped) < 0) {
        inspection_note(c, s->notes, v->device, "%s", call_error_text(c));
        if (!call_cancelled(c))
            call_forgive(c);
        return -1;
    }
    if (result.status != 0 && result.status != WRONG_KEY)
        inspection_note(c, s->notes, v->device, "cryptsetup: %s",
            result.errors[0] ? result.errors : "failed");
    if (result.status == WRONG_KEY && skipped)
        inspection_note(c, s->notes, v->device, "not tried: %s", skipped);
    device_settle(c);
    return result.status;
}

/* Open what is new and encrypted; true if anything was. */
static bool
unlock(struct call *c, struct stack *s, struct volumes *v)
{
    bool opened = false;

    for (uint32_t i = 0; i < v->n; i++) {
        struct volume *x = &v->items[i];
        bool luks = str_equal(x->type, "crypto_LUKS");
        if (!is_encrypted(x) || x->locked || volume_opened(v, x))
            continue;
        x->locked = true;
        bool tried = false, other = false;
        for (struct key *k = keys; luks && x->locked && k; k = k->next) {
            if (!key_fits(c, v, k, x))
                continue;
            int status = try_key(c, s, x, k);
            tried = true;
            other |= status != 0 && status != WRONG_KEY;
            x->locked = status != 0;
            if (call_errno(c))
                return false;
        }
        opened |= !x->locked;
        /* What else failed is noted. */
        if (x->locked && !other)
            inspection_reason(c, s->notes, x->device, "encrypted", "%s",
                !luks   ? "encrypted by BitLocker, which is not read"
                : tried ? "encrypted, and no key that was given opens it"
                        : "encrypted, and no key was given for it");
    }
    return opened;
}

static void
take_names(struct volume *v, const struct list *partitions, int number)
{
    const struct partition *p = partitions->items;

    v->has_partition_names = true;
    for (uint32_t i = 0; i < partitions->n; i++) {
        if (p[i].number != number)
            continue;
        v->partition_uuid = p[i].uuid;
        v->partition_name = p[i].name;
        v->partition_type = p[i].type;
        v->partition_flags = p[i].flags;
    }
}

/* All partitions of the disk at once: its table is one read. */
static void
name_partition(struct call *c, const struct volumes *all, struct volume *of)
{
    struct list partitions = {0};
    char *disk, *other;
    int number;

    if (!block_partition_of(c, of->kernel_name, &disk, &number))
        return;
    probe_partitions(c, device_name(c, disk), &partitions);
    for (uint32_t i = 0; i < all->n; i++) {
        struct volume *v = &all->items[i];

        if (v->kind == VOLUME_PARTITION &&
            block_partition_of(c, v->kernel_name, &other, &number) &&
            str_equal(other, disk))
            take_names(v, &partitions, number);
    }
}

/* "vg0|uuid" of a physical volume that the others of its group know. */
static void
note_missing_volume(struct call *c, char *line, struct list *notes)
{
    char *group = line + strspn(line, " ");
    char *uuid = strchr(group, '|');

    if (!uuid)
        return;
    *uuid++ = '\0';
    inspection_reason(c, notes, group, "incomplete",
        "a volume group that is not complete: its physical volume %s is on "
        "none of the disks; give all disks of the guest",
        uuid);
}

static void
note_missing_volumes(struct call *c, struct list *notes)
{
    char *output, *line;

    if (run_tool(c, &output, "lvm", "pvs", "--noheadings", "--separator", "|",
            "-o", "vg_name,pv_uuid", "-S", "pv_missing=1", NULL) < 0) {
        call_forgive(c);
        return;
    }
    while ((line = strsep(&output, "\n")))
        note_missing_volume(c, line, notes);
}

static bool
is_started(struct call *c, const struct volume *member)
{
    struct list holders = {0};

    block_holders(c, member->kernel_name, &holders);
    for (uint32_t i = 0; i < holders.n; i++) {
        const char *state =
            block_attribute(c, ((char **)holders.items)[i], "md/array_state");
        if (!str_equal(state, "inactive") && !str_equal(state, "clear"))
            return true;
    }
    return false;
}

/* Groups and arrays that lack too much to come up. */
static void
note_missing(struct call *c, const struct volumes *v, struct list *notes)
{
    bool group = false;

    for (uint32_t i = 0; i < v->n; i++) {
        const struct volume *x = &v->items[i];
        struct list holders = {0};

        if (str_equal(x->type, "LVM2_member")) {
            block_holders(c, x->kernel_name, &holders);
            group |= holders.n == 0;
        } else if (strstr(x->type, "_raid_member") && !is_started(c, x)) {
            inspection_reason(c, notes, x->device, "incomplete",
                "a member of a RAID array%s%s that does not start: too many of "
                "its disks are missing; give all disks of the guest",
                x->label[0] ? " " : "", x->label);
        }
    }
    if (group || lvm_incomplete())
        note_missing_volumes(c, notes);
}

int
volumes_open(struct call *c, struct volumes *ret, struct list *notes)
{
    struct stack s = {.notes = notes};
    struct volumes v = {0};

    for (int round = 0; round < ROUNDS_MAX; round++) {
        if (call_cancelled(c))
            return -1;
        if (round == 0)
            storage_activate(c);
        s.before = round ? &v : NULL;
        list_volumes(c, &s);
        v = (struct volumes){.items = s.volumes.items,
            .n = s.volumes.n,
            .read_label = bsd_label_read,
            .name_partition = name_partition};
        bool more = round > 0 && activate(c, &s);
        more |= unlock(c, &s, &v);
        if (call_errno(c))
            return -1;
        if (!more)
            break;
    }
    note_unused_keys(c, &v, notes);
    note_missing(c, &v, notes);
    *ret = v;
    return 0;
}
