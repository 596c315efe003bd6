/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a running appliance is sent, for the files of this folder. */
#pragma once
#include "lib/handle/handle.h"

/* Send the agent the list of disks; it answers when it has them all.  On
 * failure -1, with the error in the handle. */
int handle_tell_disks(struct mayfly *g);
