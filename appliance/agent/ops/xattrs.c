/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Extended attributes, ACLs and capabilities. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/capability.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/guest/xattrs.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "ops-xattrs.h"

enum { RESULT_MAX = 32 << 20 };

/* All attributes of a path; FLAGS: 0 or O_NOFOLLOW. */
static int
all_of(struct call *c, const char *path, int flags,
    const struct mayfly_xattr **ret, uint32_t *ret_n)
{
    struct list result = {0};
    cleanup_close int fd = path_open(c, path, O_PATH | flags, 0);

    if (fd < 0 || xattrs_list(c, fd_path(c, fd), path, &result) < 0)
        return -1;
    *ret = result.items;
    *ret_n = result.n;
    return 0;
}

int
op_getxattrs(struct call *c, const struct api_getxattrs_args *args,
    struct api_getxattrs_ret *ret)
{
    return all_of(c, args->path, 0, &ret->value, &ret->n_value);
}

int
op_lgetxattrs(struct call *c, const struct api_lgetxattrs_args *args,
    struct api_lgetxattrs_ret *ret)
{
    return all_of(c, args->path, O_NOFOLLOW, &ret->value, &ret->n_value);
}

static int
one_of(struct call *c, const char *path, int flags, const char *name,
    const uint8_t **ret, uint32_t *ret_n)
{
    uint8_t *value;
    cleanup_close int fd = path_open(c, path, O_PATH | flags, 0);

    if (fd < 0 || xattrs_get(c, fd_path(c, fd), path, name, &value, ret_n) < 0)
        return -1;
    *ret = value;
    return 0;
}

int
op_getxattr(struct call *c, const struct api_getxattr_args *args,
    struct api_getxattr_ret *ret)
{
    return one_of(c, args->path, 0, args->name, &ret->value, &ret->n_value);
}

int
op_lgetxattr(struct call *c, const struct api_lgetxattr_args *args,
    struct api_lgetxattr_ret *ret)
{
    return one_of(
        c, args->path, O_NOFOLLOW, args->name, &ret->value, &ret->n_value);
}

static int
set(struct call *c, const char *path, int flags, const char *name,
    const uint8_t *value, uint32_t size, int32_t wanted)
{
    cleanup_close int fd = path_open(c, path, O_PATH | flags, 0);

    if (fd < 0)
        return -1;
    if ((uint32_t)wanted > size)
        return call_error(
            c, EINVAL, "vallen is %d, but val has only %u bytes", wanted, size);
    if (setxattr(fd_path(c, fd), name, value, (size_t)wanted, 0) < 0)
        return call_fail(c, errno, "%s: %s", path, name);
    return 0;
}

int
op_setxattr(struct call *c, const struct api_setxattr_args *args)
{
    return set(
        c, args->path, 0, args->xattr, args->val, args->n_val, args->vallen);
}

int
op_lsetxattr(struct call *c, const struct api_lsetxattr_args *args)
{
    return set(c, args->path, O_NOFOLLOW, args->xattr, args->val, args->n_val,
        args->vallen);
}

static int
remove_one(struct call *c, const char *path, int flags, const char *name)
{
    cleanup_close int fd = path_open(c, path, O_PATH | flags, 0);

    if (fd < 0)
        return -1;
    if (removexattr(fd_path(c, fd), name) < 0)
        return call_fail(c, errno, "%s: %s", path, name);
    return 0;
}

int
op_removexattr(struct call *c, const struct api_removexattr_args *args)
{
    return remove_one(c, args->path, 0, args->xattr);
}

int
op_lremovexattr(struct call *c, const struct api_lremovexattr_args *args)
{
    return remove_one(c, args->path, O_NOFOLLOW, args->xattr);
}

int
op_lxattrlist(struct call *c, const struct api_lxattrlist_args *args,
    struct api_lxattrlist_ret *ret)
{
    static char none[] = "";
    struct list result = {0};
    size_t bytes = 0;
    cleanup_close int dir = path_open(c, args->path, O_RDONLY | O_DIRECTORY, 0);
    if (dir < 0)
        return -1;

    for (uint32_t i = 0; i < args->n_names; i++) {
        struct list one = {0};
        cleanup_close int fd =
            openat(dir, args->names[i], O_PATH | O_NOFOLLOW | O_CLOEXEC);
        struct mayfly_xattr *head = list_add(c, &result, struct mayfly_xattr);
        head->attrname = none;
        if (fd < 0 ||
            xattrs_list(c, fd_path(c, fd), args->names[i], &one) < 0) {
            call_forgive(c);
            continue;
        }
        char *number = call_printf(c, "%u", one.n);
        head->attrval = (uint8_t *)number;
        /* With its NUL, as callers of libguestfs know it. */
        head->n_attrval = (uint32_t)strlen(number) + 1;
        const struct mayfly_xattr *x = one.items;
        for (uint32_t k = 0; k < one.n; k++) {
            *list_add(c, &result, struct mayfly_xattr) = x[k];
            bytes += strlen(x[k].attrname) + x[k].n_attrval + 16;
        }
        if (bytes > RESULT_MAX)
            return call_error(c, EFBIG,
                "%s: the attributes are larger "
                "than %d MiB",
                args->path, RESULT_MAX >> 20);
    }
    ret->value = result.items;
    ret->n_value = result.n;
    return 0;
}

static int
acl_type(struct call *c, const char *name, acl_type_t *ret)
{
    if (str_equal(name, "access"))
        *ret = ACL_TYPE_ACCESS;
    else if (str_equal(name, "default"))
        *ret = ACL_TYPE_DEFAULT;
    else
        return call_error(
            c, EINVAL, "acltype '%s' is neither access nor default", name);
    return 0;
}

int
op_acl_get_file(struct call *c, const struct api_acl_get_file_args *args,
    struct api_acl_get_file_ret *ret)
{
    acl_type_t type = ACL_TYPE_ACCESS;

    if (acl_type(c, args->acltype, &type) < 0)
        return -1;
    cleanup_close int fd = path_open(c, args->path, O_PATH, 0);
    if (fd < 0)
        return -1;
    acl_t acl = acl_get_file(fd_path(c, fd), type);
    if (!acl)
        return call_fail(c, errno, "%s", args->path);
    char *text = acl_to_text(acl, NULL);
    acl_free(acl);
    if (!text)
        return call_fail(c, errno, "%s", args->path);
    ret->value = call_strdup(c, text);
    acl_free(text);
    return 0;
}

int
op_acl_set_file(struct call *c, const struct api_acl_set_file_args *args)
{
    acl_type_t type = ACL_TYPE_ACCESS;

    if (acl_type(c, args->acltype, &type) < 0)
        return -1;
    cleanup_close int fd = path_open(c, args->path, O_PATH, 0);
    if (fd < 0)
        return -1;
    const char *path = fd_path(c, fd);
    acl_t acl = acl_from_text(args->acl);
    if (!acl)
        return call_error(c, EINVAL, "'%s' is no ACL", args->acl);
    int r = acl_set_file(path, type, acl), code = errno;
    acl_free(acl);
    return r < 0 ? call_fail(c, code, "%s", args->path) : 0;
}

int
op_acl_delete_def_file(
    struct call *c, const struct api_acl_delete_def_file_args *args)
{
    cleanup_close int fd = path_open(c, args->dir, O_PATH | O_DIRECTORY, 0);

    if (fd < 0)
        return -1;
    if (acl_delete_def_file(fd_path(c, fd)) < 0)
        return call_fail(c, errno, "%s", args->dir);
    return 0;
}

int
op_cap_get_file(struct call *c, const struct api_cap_get_file_args *args,
    struct api_cap_get_file_ret *ret)
{
    cleanup_close int fd =
        path_open(c, args->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (fd < 0)
        return -1;

    cap_t cap = cap_get_fd(fd);
    if (!cap && errno == ENODATA) {
        ret->value = "";
        return 0;
    }
    if (!cap)
        return call_fail(c, errno, "%s", args->path);
    char *text = cap_to_text(cap, NULL);
    cap_free(cap);
    if (!text)
        return call_fail(c, errno, "%s", args->path);
    ret->value = call_strdup(c, text);
    cap_free(text);
    return 0;
}

int
op_cap_set_file(struct call *c, const struct api_cap_set_file_args *args)
{
    cleanup_close int fd =
        path_open(c, args->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (fd < 0)
        return -1;

    cap_t cap = cap_from_text(args->cap);
    if (!cap)
        return call_error(c, EINVAL, "'%s' are no capabilities", args->cap);
    int r = cap_set_fd(fd, cap), code = errno;
    cap_free(cap);
    return r < 0 ? call_fail(c, code, "%s", args->path) : 0;
}

static int
copy_xattrs(struct call *c, const char *from, const char *src, const char *to,
    const char *dest)
{
    struct list all = {0};

    if (xattrs_list(c, from, src, &all) < 0)
        return -1;
    const struct mayfly_xattr *x = all.items;
    for (uint32_t i = 0; i < all.n; i++)
        if (setxattr(to, x[i].attrname, x[i].attrval, x[i].n_attrval, 0) < 0)
            return call_fail(c, errno, "%s: %s", dest, x[i].attrname);
    return 0;
}

int
op_copy_attributes(struct call *c, const struct api_copy_attributes_args *args)
{
    bool all = args->has_all && args->all;
    bool mode = args->has_mode ? args->mode : all;
    bool xattrs = args->has_xattributes ? args->xattributes : all;
    bool ownership = args->has_ownership ? args->ownership : all;
    struct stat st;
    cleanup_close int src = path_open(c, args->src, O_PATH, 0);
    if (src < 0)
        return -1;
    cleanup_close int dest = path_open(c, args->dest, O_PATH, 0);
    if (dest < 0)
        return -1;

    if (fstat(src, &st) < 0)
        return call_fail(c, errno, "%s", args->src);
    const char *to = fd_path(c, dest);
    /* The owner first: a new one takes setuid and capabilities away. */
    if (ownership &&
        fchownat(dest, "", st.st_uid, st.st_gid, AT_EMPTY_PATH) < 0)
        return call_fail(c, errno, "%s", args->dest);
    if (xattrs &&
        copy_xattrs(c, fd_path(c, src), args->src, to, args->dest) < 0)
        return -1;
    if (mode && chmod(to, st.st_mode & 07777) < 0)
        return call_fail(c, errno, "%s", args->dest);
    return 0;
}
