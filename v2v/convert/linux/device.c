/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/linux/device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/device_learn.h"
#include "v2v/convert/linux/device_meaning.h"

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
    cleanup_free char *key =
        text_printf("%s %s", r->path ? r->path : "", name->name);

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
    static const char *const opaque[] = {
        "/dev/disk/", "/dev/dm-", "/dev/sd", "/dev/hd", "/dev/xvd"};
    bool disk = ref->kind == DEVICE_PLACE;

    for (size_t i = 0; i < N_ELEMENTS(opaque); i++)
        disk |= ref->kind == DEVICE_OPAQUE &&
                str_after(name->name, opaque[i]) != NULL;

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

static bool
is_for_discs(const struct edit_name *name)
{
    return name->folder && name->type &&
           (strstr(name->type, "iso9660") || strstr(name->type, "udf"));
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
        device_meaning(r->c, v, &ref, name, &m, err) < 0)
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
        tell(r, v, name, err, "is a name of the old machine, taken to be ",
            changed) < 0) {
        free(changed);
        return NULL;
    }
    return changed;
}
