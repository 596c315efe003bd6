/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/image/grow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "customize/growth.h"
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

int
grow(struct mayfly *g, const struct template *t, const struct sayer *sayer,
    struct error *err)
{
    cleanup_free char *found = NULL;
    const char *partition = t->expand;
    struct growth w = {.g = g};

    if (!partition)
        partition = found = grow_last_partition(g, err);
    if (!partition)
        return -1;

    cleanup_free char *text = text_printf("Growing %s%s%s", partition,
        t->lvexpand ? " and " : "", t->lvexpand ? t->lvexpand : "");
    if (text)
        sayer->say(sayer->opaque, false, text);
    if ((!str_equal(partition, disk) &&
            growth_partition(g, partition, err) < 0) ||
        growth_content(&w, partition, err) != 0)
        return -1;
    if (!t->lvexpand)
        return 0;
    return growth_volume(&w, t->lvexpand, err) < 0 ||
                   growth_content(&w, t->lvexpand, err) != 0
               ? -1
               : 0;
}
