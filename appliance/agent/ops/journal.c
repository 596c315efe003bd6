/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal of systemd, by libsystemd; one at a time. */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <systemd/sd-journal.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/arguments.h"
#include "ops-journal.h"

enum { FIELD_MAX = 65536 }; /* bytes, as of an extended attribute */

static sd_journal *journal;

static int
need_journal(struct call *c)
{
    return journal ? 0
                   : call_error(c, EINVAL,
                         "no journal is open: call journal_open first");
}

/* R is a negative errno. */
static int
fail(struct call *c, int r, const char *what)
{
    return call_fail(c, -r, "%s", what);
}

static void
close_journal(void)
{
    if (journal)
        sd_journal_close(journal);
    journal = NULL;
}

int
op_journal_open(struct call *c, const struct api_journal_open_args *args)
{
    const char *path = tool_path(c, args->directory);

    if (!path)
        return -1;
    close_journal();
    int r = sd_journal_open_directory(&journal, path, 0);
    if (r < 0) {
        journal = NULL;
        return fail(c, r, args->directory);
    }
    return 0;
}

int
op_journal_close(struct call *c, const struct api_journal_close_args *args)
{
    (void)args;
    if (need_journal(c) < 0)
        return -1;
    close_journal();
    return 0;
}

int
op_journal_next(struct call *c, const struct api_journal_next_args *args,
    struct api_journal_next_ret *ret)
{
    (void)args;
    if (need_journal(c) < 0)
        return -1;
    int r = sd_journal_next(journal);
    if (r < 0)
        return fail(c, r, "the next entry");
    ret->value = r > 0;
    return 0;
}

int
op_journal_skip(struct call *c, const struct api_journal_skip_args *args,
    struct api_journal_skip_ret *ret)
{
    int r = 0;

    if (need_journal(c) < 0)
        return -1;
    if (args->skip > 0)
        r = sd_journal_next_skip(journal, (uint64_t)args->skip);
    else if (args->skip < 0)
        r = sd_journal_previous_skip(journal, -(uint64_t)args->skip);
    if (r < 0)
        return fail(c, r, "an entry");
    ret->value = r;
    return 0;
}

/* "NAME=bytes" */
static int
add_field(struct call *c, struct list *list, const char *data, size_t size)
{
    const char *equals = memchr(data, '=', size);

    if (!equals)
        return call_error(c, EINVAL, "the entry has a field without a name");

    size_t n = (size_t)(equals - data), rest = size - n - 1;
    rest = rest < FIELD_MAX ? rest : FIELD_MAX;
    uint8_t *value = call_alloc(c, rest + 1);
    memcpy(value, equals + 1, rest);
    *list_add(c, list, struct mayfly_xattr) = (struct mayfly_xattr){
        .attrname = call_strndup(c, data, n),
        .attrval = value,
        .n_attrval = (uint32_t)rest,
    };
    return 0;
}

int
op_journal_get(struct call *c, const struct api_journal_get_args *args,
    struct api_journal_get_ret *ret)
{
    struct list list = {0};
    const void *data;
    size_t size;
    int r;

    (void)args;
    if (need_journal(c) < 0)
        return -1;
    sd_journal_restart_data(journal);
    while ((r = sd_journal_enumerate_data(journal, &data, &size)) > 0)
        if (add_field(c, &list, data, size) < 0)
            return -1;
    if (r < 0)
        return fail(c, r, "the entry");
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

int
op_journal_get_data_threshold(struct call *c,
    const struct api_journal_get_data_threshold_args *args,
    struct api_journal_get_data_threshold_ret *ret)
{
    size_t size;

    (void)args;
    if (need_journal(c) < 0)
        return -1;
    int r = sd_journal_get_data_threshold(journal, &size);
    if (r < 0)
        return fail(c, r, "the threshold");
    ret->value = (int64_t)size;
    return 0;
}

int
op_journal_set_data_threshold(
    struct call *c, const struct api_journal_set_data_threshold_args *args)
{
    if (need_journal(c) < 0)
        return -1;
    int r = sd_journal_set_data_threshold(journal, (size_t)args->threshold);
    return r < 0 ? fail(c, r, "the threshold") : 0;
}

int
op_journal_get_realtime_usec(struct call *c,
    const struct api_journal_get_realtime_usec_args *args,
    struct api_journal_get_realtime_usec_ret *ret)
{
    uint64_t microseconds;

    (void)args;
    if (need_journal(c) < 0)
        return -1;
    int r = sd_journal_get_realtime_usec(journal, &microseconds);
    if (r < 0)
        return fail(c, r, "the entry");
    ret->value = (int64_t)microseconds;
    return 0;
}
