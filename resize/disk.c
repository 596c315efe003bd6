/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "resize/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/session.h"
#include "tool/size.h"

enum { SECTOR = 512, LARGE_SECTOR = 4096, PROTECTIVE = 0xee };

/* --- the table --- */

static int
fail(struct mayfly *g, struct error *err)
{
    return tool_handle_error(g, err);
}

/* A GPT that was made for sectors of another size is at another place. */
static int
check_sectors(struct mayfly *g, const char *device, uint32_t sector,
    uint64_t size, struct error *err)
{
    static const char magic[] = "EFI PART";
    cleanup_free void *head = NULL;
    size_t n, length = strlen(magic);

    if (size < LARGE_SECTOR + SECTOR)
        return 0;
    if (mayfly_pread_device(g, device, LARGE_SECTOR + SECTOR, 0, &head, &n) < 0)
        return fail(g, err);
    const char *p = head;
    if (n < LARGE_SECTOR + length)
        return 0;
    bool is_small = memcmp(p + SECTOR, magic, length) == 0;
    bool is_large = memcmp(p + LARGE_SECTOR, magic, length) == 0;
    if (is_small == is_large || (sector == SECTOR) == is_small)
        return 0;
    return error_set(err, EINVAL,
        "its partition table is for sectors of %d bytes; add --blocksize %d",
        is_small ? SECTOR : LARGE_SECTOR, is_small ? SECTOR : LARGE_SECTOR);
}

static int
read_kind(
    struct mayfly *g, const char *device, struct slot *s, struct error *err)
{
    cleanup_free char *kind = NULL;
    int32_t id;

    if (mayfly_part_get_mbr_part_type(g, device, s->number, &kind) < 0 ||
        mayfly_part_get_mbr_id(g, device, s->number, &id) < 0)
        return fail(g, err);
    s->extended = str_equal(kind, "extended");
    s->logical = str_equal(kind, "logical");
    if (id == PROTECTIVE)
        return error_set(err, EINVAL,
            "its GPT cannot be read, though its MBR says that it has one; "
            "repair it first, for example with gdisk");
    return 0;
}

static int
read_slot(struct mayfly *g, const char *device, const struct layout *l,
    const struct mayfly_partition *p, struct slot *s, struct error *err)
{
    s->number = p->part_num;
    s->start = s->new_start = p->part_start / l->sector_size;
    s->end = s->new_end = (p->part_end + 1) / l->sector_size - 1;
    if (!(s->device = text_printf("%s%d", device, s->number)))
        return error_no_memory(err);
    if (l->table == LAYOUT_MBR && read_kind(g, device, s, err) < 0)
        return -1;
    if (!s->extended && mayfly_vfs_type(g, s->device, &s->type) == 0)
        return 0;
    s->type = strdup("");
    return s->type ? 0 : error_no_memory(err);
}

static int
read_slots(
    struct mayfly *g, const char *device, struct layout *l, struct error *err)
{
    struct mayfly_partition_list *list = NULL;
    int r = 0;

    if (mayfly_part_list(g, device, &list) < 0)
        return fail(g, err);
    l->slots = calloc(list->len + 1, sizeof *l->slots);
    if (!l->slots)
        r = error_no_memory(err);
    for (uint32_t i = 0; r == 0 && i < list->len; i++) {
        l->n++;
        r = read_slot(g, device, l, &list->val[i], &l->slots[i], err);
    }
    mayfly_free_partition_list(list);
    return r < 0 ? -1 : layout_check(l, err);
}

int
disk_read(struct mayfly *g, const char *device, struct layout *ret,
    bool *ret_table, struct error *err)
{
    cleanup_free char *table = NULL;
    int32_t sector;
    int64_t size;

    *ret = (struct layout){.alignment = 1};
    if (mayfly_blockdev_getss(g, device, &sector) < 0 ||
        mayfly_blockdev_getsize64(g, device, &size) < 0)
        return fail(g, err);
    ret->sector_size = (uint32_t)sector;
    ret->sectors = ret->new_sectors = (uint64_t)size / ret->sector_size;
    if (check_sectors(g, device, ret->sector_size, (uint64_t)size, err) < 0)
        return -1;
    if (mayfly_part_get_parttype(g, device, &table) < 0) {
        if (mayfly_last_errno(g) != EINVAL)
            return fail(g, err);
        *ret_table = false;
        return 0;
    }
    *ret_table = !str_equal(table, "loop");
    if (!*ret_table)
        return 0;
    if (!str_equal(table, "gpt") && !str_equal(table, "msdos"))
        return error_set(err, ENOTSUP,
            "its partition table is of the type %s; only GPT and MBR can be "
            "changed",
            table);
    ret->table = str_equal(table, "gpt") ? LAYOUT_GPT : LAYOUT_MBR;
    return read_slots(g, device, ret, err);
}

struct slot *
disk_find(struct mayfly *g, const struct layout *l, const char *name,
    struct error *err)
{
    cleanup_free char *full =
        str_after(name, "/dev/") ? strdup(name) : text_printf("/dev/%s", name);
    cleanup_free char *device = NULL, *all = NULL;

    if (!full)
        return error_no_memory(err), NULL;
    if (mayfly_canonical_device_name(g, full, &device) < 0)
        device = strdup(full);
    for (size_t i = 0; device && i < l->n; i++) {
        if (str_equal(l->slots[i].device, device))
            return &l->slots[i];
        char *more = text_printf(
            "%s%s%s", all ? all : "", all ? ", " : "", l->slots[i].device);
        free(all);
        all = more;
    }
    return error_set(err, ENOENT, "the disk has no partition '%s'; it has %s",
               name, all ? all : "none"),
           NULL;
}

/* --- the image --- */

static int
raw_size(const char *file, uint64_t *ret, struct error *err)
{
    struct stat st;
    cleanup_close int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &st) < 0)
        return error_errno(err, errno, "cannot open %s", file);
    *ret = (uint64_t)st.st_size;
    if (S_ISBLK(st.st_mode) && ioctl(fd, BLKGETSIZE64, ret) < 0)
        return error_errno(err, errno, "cannot examine %s", file);
    *ret = (*ret + SECTOR - 1) / SECTOR * SECTOR;
    return 0;
}

int
image_examine(struct mayfly *g, const char *file, const char *format,
    char **ret_format, uint64_t *ret_size, struct error *err)
{
    cleanup_free char *found = format ? strdup(format) : NULL;
    int64_t size;

    if (!format && mayfly_disk_format(g, file, &found) < 0)
        return fail(g, err);
    if (!found)
        return error_no_memory(err);
    if (str_equal(found, "raw")) {
        if (raw_size(file, ret_size, err) < 0)
            return -1;
    } else if (mayfly_disk_virtual_size(g, file, &size) < 0) {
        return fail(g, err);
    } else {
        *ret_size = (uint64_t)size;
    }
    *ret_format = steal_pointer(&found);
    return 0;
}

/* --- sizes --- */

/* "12.5%" of SIZE. */
static int
percent_of(const char *text, uint64_t size, uint64_t *ret, struct error *err)
{
    char *end;
    double percent = strtod(text, &end);

    if (end == text || !str_equal(end, "%") || !(percent >= 0) ||
        percent > 1e9 || strspn(text, "0123456789.") != strlen(text) - 1)
        return error_set(err, EINVAL, "invalid percentage '%s'", text);
    long double bytes = (long double)size * percent / 100;
    if (bytes > (long double)(UINT64_C(1) << 62))
        return error_set(err, ERANGE, "the size '%s' is too large", text);
    *ret = (uint64_t)bytes;
    return 0;
}

int
size_change(const char *text, uint64_t size, uint64_t *ret, struct error *err)
{
    bool more = text[0] == '+', less = text[0] == '-';
    const char *number = text + (more || less);
    const char *last = *number ? number + strlen(number) - 1 : number;
    uint64_t n;

    if (*last == '%') {
        if (percent_of(number, size, &n, err) < 0)
            return -1;
    } else if (size_parse(number, &n, err) < 0) {
        return -1;
    }
    if (less && n >= size)
        return error_set(err, ERANGE,
            "'%s' is more than the %llu bytes that there are", text,
            (unsigned long long)size);
    n = more ? size + n : less ? size - n : n;
    if (n == 0 || n > UINT64_C(1) << 62)
        return error_set(err, ERANGE, "the size '%s' is not possible", text);
    *ret = n;
    return 0;
}
