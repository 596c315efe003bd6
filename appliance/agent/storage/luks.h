/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cryptsetup with a key, on a device whose header may be hostile. */
#pragma once
#include <stddef.h>

struct call;
struct list;
struct run_result;

/* Run cryptsetup with ARGV and the key on its standard input, for a limited
 * time.  As run_command: the exit status (2: a wrong key) is for the caller. */
int luks_run(struct call *c, const struct list *argv, const void *key,
    size_t size, struct run_result *ret);

/* The same for ARGV that opens DEVICE.  A key slot whose key would take for
 * ever to derive is not tried, and *ret_skipped says which and why, else NULL;
 * if there are only such slots, that is the error. */
int luks_run_open(struct call *c, const char *device, const struct list *argv,
    const void *key, size_t size, struct run_result *ret,
    const char **ret_skipped);
