/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QEMU as a process that cannot outlive us.
 *
 *     our program --life--> keeper --pdeathsig--> QEMU
 *
 * The keeper is a fork of our program that does nothing but wait: for QEMU to
 * end, for our end of the `life` socket to close, or for our process to end,
 * for whatever reason.  In the last two cases it kills QEMU and exits.  If the
 * keeper is killed the kernel kills QEMU with it.  Being of QEMU's user it can
 * also raise QEMU's limits, which our program may have no right to.  The
 * parent-death signal alone would not do: it fires when the *thread* that
 * called fork ends. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "lib/qemu/cage.h"

enum { PROCESS_FILES_MAX = 256 };

struct qemu_process_spec {
    char *const *argv;
    char *const *environment;
    struct cage *cage;            /* prepared; its binary is run */
    int files[PROCESS_FILES_MAX]; /* become 3, 4, ...; -1: leave the number
                                   * unused */
    int n_files;
    int lent; /* the number in QEMU of the file that it opens for writing but
               * must not write to: lend.h.  0: none */
    void (*inside)(void *); /* called in the cage instead of a program, with
                             * ARGUMENT: system calls only; NULL: none */
    void *argument;
    bool detached; /* it does not end with this process, but only once all
                    * processes that hold the process struct have ended: the
                    * program may fork */
    int output;    /* its stdout; -1: with stderr */
    int input;     /* its stdin, above 2; 0: nothing to read */
};

struct qemu_process {
    pid_t keeper; /* 0: not running */
    int life;
    int report; /* the pipe that the report comes from; -1: it has been read */
    int errors; /* QEMU's stderr, to be read without blocking */
    int status; /* once ended: exit code, 128 + N for signal N */
    struct cage_report cage;
};

/* Start it.  Errors of exec show in qemu_process_started. */
int qemu_process_spawn(const struct qemu_process_spec *spec,
    struct qemu_process *ret, struct error *err);

/* Wait until exec has happened and get the cage's report. */
int qemu_process_started(
    struct qemu_process *p, const char *binary, struct error *err);

/* The keeper's child, as this process sees it; 0 if it has ended. */
pid_t qemu_process_child(const struct qemu_process *p);

/* Let it write files of up to SIZE bytes, if its limit is lower; 0: as large as
 * this process may. */
int qemu_process_allow_file(
    struct qemu_process *p, uint64_t size, struct error *err);

/* Wait up to SECONDS for it to end by itself.  True if it has. */
bool qemu_process_wait(struct qemu_process *p, double seconds);

/* Kill it, if it still runs, and wait for its end.  Its report and stderr
 * can still be read; qemu_process_clear releases those too. */
void qemu_process_kill(struct qemu_process *p);
void qemu_process_clear(struct qemu_process *p);

/* The last line it wrote to stderr, escaped, or NULL; the caller frees it. */
char *qemu_process_last_words(struct qemu_process *p);
