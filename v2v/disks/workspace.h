/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder of a run's own for what does not stay. */
#pragma once
#include "base/error.h"

struct workspace {
    char *path; /* full; NULL: none */
    int lock;
};

/* Make one below FOLDER, and remove those of runs that were killed. */
int workspace_make(
    struct workspace *ret, const char *folder, struct error *err);

/* Take the lock of the open folder for this process, until the descriptor that
 * is returned is closed; -1 with errno if another process has it. */
int folder_lock(int folder);

void workspace_remove(struct workspace *w);
