/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What programs say.  Text of a guest is foreign: on a terminal its control
 * characters become \xHH; into a file or a pipe it goes as it is. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The name in front of every message; default "mayfly". */
void tool_set_name(const char *name);
const char *tool_name(void);

/* "NAME: MESSAGE" as one escaped line on stderr, after the progress bar is
 * taken away. */
void tool_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void tool_warning(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Text that may have come from a guest; newlines and tabs stay. */
void tool_print(FILE *out, const char *text);
void tool_print_bytes(FILE *out, const void *data, size_t size);

/* May OUT be coloured?  A terminal, NO_COLOR unset or empty, TERM not dumb. */
bool tool_color(FILE *out);

/* Flush stdout; an error (full disk, closed pipe) is told.  Returns CODE, or
 * TOOL_FAILED if CODE was 0 and the output is lost. */
int tool_finish_output(int code);
