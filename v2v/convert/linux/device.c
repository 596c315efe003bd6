/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a tag (UUID=, LABEL=) means the same on any machine; it
 * only has to exist.  So do the names that the guest gives itself: volumes,
 * arrays, what crypttab opens.  The name of a disk's place (sda2) is looked up
 * among the disks as the source names them.  A name by the old hardware
 * (by-path, by-id, multipath) says little; but the guest's "/" is known, so
 * what fstab calls "/" is a name of that disk, whatever it is, and of the
 * others some can be told by the number in the name, or since only one device
 * is left that fits.  Such a guess is used, and reported. */
#include <config.h>

#include "v2v/convert/linux/device.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/machine/device_name.h"
#include "v2v/machine/device_ref.h"

enum meaning_kind {
    MEANS_NOTHING, /* no disk: nothing to do */
    MEANS_SAME,    /* the same on the new machine */
    MEANS_SURELY,
    MEANS_PROBABLY,
    MEANS_GONE, /* it is on none of the disks */
    MEANS_SEVERAL,
};

struct meaning {
    enum meaning_kind kind;
    const struct volume *volume;
};

/* --- disks and partitions of the appliance --- */

static char *
disk_device(size_t index, struct error *err)
{
    char letters[DEVICE_LETTERS];
    char *name;

    device_letters((unsigned)index, letters);
    if (!(name = text_printf("/dev/sd%s", letters)))
        error_no_memory(err);
    return name;
}

/* "/dev/sda" of "/dev/sda2", and the number; false for a volume or array. */
static bool
split_device(const char *device, size_t *ret_disk, unsigned *ret_partition)
{
    size_t n = strlen(device);

    if (!str_after(device, "/dev/sd"))
        return false;
    while (n && isdigit((unsigned char)device[n - 1]))
        n--;
    *ret_disk = n;
    *ret_partition = (unsigned)strtoul(device + n, NULL, 10);
    return true;
}

static const struct volume *
find_partition(const struct volumes *v, const char *disk, unsigned partition)
{
    cleanup_free char *name =
        partition ? text_printf("%s%u", disk, partition) : strdup(disk);

    return name ? volumes_find(v, name) : NULL;
}

const char *
device_of_root(struct conversion *c, struct error *err)
{
    const char *root = c->job.root->root;

    if (!str_after(root, "btrfsvol:"))
        return root;
    if (!c->root_device &&
        mayfly_mountable_device(c->job.g, root, &c->root_device) < 0)
        return job_fail(&c->job, err), NULL;
    return c->root_device;
}

/* --- does it fit what fstab says is there? --- */

/* The families of file systems that one driver mounts. */
static const char *
family(const char *type)
{
    static const char *const families[][2] = {{"ext2", "ext"}, {"ext3", "ext"},
        {"ext4", "ext"}, {"ext4dev", "ext"}, {"msdos", "vfat"},
        {"fat", "vfat"}, {"ntfs-3g", "ntfs"}, {"ntfs3", "ntfs"},
        {"fuseblk", "ntfs"}, {"swsuspend", "swap"}};

    for (size_t i = 0; i < N_ELEMENTS(families); i++)
        if (str_equal(families[i][0], type))
            return families[i][1];
    return type;
}

static bool
fits(const struct volume *x, const struct edit_name *name)
{
    static const char *const open[] = {"auto", "none", "bind", "swap"};
    const char *type = name->type;

    if (!name->folder || !type || !x->type[0])
        return true;
    /* What is made at each start may hold anything now. */
    if (str_equal(type, "swap"))
        return str_equal(family(x->type), "swap") ||
               str_equal(x->type, "crypto_LUKS");
    for (size_t i = 0; i < N_ELEMENTS(open); i++)
        if (str_equal(open[i], type))
            return true;
    for (const char *p = type; *p;) {
        size_t n = strcspn(p, ",");
        cleanup_free char *one = strndup(p, n);

        if (one && str_equal(family(one), family(x->type)))
            return true;
        p += n + (p[n] == ',');
    }
    return false;
}

static bool
is_for_discs(const struct edit_name *name)
{
    return name->folder && name->type &&
           (strstr(name->type, "iso9660") || strstr(name->type, "udf"));
}

/* --- what a name means --- */

static struct meaning
means(enum meaning_kind kind, const struct volume *volume)
{
    return (struct meaning){volume ? kind : MEANS_GONE, volume};
}

static bool
may_be(const struct volume *x, const struct device_ref *ref,
    const struct edit_name *name)
{
    size_t disk;
    unsigned partition;

    return split_device(x->device, &disk, &partition) &&
           partition == ref->partition && x->type[0] && fits(x, name);
}

/* The only device that it can be: first of those that no other name means,
 * then of all but that of "/". */
static struct meaning
by_elimination(const struct volumes *v, const struct device_ref *ref,
    const struct edit_name *name, const char *root)
{
    for (int again = 0; again < 2; again++) {
        const struct volume *found = NULL;
        size_t n = 0;

        for (size_t i = 0; i < v->n; i++) {
            const struct volume *x = &v->items[i];

            if (str_equal(x->device, root) || !may_be(x, ref, name) ||
                (!again && strv_contains(v->taken, x->device)))
                continue;
            found = x;
            n++;
        }
        if (n)
            return means(MEANS_PROBABLY, n == 1 ? found : NULL);
    }
    return means(MEANS_GONE, NULL);
}

/* Does the name count in the same way as that of the disk of "/"?  Then its
 * number was right once. */
static bool
counts_alike(const struct volumes *v, const struct device_ref *ref)
{
    size_t n = strcspn(ref->text, "0123456789");

    return v->root_name && strncmp(v->root_name, ref->text, n) == 0;
}

static int
by_place(struct conversion *c, const struct volumes *v,
    const struct device_ref *ref, const struct edit_name *name,
    struct meaning *ret, struct error *err)
{
    enum meaning_kind kind = MEANS_SURELY;
    const struct volume *x = NULL;

    /* The source may have disks of several kinds: sda, vda and nvme0n1. */
    cleanup_free char *part =
        ref->partition
            ? text_printf("%s%u", ref->letters[0] ? "" : "p", ref->partition)
            : strdup("");
    cleanup_free char *plain =
        part ? text_printf("/dev/%s%s", ref->text, part) : NULL;
    cleanup_free char *device = plain ? disks_device(c->disks, plain) : NULL;

    if (!plain)
        return error_no_memory(err);
    if (v->root_name && str_equal(ref->text, v->root_name)) {
        x = find_partition(v, v->root_disk, ref->partition);
    } else if (ref->letters[0] || device) {
        x = device ? volumes_find(v, device) : NULL;
    } else if (ref->disk >= 0 && (size_t)ref->disk < c->disks->n) {
        cleanup_free char *disk = disk_device((size_t)ref->disk, err);

        if (!disk)
            return -1;
        x = find_partition(v, disk, ref->partition);
        if (c->disks->n > 1 && !counts_alike(v, ref))
            kind = MEANS_PROBABLY;
    }
    /* The disks are not in the order that the guest knew. */
    if (x && v->root_disk && v->root_name &&
        !str_equal(ref->text, v->root_name) &&
        str_after(x->device, v->root_disk) && c->disks->n > 1 &&
        v->is_reordered)
        x = NULL;
    if (x && fits(x, name)) {
        *ret = means(v->is_reordered && !str_equal(ref->text, v->root_name)
                         ? MEANS_PROBABLY
                         : kind,
            x);
        return 0;
    }

    const char *root = device_of_root(c, err);
    if (!root)
        return -1;
    /* A disk that is not given has no place to be guessed from. */
    *ret = x || v->is_reordered ? by_elimination(v, ref, name, root)
                                : means(MEANS_GONE, NULL);
    return 0;
}

static int
by_hardware(struct conversion *c, const struct volumes *v,
    const struct device_ref *ref, const struct edit_name *name,
    struct meaning *ret, struct error *err)
{
    const char *root = device_of_root(c, err);
    const struct volume *x;

    if (!root)
        return -1;
    if (name->folder && str_equal(name->folder, "/") && !name->key[0]) {
        *ret = means(MEANS_SURELY, volumes_find(v, root));
        return 0;
    }
    if (v->root_name && str_equal(v->root_name, ref->text)) {
        *ret = means(MEANS_SURELY,
            find_partition(v, v->root_disk, ref->partition));
        return 0;
    }
    if (ref->disk >= 0 || c->disks->n == 1) {
        size_t index = c->disks->n == 1 ? 0 : (size_t)ref->disk;
        cleanup_free char *disk = disk_device(index, err);

        if (!disk)
            return -1;
        x = find_partition(v, disk, ref->partition);
        if (x && fits(x, name)) {
            *ret = means(
                c->disks->n == 1 ? MEANS_SURELY : MEANS_PROBABLY, x);
            return 0;
        }
    }
    if (str_equal(name->key, "root")) {
        *ret = means(MEANS_PROBABLY, volumes_find(v, root));
        return 0;
    }
    *ret = by_elimination(v, ref, name, root);
    return 0;
}

/* A name in /dev/mapper that neither LVM nor crypttab makes is one of
 * multipath: mpatha, with a partition as mpatha1, mpathap1 or mpatha-part1. */
static int
by_mapper(struct conversion *c, const struct volumes *v,
    const struct device_ref *ref, const struct edit_name *name,
    struct meaning *ret, struct error *err)
{
    static const char *const separators[] = {"-part", "_part", "p", ""};
    struct device_ref disk = *ref;
    size_t n = strlen(ref->text), digits = n;

    if (volumes_is_mapped(v, ref->text) || strv_contains(v->opened, ref->text) ||
        str_after(ref->text, "luks-")) {
        *ret = (struct meaning){.kind = MEANS_SAME};
        return 0;
    }
    while (digits && isdigit((unsigned char)ref->text[digits - 1]))
        digits--;
    if (digits < n && n - digits <= 3 && digits) {
        disk.partition = (unsigned)strtoul(ref->text + digits, NULL, 10);
        for (size_t i = 0; i < N_ELEMENTS(separators); i++) {
            size_t m = strlen(separators[i]);

            if (digits <= m || strncmp(ref->text + digits - m, separators[i],
                                   m) != 0)
                continue;
            disk.text[digits - m] = 0;
            break;
        }
    }
    disk.disk = -1;
    return by_hardware(c, v, &disk, name, ret, err);
}

static struct meaning
by_tag(const struct volumes *v, const struct device_ref *ref)
{
    const struct volume *x;
    size_t n = ref->tag[0] ? volumes_by_tag(v, ref->tag, ref->text, &x) : 1;

    return (struct meaning){
        n == 0 ? MEANS_GONE : n == 1 ? MEANS_SAME : MEANS_SEVERAL,
        n && ref->tag[0] ? x : NULL};
}

static int
find_meaning(struct conversion *c, const struct volumes *v,
    const struct device_ref *ref, const struct edit_name *name,
    struct meaning *ret, struct error *err)
{
    cleanup_free char *path = NULL;
    const char *root;

    switch (ref->kind) {
    case DEVICE_OTHER:
        break;
    case DEVICE_TAG:
        *ret = by_tag(v, ref);
        return 0;
    case DEVICE_PLACE:
        return by_place(c, v, ref, name, ret, err);
    case DEVICE_OPAQUE:
        return by_hardware(c, v, ref, name, ret, err);
    case DEVICE_MAPPED:
        return by_mapper(c, v, ref, name, ret, err);
    case DEVICE_ARRAY:
        ret->kind = v->n_arrays ? MEANS_SAME : MEANS_GONE;
        return 0;
    case DEVICE_VOLUME:
        if (!(path = text_printf("/dev/%s", ref->text)))
            return error_no_memory(err);
        ret->kind = strv_contains(v->logical, path) ? MEANS_SAME : MEANS_GONE;
        return 0;
    case DEVICE_ROOT:
        if (!(root = device_of_root(c, err)))
            return -1;
        *ret = means(MEANS_SURELY, volumes_find(v, root));
        return 0;
    }
    ret->kind = MEANS_NOTHING;
    return 0;
}

/* --- what the guest's files say of its disks --- */

struct learning {
    struct conversion *c;
    struct volumes *v;
};

static char *
learn_root(void *opaque, const struct edit_name *name, struct error *err)
{
    struct learning *l = opaque;
    const char *root = device_of_root(l->c, err);
    struct device_ref ref;
    size_t n;
    unsigned partition;

    if (!root || !name->folder || !str_equal(name->folder, "/") ||
        name->key[0] || l->v->root_name || !device_parse(name->name, &ref) ||
        !split_device(root, &n, &partition))
        return NULL;
    if (ref.kind != DEVICE_PLACE && ref.kind != DEVICE_OPAQUE)
        return NULL;
    /* A disk put together has its partitions under other numbers. */
    for (size_t i = 0; i < l->c->disks->n; i++)
        if (l->c->disks->items[i].assembled)
            return NULL;
    if (ref.partition != partition)
        return NULL;
    l->v->root_disk = strndup(root, n);
    l->v->root_name = strdup(ref.text);
    if (!l->v->root_disk || !l->v->root_name)
        error_no_memory(err);
    if (ref.kind == DEVICE_PLACE && ref.letters[0] && !err->code) {
        cleanup_free char *device = disks_device(l->c->disks, name->name);

        l->v->is_reordered = !device || !str_equal(device, root);
    }
    return NULL;
}

/* The devices that fstab surely has. */
static char *
learn_taken(void *opaque, const struct edit_name *name, struct error *err)
{
    struct learning *l = opaque;
    struct device_ref ref;
    struct meaning m = {0};

    if (name->key[0] || !device_parse(name->name, &ref) ||
        (ref.kind == DEVICE_OPAQUE && ref.disk < 0) ||
        ref.kind == DEVICE_MAPPED ||
        find_meaning(l->c, l->v, &ref, name, &m, err) < 0)
        return NULL;
    if (m.volume && strv_append(&l->v->taken, m.volume->device) < 0)
        error_no_memory(err);
    return NULL;
}

/* The first column of crypttab. */
static int
learn_opened(struct conversion *c, struct volumes *v, const char *path,
    struct error *err)
{
    cleanup_free char *text = conversion_read(c, path, NULL, err);

    if (!text)
        return err->code ? -1 : 0;
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        line += strspn(line, " \t");

        cleanup_free char *name = strndup(line, strcspn(line, " \t\n"));
        if (!name || (name[0] && name[0] != '#' &&
                         strv_append(&v->opened, name) < 0))
            return error_no_memory(err);
    }
    return 0;
}

/* What a command line opens: cryptdevice=DEVICE:NAME and
 * rd.luks.name=UUID=NAME, wherever it is stored. */
static int
learn_from_lines(struct conversion *c, struct volumes *v, const char *pattern,
    struct error *err)
{
    static const struct {
        const char *word;
        char before;
    } words[] = {{"cryptdevice=", ':'}, {"rd.luks.name=", '='}};
    cleanup_free char **paths = conversion_glob(c, pattern, err);

    if (!paths)
        return -1;
    for (char **path = paths; *path; path++) {
        cleanup_free char *text = conversion_read(c, *path, NULL, err);

        if (!text && err->code)
            return -1;
        for (size_t i = 0; text && i < N_ELEMENTS(words); i++) {
            const char *p = text;

            while ((p = strstr(p, words[i].word))) {
                p += strlen(words[i].word);
                size_t n = strcspn(p, " \t\n\"'");
                const char *at = memrchr(p, words[i].before, n);
                const char *name = at ? at + 1 : p;
                /* cryptdevice=DEVICE:NAME:OPTIONS */
                if (words[i].before == ':' && str_after(p, "UUID="))
                    name = p + strcspn(p, ":") + (p[strcspn(p, ":")] == ':');
                cleanup_free char *own =
                    strndup(name, strcspn(name, ": \t\n\"'"));
                if (!own || strv_append(&v->opened, own) < 0)
                    return error_no_memory(err);
            }
        }
    }
    return 0;
}

static int
learn(struct conversion *c, struct volumes *v, struct error *err)
{
    static const char *const lines[] = {"/etc/default/grub",
        "/etc/kernel/cmdline", "/boot/loader/entries/*.conf",
        "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg",
        "/boot/efi/loader/entries/*.conf", "/efi/loader/entries/*.conf",
        "/boot/syslinux/*.cfg", "/boot/extlinux/*.conf"};
    struct learning l = {c, v};
    cleanup_free char *fstab = conversion_read(c, "/etc/fstab", NULL, err);

    if ((!fstab && err->code) ||
        learn_opened(c, v, "/etc/crypttab", err) < 0 ||
        learn_opened(c, v, "/etc/crypttab.initramfs", err) < 0)
        return -1;
    for (size_t i = 0; i < N_ELEMENTS(lines); i++)
        if (learn_from_lines(c, v, lines[i], err) < 0)
            return -1;
    if (!fstab)
        return 0;

    free(edit_fstab(fstab, learn_root, &l, err));
    if (!err->code)
        free(edit_fstab(fstab, learn_taken, &l, err));
    return err->code ? -1 : 0;
}

struct volumes *
device_volumes(struct conversion *c, struct error *err)
{
    if (c->volumes)
        return c->volumes;
    if (!(c->volumes = volumes_list(c->job.g, err)) ||
        learn(c, c->volumes, err) < 0)
        return NULL;
    return c->volumes;
}

/* --- its new name --- */

static bool
is_unique(const struct volumes *v, const char *tag, const char *value)
{
    const struct volume *first;

    return volumes_by_tag(v, tag, value, &first) == 1;
}

/* BY_TABLE: what the partition table says, not the content. */
static char *
new_name(const struct volumes *v, const struct volume *x, bool as_path,
    bool letter, bool by_table, struct error *err)
{
    const char *rest = str_after(x->device, "/dev/sd");
    char *name;

    if (letter && rest)
        name = text_printf("/dev/vd%s", rest);
    else if (x->linked && is_unique(v, "UUID", x->uuid) &&
             !(by_table && x->part_uuid[0]))
        name = text_printf(
            "%s%s", as_path ? "/dev/disk/by-uuid/" : "UUID=", x->uuid);
    else if (x->part_uuid[0] && is_unique(v, "PARTUUID", x->part_uuid))
        name = text_printf("%s%s",
            as_path ? "/dev/disk/by-partuuid/" : "PARTUUID=", x->part_uuid);
    else
        name = rest ? text_printf("/dev/vd%s", rest) : strdup(x->device);
    if (!name)
        error_no_memory(err);
    return name;
}

/* Words and settings for which a tag is as good as a path. */
static bool
takes_tag(const char *key)
{
    static const char *const keys[] = {"root", "resume", "real_root",
        "real_resume", "cryptdevice", "crypt_root", "cryptroot", "cryptopts",
        "luks", "swap", "boot", "usr", "mount.usr", "RESUME", "ROOT",
        "real_init"};

    for (size_t i = 0; i < N_ELEMENTS(keys); i++)
        if (str_equal(key, keys[i]))
            return true;
    return false;
}

/* The kernel itself reads these, and it only knows its own names. */
static bool
takes_letter(const char *key)
{
    return str_equal(key, "md") || str_equal(key, "dm-mod.create") ||
           str_equal(key, "boot_device") || str_equal(key, "blkdevparts");
}

static bool
has_initramfs(const struct conversion *c)
{
    for (size_t i = 0; i < c->n_kernels; i++)
        if (c->kernels[i].initrd)
            return true;
    return c->n_kernels == 0;
}

static char *
choose_name(const struct device_renaming *r, const struct edit_name *name,
    const struct volumes *v, const struct volume *x, struct error *err)
{
    bool path = true, letter = false, by_table = false;

    switch (r->form) {
    case FORM_TABLE:
        path = name->key[0] != 0;
        by_table = !name->folder && name->type;
        break;
    case FORM_LINE:
        path = !takes_tag(name->key);
        letter = takes_letter(name->key);
        by_table = str_equal(name->key, "root") && !has_initramfs(r->c);
        break;
    case FORM_PATH:
    case FORM_LOOK:
        break;
    case FORM_LETTER:
        letter = true;
        break;
    }
    return new_name(v, x, path, letter, by_table, err);
}

/* --- the report --- */

static int
tell(const struct device_renaming *r, struct volumes *v,
    const struct edit_name *name, struct error *err, const char *what,
    const char *end)
{
    cleanup_free char *key = text_printf("%s %s", r->path ? r->path : "", name->name);

    if (!key)
        return error_no_memory(err);
    if (strv_contains(v->told, key))
        return 0;
    if (strv_append(&v->told, key) < 0)
        return error_no_memory(err);
    return conversion_tell(r->c, FINDING_REVIEW, r->path, err,
        "%s %s%s (line %u)", name->name, what, end, name->line);
}

/* Scripts and the like have many paths; only names of disks are reported. */
static char *
look(const struct device_renaming *r, struct volumes *v,
    const struct edit_name *name, const struct device_ref *ref,
    const struct meaning *m, struct error *err)
{
    bool disk = ref->kind == DEVICE_PLACE ||
                (ref->kind == DEVICE_OPAQUE &&
                    (str_after(name->name, "/dev/disk/") ||
                        str_after(name->name, "/dev/dm-")));

    if (!disk || str_after(name->name, "/dev/vd"))
        return NULL;
    if (!m->volume) {
        tell(r, v, name, err, "is a name of the old machine", "");
        return NULL;
    }
    cleanup_free char *now = choose_name(r, name, v, m->volume, err);
    if (now)
        tell(r, v, name, err, "is a name of the old machine; now it is ", now);
    return NULL;
}

static char *
not_found(const struct device_renaming *r, struct volumes *v,
    const struct edit_name *name, const struct device_ref *ref,
    struct error *err)
{
    char *letter;

    /* An entry for a disk that comes later keeps its meaning. */
    if (r->form == FORM_LETTER && ref->letters[0] && !ref->partition) {
        if (!(letter = text_printf("/dev/vd%s", ref->letters)))
            error_no_memory(err);
        return letter;
    }
    tell(r, v, name, err, "is not on the guest's disks; the name stays", "");
    return NULL;
}

char *
device_rename(void *opaque, const struct edit_name *name, struct error *err)
{
    const struct device_renaming *r = opaque;
    struct volumes *v = device_volumes(r->c, err);
    struct device_ref ref;
    struct meaning m = {0};
    char *changed;

    if (!v || is_for_discs(name) ||
        (!device_parse(name->name, &ref) &&
            !device_parse_number(name->name, &ref)) ||
        find_meaning(r->c, v, &ref, name, &m, err) < 0)
        return NULL;
    if (r->form == FORM_LOOK)
        return look(r, v, name, &ref, &m, err);
    switch (m.kind) {
    case MEANS_NOTHING:
    case MEANS_SAME:
        return NULL;
    case MEANS_GONE:
        return not_found(r, v, name, &ref, err);
    case MEANS_SEVERAL:
        tell(r, v, name, err, "is on several of the guest's disks", "");
        return NULL;
    case MEANS_SURELY:
    case MEANS_PROBABLY:
        break;
    }
    if (!(changed = choose_name(r, name, v, m.volume, err)))
        return NULL;
    if (m.kind == MEANS_PROBABLY &&
        tell(r, v, name, err,
            "is a name of the old machine, taken to be ", changed) < 0) {
        free(changed);
        return NULL;
    }
    return changed;
}
