/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

__attribute__((format(printf, 1, 0))) static char *
format_text(const char *format, va_list args)
{
    char *text;

    return vasprintf(&text, format, args) < 0 ? NULL : text;
}

static int
assign(struct error *err, int code, char *text)
{
    error_clear(err);
    err->code = code ? code : EIO;
    err->text = text;
    return -1;
}

int
error_set(struct error *err, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *text = format_text(format, args);
    va_end(args);

    return assign(err, code, text);
}

int
error_errno(struct error *err, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    cleanup_free char *what = format_text(format, args);
    va_end(args);

    char *text = NULL;
    if (what && asprintf(&text, "%s: %s", what, strerror(code)) < 0)
        text = NULL;

    return assign(err, code, text);
}

int
error_no_memory(struct error *err)
{
    return error_set(err, ENOMEM, "no memory");
}

int
error_context(struct error *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    cleanup_free char *context = format_text(format, args);
    va_end(args);

    char *text = NULL;
    if (context && asprintf(&text, "%s: %s", context, error_text(err)) >= 0) {
        free(err->text);
        err->text = text;
    }
    return -1;
}

int
error_move(struct error *to, struct error *from)
{
    if (to != from) {
        error_clear(to);
        *to = *from;
        *from = (struct error){0};
    }
    return -1;
}

const char *
error_text(const struct error *err)
{
    if (err->text)
        return err->text;
    return err->code ? strerror(err->code) : "unknown error";
}

void
error_clear(struct error *err)
{
    free(err->text);
    *err = (struct error){0};
}
