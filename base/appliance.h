/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the appliance's image is, for the library that starts it and for the
 * program that makes it. */
#pragma once
#include "base/error.h"

/* A part of an image: a file, and the most bytes that it may have. */
struct appliance_part {
    const char *name;
    unsigned long long max;
};

enum { APPLIANCE_PARTS = 6, APPLIANCE_API_SIZE = 64 };
extern const struct appliance_part appliance_parts[APPLIANCE_PARTS];

/* The folder of the image: MAYFLY_APPLIANCE; else the first of these whose
 * image was made for API, the hash of the definition of all calls: the user's
 * own, the machine's (see appliance_new_folder), the installed one, which is
 * also the answer if none is.  `ret_passed`, which may be NULL, gets a text on
 * those that there are and that were passed over, or NULL. */
char *appliance_folder(const char *api, char **ret_passed, struct error *err);

/* Where a new image is put: MAYFLY_APPLIANCE; else of root the machine's folder
 * in /var, of a user one in XDG_DATA_HOME.  The caller frees it. */
char *appliance_new_folder(struct error *err);
