/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hive of the guest's registry, and edits that can be undone: each is
 * recorded as the lines of a .reg file that undo it.  Keys are paths with
 * backslashes, below the hive; names of keys and values are ASCII. */
#pragma once
#include "v2v/convert/conversion.h"

enum registry_type {
    REGISTRY_TEXT = 1,
    REGISTRY_EXPANDED = 2, /* a text with %VARIABLES% */
    REGISTRY_BINARY = 3,
    REGISTRY_NUMBER = 4,
    REGISTRY_TEXTS = 7, /* several, each ended by a NUL, and one more NUL */
};

struct registry {
    struct conversion *c;
    const char *name; /* SYSTEM, SOFTWARE */
    char *path;       /* of its file in the guest */
    char *undo;       /* since the last registry_tell, NULL: nothing */
    char *made;       /* the key that was created last */
    bool changed;
};

/* Open the hive NAME for changes; the one that was open before is closed. */
int registry_open(struct registry *r, struct conversion *c, const char *name,
    struct error *err);

/* The node of a key; 0: no such key. */
int registry_find(
    struct registry *r, const char *key, int64_t *ret, struct error *err);

/* The bytes of a value, which the caller frees; NULL without an error if it
 * does not exist.  Texts are UTF-16. */
uint8_t *registry_get(struct registry *r, const char *key, const char *name,
    size_t *ret_size, struct error *err);

/* A text in UTF-8, which the caller frees; NULL without an error as above, also
 * if it is not a text. */
char *registry_text(
    struct registry *r, const char *key, const char *name, struct error *err);

/* A number; FALLBACK if it does not exist. */
int registry_number(struct registry *r, const char *key, const char *name,
    uint32_t fallback, uint32_t *ret, struct error *err);

/* The names of the keys right below KEY; NULL without an error if there is no
 * such key. */
int registry_keys(
    struct registry *r, const char *key, char ***ret, struct error *err);

/* Set a value, and create its key if missing.  A value that is already the same
 * is left alone. */
int registry_set(struct registry *r, const char *key, const char *name,
    enum registry_type type, const void *data, size_t size, struct error *err);
int registry_set_number(struct registry *r, const char *key, const char *name,
    uint32_t value, struct error *err);
int registry_set_text(struct registry *r, const char *key, const char *name,
    enum registry_type type, const char *text, struct error *err);

/* Report everything set since the last time as one change, if there was any. */
int registry_tell(
    struct registry *r, const char *what, const char *why, struct error *err);

/* Write the hive, if it was changed. */
int registry_commit(struct registry *r, struct error *err);

void registry_close(struct registry *r);
#define cleanup_registry __attribute__((cleanup(registry_close)))
