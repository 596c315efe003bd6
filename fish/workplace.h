/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder of our own on the host, with a copy of a guest's file in it under
 * its own name: editors choose their mode by the name. */
#pragma once
#include <stdbool.h>

#include "base/leftover.h"

struct shell;

struct workplace {
    struct work_folder folder;
    char *file;
};

int workplace_make(struct shell *sh, const char *path, struct workplace *w);
/* The same, and copy PATH there. */
int workplace_download(struct shell *sh, const char *path, struct workplace *w);
void workplace_remove(struct workplace *w);

#define cleanup_workplace __attribute__((cleanup(workplace_remove)))

/* VALUE, of a variable of the environment, unless it is NULL or empty. */
const char *workplace_program(const char *value, const char *otherwise);

/* Run EDITOR, a command, on the file. */
int workplace_edit(struct shell *sh, const struct workplace *w,
    const char *editor, bool *ret_changed);

/* Replace the guest's PATH by FILE: completely and with PATH's attributes, or
 * not at all. */
int workplace_replace(struct shell *sh, const char *file, const char *path);
