/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tool/print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/exit.h"
#include "tool/name.h"
#include "tool/progress.h"

bool
tool_color(FILE *out)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(fileno(out)) && !(no && no[0]) && term &&
           !str_equal(term, "dumb");
}

__attribute__((format(printf, 2, 0))) static void
say(const char *kind, const char *format, va_list args)
{
    cleanup_free char *text = NULL;

    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    cleanup_free char *safe = text_message(text ? text : "no memory");
    fflush(stdout);
    tool_progress_clear();
    bool color = tool_color(stderr);
    fprintf(stderr, "%s%s:%s %s%s\n", color ? "\033[1;31m" : "", tool_name(),
        color ? "\033[0m" : "", kind, safe ? safe : "no memory");
}

void
tool_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say("", format, args);
    va_end(args);
}

void
tool_warning(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say("warning: ", format, args);
    va_end(args);
}

void
tool_misuse(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    cleanup_free char *text = NULL;
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);

    tool_error("%s; try '%s --help'", text ? text : "no memory", tool_name());
    exit(TOOL_USAGE);
}

/* Line by line, so that only characters that must not reach a terminal are
 * changed. */
static void
print_escaped(FILE *out, const char *data, size_t size)
{
    while (size > 0) {
        size_t n = 0;

        while (n < size && data[n] != '\n' && data[n] != '\t' && data[n])
            n++;
        bool crlf = n > 0 && n < size && data[n] == '\n' && data[n - 1] == '\r';
        cleanup_free char *piece = strndup(data, crlf ? n - 1 : n);
        cleanup_free char *safe = piece ? text_escape(piece) : NULL;

        if (safe)
            fputs(safe, out);
        if (crlf)
            putc('\r', out);
        if (n == size)
            return;
        if (data[n])
            putc(data[n], out);
        else
            fputs("\\x00", out);
        data += n + 1;
        size -= n + 1;
    }
}

void
tool_print_bytes(FILE *out, const void *data, size_t size)
{
    if (isatty(fileno(out)))
        print_escaped(out, data, size);
    else
        fwrite(data, 1, size, out);
}

void
tool_print(FILE *out, const char *text)
{
    tool_print_bytes(out, text, strlen(text));
}

int
tool_finish_output(int code)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    /* The reader has gone, as head does: there is nothing to report. */
    if (errno == EPIPE)
        return code != TOOL_OK ? code : TOOL_PIPE_CLOSED;
    if (code != TOOL_OK)
        return code;
    tool_error("cannot write the output: %s",
        errno ? strerror(errno) : "it was closed");
    return TOOL_FAILED;
}
