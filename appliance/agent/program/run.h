/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running programs: the only fork and exec of the agent. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct call;

struct run {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up */
    bool in_guest;        /* chroot to SYSROOT with /dev /proc /sys mounted */
    const char *hostname; /* in_guest: its name; NULL: it has none */
    bool network;         /* in_guest: network_up was called; give it a working
                           * resolv.conf */
    const void *input;    /* its standard input; NULL: empty */
    size_t input_size;
    int input_fd;               /* used instead of input if > 0 */
    int output_fd;              /* standard output goes there if > 0 */
    bool merge;                 /* stderr goes where stdout goes */
    bool daemon;                /* what it leaves running stays */
    int timeout;                /* seconds; 0: none */
    size_t output_max;          /* bytes of stdout kept; 0: 4 MiB; more fails */
    bool stream_in, stream_out; /* connect stdin/stdout to call's streams */
    const char *const *environment; /* extra VAR=value; NULL: none */
};

struct run_result {
    int status;   /* exit code; 128 + N if signal N ended it */
    char *output; /* stdout, NUL-terminated, in the call's memory */
    size_t output_size;
    char *errors; /* end of stderr, trailing newline removed */
};

/* Run and wait.  -1 if it could not be run, timed out or was cancelled; the
 * exit status is for the caller to judge. */
int run_command(struct call *c, const struct run *run, struct run_result *ret);

/* Run an appliance's tool: "TOOL: its error text" if it exits non-zero.
 * Arguments end with NULL.  *ret_output (may be NULL) is its stdout. */
int run_tool(struct call *c, char **ret_output, ...) __attribute__((sentinel));
int run_tool_argv(struct call *c, char **ret_output, const char *const *argv);

/* Run FUNCTION(c, opaque, fd) in a child and give back what it wrote to fd,
 * for parsers of guest data that may crash or leak (librpm). */
int run_function(struct call *c,
    int (*function)(struct call *c, void *opaque, int fd), void *opaque,
    int timeout, char **ret_output, size_t *ret_size);

bool tool_exists(const char *tool);

/* Run without a call: nothing read, nothing kept, stderr to the console.
 * The exit status, or -1. */
int run_quiet(const char *const *argv);

/* Where tools are looked up, here and in the guest. */
#define RUN_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
