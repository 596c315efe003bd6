/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/resource.h>

#include "base/cleanup.h"
#include "base/strv.h"

/* A small limit of the process turns up as an error far from its cause, so
 * what the caller can do about it is added where errno values become text. */
static const struct {
    int code;
    enum __rlimit_resource resource;
    const char *name, *option;
    rlim_t unit; /* of the option of ulimit */
} limits[] = {
    {EMFILE, RLIMIT_NOFILE, "RLIMIT_NOFILE", "-n", 1},
    {EFBIG, RLIMIT_FSIZE, "RLIMIT_FSIZE", "-f", 1024},
    {ENOMEM, RLIMIT_AS, "RLIMIT_AS", "-v", 1024},
};

/* "" if no limit is set that can be the cause of CODE. */
static void
limit_hint(int code, char *text, size_t size)
{
    struct rlimit limit;

    *text = 0;
    for (size_t i = 0; i < N_ELEMENTS(limits); i++) {
        if (limits[i].code != code ||
            getrlimit(limits[i].resource, &limit) < 0 ||
            limit.rlim_cur == RLIM_INFINITY)
            continue;
        snprintf(text, size, "; %s is %llu; raise it with ulimit %s",
            limits[i].name,
            (unsigned long long)(limit.rlim_cur / limits[i].unit),
            limits[i].option);
    }
}

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
    /* Names from images and guests are in it; all errors end up on a terminal
     * or in a log.  Without memory, rather no text than a raw one. */
    err->text = text ? text_message(text) : NULL;
    free(text);
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

    char *text = NULL, hint[96];
    limit_hint(code, hint, sizeof hint);
    if (what && asprintf(&text, "%s: %s%s", what, strerror(code), hint) < 0)
        text = NULL;

    return assign(err, code, text);
}

static bool
ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && !strcmp(text + n - m, end);
}

int
error_of_program(struct error *err, int code, const char *text)
{
    char hint[96] = "";

    for (size_t i = 0; i < N_ELEMENTS(limits) && !*hint; i++) {
        if (!ends_with(text, strerror(limits[i].code)))
            continue;
        limit_hint(limits[i].code, hint, sizeof hint);
        code = limits[i].code;
    }
    return error_set(err, code, "%s%s", text, hint);
}

int
error_no_memory(struct error *err)
{
    char hint[96];

    limit_hint(ENOMEM, hint, sizeof hint);
    return error_set(err, ENOMEM, "no memory%s", hint);
}

int
error_context(struct error *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    cleanup_free char *context = format_text(format, args);
    va_end(args);

    char *text = NULL;
    if (context && asprintf(&text, "%s: %s", context, error_text(err)) >= 0)
        assign(err, err->code, text);
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
