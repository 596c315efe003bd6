/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event, delete-event, list-events: host commands that run when the library
 * reports something. */
#pragma once

struct shell;

/* The command NAME begins: the event "enter". */
void events_enter(struct shell *sh, const char *name);

/* Forget all handlers, of a handle that is closed or will be. */
void events_free(struct shell *sh);
