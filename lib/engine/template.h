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
    int folder;
    int memory;  /* the file with the RAM, read-only */
    char *state; /* the devices, as input for QEMU */
    size_t state_size;
    struct record record;
    bool unverified; /* its RAM must be read before it is used */
};

/* Open the template KEY in the cache folder.  The error says why none is
 * usable; one that must never be used again is discarded. */
int template_open(
    int cache, const char *key, struct saved_appliance *ret, struct error *err);
void template_close(struct saved_appliance *t);

/* Is its RAM what was saved?  Reads all of it, and remembers the answer until
 * the next start of the machine. */
int template_verify(struct saved_appliance *t, struct error *err);

/* Remember that the RAM was read and is right. */
void template_mark_checked(int folder, int memory);

/* Is its RAM still the same, after a run? */
bool template_changed(const struct saved_appliance *t);

/* Remove the template, unless it has been replaced in the meantime. */
void template_discard(int cache, const struct saved_appliance *t);

/* SHA-256 in hexadecimal; NULL without memory. */
char *template_hash(const void *data, size_t size);

/* --- making one (make_template.c) --- */

struct new_template {
    int cache;  /* owned by the caller */
    int folder; /* with the temporary name, or -1; locked */
    int memory;
    char *name; /* NULL once committed */
};

/* Become the only process that makes the template KEY.  EBUSY: another one
 * does. */
int template_lock(int cache, const char *key, int *ret_lock, struct error *err);

/* A file for SIZE bytes of RAM, owned by USER, with all its blocks allocated:
 * no write to it can fail. */
int template_make(int cache, uint64_t size, uid_t user,
    struct new_template *ret, struct error *err);

/* The QEMU that wrote it has ended: save it as template KEY. */
int template_commit(struct new_template *n, const char *key, const char *qemu,
    const void *state, size_t state_size, struct error *err);

/* Discard what was not committed; also call it after commit. */
void template_drop(struct new_template *n);

/* --- keeping them (evict.c) --- */

struct templates {
    unsigned count;
    uint64_t size; /* bytes on the disk */
};

int template_count(int cache, struct templates *ret, struct error *err);

/* The bytes that all templates may take: MAYFLY_CACHE_SIZE. */
uint64_t template_quota(void);

/* Remove the templates that were unused the longest until the rest fits into
 * QUOTA; KEEP (or NULL) stays in any case. */
void template_evict(int cache, uint64_t quota, const char *keep);

/* Remove those that were not used for DAYS.  *ret counts them. */
int template_remove_unused(
    int cache, int days, unsigned *ret, struct error *err);
