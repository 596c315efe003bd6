/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program of the host that does a part of the job, such as qemu-img: run
 * without a shell, with the first line of its output as the error. */
#pragma once
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

enum { SUBPROCESS_TEXT_MAX = 2048 };

struct subprocess {
    pid_t pid;  /* 0: none */
    int output; /* its output, -1: none */
    char text[SUBPROCESS_TEXT_MAX];
    size_t used;
};

/* Start PATH with ARGV; the files in INHERIT stay open in it. */
int subprocess_start(struct subprocess *s, const char *path, char *const *argv,
    const int *inherit, size_t n_inherit, struct error *err);

/* The same, with its standard output in the file OUT. */
int subprocess_start_to(struct subprocess *s, const char *path,
    char *const *argv, int out, struct error *err);

/* Wait for its end; on a signal it is stopped.  An exit code other than 0 is an
 * error with the program's own message. */
int subprocess_wait(struct subprocess *s, struct error *err);

/* Kill and reap it if it still runs. */
void subprocess_stop(struct subprocess *s);
#define cleanup_subprocess __attribute__((cleanup(subprocess_stop)))
