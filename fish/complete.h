/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal: a prompt, editing, history and completion by readline. */
#pragma once

struct shell;

/* Once, before the first line: banner and history. */
void complete_start(struct shell *sh);

/* Ask for a line; NULL at the end.  The caller frees it. */
char *complete_read_line(struct shell *sh);

/* Save the history. */
void complete_end(void);
