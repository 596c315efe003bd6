/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run's own folder for temporary files. */
#pragma once
#include "base/error.h"

struct workspace {
    char *path; /* absolute; NULL: none */
    int lock;
};

/* Make one below FOLDER, and remove those of killed runs. */
int workspace_make(
    struct workspace *ret, const char *folder, struct error *err);

/* Take the lock of the open folder for this process, until the descriptor that
 * is returned is closed; -1 with errno if another process has it. */
int folder_lock(int folder);

void workspace_remove(struct workspace *w);
