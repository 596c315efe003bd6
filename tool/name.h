/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program's name, which is at the start of every message; default
 * "mayfly". */
#pragma once

void tool_set_name(const char *name);
const char *tool_name(void);
