/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies by rsync. */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/kernel/network.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "ops-rsync.h"

struct options {
    bool archive, deletedest;
};

/* To rsync a "/" at the end makes a difference; following links takes it
 * away. */
static const char *
keep_slash(struct call *c, const char *given, const char *real)
{
    size_t n = strlen(given);

    return real && n > 0 && given[n - 1] == '/' ? call_printf(c, "%s/", real)
                                                : real;
}

static const char *
destination(struct call *c, const char *path)
{
    const char *real = tool_path(c, path);

    if (!real && call_errno(c) == ENOENT) {
        call_forgive(c);
        real = tool_path_new(c, path);
    }
    return keep_slash(c, path, real);
}

/* A server must not become an option: it follows "--". */
static int
copy(struct call *c, const char *from, const char *to, const struct options *o)
{
    struct list argv = {0};

    if (!from || !to)
        return -1;
    add_words(c, &argv, "rsync", NULL);
    add_flag(c, &argv, o->archive, "--archive");
    add_flag(c, &argv, o->deletedest, "--delete");
    add_words(c, &argv, "--", from, to, NULL);
    return run_tool_argv(c, NULL, argv.items);
}

int
op_rsync(struct call *c, const struct api_rsync_args *args)
{
    struct options o = {args->archive, args->deletedest};
    const char *src = keep_slash(c, args->src, tool_path(c, args->src));

    return copy(c, src, src ? destination(c, args->dest) : NULL, &o);
}

/* Without a network rsync itself says what it cannot reach. */
static int
reach(struct call *c)
{
    return call_network(c) ? network_up(c) : 0;
}

int
op_rsync_in(struct call *c, const struct api_rsync_in_args *args)
{
    struct options o = {args->archive, args->deletedest};

    return reach(c) < 0 ? -1
                        : copy(c, args->remote, destination(c, args->dest), &o);
}

int
op_rsync_out(struct call *c, const struct api_rsync_out_args *args)
{
    struct options o = {args->archive, args->deletedest};

    return reach(c) < 0
               ? -1
               : copy(c, keep_slash(c, args->src, tool_path(c, args->src)),
                     args->remote, &o);
}
