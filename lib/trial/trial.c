/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The call that boots the disks of a handle.  The machine never outlives it. */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "internal-calls.h"
#include "lib/handle/handle.h"
#include "lib/trial/machine.h"

enum {
    CONSOLE_MAX = 4 << 20, /* bytes that are kept: the newest */
    MEMORY = 1024,         /* MiB */
    LOOK = 500,            /* milliseconds */
};

/* What the console has printed, without NULs. */
struct console_text {
    char *data;
    size_t used;
};

struct plan {
    struct trial_request request;
    int seconds;
    const char *wanted; /* NULL: none */
    const char *screenshot;
};

static void
add(struct console_text *c, const char *text, size_t n)
{
    if (n > CONSOLE_MAX - c->used) {
        size_t kept = CONSOLE_MAX / 2;

        memmove(c->data, c->data + c->used - kept, kept);
        c->used = kept;
    }
    for (size_t i = 0; i < n; i++)
        if (text[i])
            c->data[c->used++] = text[i];
    c->data[c->used] = 0;
}

/* Has what it printed since BEFORE completed the text? */
static bool
has_printed(const struct console_text *c, size_t before, const char *wanted)
{
    size_t n = wanted ? strlen(wanted) : 0;

    if (n == 0)
        return false;
    return strstr(c->data + (before > n ? before - n : 0), wanted) != NULL;
}

/* 1: it goes on; 0: it has ended; -1: cancelled, or worse. */
static int
look(struct mayfly *g, struct trial *t, struct console_text *c,
    struct error *err)
{
    struct pollfd files[] = {
        {.fd = t->console, .events = POLLIN},
        {.fd = g->cancel_pipe[0], .events = POLLIN},
    };
    char text[4096];

    if (poll(files, N_ELEMENTS(files), LOOK) < 0)
        return errno == EINTR ? 1 : error_errno(err, errno, "cannot wait");
    if (files[1].revents)
        return error_set(err, ECANCELED, "cancelled");
    if (!files[0].revents)
        return 1;
    ssize_t n = read(t->console, text, sizeof text);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN
                   ? 1
                   : error_errno(err, errno, "cannot read its console");
    add(c, text, (size_t)n);
    return n > 0;
}

/* Until the text comes, time is up, or it ends; *ret_ended. */
static int
watch(struct mayfly *g, const struct plan *p, struct trial *t,
    struct console_text *c, bool *ret_ended, struct error *err)
{
    double begin = monotonic_seconds(), now = begin, shown = begin - 1;

    while ((now = monotonic_seconds()) < begin + p->seconds) {
        size_t before = c->used;
        int r = look(g, t, c, err);

        if (r < 0)
            return -1;
        if (now - shown >= 1) {
            handle_progress(g, (uint64_t)(now - begin), (uint64_t)p->seconds);
            shown = now;
        }
        /* What was kept may have moved. */
        if (has_printed(c, before < c->used ? before : 0, p->wanted))
            return 0;
        if (r == 0) {
            *ret_ended = true;
            return trial_end(t, err);
        }
    }
    return 0;
}

static int
run(struct mayfly *g, const struct plan *p, struct console_text *c,
    struct error *err)
{
    cleanup_trial struct trial t = {.qmp_fd = -1, .console = -1};
    bool ended = false;

    if (trial_start(g, &p->request, &t, err) < 0 ||
        watch(g, p, &t, c, &ended, err) < 0)
        return -1;
    if (!p->screenshot || ended)
        return 0;
    return trial_take_picture(&t, p->screenshot, err) < 0
               ? error_context(err, "the picture of its screen")
               : 0;
}

static bool
has_disk(const struct mayfly *g)
{
    for (size_t i = 0; i < g->n_disks; i++)
        if (g->disks[i])
            return true;
    return false;
}

static int
check(const struct mayfly *g, const struct plan *p, struct error *err)
{
    if (g->state != HANDLE_CONFIG)
        return error_set(
            err, EBUSY, "the appliance has the disks; shut it down first");
    if (!has_disk(g))
        return error_set(err, EINVAL, "the handle has no disk to boot from");
    if (p->request.first >= g->n_disks || !g->disks[p->request.first])
        return error_set(err, EINVAL, "invalid first: there is no disk %zu",
            p->request.first);
    if (p->seconds < 1)
        return error_set(err, EINVAL, "invalid time: %d seconds", p->seconds);
    return 0;
}

MAYFLY_PUBLIC int
mayfly_try_boot(struct mayfly *g, int32_t seconds,
    const struct mayfly_try_boot_options *options, char **ret)
{
    cleanup_error struct error err = {0};
    uint64_t set = options ? options->set : 0;
    struct plan p = {.request = {.memory = MEMORY}, .seconds = seconds};

    error_clear(&g->error);
    if (handle_take_cancel(g, "try_boot") < 0)
        return -1;
    if (set & MAYFLY_TRY_BOOT_WANTED)
        p.wanted = options->wanted;
    if (set & MAYFLY_TRY_BOOT_MEMORY)
        p.request.memory = options->memory;
    if (set & MAYFLY_TRY_BOOT_UEFI)
        p.request.uefi = options->uefi;
    if (set & MAYFLY_TRY_BOOT_FIRST)
        p.request.first = (size_t)options->first;
    if (set & MAYFLY_TRY_BOOT_SCREENSHOT)
        p.screenshot = options->screenshot;

    struct console_text c = {.data = calloc(1, CONSOLE_MAX + 1)};
    int result = c.data ? check(g, &p, &err) : error_no_memory(&err);
    if (result == 0)
        result = run(g, &p, &c, &err);
    if (result < 0) {
        free(c.data);
        return handle_fail(g, &err);
    }
    *ret = c.data;
    return 0;
}
