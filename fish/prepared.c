/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "fish/prepared.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "fish/values.h"

struct parameter {
    const char *name, *fallback;
};

struct prepared_type {
    const char *name, *summary;
    struct parameter parameters[PREPARED_PARAMETERS + 1];
    /* Make it on DEVICE; P holds every parameter.  NULL: leave it blank.  -1
     * with the library's error. */
    int (*format)(struct mayfly *g, const char *device, const char *const *p);
};

static int
make_partition(struct mayfly *g, const char *device, const char *parttype)
{
    return mayfly_part_disk(g, device, parttype);
}

static int
format_part(struct mayfly *g, const char *device, const char *const *p)
{
    return make_partition(g, device, p[1]);
}

/* mkfs on partition NUMBER of DEVICE. */
static int
make_fs(struct mayfly *g, const char *device, int number, const char *fstype)
{
    cleanup_free char *partition = text_printf("%s%d", device, number);

    return partition ? mayfly_mkfs(g, fstype, partition, NULL) : -1;
}

static int
format_fs(struct mayfly *g, const char *device, const char *const *p)
{
    return make_partition(g, device, p[2]) < 0 ? -1
                                               : make_fs(g, device, 1, p[0]);
}

/* /dev/VG/LV on partition NUMBER of DEVICE, using all of it. */
static int
make_lv(struct mayfly *g, const char *device, int number, const char *name)
{
    cleanup_free char *partition = text_printf("%s%d", device, number);
    const char *start = str_after(name, "/dev/");
    const char *slash = start ? strchr(start, '/') : NULL;
    cleanup_free char *vg =
        slash ? strndup(start, (size_t)(slash - start)) : NULL;
    const char *pvs[] = {partition, NULL};

    if (!partition || !vg)
        return -1;
    if (mayfly_pvcreate(g, partition) < 0 || mayfly_vgcreate(g, vg, pvs) < 0)
        return -1;
    return mayfly_lvcreate_free(g, slash + 1, vg, 100);
}

static int
format_lv(struct mayfly *g, const char *device, const char *const *p)
{
    return make_partition(g, device, p[2]) < 0 ? -1
                                               : make_lv(g, device, 1, p[0]);
}

static int
format_lvfs(struct mayfly *g, const char *device, const char *const *p)
{
    if (make_partition(g, device, p[3]) < 0 || make_lv(g, device, 1, p[0]) < 0)
        return -1;
    return mayfly_mkfs(g, p[1], p[0], NULL);
}

/* A boot partition of SIZE bytes, and one for the rest. */
static int
make_two(struct mayfly *g, const char *device, const char *size,
    const char *parttype)
{
    cleanup_error struct error ignored = {0};
    int64_t bytes, first = 64, last;
    int32_t sector;

    if (mayfly_part_init(g, device, parttype) < 0 ||
        mayfly_blockdev_getss(g, device, &sector) < 0 ||
        number_parse(size, 1, INT64_MAX, &bytes, &ignored) < 0)
        return -1;
    last = first + bytes / sector - 1;
    if (mayfly_part_add(g, device, "primary", first, last) < 0)
        return -1;
    return mayfly_part_add(g, device, "primary", last + 1, -64);
}

static int
format_bootroot(struct mayfly *g, const char *device, const char *const *p)
{
    if (make_two(g, device, p[3], p[4]) < 0 || make_fs(g, device, 1, p[0]) < 0)
        return -1;
    return make_fs(g, device, 2, p[1]);
}

static int
format_bootrootlv(struct mayfly *g, const char *device, const char *const *p)
{
    if (make_two(g, device, p[4], p[5]) < 0 ||
        make_fs(g, device, 1, p[1]) < 0 || make_lv(g, device, 2, p[0]) < 0)
        return -1;
    return mayfly_mkfs(g, p[2], p[0], NULL);
}

#define SIZE                                                                   \
    {                                                                          \
        "size", "1G"                                                           \
    }
#define PARTITION                                                              \
    {                                                                          \
        "partition", "mbr"                                                     \
    }
#define NAME                                                                   \
    {                                                                          \
        "name", "/dev/VG/LV"                                                   \
    }

static const struct prepared_type types[] = {
    {"disk", "a blank disk", {SIZE}, NULL},
    {"part", "a disk with one partition", {SIZE, PARTITION}, format_part},
    {"fs", "a disk with a file system in one partition",
        {{"filesystem", "ext2"}, SIZE, PARTITION}, format_fs},
    {"lv", "a disk with one logical volume", {NAME, SIZE, PARTITION},
        format_lv},
    {"lvfs", "a disk with a file system in a logical volume",
        {NAME, {"filesystem", "ext2"}, SIZE, PARTITION}, format_lvfs},
    {"bootroot", "a disk with file systems for /boot and /",
        {{"bootfs", "ext2"}, {"rootfs", "ext2"}, SIZE, {"bootsize", "128M"},
            PARTITION},
        format_bootroot},
    {"bootrootlv", "as bootroot, with / in a logical volume",
        {NAME, {"bootfs", "ext2"}, {"rootfs", "ext2"}, SIZE,
            {"bootsize", "128M"}, PARTITION},
        format_bootrootlv},
};

static const char *
parameter(const struct prepared *p, size_t i)
{
    return p->parameters[i] ? p->parameters[i]
                            : p->type->parameters[i].fallback;
}

/* A type may be abbreviated, in upper or lower case. */
static const struct prepared_type *
find_type(const char *name, size_t n)
{
    for (size_t i = 0; n > 0 && i < N_ELEMENTS(types); i++) {
        if (strncasecmp(types[i].name, name, n) == 0)
            return &types[i];
    }
    return NULL;
}

static int
parse(struct prepared *p, const char *value, size_t number, struct error *err)
{
    const char *equal = strchr(value, '='), *colon = strchr(value, ':');

    if (equal && (!colon || equal < colon)) {
        p->file = strndup(value, (size_t)(equal - value));
        value = equal + 1;
    } else
        p->file = text_printf("test%zu.img", number);
    if (!p->file)
        return error_no_memory(err);

    size_t n = strcspn(value, ":");
    p->type = find_type(value, n);
    if (!p->type)
        return error_set(err, EINVAL,
            "unknown disk type '%.*s'; '-N list' lists the types", (int)n,
            value);
    for (size_t i = 0; value[n] == ':'; i++) {
        value += n + 1;
        n = strcspn(value, ":");
        if (i == PREPARED_PARAMETERS || !p->type->parameters[i].name)
            return error_set(
                err, EINVAL, "too many parameters for '%s'", p->type->name);
        p->parameters[i] = strndup(value, n);
        if (!p->parameters[i])
            return error_no_memory(err);
    }
    return 0;
}

int
prepared_add(struct prepared_list *list, struct tool *t, const char *value,
    struct error *err)
{
    struct prepared *bigger =
        reallocarray(list->val, list->n + 1, sizeof *bigger);

    if (!bigger)
        return error_no_memory(err);
    list->val = bigger;
    struct prepared *p = &list->val[list->n++];
    *p = (struct prepared){0};
    if (parse(p, value, list->n, err) < 0)
        return -1;
    return tool_add_new_disk(t, p->file, "raw", err);
}

int
prepared_create(const struct prepared_list *list, struct error *err)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct prepared *p = &list->val[i];
        int64_t size = 0;

        for (size_t k = 0; p->type->parameters[k].name; k++) {
            if (str_equal(p->type->parameters[k].name, "size") &&
                number_parse(parameter(p, k), 1, INT64_MAX, &size, err) < 0)
                return error_context(err, "size");
        }
        cleanup_close int fd =
            open(p->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (fd < 0)
            return error_errno(err, errno, "cannot create %s", p->file);
        if (ftruncate(fd, size) < 0)
            return error_errno(
                err, errno, "cannot make %s that large", p->file);
    }
    return 0;
}

/* Its index among all disks, known once the command line has been read: a
 * domain before it may have several. */
static size_t
index_of(const struct prepared *p, const struct tool *t)
{
    size_t i = 0;

    while (i < t->n_disks && t->disks[i].file != p->file)
        i++;
    return i;
}

int
prepared_format(const struct prepared_list *list, struct shell *sh)
{
    cleanup_free char **devices = NULL;

    if (list->n > 0 && mayfly_list_devices(sh->g, &devices) < 0)
        return shell_call_failed(sh);
    for (size_t i = 0; i < list->n; i++) {
        const struct prepared *p = &list->val[i];
        const char *parameters[PREPARED_PARAMETERS];

        size_t disk = index_of(p, &sh->tool);

        if (disk >= strv_length(devices))
            return error_set(&sh->error, ENXIO, "no device for %s", p->file);
        for (size_t k = 0; k < PREPARED_PARAMETERS; k++)
            parameters[k] = parameter(p, k);
        if (p->type->format &&
            p->type->format(sh->g, devices[disk], parameters) < 0)
            return shell_call_failed(sh);
    }
    return 0;
}

void
prepared_help(void)
{
    printf("-N [FILE=]TYPE[:PARAMETER...] makes and adds one of\n\n");
    for (size_t i = 0; i < N_ELEMENTS(types); i++) {
        printf("  %-12s%s", types[i].name, types[i].summary);
        for (size_t k = 0; types[i].parameters[k].name; k++)
            printf("%s%s (%s)", k == 0 ? "\n              " : ", ",
                types[i].parameters[k].name, types[i].parameters[k].fallback);
        putchar('\n');
    }
    printf("\nDefaults are in parentheses.  Files are called test1.img, "
           "test2.img and so on,\nand overwritten.\n");
}

void
prepared_free(struct prepared_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        for (size_t k = 0; k < PREPARED_PARAMETERS; k++)
            free(list->val[i].parameters[k]);
        free(list->val[i].file);
    }
    free(list->val);
    *list = (struct prepared_list){0};
}
