/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hard and symbolic links. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/content.h"
#include "appliance/agent/guest/path.h"
#include "base/cleanup.h"
#include "ops-links.h"

static int
hard_link(struct call *c, const char *target, const char *linkname, bool force)
{
    char *old_name, *new_name;
    cleanup_close int old_dir = path_open_parent(c, target, &old_name);
    if (old_dir < 0)
        return -1;
    cleanup_close int new_dir = path_open_parent(c, linkname, &new_name);
    if (new_dir < 0)
        return -1;

    if (linkat(old_dir, old_name, new_dir, new_name, 0) == 0)
        return 0;
    if (!force || errno != EEXIST)
        return call_fail(c, errno, "%s to %s", linkname, target);

    struct stat a, b;
    if (fstatat(old_dir, old_name, &a, AT_SYMLINK_NOFOLLOW) == 0 &&
        fstatat(new_dir, new_name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
        a.st_dev == b.st_dev && a.st_ino == b.st_ino)
        return 0;
    if (unlinkat(new_dir, new_name, 0) < 0 ||
        linkat(old_dir, old_name, new_dir, new_name, 0) < 0)
        return call_fail(c, errno, "%s to %s", linkname, target);
    return 0;
}

int
op_ln(struct call *c, const struct api_ln_args *args)
{
    return hard_link(c, args->target, args->linkname, false);
}

int
op_ln_f(struct call *c, const struct api_ln_f_args *args)
{
    return hard_link(c, args->target, args->linkname, true);
}

static int
symbolic_link(
    struct call *c, const char *target, const char *linkname, bool force)
{
    char *name;
    cleanup_close int dir = path_open_parent(c, linkname, &name);

    if (dir < 0)
        return -1;
    if (symlinkat(target, dir, name) == 0)
        return 0;
    if (!force || errno != EEXIST)
        return call_fail(c, errno, "%s", linkname);
    if (unlinkat(dir, name, 0) < 0 || symlinkat(target, dir, name) < 0)
        return call_fail(c, errno, "%s", linkname);
    return 0;
}

int
op_ln_s(struct call *c, const struct api_ln_s_args *args)
{
    return symbolic_link(c, args->target, args->linkname, false);
}

int
op_ln_sf(struct call *c, const struct api_ln_sf_args *args)
{
    cleanup_close int dir =
        path_open(c, args->linkname, O_PATH | O_DIRECTORY, 0);

    if (dir < 0) {
        call_forgive(c);
        return symbolic_link(c, args->target, args->linkname, true);
    }
    const char *slash = strrchr(args->target, '/');
    const char *name = slash ? slash + 1 : args->target;
    return symbolic_link(
        c, args->target, call_printf(c, "%s/%s", args->linkname, name), true);
}

int
op_readlink(struct call *c, const struct api_readlink_args *args,
    struct api_readlink_ret *ret)
{
    char text[PATH_MAX + 1], *name;
    cleanup_close int dir = path_open_parent(c, args->path, &name);
    if (dir < 0)
        return -1;

    ssize_t n = readlinkat(dir, name, text, PATH_MAX);
    if (n < 0)
        return call_fail(c, errno, "%s", args->path);
    ret->value = call_strndup(c, text, (size_t)n);
    return 0;
}

int
op_readlinklist(struct call *c, const struct api_readlinklist_args *args,
    struct api_readlinklist_ret *ret)
{
    struct strings result = {0};
    char text[PATH_MAX];
    cleanup_close int dir = path_open(c, args->path, O_PATH | O_DIRECTORY, 0);
    if (dir < 0)
        return -1;

    for (uint32_t i = 0; i < args->n_names; i++) {
        ssize_t n = readlinkat(dir, args->names[i], text, sizeof text);
        if (strings_add(c, &result, text, n < 0 ? 0 : (size_t)n) < 0)
            return -1;
    }
    RETURN_STRINGS(ret, &result.list);
    return 0;
}
