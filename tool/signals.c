/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One signal handler for the whole program.  It records the signal, cancels the
 * running call, and leaves the rest to the interrupted code, which knows what
 * has to be cleaned up.  A user who sends a third signal wants out at any
 * price. */
#include <config.h>

#include "tool/signals.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

static _Atomic(struct mayfly *) watched;
static volatile sig_atomic_t caught, times;

static void
on_signal(int number)
{
    struct mayfly *g = watched;

    caught = number;
    if (++times >= 3)
        _exit(128 + number);
    if (g)
        mayfly_cancel(g);
}

/* Keys, passwords and files of guests are in the memory of every program.  A
 * limit of 0 bytes stops core files but not the programs that core_pattern
 * can name; 1 stops both (core(5)). */
static void
forbid_cores(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_CORE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max < 1 ? 0 : 1;
    setrlimit(RLIMIT_CORE, &limit);
}

void
tool_signals_install(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal};

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct sigaction old;

        /* nohup and background jobs of a script ignore them deliberately. */
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
    forbid_cores();
    /* A reader that went away is a write error, reported and cleaned up after,
     * not a sudden death. */
    signal(SIGPIPE, SIG_IGN);
    /* So is a file that grows beyond the user's limit. */
    signal(SIGXFSZ, SIG_IGN);
}

void
tool_signals_watch(struct mayfly *g)
{
    watched = g;
    if (g)
        mayfly_set_cancel_flag(g, &caught);
}

void
tool_signals_hold(struct mayfly *g, bool hold)
{
    mayfly_set_cancel_flag(g, hold ? NULL : &caught);
}

int
tool_interrupted(void)
{
    return caught;
}

void
tool_interrupt_clear(void)
{
    struct mayfly *g = watched;

    caught = 0;
    times = 0;
    if (g)
        mayfly_forget_cancel(g);
}

int
tool_exit_code(int code)
{
    return caught ? 128 + caught : code;
}
