/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The serial port is a socket that QEMU writes to without ever waiting: when no
 * one reads, QEMU drops what does not fit.  So a guest that floods its console
 * costs no more than the socket's buffer, and what was printed before QEMU
 * ended can still be read afterwards. */
#include <config.h>

#include "lib/engine/console.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/handle/handle.h"

/* The kernel's first words when it dies. */
static const char *const last_cries[] = {
    "Kernel panic",
    "BUG: ",
    "kernel BUG at",
    "Oops",
    "general protection fault",
    "Unable to handle kernel",
    "Out of memory: ",
    "double fault",
    "stack segment",
    "divide error",
    "invalid opcode",
};

/* "[    1.234567] text" -> "text" */
static const char *
without_time(const char *line)
{
    const char *end;

    if (*line == '[' && (end = strstr(line, "] ")))
        return end + 2;
    return line;
}

static void
end_line(struct console *c, struct mayfly *g)
{
    c->line[c->used] = 0;
    c->used = 0;

    cleanup_free char *line = text_escape(c->line);
    if (!line || !*line)
        return;
    handle_console(g, line);
    for (size_t i = 0; !*c->panic && i < N_ELEMENTS(last_cries); i++) {
        const char *text = without_time(line);

        if (str_after(text, last_cries[i]))
            strncpy(c->panic, text, sizeof c->panic - 1);
    }
}

void
console_feed(struct console *c, struct mayfly *g, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n' || c->used == CONSOLE_LINE - 1)
            end_line(c, g);
        if (text[i] != '\n' && text[i] != '\r')
            c->line[c->used++] = text[i];
    }
}

void
console_pump(struct console *c, struct mayfly *g)
{
    char text[4096];

    /* Limited, so that a flood cannot keep us here. */
    for (int i = 0; c->fd >= 0 && i < 64; i++) {
        ssize_t n = recv(c->fd, text, sizeof text, MSG_DONTWAIT);

        if (n > 0) {
            console_feed(c, g, text, (size_t)n);
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            if (c->used > 0)
                end_line(c, g);
            close(c->fd);
            c->fd = -1;
        } else if (errno == EAGAIN) {
            break;
        }
    }
}
