/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program of the host that does a part of the job, such as qemu-img.  It is
 * run without a shell and gets no file of ours but those it is given; the first
 * line of its output is the error.  It dies with the thread that started
 * it, and within its limits. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

enum { SUBPROCESS_TEXT_MAX = 2048 };

/* Each 0: no limit.  A program that exceeds one fails or is killed. */
struct subprocess_limits {
    uint64_t memory;      /* bytes of address space */
    uint64_t cpu_seconds; /* of all its threads */
    uint64_t file_size;   /* bytes of each file it writes */
    uint64_t files;       /* open at the same time */
};

struct subprocess_spec {
    const char *program; /* a path, or a name to be found by PATH */
    const char *const *argv;
    const int *inherit; /* files that stay open in it, under their numbers */
    size_t n_inherit;
    const int *output; /* where it prints to; NULL: with its errors */
    const struct subprocess_limits *limits;
    double seconds;           /* until it is killed; 0: no deadline */
    int (*interrupted)(void); /* true: the wait is to end; or NULL */
    bool terminal; /* it may ask for a password: it gets our standard input */
    /* It mounts a folder by FUSE: that takes a program with privileges, and an
     * end by SIGTERM, so that it is unmounted. */
    bool mounts;
};

struct subprocess {
    pid_t pid;  /* 0: none */
    int output; /* its output, -1: none */
    struct subprocess_limits limits;
    double deadline; /* 0: none */
    double seconds;
    int (*interrupted)(void);
    char text[SUBPROCESS_TEXT_MAX];
    size_t used;
};

/* Strict limits for one that reads foreign bytes and writes files of about SIZE
 * bytes: what a hostile header makes it do ends there. */
struct subprocess_limits subprocess_strict(uint64_t size);

/* An error with the code of errno if the program cannot be run. */
int subprocess_start(struct subprocess *s, const struct subprocess_spec *spec,
    struct error *err);

/* Wait for its end; at its deadline and on an interrupt it is stopped.  An exit
 * code other than 0 is an error with the program's own message. */
int subprocess_wait(struct subprocess *s, struct error *err);

/* Both. */
int subprocess_run(const struct subprocess_spec *spec, struct error *err);

/* Has it stopped by itself?  It is still to be waited for. */
bool subprocess_is_gone(const struct subprocess *s);

/* Kill and reap it if it still runs. */
void subprocess_stop(struct subprocess *s);
#define cleanup_subprocess __attribute__((cleanup(subprocess_stop)))
