/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Goes through a tree before the walk that works: the disk is asked for the
 * directories while the processor is busy with the files. */
#pragma once
struct call;

/* All below the directory FD, which stays the caller's.  Ends with the call at
 * the latest; without it a walk is slower, so nothing fails. */
void read_ahead_start(struct call *c, int fd);
