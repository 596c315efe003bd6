/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/guest/xattrs.h"

#include <errno.h>
#include <linux/limits.h>
#include <string.h>
#include <sys/xattr.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"

int
xattrs_get(struct call *c, const char *path, const char *shown,
    const char *name, uint8_t **ret, uint32_t *ret_size)
{
    static char value[XATTR_SIZE_MAX];
    ssize_t n = getxattr(path, name, value, sizeof value);

    if (n < 0)
        return call_fail(c, errno, "%s: %s", shown, name);
    *ret = memcpy(call_alloc(c, (size_t)n + 1), value, (size_t)n);
    *ret_size = (uint32_t)n;
    return 0;
}

int
xattrs_list(
    struct call *c, const char *path, const char *shown, struct list *ret)
{
    static char names[XATTR_LIST_MAX];
    ssize_t n = listxattr(path, names, sizeof names);

    if (n < 0)
        return call_fail(c, errno, "%s", shown);
    for (const char *p = names; p < names + n; p += strlen(p) + 1) {
        struct mayfly_xattr *x = list_add(c, ret, struct mayfly_xattr);
        x->attrname = call_strdup(c, p);
        if (xattrs_get(c, path, shown, p, &x->attrval, &x->n_attrval) < 0)
            return -1;
    }
    return 0;
}
