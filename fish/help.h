/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* All commands, one a line. */
void help_list(void);

/* The page of one command; -1 if there is no command of that name. */
int help_page(const char *name);
