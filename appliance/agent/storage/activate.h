/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stdbool.h>

struct call;

/* Assemble the arrays and activate the volume groups on disks that were not
 * seen before.  Costs nothing if no disk came since the last time.  Nothing
 * that is encrypted is touched. */
void storage_activate(struct call *c);

/* Whether there may be volumes at all: members were found, lvm has been run,
 * or lvm_expect was called because something was opened. */
bool lvm_expected(void);
void lvm_expect(void);

/* Whether a group could not be activated as a whole. */
bool lvm_incomplete(void);
