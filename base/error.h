/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An error: what went wrong, as an errno value and as one line of text that
 * names the thing and the cause.
 *
 * A function that can fail takes a `struct error *` as its last argument and
 * returns -1 (or NULL) on failure; the maker of the error returns it in the
 * same statement:
 *
 *     return error_set(err, errno, "cannot open %s: %s", path,
 *         strerror(errno));
 *
 * A caller adds context at most once, with error_context. */
#pragma once

struct error {
    int code;   /* an errno value, never 0 once set */
    char *text; /* owned; NULL only if there was no memory for it */
};

/* Set the error, replacing what was there; always returns -1.  A code of 0
 * becomes EIO. */
int error_set(struct error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_set, with ": " and the text of errno CODE appended. */
int error_errno(struct error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* TEXT is what another program said, which ran with our limits: if it ends
 * with the text of an errno that a small limit causes, this is the error's
 * code and the limit is named.  CODE is the code otherwise. */
int error_of_program(struct error *err, int code, const char *text);

/* ENOMEM, "no memory": for where nothing better is known. */
int error_no_memory(struct error *err);

/* Put "CONTEXT: " before the text that is there; always returns -1. */
int error_context(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Move the error in *from to *to; always returns -1. */
int error_move(struct error *to, struct error *from);

/* The text, or a fallback; never NULL. */
const char *error_text(const struct error *err);

void error_clear(struct error *err);

#define cleanup_error __attribute__((cleanup(error_clear), unused))
