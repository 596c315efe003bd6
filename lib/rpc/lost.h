/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of the appliance when it cannot be asked any more. */
#pragma once
#include "lib/handle/handle.h"

/* Close the channel and kill the engine, if they are there.  The error is that
 * of engine_kill. */
int handle_end_engine(struct mayfly *g, struct error *err);
/* The same where another error is reported: it becomes a warning. */
void handle_drop_engine(struct mayfly *g);

/* The appliance is lost: kill it, remember why, refuse all further calls.
 * Adds what the console or QEMU said to the reason.  Always -1. */
int handle_die(struct mayfly *g, struct error *err);
