/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GUESTFISH_PS1 and its relatives: what a terminal is sent around commands. */
#pragma once

/* TEXT with its escapes replaced, which are \\ \a \e \n \r \NNN \xHH, and \[ \]
 * around what takes no room on the screen.  NULL: no memory.  The caller frees
 * it. */
char *prompt_text(const char *text);

/* Print it; NULL is nothing. */
void prompt_print(const char *text);
