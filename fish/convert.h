/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a word of the command line to a typed argument.  NAME is the argument's,
 * for the message.  All return -1 with sh->error set if the word is invalid. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/strv.h"
#include "fish/shell.h"

int convert_bool(
    struct shell *sh, const char *name, const char *word, bool *ret);
int convert_i32(struct shell *sh, const char *name, const char *word,
    int32_t low, int32_t high, int32_t *ret);
int convert_i64(struct shell *sh, const char *name, const char *word,
    int64_t low, int64_t high, int64_t *ret);
int convert_u32(
    struct shell *sh, const char *name, const char *word, uint32_t *ret);
int convert_u64(
    struct shell *sh, const char *name, const char *word, uint64_t *ret);

/* The index of the word in VALUES. */
int convert_enum(struct shell *sh, const char *name, const char *word,
    const char *const *values);

/* A list of strings in one word (see words.h), to free with strv_free. */
int convert_list(
    struct shell *sh, const char *name, const char *word, char ***ret);

/* NAME:VALUE for one of NAMES whose bit is not in SET yet: returns the index
 * and the value. */
int convert_option(struct shell *sh, const char *word, const char *const *names,
    uint64_t set, const char **ret_value);

/* Ask the user for a key. */
int convert_key(struct shell *sh, const char *name, char **ret);

static inline void
cleanup_key_fn(char **key)
{
    tool_key_free(*key);
}

#define cleanup_key __attribute__((cleanup(cleanup_key_fn)))
