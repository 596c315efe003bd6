/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watches of inotify(7), of which a handle has one set at a time. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/path.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "ops-inotify.h"

enum { EVENTS_MAX = 65536, BUFFER = 64 << 10 };

#define QUEUE "/proc/sys/fs/inotify/max_queued_events"

static int watches = -1;

static int
need_watches(struct call *c)
{
    return watches >= 0 ? 0
                        : call_error(c, EINVAL,
                              "nothing is watched: call inotify_init first");
}

/* Of all that are opened afterwards. */
static int
limit_queue(struct call *c, int n)
{
    cleanup_close int fd = open(QUEUE, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || dprintf(fd, "%d\n", n) < 0)
        return call_fail(c, errno, QUEUE);
    return 0;
}

int
op_inotify_init(struct call *c, const struct api_inotify_init_args *args)
{
    if (args->maxevents > 0 && limit_queue(c, args->maxevents) < 0)
        return -1;
    if (watches >= 0)
        close(watches);
    watches = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    return watches < 0 ? call_fail(c, errno, "inotify_init") : 0;
}

int
op_inotify_close(struct call *c, const struct api_inotify_close_args *args)
{
    (void)args;
    if (need_watches(c) < 0)
        return -1;
    close(watches);
    watches = -1;
    return 0;
}

int
op_inotify_add_watch(struct call *c,
    const struct api_inotify_add_watch_args *args,
    struct api_inotify_add_watch_ret *ret)
{
    if (need_watches(c) < 0)
        return -1;
    int fd = path_open(c, args->path, O_PATH, 0);
    if (fd < 0)
        return -1;
    call_defer_close(c, fd);
    ret->value =
        inotify_add_watch(watches, fd_path(c, fd), (uint32_t)args->mask);
    return ret->value < 0 ? call_fail(c, errno, "%s", args->path) : 0;
}

int
op_inotify_rm_watch(
    struct call *c, const struct api_inotify_rm_watch_args *args)
{
    if (need_watches(c) < 0)
        return -1;
    return inotify_rm_watch(watches, args->wd) < 0
               ? call_fail(c, errno, "watch %d", args->wd)
               : 0;
}

static int
read_events(struct call *c, struct list *events)
{
    char *buffer = call_alloc(c, BUFFER);
    ssize_t n;

    if (need_watches(c) < 0)
        return -1;
    /* What does not fit into the answer waits for the next call. */
    while (events->n < EVENTS_MAX - BUFFER / sizeof(struct inotify_event) &&
           (n = read(watches, buffer, BUFFER)) > 0) {
        for (ssize_t at = 0; at < n;) {
            struct inotify_event e;

            memcpy(&e, buffer + at, sizeof e);
            at += (ssize_t)sizeof e;
            *list_add(c, events, struct mayfly_inotify_event) =
                (struct mayfly_inotify_event){
                    .in_wd = e.wd,
                    .in_mask = e.mask,
                    .in_cookie = e.cookie,
                    .in_name = call_strndup(c, buffer + at, e.len),
                };
            at += (ssize_t)e.len;
        }
    }
    return 0;
}

int
op_inotify_read(struct call *c, const struct api_inotify_read_args *args,
    struct api_inotify_read_ret *ret)
{
    struct list events = {0};

    (void)args;
    if (read_events(c, &events) < 0)
        return -1;
    ret->value = events.items;
    ret->n_value = events.n;
    return 0;
}

int
op_inotify_files(struct call *c, const struct api_inotify_files_args *args,
    struct api_inotify_files_ret *ret)
{
    struct list events = {0}, names = {0}, once = {0};

    (void)args;
    if (read_events(c, &events) < 0)
        return -1;
    const struct mayfly_inotify_event *e = events.items;
    for (uint32_t i = 0; i < events.n; i++)
        if (e[i].in_name[0])
            list_add_string(c, &names, e[i].in_name);
    list_sort_strings(&names);
    char **name = names.items;
    for (uint32_t i = 0; i < names.n; i++)
        if (i == 0 || !str_equal(name[i], name[i - 1]))
            list_add_string(c, &once, name[i]);
    ret->value = once.items;
    ret->n_value = once.n;
    return 0;
}
