/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The record beside a saved appliance: what its files must look like. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"

enum { RECORD_MAX = 4096, RECORD_VERSION_MAX = 32, RECORD_HASH_MAX = 65 };

struct record {
    char qemu[RECORD_VERSION_MAX];     /* version of the QEMU that saved it */
    char state_hash[RECORD_HASH_MAX];  /* SHA-256, hexadecimal */
    char memory_hash[RECORD_HASH_MAX]; /* memory_hash() */
    int64_t created;                   /* seconds since 1970 */
    uint64_t inode, size;              /* of the memory file, and its ctime: */
    int64_t change_seconds, change_nanoseconds;
};

/* The last line of the text is a hash of the others and of KEY, the name of
 * the saved appliance: no record fits another. */
int record_parse(
    const char *text, const char *key, struct record *ret, struct error *err);
char *record_text(const struct record *r, const char *key);

/* Record the memory file as it is now; is it still the same? */
void record_memory(struct record *r, const struct stat *st);
bool record_matches(const struct record *r, const struct stat *st);
