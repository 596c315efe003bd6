/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The output of programs.  Text from a guest is foreign: on a terminal its
 * control characters become \xHH; to a file or a pipe it is written
 * unchanged. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* "NAME: MESSAGE" as one escaped line on stderr, after removing the progress
 * bar. */
void tool_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void tool_warning(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Misuse: "NAME: MESSAGE; try 'NAME --help'"; exits with TOOL_USAGE. */
void tool_misuse(const char *format, ...)
    __attribute__((noreturn, format(printf, 1, 2)));

/* Text that may come from a guest; newlines and tabs stay. */
void tool_print(FILE *out, const char *text);
void tool_print_bytes(FILE *out, const void *data, size_t size);

/* May OUT be coloured?  A terminal, NO_COLOR unset or empty, TERM not dumb. */
bool tool_color(FILE *out);

/* Flush stdout; an error (full disk, closed pipe) is reported.  Returns CODE,
 * or TOOL_FAILED if CODE was 0 and the output is lost. */
int tool_finish_output(int code);
