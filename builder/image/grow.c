/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/image/grow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/session.h"

static const char disk[] = "/dev/sda";

static int
fail(struct mayfly *g, struct error *err, const char *what)
{
    tool_handle_error(g, err);
    return error_context(err, "cannot grow %s", what);
}

char *
grow_last_partition(struct mayfly *g, struct error *err)
{
    struct mayfly_partition_list *list = NULL;
    const struct mayfly_partition *last = NULL;
    cleanup_free char *table = NULL;

    if (mayfly_part_get_parttype(g, disk, &table) < 0)
        return strdup(disk);
    if (mayfly_part_list(g, disk, &list) < 0)
        return fail(g, err, disk), NULL;
    for (uint32_t i = 0; i < list->len; i++) {
        const struct mayfly_partition *p = &list->val[i];

        /* A logical partition may end where its extended one does. */
        if (!last || p->part_end >= last->part_end)
            last = p;
    }

    char *name =
        last ? text_printf("%s%d", disk, (int)last->part_num) : strdup(disk);
    mayfly_free_partition_list(list);
    return name;
}

static int
grow_partition(struct mayfly *g, const char *partition, struct error *err)
{
    cleanup_free char *device = NULL;
    int32_t number;
    int64_t size;

    if (str_equal(partition, disk))
        return 0;
    if (mayfly_part_to_dev(g, partition, &device) < 0 ||
        mayfly_part_to_partnum(g, partition, &number) < 0 ||
        mayfly_part_grow(g, device, number, &size) < 0)
        return fail(g, err, partition);
    return 0;
}

static int
grow_content(struct mayfly *g, const char *device, struct error *err)
{
    cleanup_free char *type = NULL;

    return mayfly_filesystem_grow(g, device, &type) < 0 ? fail(g, err, device)
                                                        : 0;
}

int
grow(struct mayfly *g, const struct template *t, const struct sayer *sayer,
    struct error *err)
{
    cleanup_free char *found = NULL;
    const char *partition = t->expand;

    if (!partition)
        partition = found = grow_last_partition(g, err);
    if (!partition)
        return -1;

    cleanup_free char *text = text_printf("Growing %s%s%s", partition,
        t->lvexpand ? " and " : "", t->lvexpand ? t->lvexpand : "");
    if (text)
        sayer->say(sayer->opaque, false, text);
    if (grow_partition(g, partition, err) < 0 ||
        grow_content(g, partition, err) < 0)
        return -1;
    if (!t->lvexpand)
        return 0;
    if (mayfly_lvresize_free(g, t->lvexpand, 100) < 0)
        return fail(g, err, t->lvexpand);
    return grow_content(g, t->lvexpand, err);
}
