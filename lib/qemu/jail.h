/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A root of its own: an empty, read-only file system with read-only mounts of
 * the places that are needed, and a /proc that shows only the process itself.
 * The host's root is not below it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "lib/qemu/places.h"

struct jail_step;

struct jail {
    struct jail_step *steps;
    size_t n;
};

/* Before fork: what jail_enter does, step by step. */
int jail_plan(const struct places *p, struct jail *ret, struct error *err);
void jail_clear(struct jail *j);

/* After fork, in a process that may mount, and that is in its process
 * namespace.  False: the process sees the host's files as before.
 * *ret_own_proc: /proc shows no other process, or is not there at all. */
bool jail_enter(const struct jail *j, bool *ret_own_proc);
