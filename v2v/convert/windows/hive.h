/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hive of the guest's registry, and edits that can be undone: each is
 * recorded as the lines of a .reg file that undo it.  Keys are paths with
 * backslashes, below the hive; names of keys and values are ASCII. */
#pragma once
#include "v2v/convert/conversion.h"

enum hive_type {
    REGISTRY_TEXT = 1,
    REGISTRY_EXPANDED = 2, /* a text with %VARIABLES% */
    REGISTRY_BINARY = 3,
    REGISTRY_NUMBER = 4,
    REGISTRY_TEXTS = 7, /* several, each ended by a NUL, and one more NUL */
};

struct hive {
    struct conversion *c;
    const char *name; /* SYSTEM, SOFTWARE */
    char *path;       /* of its file in the guest */
    char *undo;       /* since the last hive_tell, NULL: nothing */
    char *made;       /* the key that was created last */
    bool changed;
};

/* Open the hive NAME for changes; the one that was open before is closed. */
int hive_open(
    struct hive *r, struct conversion *c, const char *name, struct error *err);

/* The node of a key; 0: no such key. */
int hive_find(struct hive *r, const char *key, int64_t *ret, struct error *err);

/* The bytes of a value, which the caller frees; NULL without an error if it
 * does not exist.  Texts are UTF-16. */
uint8_t *hive_get(struct hive *r, const char *key, const char *name,
    size_t *ret_size, struct error *err);

/* A text in UTF-8, which the caller frees; NULL without an error as above, also
 * if it is not a text. */
char *hive_text(
    struct hive *r, const char *key, const char *name, struct error *err);

/* A number; FALLBACK if it does not exist. */
int hive_number(struct hive *r, const char *key, const char *name,
    uint32_t fallback, uint32_t *ret, struct error *err);

/* The names of the keys right below KEY; NULL without an error if there is no
 * such key. */
int hive_keys(struct hive *r, const char *key, char ***ret, struct error *err);

/* Set a value, and create its key if missing.  A value that is already the same
 * is left alone. */
int hive_set(struct hive *r, const char *key, const char *name,
    enum hive_type type, const void *data, size_t size, struct error *err);
int hive_set_number(struct hive *r, const char *key, const char *name,
    uint32_t value, struct error *err);
int hive_set_text(struct hive *r, const char *key, const char *name,
    enum hive_type type, const char *text, struct error *err);

/* Report everything set since the last time as one change, if there was any. */
int hive_tell(
    struct hive *r, const char *what, const char *why, struct error *err);

/* Write the hive, if it was changed. */
int hive_commit(struct hive *r, struct error *err);

void hive_close(struct hive *r);
#define cleanup_hive __attribute__((cleanup(hive_close)))
