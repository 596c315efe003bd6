/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration files of xl and xm, as text.
 *
 * xl's grammar: NAME = VALUE or NAME += VALUE, ended by a newline or ";"; a
 * value is a number, a string in '...' or "...", or a list in [...], whose
 * items may be on lines of their own and end in a comma; "#" is a comment.
 * Files of xm are Python: of Python, adjacent strings, "+", names assigned
 * before, and "..." % VALUE are supported; other statements are refused with
 * their line number. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum {
    XL_SIZE_MAX = 1 << 20,
    XL_SETTINGS_MAX = 1024,
    XL_ITEMS_MAX = 1024,
};

struct xl_setting {
    char *name;
    bool is_list;
    char **items; /* of a list; else the single value */
    size_t n_items;
};

struct xl_config {
    struct xl_setting *settings;
    size_t n_settings;
};

/* Parse TEXT of SIZE bytes, at most XL_SIZE_MAX. */
int xl_parse(
    const char *text, size_t size, struct xl_config *ret, struct error *err);

/* The value of a setting that is not a list; NULL if missing. */
const char *xl_text(const struct xl_config *config, const char *name);

/* The items of a list, or the single value as a list; NULL: no such setting. */
char *const *xl_list(const struct xl_config *config, const char *name);

void xl_clear(struct xl_config *config);
#define cleanup_xl __attribute__((cleanup(xl_clear)))
