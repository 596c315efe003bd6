/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --machine-readable[=FORMAT], as in guestfs(3). */
#pragma once
#include <stdio.h>

#include "base/error.h"

/* The stream that FORMAT names: stream:stdout (also if it is NULL),
 * stream:stderr, fd:NUMBER or file:NAME.  The program keeps it until it
 * ends. */
FILE *tool_machine_open(const char *format, struct error *err);
