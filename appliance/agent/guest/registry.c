/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/guest/registry.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "base/cleanup.h"

enum { HIVE_MAX = 512 << 20, PATH_PART_MAX = 255 };

static void
close_hive(void *opaque)
{
    hivex_close(opaque);
}

/* A hive of a system that was not shut down may hold what libhivex would
 * refuse; most of it can be read all the same. */
hive_h *
registry_open(struct call *c, int root, const char *path)
{
    cleanup_close int fd = tree_open(root, path, O_RDONLY | O_NONBLOCK);
    char name[64];
    struct stat st;
    hive_h *h;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
        st.st_size > HIVE_MAX)
        return NULL;
    /* libhivex knows only names; this one is the open file. */
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    h = hivex_open(name, HIVEX_OPEN_UNSAFE);
    if (h)
        call_defer(c, close_hive, h);
    return h;
}

hive_node_h
registry_node(hive_h *h, hive_node_h from, const char *path)
{
    char part[PATH_PART_MAX + 1];

    while (from && *path) {
        size_t n = strcspn(path, "\\");

        if (n > PATH_PART_MAX)
            return 0;
        memcpy(part, path, n);
        part[n] = '\0';
        from = hivex_node_get_child(h, from, part);
        path += n + (path[n] == '\\');
    }
    return from;
}

hive_node_h *
registry_children(struct call *c, hive_h *h, hive_node_h node)
{
    hive_node_h *nodes = node ? hivex_node_children(h, node) : NULL;

    if (nodes)
        call_defer(c, free, nodes);
    return nodes;
}

/* A string that libhivex has made, as one of the call's. */
static char *
take(struct call *c, char *made, size_t max)
{
    if (!made)
        return NULL;
    call_defer(c, free, made);
    return call_strndup(c, made, max);
}

char *
registry_name(struct call *c, hive_h *h, hive_node_h node)
{
    return take(c, hivex_node_name(h, node), PATH_PART_MAX);
}

char *
registry_text(
    struct call *c, hive_h *h, hive_node_h node, const char *key, size_t max)
{
    hive_value_h value = node ? hivex_node_get_value(h, node, key) : 0;

    return value ? take(c, hivex_value_string(h, value), max) : NULL;
}

bool
registry_number(hive_h *h, hive_node_h node, const char *key, uint32_t *ret)
{
    hive_value_h value = node ? hivex_node_get_value(h, node, key) : 0;
    hive_type type;
    size_t size;

    if (!value || hivex_value_type(h, value, &type, &size) < 0 ||
        type != hive_t_REG_DWORD || size != 4)
        return false;
    *ret = (uint32_t)hivex_value_dword(h, value);
    return true;
}
