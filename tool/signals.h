/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGINT, SIGTERM and SIGHUP end the running call and, through it, the program:
 * they never kill it half way, so that its temporary files and its VM are
 * removed with it.  Only the third one in a row kills. */
#pragma once
#include <mayfly.h>

/* Catch the signals from now on, and leave no core files.  Long work outside
 * the library's calls asks tool_interrupted from time to time; a blocking
 * system call returns EINTR. */
void tool_signals_install(void);

/* The handle whose calls a signal is to cancel, the running one and all that
 * begin after it, or NULL. */
void tool_signals_watch(struct mayfly *g);

/* While held, calls that undo what the interrupted ones did are not stopped by
 * the signal that has arrived. */
void tool_signals_hold(struct mayfly *g, bool hold);

/* The signal that arrived, or 0. */
int tool_interrupted(void);

/* Forget the signal: an interactive program goes on after Ctrl-C. */
void tool_interrupt_clear(void);

/* The exit code: 128 + the signal that arrived, else CODE. */
int tool_exit_code(int code);
