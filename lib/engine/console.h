/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The appliance's console: its lines, and the reason for its death that they
 * show. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct mayfly;

enum { CONSOLE_LINE = 512 };

/* Zeroed, with `fd` set, it is ready. */
struct console {
    int fd; /* -1: closed */
    char line[CONSOLE_LINE];
    size_t used;
    char panic[CONSOLE_LINE]; /* the first line of the first panic, or "" */
};

/* Read what has arrived, without blocking; lines go to handle_console. */
void console_pump(struct console *c, struct mayfly *g);

/* The same for bytes from another source. */
void console_feed(
    struct console *c, struct mayfly *g, const char *text, size_t size);
