/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The saved appliance: RAM and device state of a VM whose agent is ready and
 * that has never seen a disk. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"
#include "lib/engine/record.h"

enum {
    TEMPLATE_DAYS = 30, /* then it is made again: all runs resumed from it
                         * share its secrets, so one leak would expose all */
    TEMPLATE_STATE_MAX = 64 << 20,
};

struct saved_appliance {
    char *key;
    int memory;  /* the file with the RAM */
    char *state; /* the devices, as input for QEMU */
    size_t state_size;
    char qemu[RECORD_VERSION_MAX]; /* the QEMU that saved it */
    int64_t created;               /* seconds since 1970 */
    struct stat memory_stat;       /* as recorded */
};

/* Open the template KEY in the cache folder; USER is the user that QEMU runs
 * as.  The error says why none is usable; one that must never be used
 * again is discarded. */
int template_open(int cache, const char *key, uid_t user,
    struct saved_appliance *ret, struct error *err);
void template_close(struct saved_appliance *t);

/* Has anyone written to its RAM since it was made? */
bool template_changed(const struct saved_appliance *t);

/* Remove the template, unless it has been replaced in the meantime. */
void template_discard(int cache, const struct saved_appliance *t);

/* SHA-256 in hexadecimal; NULL without memory. */
char *template_hash(const void *data, size_t size);

/* --- making one (make_template.c) --- */

struct new_template {
    int cache;  /* owned by the caller */
    int folder; /* with the temporary name, or -1 */
    int memory;
    char *name; /* NULL once committed */
};

/* Become the only process that makes a template.  EBUSY: another one does. */
int template_lock(int cache, int *ret_lock, struct error *err);

/* A file for SIZE bytes of RAM, owned by USER, with all its blocks allocated:
 * no write to it can fail. */
int template_make(int cache, uint64_t size, uid_t user,
    struct new_template *ret, struct error *err);

/* The VM is stopped: save it as template KEY. */
int template_commit(struct new_template *n, const char *key, const char *qemu,
    const void *state, size_t state_size, struct error *err);

/* Discard what was not committed; also call it after commit. */
void template_drop(struct new_template *n);
