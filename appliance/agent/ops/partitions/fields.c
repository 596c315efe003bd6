/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a partition table says of one partition, or of itself. */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/storage/probe.h"
#include "appliance/agent/storage/table.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/strv.h"
#include "ops-partitions.h"

enum { UUID_TEXT = 36, NAME_CHARACTERS_MAX = 36 };

#define TYPE_EFI   "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
#define TYPE_LINUX "0FC63DAF-8483-4772-8E79-3D69D8477DE4"

static char *
upper(struct call *c, const char *text)
{
    char *copy = call_strdup(c, text);

    for (char *p = copy; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    return copy;
}

static int
check_guid(struct call *c, const char *text)
{
    bool good = strlen(text) == UUID_TEXT;

    for (size_t i = 0; good && i < UUID_TEXT; i++)
        good = i == 8 || i == 13 || i == 18 || i == 23
                   ? text[i] == '-'
                   : isxdigit((unsigned char)text[i]);
    if (!good)
        return call_error(c, EINVAL, "%s: not a GUID", text);
    return 0;
}

/* --- the kind of table --- */

int
op_part_get_parttype(struct call *c,
    const struct api_part_get_parttype_args *args,
    struct api_part_get_parttype_ret *ret)
{
    struct table *t = table_open(c, args->device, false, TABLE_ANY);
    struct probe p;

    if (!t)
        return -1;
    if (!fdisk_has_label(t->context)) {
        const char *device = t->device;

        table_close(t);
        if (probe_device(c, device, &p) < 0)
            return -1;
        if (!str_equal(p.usage, "filesystem"))
            return call_error(c, EINVAL, "%s: unrecognised disk label", device);
        ret->value = "loop";
        return 0;
    }
    const char *name = fdisk_label_get_name(fdisk_get_label(t->context, NULL));
    ret->value = str_equal(name, "dos")   ? "msdos"
                 : str_equal(name, "sgi") ? "dvh"
                                          : call_strdup(c, name);
    return 0;
}

/* --- fields of one partition --- */

/* Set the type given by its code in text. */
static int
set_type(struct table *t, int partnum, const char *code)
{
    struct fdisk_label *label = fdisk_get_label(t->context, NULL);
    struct fdisk_parttype *type = fdisk_label_parse_parttype(label, code);

    if (!type)
        return call_error(t->call, EINVAL, "%s: not a type of partition", code);
    int r = fdisk_set_partition_type(t->context, (size_t)partnum - 1, type);
    fdisk_unref_parttype(type);
    return r < 0 ? table_fail(t, r, "cannot set the partition's type") : 0;
}

/* The partition with the wanted fields set, the others as they are. */
static int
set_fields(struct table *t, int partnum, const char *name, const char *uuid)
{
    struct fdisk_partition *p = fdisk_new_partition();

    if (!p)
        return call_error(t->call, ENOMEM, "no memory");
    if (name)
        fdisk_partition_set_name(p, name);
    if (uuid)
        fdisk_partition_set_uuid(p, uuid);
    int r = fdisk_set_partition(t->context, (size_t)partnum - 1, p);
    fdisk_unref_partition(p);
    return r < 0 ? table_fail(t, r, "cannot change the partition") : 0;
}

static struct table *
open_for(struct call *c, const char *device, int partnum, bool writable,
    enum table_need need)
{
    struct extent e;
    struct table *t = table_open(c, device, writable, need);

    return t && table_extent(t, partnum, &e) == 0 ? t : NULL;
}

static char *
type_of(struct table *t, int partnum)
{
    struct fdisk_partition *p = table_partition(t, partnum);

    if (!p)
        return NULL;
    struct fdisk_parttype *type = fdisk_partition_get_type(p);
    char *text =
        t->gpt ? upper(t->call, fdisk_parttype_get_string(type))
               : call_printf(t->call, "%u", fdisk_parttype_get_code(type));
    fdisk_unref_partition(p);
    return text;
}

int
op_part_get_bootable(struct call *c,
    const struct api_part_get_bootable_args *args,
    struct api_part_get_bootable_ret *ret)
{
    struct table *t =
        open_for(c, args->device, args->partnum, false, TABLE_SOME);

    if (!t)
        return -1;
    if (t->gpt) {
        ret->value = str_equal(type_of(t, args->partnum), TYPE_EFI);
        return 0;
    }
    struct fdisk_partition *p = table_partition(t, args->partnum);
    if (!p)
        return -1;
    ret->value = fdisk_partition_is_bootable(p) == 1;
    fdisk_unref_partition(p);
    return 0;
}

/* At most one partition is active, as boot loaders want it. */
static int
set_active(struct table *t, int partnum, bool active)
{
    struct list extents = {0};

    if (table_extents(t, &extents) < 0)
        return -1;
    const struct extent *e = extents.items;
    for (uint32_t i = 0; i < extents.n; i++) {
        struct fdisk_partition *p = table_partition(t, e[i].number);

        if (!p)
            return -1;
        bool is = fdisk_partition_is_bootable(p) == 1;
        fdisk_unref_partition(p);
        bool wanted = e[i].number == partnum ? active : is && !active;
        if (is == wanted)
            continue;
        int r = fdisk_toggle_partition_flag(
            t->context, (size_t)e[i].number - 1, DOS_FLAG_ACTIVE);
        if (r < 0)
            return table_fail(t, r, "cannot set the bootable flag");
    }
    return 0;
}

int
op_part_set_bootable(
    struct call *c, const struct api_part_set_bootable_args *args)
{
    struct table *t =
        open_for(c, args->device, args->partnum, true, TABLE_SOME);

    if (!t)
        return -1;
    if (t->dos) {
        if (set_active(t, args->partnum, args->bootable) < 0)
            return -1;
    } else if (!t->gpt) {
        return call_error(c, ENOTSUP,
            "%s: this partition table has no bootable flag", t->device);
    } else {
        bool is = str_equal(type_of(t, args->partnum), TYPE_EFI);

        if (is != args->bootable &&
            set_type(t, args->partnum, args->bootable ? TYPE_EFI : TYPE_LINUX) <
                0)
            return -1;
    }
    return table_write(t);
}

int
op_part_get_mbr_id(struct call *c, const struct api_part_get_mbr_id_args *args,
    struct api_part_get_mbr_id_ret *ret)
{
    struct table *t =
        open_for(c, args->device, args->partnum, false, TABLE_DOS);

    if (!t)
        return -1;
    const char *code = type_of(t, args->partnum);
    if (!code)
        return -1;
    ret->value = atoi(code);
    return 0;
}

int
op_part_set_mbr_id(struct call *c, const struct api_part_set_mbr_id_args *args)
{
    struct table *t = open_for(c, args->device, args->partnum, true, TABLE_DOS);

    if (!t || set_type(t, args->partnum,
                  call_printf(c, "%x", (unsigned)args->idbyte)) < 0)
        return -1;
    return table_write(t);
}

int
op_part_get_mbr_part_type(struct call *c,
    const struct api_part_get_mbr_part_type_args *args,
    struct api_part_get_mbr_part_type_ret *ret)
{
    struct extent e;
    struct table *t = table_open(c, args->device, false, TABLE_SOME);

    if (!t || table_extent(t, args->partnum, &e) < 0)
        return -1;
    ret->value = !t->dos || (!e.extended && e.number <= 4) ? "primary"
                 : e.extended                              ? "extended"
                                                           : "logical";
    return 0;
}

int
op_part_get_gpt_type(struct call *c,
    const struct api_part_get_gpt_type_args *args,
    struct api_part_get_gpt_type_ret *ret)
{
    struct table *t =
        open_for(c, args->device, args->partnum, false, TABLE_GPT);

    ret->value = t ? type_of(t, args->partnum) : NULL;
    return ret->value ? 0 : -1;
}

int
op_part_set_gpt_type(
    struct call *c, const struct api_part_set_gpt_type_args *args)
{
    if (check_guid(c, args->guid) < 0)
        return -1;
    struct table *t = open_for(c, args->device, args->partnum, true, TABLE_GPT);
    if (!t || set_type(t, args->partnum, args->guid) < 0)
        return -1;
    return table_write(t);
}

int
op_part_get_gpt_guid(struct call *c,
    const struct api_part_get_gpt_guid_args *args,
    struct api_part_get_gpt_guid_ret *ret)
{
    struct table *t = table_open(c, args->device, false, TABLE_GPT);
    struct fdisk_partition *p = t ? table_partition(t, args->partnum) : NULL;

    if (!p)
        return -1;
    const char *uuid = fdisk_partition_get_uuid(p);
    ret->value = upper(c, uuid ? uuid : "");
    fdisk_unref_partition(p);
    return 0;
}

int
op_part_set_gpt_guid(
    struct call *c, const struct api_part_set_gpt_guid_args *args)
{
    if (check_guid(c, args->guid) < 0)
        return -1;
    struct table *t = open_for(c, args->device, args->partnum, true, TABLE_GPT);
    if (!t || set_fields(t, args->partnum, NULL, args->guid) < 0)
        return -1;
    return table_write(t);
}

int
op_part_get_name(struct call *c, const struct api_part_get_name_args *args,
    struct api_part_get_name_ret *ret)
{
    struct table *t = table_open(c, args->device, false, TABLE_GPT);
    struct fdisk_partition *p = t ? table_partition(t, args->partnum) : NULL;

    if (!p)
        return -1;
    const char *name = fdisk_partition_get_name(p);
    ret->value = call_strdup(c, name ? name : "");
    fdisk_unref_partition(p);
    return 0;
}

int
op_part_set_name(struct call *c, const struct api_part_set_name_args *args)
{
    size_t characters = 0;

    for (const char *p = args->name; *p; p++)
        characters += ((unsigned char)*p & 0xc0) != 0x80;
    if (characters > NAME_CHARACTERS_MAX)
        return call_error(c, EINVAL,
            "%s: the name of a partition has at most %d characters", args->name,
            NAME_CHARACTERS_MAX);
    struct table *t = open_for(c, args->device, args->partnum, true, TABLE_GPT);
    if (!t || set_fields(t, args->partnum, args->name, NULL) < 0)
        return -1;
    return table_write(t);
}

int
op_part_get_gpt_attributes(struct call *c,
    const struct api_part_get_gpt_attributes_args *args,
    struct api_part_get_gpt_attributes_ret *ret)
{
    uint64_t bits = 0;
    struct table *t =
        open_for(c, args->device, args->partnum, false, TABLE_GPT);

    if (!t)
        return -1;
    int r = fdisk_gpt_get_partition_attrs(
        t->context, (size_t)args->partnum - 1, &bits);
    if (r < 0)
        return table_fail(t, r, "cannot read the attributes");
    ret->value = (int64_t)bits;
    return 0;
}

int
op_part_set_gpt_attributes(
    struct call *c, const struct api_part_set_gpt_attributes_args *args)
{
    struct table *t = open_for(c, args->device, args->partnum, true, TABLE_GPT);

    if (!t)
        return -1;
    int r = fdisk_gpt_set_partition_attrs(
        t->context, (size_t)args->partnum - 1, (uint64_t)args->attributes);
    if (r < 0)
        return table_fail(t, r, "cannot set the attributes");
    return table_write(t);
}

/* --- the table's own GUID --- */

int
op_part_get_disk_guid(struct call *c,
    const struct api_part_get_disk_guid_args *args,
    struct api_part_get_disk_guid_ret *ret)
{
    char *id = NULL;
    struct table *t = table_open(c, args->device, false, TABLE_GPT);

    if (!t)
        return -1;
    int r = fdisk_get_disklabel_id(t->context, &id);
    if (r < 0)
        return table_fail(t, r, "cannot read the GUID");
    ret->value = upper(c, id);
    free(id);
    return 0;
}

static int
set_disk_guid(struct call *c, const char *device, const char *guid)
{
    struct table *t = table_open(c, device, true, TABLE_GPT);

    if (!t)
        return -1;
    int r = fdisk_set_disklabel_id_from_string(t->context, guid);
    if (r < 0)
        return table_fail(t, r, "cannot set the GUID");
    return table_write(t);
}

int
op_part_set_disk_guid(
    struct call *c, const struct api_part_set_disk_guid_args *args)
{
    if (check_guid(c, args->guid) < 0)
        return -1;
    return set_disk_guid(c, args->device, args->guid);
}

int
op_part_set_disk_guid_random(
    struct call *c, const struct api_part_set_disk_guid_random_args *args)
{
    cleanup_error struct error err = {0};
    cleanup_free char *guid =
        read_file("/proc/sys/kernel/random/uuid", 64, NULL, &err);

    if (!guid)
        return call_error(c, EIO, "%s", error_text(&err));
    guid[strcspn(guid, "\n")] = '\0';
    return set_disk_guid(c, args->device, guid);
}
