/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only ext2, ext3 and ext4 have.  Making and tuning them with every
 * choice is in ext_tools.c. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/device.h"
#include "appliance/agent/storage/probe.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "ops-ext.h"

/* --- checking and resizing --- */

/* 1 and 2 say that errors were there and are repaired. */
static int
check(struct call *c, const char *name, const char *option)
{
    struct run_result r;
    const char *device = device_check(c, name);

    if (!device)
        return -1;
    const char *argv[] = {"e2fsck", "-f", option, device, NULL};
    struct run run = {.argv = argv, .merge = true};
    if (run_command(c, &run, &r) < 0)
        return -1;
    if (r.status > 3) {
        size_t n = strlen(r.output);

        while (n > 0 && r.output[n - 1] == '\n')
            r.output[--n] = '\0';
        return call_error(c, EIO, "e2fsck %s: %s", name, r.output);
    }
    return 0;
}

int
op_e2fsck(struct call *c, const struct api_e2fsck_args *args)
{
    if (args->correct + args->forceall + args->forceno > 1)
        return call_error(c, EINVAL,
            "e2fsck: only one of the options 'correct', 'forceall', "
            "'forceno' may be specified");
    return check(c, args->device,
        args->correct    ? "-p"
        : args->forceall ? "-y"
                         : "-n");
}

int
op_e2fsck_f(struct call *c, const struct api_e2fsck_f_args *args)
{
    return check(c, args->device, "-p");
}

/* resize2fs wants one that is not mounted to have been checked since.  When
 * it asks for a check, one is made. */
static int
resize(struct call *c, const char *name, const char *option, const char *size)
{
    const char *device = device_check(c, name);
    struct list argv = {0};

    if (!device)
        return -1;
    list_add_string(c, &argv, "resize2fs");
    if (option)
        list_add_string(c, &argv, option);
    list_add_string(c, &argv, device);
    if (size)
        list_add_string(c, &argv, size);
    if (run_tool_argv(c, NULL, argv.items) == 0)
        return 0;
    if (!strstr(call_error_text(c), "e2fsck -f"))
        return -1;
    call_forgive(c);
    if (check(c, device, "-y") < 0)
        return -1;
    return run_tool_argv(c, NULL, argv.items);
}

int
op_resize2fs(struct call *c, const struct api_resize2fs_args *args)
{
    return resize(c, args->device, NULL, NULL);
}

int
op_resize2fs_size(struct call *c, const struct api_resize2fs_size_args *args)
{
    return resize(c, args->device, NULL,
        call_printf(c, "%lldK", (long long)args->size / 1024));
}

int
op_resize2fs_M(struct call *c, const struct api_resize2fs_M_args *args)
{
    return resize(c, args->device, "-M", NULL);
}

int
op_zerofree(struct call *c, const struct api_zerofree_args *args)
{
    const char *device = device_check(c, args->device);

    return device ? run_tool(c, NULL, "zerofree", device, NULL) : -1;
}

/* --- label and UUID --- */

/* What is on the device, which must be one of ours. */
static int
probe_ext(struct call *c, const char *name, const char **ret_device,
    struct probe *ret)
{
    const char *device = device_check(c, name);

    if (!device || probe_device(c, device, ret) < 0)
        return -1;
    /* A journal on a device of its own also has a label and a UUID. */
    if (!str_after(ret->type, "ext") && !str_equal(ret->type, "jbd"))
        return call_error(c, EINVAL, "%s: not an ext2, ext3 or ext4", name);
    *ret_device = device;
    return 0;
}

int
op_set_e2label(struct call *c, const struct api_set_e2label_args *args)
{
    const char *device = device_check(c, args->device);

    return device ? run_tool(c, NULL, "e2label", device, args->label, NULL)
                  : -1;
}

int
op_get_e2label(struct call *c, const struct api_get_e2label_args *args,
    struct api_get_e2label_ret *ret)
{
    const char *device;
    struct probe p;

    if (probe_ext(c, args->device, &device, &p) < 0)
        return -1;
    ret->value = p.label;
    return 0;
}

int
op_set_e2uuid(struct call *c, const struct api_set_e2uuid_args *args)
{
    const char *device = device_check(c, args->device);

    return device ? run_tool(c, NULL, "tune2fs", "-f", "-U", args->uuid, device,
                        NULL)
                  : -1;
}

int
op_get_e2uuid(struct call *c, const struct api_get_e2uuid_args *args,
    struct api_get_e2uuid_ret *ret)
{
    const char *device;
    struct probe p;

    if (probe_ext(c, args->device, &device, &p) < 0)
        return -1;
    ret->value = p.uuid;
    return 0;
}

/* --- attributes of files --- */

/* In the order of the letters. */
static const struct {
    char letter;
    uint32_t flag;
} attributes[] = {
    {'A', FS_NOATIME_FL},
    {'C', FS_NOCOW_FL},
    {'D', FS_DIRSYNC_FL},
    {'E', FS_ENCRYPT_FL},
    {'F', FS_CASEFOLD_FL},
    {'I', FS_INDEX_FL},
    {'N', FS_INLINE_DATA_FL},
    {'P', FS_PROJINHERIT_FL},
    {'S', FS_SYNC_FL},
    {'T', FS_TOPDIR_FL},
    {'V', FS_VERITY_FL},
    {'a', FS_APPEND_FL},
    {'c', FS_COMPR_FL},
    {'d', FS_NODUMP_FL},
    {'e', FS_EXTENT_FL},
    {'i', FS_IMMUTABLE_FL},
    {'j', FS_JOURNAL_DATA_FL},
    {'m', FS_NOCOMP_FL},
    {'s', FS_SECRM_FL},
    {'t', FS_NOTAIL_FL},
    {'u', FS_UNRM_FL},
    {'x', FS_DAX_FL},
};

static int
open_file(struct call *c, const char *path)
{
    if (need_root(c) < 0)
        return -1;
    return path_open(c, path, O_RDONLY | O_NONBLOCK, 0);
}

int
op_get_e2attrs(struct call *c, const struct api_get_e2attrs_args *args,
    struct api_get_e2attrs_ret *ret)
{
    unsigned flags;
    char *letters = call_alloc(c, N_ELEMENTS(attributes) + 1);
    size_t n = 0;
    cleanup_close int fd = open_file(c, args->file);

    if (fd < 0)
        return -1;
    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
        return call_fail(c, errno, "%s: attributes", args->file);
    for (size_t i = 0; i < N_ELEMENTS(attributes); i++)
        if (flags & attributes[i].flag)
            letters[n++] = attributes[i].letter;
    ret->value = letters;
    return 0;
}

static int
parse_attributes(struct call *c, const char *text, unsigned *ret)
{
    *ret = 0;
    for (const char *p = text; *p; p++) {
        size_t i = 0;

        while (i < N_ELEMENTS(attributes) && attributes[i].letter != *p)
            i++;
        if (i == N_ELEMENTS(attributes))
            return call_error(
                c, EINVAL, "%s: unknown file attribute '%c'", text, *p);
        if (*ret & attributes[i].flag)
            return call_error(
                c, EINVAL, "%s: file attribute '%c' is there twice", text, *p);
        *ret |= attributes[i].flag;
    }
    return 0;
}

int
op_set_e2attrs(struct call *c, const struct api_set_e2attrs_args *args)
{
    unsigned flags, wanted;

    if (parse_attributes(c, args->attrs, &wanted) < 0)
        return -1;
    cleanup_close int fd = open_file(c, args->file);
    if (fd < 0)
        return -1;
    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
        return call_fail(c, errno, "%s: attributes", args->file);
    flags = args->clear ? flags & ~wanted : flags | wanted;
    if (ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0)
        return call_fail(c, errno, "%s: attributes", args->file);
    return 0;
}

int
op_get_e2generation(struct call *c,
    const struct api_get_e2generation_args *args,
    struct api_get_e2generation_ret *ret)
{
    unsigned generation;
    cleanup_close int fd = open_file(c, args->file);

    if (fd < 0)
        return -1;
    if (ioctl(fd, FS_IOC_GETVERSION, &generation) < 0)
        return call_fail(c, errno, "%s: generation", args->file);
    ret->value = generation;
    return 0;
}

int
op_set_e2generation(
    struct call *c, const struct api_set_e2generation_args *args)
{
    unsigned generation = (unsigned)args->generation;
    cleanup_close int fd = open_file(c, args->file);

    if (fd < 0)
        return -1;
    if (ioctl(fd, FS_IOC_SETVERSION, &generation) < 0)
        return call_fail(c, errno, "%s: generation", args->file);
    return 0;
}

int
op_mklost_and_found(
    struct call *c, const struct api_mklost_and_found_args *args)
{
    if (need_root(c) < 0)
        return -1;
    cleanup_close int fd =
        path_open(c, args->mountpoint, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return -1;
    if (mkdirat(fd, "lost+found", 0700) < 0)
        return call_fail(c, errno, "%s/lost+found", args->mountpoint);
    return 0;
}
