/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people type who come from virt-v2v(1) and is not done here: each option
 * and each value is refused with what to do instead. */
#pragma once
#include <stddef.h>

#include "base/error.h"
#include "tool/options.h"

/* Rows for the program's table; returns how many there are. */
size_t foreign_options(struct tool_option *ret, size_t max);

/* The error for a value of -i or -o that virt-v2v has or had; NULL: it never
 * had it. */
const char *foreign_source(const char *name);
const char *foreign_target(const char *name);

/* Fails for what follows -ic and -oo if it is not done here. */
int foreign_connection(const char *uri, struct error *err);
int foreign_target_option(const char *text, struct error *err);
