/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the guest's names of devices to ours.
 *
 * A tag (UUID=, LABEL=, ...) says what is meant.  A path in /dev depends on
 * how the guest was run: there /dev/vda2, /dev/xvda2 and /dev/nvme0n1p2 are
 * all the second partition of the first disk, whatever we call it.  Names
 * that the guest gave itself are in its crypttab and mdadm.conf. */
#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/slices.h"
#include "appliance/agent/inspect/volume.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { DEPTH_MAX = 4 }; /* crypttab may name what crypttab opens */

static const char *resolve(struct call *c, const struct volumes *v, int root,
    const char *spec, int depth);

bool
volume_same_hex(const char *a, const char *b)
{
    for (;;) {
        while (*a == '-' || *a == ':')
            a++;
        while (*b == '-' || *b == ':')
            b++;
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (!*a)
            return true;
        a++, b++;
    }
}

struct volume *
volume_opened(const struct volumes *v, const struct volume *of)
{
    char uuid[33];
    size_t n = 0;

    if (!of || !of->uuid[0])
        return NULL;
    for (const char *p = of->uuid; *p && n < 32; p++) {
        if (*p != '-')
            uuid[n++] = *p;
    }
    uuid[n] = '\0';
    for (uint32_t i = 0; i < v->n; i++) {
        /* CRYPT-LUKS2-<uuid without hyphens>-<name> */
        const char *p = str_after(v->items[i].mapped_uuid, "CRYPT-LUKS");
        if (p && (p = strchr(p, '-')) && strncasecmp(p + 1, uuid, n) == 0 &&
            p[1 + n] == '-')
            return &v->items[i];
    }
    return NULL;
}

void
volume_name_partition(
    struct call *c, const struct volumes *all, struct volume *v)
{
    if (!v->has_partition_names && all->name_partition)
        all->name_partition(c, all, v);
    v->has_partition_names = true;
}

/* --- by tag --- */

enum tag { TAG_UUID, TAG_LABEL, TAG_PARTUUID, TAG_PARTLABEL };

static bool
has_tag(struct call *c, const struct volumes *v, struct volume *x, enum tag tag,
    const char *value)
{
    switch (tag) {
    case TAG_UUID:
        return strcasecmp(x->uuid, value) == 0;
    case TAG_LABEL:
        return str_equal(x->label, value);
    case TAG_PARTUUID:
    case TAG_PARTLABEL:
        break;
    }
    if (x->kind != VOLUME_PARTITION)
        return false;
    volume_name_partition(c, v, x);
    return tag == TAG_PARTUUID ? strcasecmp(x->partition_uuid, value) == 0
                               : str_equal(x->partition_name, value);
}

static const char *
by_tag(struct call *c, const struct volumes *v, enum tag tag, const char *value)
{
    for (uint32_t i = 0; value[0] && i < v->n; i++) {
        if (has_tag(c, v, &v->items[i], tag, value))
            return v->items[i].device;
    }
    return NULL;
}

/* udev writes what is unsafe in a file name as \xHH. */
static const char *
decode_name(struct call *c, const char *name)
{
    char *out = call_strdup(c, name), *to = out;

    for (const char *p = name; *p; p++) {
        if (p[0] == '\\' && p[1] == 'x' && isxdigit((unsigned char)p[2]) &&
            isxdigit((unsigned char)p[3])) {
            char hex[3] = {p[2], p[3], '\0'};
            *to++ = (char)strtoul(hex, NULL, 16);
            p += 3;
        } else {
            *to++ = *p;
        }
    }
    *to = '\0';
    return out;
}

/* --- by the place of the disk --- */

static const char *
disk_part(
    struct call *c, const struct volumes *v, uint32_t disk, const char *part)
{
    const struct volume *d = volume_disk(v, disk);

    if (!d)
        return NULL;
    if (!part[0])
        return d->device;
    const struct volume *p =
        volume_find(v, call_printf(c, "%s%s", d->device, part));
    return p ? p->device : NULL;
}

static const struct volume *
partition_of(
    struct call *c, const struct volumes *v, const char *disk, const char *part)
{
    size_t n = strlen(disk);
    bool digit = n > 0 && isdigit((unsigned char)disk[n - 1]);

    return volume_find(
        v, call_printf(c, "%s%s%s", disk, digit ? "p" : "", part));
}

static bool
is_number(const char *s)
{
    return s[0] && s[strspn(s, "0123456789")] == '\0';
}

/* /dev/sda1, /dev/hda1, /dev/vda1, /dev/xvda1 */
static const char *
by_letters(struct call *c, const struct volumes *v, const char *name)
{
    static const char *const prefixes[] = {"sd", "hd", "vd", "xvd"};
    const char *rest = NULL;

    for (size_t i = 0; !rest && i < N_ELEMENTS(prefixes); i++)
        rest = str_after(name, prefixes[i]);
    size_t n = rest ? strspn(rest, "abcdefghijklmnopqrstuvwxyz") : 0;
    if (n < 1 || n > 3 || (rest[n] && !is_number(rest + n)))
        return NULL;
    uint32_t disk = 0;
    for (size_t i = 0; i < n; i++)
        disk = disk * 26 + (uint32_t)(rest[i] - 'a') + 1;
    return disk_part(c, v, disk - 1, rest + n);
}

/* nvme0n1p2: with several controllers their order is unknown, except for the
 * first.  mmcblk0p2 likewise. */
static const char *
by_controller(struct call *c, const struct volumes *v, const char *name)
{
    const char *part = str_after(name, "nvme0n1");

    if (!part)
        part = str_after(name, "mmcblk0");
    if (!part || (part[0] && (part[0] != 'p' || !is_number(part + 1))))
        return NULL;
    return disk_part(c, v, 0, part[0] ? part + 1 : "");
}

/* --- by the guest's own names --- */

/* The I-th word of a line, cut off, or NULL. */
static char *
cut_word(char **line)
{
    *line += strspn(*line, " \t");
    if (!**line)
        return NULL;
    char *word = *line;
    *line += strcspn(*line, " \t");
    if (**line)
        *(*line)++ = '\0';
    return word;
}

static const char *
by_crypttab(struct call *c, const struct volumes *v, int root, const char *name,
    int depth)
{
    char *text = tree_text(c, root, "/etc/crypttab"), *line;

    while ((line = next_line(&text))) {
        char *target = cut_word(&line);
        char *spec = target && target[0] != '#' ? cut_word(&line) : NULL;
        if (!spec || !str_equal(target, name))
            continue;
        const char *device = resolve(c, v, root, spec, depth + 1);
        struct volume *below = device ? volume_find(v, device) : NULL;
        const struct volume *opened = volume_opened(v, below);
        return opened ? opened->device : NULL;
    }
    return NULL;
}

static const char *
by_mapped_name(const struct volumes *v, const char *name)
{
    for (uint32_t i = 0; i < v->n; i++) {
        if (v->items[i].mapped_name[0] &&
            str_equal(v->items[i].mapped_name, name))
            return v->items[i].device;
    }
    return NULL;
}

/* /dev/md0 and /dev/md/0 are one name. */
static const char *
array_name(const char *device)
{
    const char *name = str_after(device, "/dev/md/");

    if (!name)
        name = str_after(device, "/dev/md");
    return name && name[0] ? name : device;
}

static const struct volume *
array_by_uuid(const struct volumes *v, const char *uuid)
{
    for (uint32_t i = 0; i < v->n; i++) {
        const struct volume *a = &v->items[i];
        if (a->kind == VOLUME_ARRAY && a->array_uuid[0] &&
            volume_same_hex(a->array_uuid, uuid))
            return a;
    }
    return NULL;
}

/* ARRAY <device> ... UUID=<uuid> ..., going on in indented lines. */
static const struct volume *
array_by_config(struct call *c, const struct volumes *v, int root,
    const char *path, const char *name)
{
    char *text = tree_text(c, root, path), *line;
    bool wanted = false;

    while ((line = next_line(&text))) {
        bool goes_on = line[0] == ' ' || line[0] == '\t';
        char *word = cut_word(&line);
        if (!word || word[0] == '#')
            continue;
        if (!goes_on) {
            char *device =
                strcasecmp(word, "ARRAY") == 0 ? cut_word(&line) : NULL;
            wanted = device && str_equal(array_name(device), name);
            word = cut_word(&line);
        }
        for (; wanted && word; word = cut_word(&line)) {
            if (strncasecmp(word, "uuid=", 5) == 0)
                return array_by_uuid(v, word + 5);
        }
    }
    return NULL;
}

static const char *
by_array(struct call *c, const struct volumes *v, int root, const char *device)
{
    const char *name = array_name(device);
    const struct volume *a =
        array_by_config(c, v, root, "/etc/mdadm/mdadm.conf", name);

    if (!a)
        a = array_by_config(c, v, root, "/etc/mdadm.conf", name);
    for (uint32_t i = 0; !a && i < v->n; i++) {
        /* "host:0" */
        const char *own = v->items[i].array_name;
        const char *colon = strchr(own, ':');
        if (v->items[i].kind == VOLUME_ARRAY && own[0] &&
            (str_equal(colon ? colon + 1 : own, name) || str_equal(own, name)))
            a = &v->items[i];
    }
    return a ? a->device : NULL;
}

/* --- links that udev makes --- */

/* The length of a name without "-partN", whose N is *ret_part. */
static size_t
cut_part(const char *name, const char **ret_part)
{
    const char *part = NULL;

    for (const char *p = name; (p = strstr(p, "-part")); p++)
        part = p;
    if (!part || !is_number(part + 5)) {
        *ret_part = "";
        return strlen(name);
    }
    *ret_part = part + 5;
    return (size_t)(part - name);
}

/* A path or a number of a disk says nothing here, unless it is known which one
 * it means: not even if there is one disk only, since the guest may have had
 * more of them. */
static const char *
by_link(struct call *c, const struct volumes *v, const char *name)
{
    const struct disk_link *link = v->links.items;
    const char *part;
    size_t n = cut_part(name, &part);

    for (uint32_t i = 0; i < v->links.n; i++) {
        if (strlen(link[i].name) != n || strncmp(link[i].name, name, n) != 0)
            continue;
        const struct volume *p = part[0]
                                     ? partition_of(c, v, link[i].disk, part)
                                     : volume_find(v, link[i].disk);
        return p ? p->device : NULL;
    }
    return NULL;
}

static void
learn(struct call *c, struct volumes *v, const char *spec, const char *device)
{
    const char *name = str_after(spec, "/dev/disk/"), *part;

    if (!name || (!str_after(name, "by-id/") && !str_after(name, "by-path/")))
        return;
    size_t n = cut_part(name, &part);
    for (uint32_t i = 0; i < v->n; i++) {
        const struct volume *d = &v->items[i];
        const struct volume *p =
            part[0] ? partition_of(c, v, d->device, part) : d;
        if (d->kind == VOLUME_DISK && p && str_equal(p->device, device))
            *list_add(c, &v->links, struct disk_link) =
                (struct disk_link){call_strndup(c, name, n), d->device};
    }
}

/* The encrypted device that DEVICE is opened from, or NULL. */
static const char *
closed_device(const struct volumes *v, const char *device)
{
    for (uint32_t i = 0; i < v->n; i++) {
        const struct volume *opened = volume_opened(v, &v->items[i]);
        if (opened && str_equal(opened->device, device))
            return v->items[i].device;
    }
    return NULL;
}

/* "ID=wwn-0x5000" is short for /dev/disk/by-id/wwn-0x5000. */
static const char *
expand(struct call *c, const char *spec)
{
    const char *id = str_after(spec, "ID=");

    return id ? call_printf(
                    c, "/dev/disk/by-id/%s", shell_unquote(call_strdup(c, id)))
              : spec;
}

void
volume_learn(struct call *c, struct volumes *v, int root, const char *spec,
    const char *device)
{
    spec = expand(c, spec);

    const char *name = str_after(spec, "/dev/mapper/");
    const char *closed = closed_device(v, device);

    learn(c, v, spec, device);
    if (!name || !closed)
        return;
    char *text = tree_text(c, root, "/etc/crypttab"), *line;
    while ((line = next_line(&text))) {
        char *target = cut_word(&line);
        char *source = target && target[0] != '#' ? cut_word(&line) : NULL;
        if (source && str_equal(target, name))
            learn(c, v, source, closed);
    }
}

static const char *
by_id(struct call *c, const struct volumes *v, const char *id)
{
    const char *rest;

    if ((rest = str_after(id, "dm-name-")))
        return by_mapped_name(v, rest);
    if ((rest = str_after(id, "md-name-")))
        return by_array(c, v, -1, call_printf(c, "/dev/md/%s", rest));
    if ((rest = str_after(id, "dm-uuid-"))) {
        for (uint32_t i = 0; i < v->n; i++) {
            if (str_equal(v->items[i].mapped_uuid, rest))
                return v->items[i].device;
        }
        return NULL;
    }
    if ((rest = str_after(id, "md-uuid-"))) {
        const struct volume *a = array_by_uuid(v, rest);
        return a ? a->device : NULL;
    }
    return by_link(c, v, call_printf(c, "by-id/%s", id));
}

static const char *
by_disk_link(struct call *c, const struct volumes *v, const char *rest)
{
    const char *name;

    if ((name = str_after(rest, "by-uuid/")))
        return by_tag(c, v, TAG_UUID, decode_name(c, name));
    if ((name = str_after(rest, "by-label/")))
        return by_tag(c, v, TAG_LABEL, decode_name(c, name));
    if ((name = str_after(rest, "by-partuuid/")))
        return by_tag(c, v, TAG_PARTUUID, decode_name(c, name));
    if ((name = str_after(rest, "by-partlabel/")))
        return by_tag(c, v, TAG_PARTLABEL, decode_name(c, name));
    if ((name = str_after(rest, "by-id/")))
        return by_id(c, v, name);
    return by_link(c, v, rest);
}

/* /dev/gpt/rootfs of FreeBSD. */
static const char *
by_bsd_folder(struct call *c, const struct volumes *v, const char *name)
{
    static const struct {
        const char *folder;
        enum tag tag;
    } folders[] = {
        {"gpt/", TAG_PARTLABEL},
        {"gptid/", TAG_PARTUUID},
        {"ufs/", TAG_LABEL},
        {"ufsid/", TAG_UUID},
        {"msdosfs/", TAG_LABEL},
        {"ext2fs/", TAG_LABEL},
        {"ntfs/", TAG_LABEL},
    };

    for (size_t i = 0; i < N_ELEMENTS(folders); i++) {
        const char *value = str_after(name, folders[i].folder);
        if (value)
            return by_tag(c, v, folders[i].tag, value);
    }
    return NULL;
}

static const char *
by_path(struct call *c, const struct volumes *v, int root, const char *path,
    int depth)
{
    const char *name = str_after(path, "/dev/"), *rest;
    const char *device;

    if ((rest = str_after(name, "disk/")))
        return by_disk_link(c, v, rest);
    if ((rest = str_after(name, "mapper/"))) {
        device = by_crypttab(c, v, root, rest, depth);
        return device ? device : by_mapped_name(v, rest);
    }
    /* Before a look at what is here: the guest's md0 may be our md127. */
    if (str_after(name, "md")) {
        device = by_array(c, v, root, path);
        if (device)
            return device;
    }
    device = by_letters(c, v, name);
    if (!device)
        device = by_controller(c, v, name);
    if (!device)
        device = by_bsd_folder(c, v, name);
    if (!device)
        device = bsd_resolve(v, name);
    if (!device && volume_find(v, path))
        device = path;
    return device;
}

static const char *
resolve(struct call *c, const struct volumes *v, int root, const char *spec,
    int depth)
{
    static const struct {
        const char *prefix;
        enum tag tag;
    } tags[] = {
        {"UUID=", TAG_UUID}, {"LABEL=", TAG_LABEL}, {"PARTUUID=", TAG_PARTUUID},
        {"PARTLABEL=", TAG_PARTLABEL}, {"NAME=", TAG_PARTLABEL}, /* of NetBSD */
    };

    if (depth > DEPTH_MAX)
        return NULL;
    spec = expand(c, spec);
    for (size_t i = 0; i < N_ELEMENTS(tags); i++) {
        const char *value = str_after(spec, tags[i].prefix);
        if (value)
            return by_tag(
                c, v, tags[i].tag, shell_unquote(call_strdup(c, value)));
    }
    if (!str_after(spec, "/dev/"))
        return bsd_resolve_duid(v, spec);
    const char *device = by_path(c, v, root, spec, depth);
    return device ? device : spec;
}

const char *
volume_resolve(
    struct call *c, const struct volumes *v, int root, const char *spec)
{
    return resolve(c, v, root, spec, 0);
}
