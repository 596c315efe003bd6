/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hives of the Windows registry, by libhivex; one at a time.  It checks the
 * numbers that callers give for nodes and values. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <hivex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/content.h"
#include "base/cleanup.h"
#include "ops-hivex.h"

static struct {
    hive_h *h;
    char *path; /* in the guest */
    bool writable;
} hive;

static int
need_hive(struct call *c)
{
    return hive.h ? 0
                  : call_error(
                        c, EINVAL, "no hive is open: call hivex_open first");
}

static int
need_writable(struct call *c)
{
    if (need_hive(c) < 0)
        return -1;
    return hive.writable ? 0
                         : call_fail(c, EROFS, "%s was not opened for writing",
                               hive.path);
}

static int
fail(struct call *c)
{
    return call_fail(c, errno ? errno : EIO, "%s", hive.path);
}

static void
close_hive(void)
{
    if (hive.h)
        hivex_close(hive.h);
    free(hive.path);
    hive.h = NULL;
    hive.path = NULL;
}

/* libhivex knows only names; this one is the open file FD. */
static const char *
name_of(struct call *c, int fd)
{
    return call_printf(c, "/proc/self/fd/%d", fd);
}

int
op_hivex_open(struct call *c, const struct api_hivex_open_args *args)
{
    /* For writing it is read into memory; else it would be mapped, and its
     * file system busy until it is closed. */
    int flags = HIVEX_OPEN_WRITE | (args->unsafe ? HIVEX_OPEN_UNSAFE : 0);

    cleanup_close int fd = content_open(c, args->filename);
    if (fd < 0)
        return -1;
    close_hive();
    hive.path = strdup(args->filename);
    if (!hive.path)
        return call_fail(c, ENOMEM, "%s", args->filename);
    hive.h = hivex_open(name_of(c, fd), flags);
    hive.writable = args->write;
    return hive.h ? 0 : fail(c);
}

int
op_hivex_close(struct call *c, const struct api_hivex_close_args *args)
{
    (void)args;
    if (need_hive(c) < 0)
        return -1;
    close_hive();
    return 0;
}

int
op_hivex_commit(struct call *c, const struct api_hivex_commit_args *args)
{
    /* Before the file is cut. */
    if (need_writable(c) < 0)
        return -1;
    const char *path = args->filename ? args->filename : hive.path;
    cleanup_close int fd = content_open_write(c, path, O_CREAT | O_TRUNC);
    if (fd < 0)
        return -1;
    return hivex_commit(hive.h, name_of(c, fd), 0) < 0 ? fail(c) : 0;
}

/* --- nodes --- */

/* 0: there is none, unless errno says what went wrong. */
static int
found(struct call *c, size_t handle, bool may_miss, int64_t *ret)
{
    if (handle == 0 && !(may_miss && errno == 0))
        return fail(c);
    *ret = (int64_t)handle;
    return 0;
}

int
op_hivex_root(struct call *c, const struct api_hivex_root_args *args,
    struct api_hivex_root_ret *ret)
{
    (void)args;
    if (need_hive(c) < 0)
        return -1;
    errno = 0;
    return found(c, hivex_root(hive.h), false, &ret->value);
}

int
op_hivex_node_get_child(struct call *c,
    const struct api_hivex_node_get_child_args *args,
    struct api_hivex_node_get_child_ret *ret)
{
    if (need_hive(c) < 0)
        return -1;
    errno = 0;
    return found(c,
        hivex_node_get_child(hive.h, (hive_node_h)args->nodeh, args->name),
        true, &ret->value);
}

int
op_hivex_node_parent(struct call *c,
    const struct api_hivex_node_parent_args *args,
    struct api_hivex_node_parent_ret *ret)
{
    if (need_hive(c) < 0)
        return -1;
    errno = 0;
    return found(c, hivex_node_parent(hive.h, (hive_node_h)args->nodeh), false,
        &ret->value);
}

int
op_hivex_node_get_value(struct call *c,
    const struct api_hivex_node_get_value_args *args,
    struct api_hivex_node_get_value_ret *ret)
{
    if (need_hive(c) < 0)
        return -1;
    errno = 0;
    return found(c,
        hivex_node_get_value(hive.h, (hive_node_h)args->nodeh, args->key), true,
        &ret->value);
}

int
op_hivex_node_add_child(struct call *c,
    const struct api_hivex_node_add_child_args *args,
    struct api_hivex_node_add_child_ret *ret)
{
    if (need_writable(c) < 0)
        return -1;
    errno = 0;
    return found(c,
        hivex_node_add_child(hive.h, (hive_node_h)args->parent, args->name),
        false, &ret->value);
}

int
op_hivex_node_delete_child(
    struct call *c, const struct api_hivex_node_delete_child_args *args)
{
    if (need_writable(c) < 0)
        return -1;
    errno = 0;
    return hivex_node_delete_child(hive.h, (hive_node_h)args->nodeh) < 0
               ? fail(c)
               : 0;
}

/* A string that libhivex has made, freed at the end of the call. */
static int
text(struct call *c, char *made, const char **ret)
{
    if (!made)
        return fail(c);
    call_defer(c, free, made);
    *ret = made;
    return 0;
}

int
op_hivex_node_name(struct call *c, const struct api_hivex_node_name_args *args,
    struct api_hivex_node_name_ret *ret)
{
    if (need_hive(c) < 0)
        return -1;
    errno = 0;
    return text(
        c, hivex_node_name(hive.h, (hive_node_h)args->nodeh), &ret->value);
}

int
op_hivex_node_children(struct call *c,
    const struct api_hivex_node_children_args *args,
    struct api_hivex_node_children_ret *ret)
{
    struct list list = {0};

    if (need_hive(c) < 0)
        return -1;
    errno = 0;
    hive_node_h *nodes = hivex_node_children(hive.h, (hive_node_h)args->nodeh);
    if (!nodes)
        return fail(c);
    call_defer(c, free, nodes);
    for (size_t i = 0; nodes[i]; i++)
        *list_add(c, &list, struct mayfly_hivex_node) =
            (struct mayfly_hivex_node){(int64_t)nodes[i]};
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

int
op_hivex_node_values(struct call *c,
    const struct api_hivex_node_values_args *args,
    struct api_hivex_node_values_ret *ret)
{
    struct list list = {0};

    if (need_hive(c) < 0)
        return -1;
    errno = 0;
    hive_value_h *values = hivex_node_values(hive.h, (hive_node_h)args->nodeh);
    if (!values)
        return fail(c);
    call_defer(c, free, values);
    for (size_t i = 0; values[i]; i++)
        *list_add(c, &list, struct mayfly_hivex_value) =
            (struct mayfly_hivex_value){(int64_t)values[i]};
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

/* --- values --- */

int
op_hivex_value_key(struct call *c, const struct api_hivex_value_key_args *args,
    struct api_hivex_value_key_ret *ret)
{
    if (need_hive(c) < 0)
        return -1;
    errno = 0;
    return text(
        c, hivex_value_key(hive.h, (hive_value_h)args->valueh), &ret->value);
}

int
op_hivex_value_type(struct call *c,
    const struct api_hivex_value_type_args *args,
    struct api_hivex_value_type_ret *ret)
{
    hive_type type;

    if (need_hive(c) < 0)
        return -1;
    errno = 0;
    if (hivex_value_type(hive.h, (hive_value_h)args->valueh, &type, NULL) < 0)
        return fail(c);
    ret->value = type;
    return 0;
}

int
op_hivex_value_value(struct call *c,
    const struct api_hivex_value_value_args *args,
    struct api_hivex_value_value_ret *ret)
{
    size_t size = 0;

    if (need_hive(c) < 0)
        return -1;
    errno = 0;
    char *value =
        hivex_value_value(hive.h, (hive_value_h)args->valueh, NULL, &size);
    if (!value)
        return fail(c);
    call_defer(c, free, value);
    ret->value = (uint8_t *)value;
    ret->n_value = (uint32_t)size;
    return 0;
}

int
op_hivex_value_string(struct call *c,
    const struct api_hivex_value_string_args *args,
    struct api_hivex_value_string_ret *ret)
{
    if (need_hive(c) < 0)
        return -1;
    errno = 0;
    return text(
        c, hivex_value_string(hive.h, (hive_value_h)args->valueh), &ret->value);
}

int
op_hivex_node_set_value(
    struct call *c, const struct api_hivex_node_set_value_args *args)
{
    hive_set_value v;

    if (need_writable(c) < 0)
        return -1;
    v.key = (char *)(uintptr_t)args->key;
    v.t = (hive_type)args->t;
    v.len = args->n_val;
    v.value = (char *)(uintptr_t)args->val;
    errno = 0;
    return hivex_node_set_value(hive.h, (hive_node_h)args->nodeh, &v, 0) < 0
               ? fail(c)
               : 0;
}
