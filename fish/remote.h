/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --listen and --remote: one mayfish runs the commands of others.
 *
 * The server's socket is $XDG_RUNTIME_DIR/mayfish/socket-PID, or
 * /tmp/.mayfish-UID/socket-PID, in a folder that only its user may enter.  Each
 * command is a connection of its own: the client sends one byte with four
 * descriptors, a file in memory with the words and its own stdin, stdout and
 * stderr, on which the server runs the command; the answer is one byte, the
 * exit code.  The byte that is sent says what a failure does: REMOTE_END ends
 * the server, REMOTE_GO_ON does not. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

#include "fish/shell.h"

enum remote_failure {
    REMOTE_END = 'e',
    REMOTE_GO_ON = 'g',
};

enum {
    REMOTE_FILES = 4,
    REMOTE_WORDS = 0, /* the words, each ended by a NUL */
    REMOTE_STDIN,
    REMOTE_MAX = 4 << 20, /* bytes of words: twice what exec takes */
};

/* The path for the socket of this server.  The folder is made, and refused if
 * others may enter it. */
char *remote_socket(struct error *err);

/* The path of the socket of server PID. */
char *remote_find(pid_t pid, struct error *err);

/* client.c: run the words at the server sh->server, which prints what is
 * printed, also errors.  It gets the file IN for stdin; -1: ours.  Returns 0,
 * or -1 with sh->code set; sh->error is set only if the server has not reported
 * the error. */
int remote_run(struct shell *sh, char **words, int in);

/* server.c: continue in a new process and return 0 there.  The caller's
 * process waits until server_run announces it, prints how it is found, for
 * csh if CSH, and gets -1 with its exit code. */
int server_fork(bool csh, int *ret_ready, int *ret_code);

/* Run the commands of clients until one of them is "quit" or fails.  READY is
 * of server_fork.  Returns an exit code. */
int server_run(struct shell *sh, int ready);
