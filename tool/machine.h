/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --machine-readable[=FORMAT], as guestfs(3) has it for its programs. */
#pragma once
#include <stdio.h>

#include "base/error.h"

/* Where FORMAT has such output go: stream:stdout (also if it is NULL),
 * stream:stderr, fd:NUMBER or file:NAME.  The program keeps it to its end. */
FILE *tool_machine_open(const char *format, struct error *err);
