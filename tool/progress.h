/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Progress on stderr: a bar on a terminal, or one JSON object a line; or on any
 * stream, for programs that know virt-v2v. */
#pragma once
#include <stdint.h>
#include <stdio.h>

#include <mayfly.h>

enum tool_progress {
    PROGRESS_AUTO,
    PROGRESS_BAR,
    PROGRESS_JSON,
    PROGRESS_NONE,
    PROGRESS_PARTS
};

/* AUTO: a bar if stderr is a terminal. */
void tool_progress_set(enum tool_progress mode);

/* Lines "37/100" on F, at most a hundred for each step. */
void tool_progress_parts(FILE *f);

/* Show the progress of G's calls from now on. */
void tool_progress_attach(struct mayfly *g);

/* A step of the program's own, such as "download": DONE of TOTAL in any unit,
 * TOTAL 0 if unknown.  Cheap enough to be called for every block. */
void tool_progress_show(const char *label, uint64_t done, uint64_t total);

/* Remove the bar, before anything else is printed. */
void tool_progress_clear(void);
