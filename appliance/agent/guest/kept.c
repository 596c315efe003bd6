/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/guest/kept.h"

#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/strv.h"

#define ACL "system.posix_acl_access"

struct kept {
    struct kept *next;
    char *name;
    size_t size;
    char value[];
};

/* A signature is of the old content; what overlayfs notes is of its layer. */
static bool
is_of_content(const char *name)
{
    return str_equal(name, "security.ima") || str_equal(name, "security.evm") ||
           str_after(name, "trusted.overlay.");
}

static ssize_t
get(int fd, const char *path, const char *name, void *value, size_t room)
{
    return fd >= 0 ? fgetxattr(fd, name, value, room)
                   : lgetxattr(path, name, value, room);
}

static struct kept *
read_one(int fd, const char *path, const char *name, struct kept *next)
{
    ssize_t n = get(fd, path, name, NULL, 0);
    struct kept *k = n < 0 ? NULL : malloc(sizeof *k + (size_t)n + 1);

    if (!k)
        return next;
    n = get(fd, path, name, k->value, (size_t)n);
    k->name = n < 0 ? NULL : strdup(name);
    if (!k->name) {
        free(k);
        return next;
    }
    k->size = (size_t)n;
    k->next = next;
    return k;
}

struct kept *
kept_read(const char *path)
{
    ssize_t n = llistxattr(path, NULL, 0);
    char *names = n > 0 ? malloc((size_t)n) : NULL;
    struct kept *all = NULL;

    n = names ? llistxattr(path, names, (size_t)n) : 0;
    for (const char *p = names; n > 0 && p < names + n; p += strlen(p) + 1)
        if (!is_of_content(p))
            all = read_one(-1, path, p, all);
    free(names);
    return all;
}

struct kept *
kept_read_fd(int fd, const char *only)
{
    return read_one(fd, NULL, only, NULL);
}

void
kept_forget(struct kept *k, const char *name)
{
    for (; k; k = k->next)
        if (k->name && str_equal(k->name, name)) {
            free(k->name);
            k->name = NULL;
        }
}

int
kept_restore(const struct kept *k, int fd, const char *path)
{
    int r = 0;

    for (; k; k = k->next) {
        if (!k->name)
            continue;
        if ((fd >= 0 ? fsetxattr(fd, k->name, k->value, k->size, 0)
                     : lsetxattr(path, k->name, k->value, k->size, 0)) < 0)
            r = -1;
    }
    return r;
}

bool
kept_has_acl(const struct kept *k)
{
    for (; k; k = k->next)
        if (k->name && str_equal(k->name, ACL))
            return true;
    return false;
}

void
kept_free(struct kept *k)
{
    while (k) {
        struct kept *next = k->next;
        free(k->name);
        free(k);
        k = next;
    }
}
