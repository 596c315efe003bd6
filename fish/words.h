/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The language of a line: quoting, escapes, prefixes, pipes.  Pure: nothing
 * here touches a file, the environment or a handle.
 *
 *     -cmd word "quoted \t word" 'raw word' | host command
 *     !host command
 *     <!host command whose output is commands
 *     # comment
 *
 * A word is split at blanks.  Quotes are special only at the start of a word
 * and end it; "a" knows \\ \a \b \f \n \r \t \v \" \' \? \OOO \xHH.  A word
 * that starts with | begins a pipe; the rest of the line is the host's. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum line_kind {
    LINE_EMPTY,   /* or a comment */
    LINE_COMMAND, /* words, and perhaps a pipe */
    LINE_HOST,    /* !text */
    LINE_SOURCE,  /* <!text */
};

struct word {
    char *text;
    bool quoted; /* was in quotes: no ~ in it is expanded */
};

struct line {
    enum line_kind kind;
    bool ignore_error; /* it was preceded by "-" */
    struct word *words;
    size_t n_words;
    char *host; /* the host command of LINE_HOST, LINE_SOURCE or the pipe */
};

/* Read a line, without its newline; a carriage return at its end counts as a
 * blank.  Fails on bad quoting, with nothing in *ret to free, but with its
 * ignore_error. */
int line_parse(const char *text, struct line *ret, struct error *err);
void line_free(struct line *line);

#define cleanup_line __attribute__((cleanup(line_free)))

/* Split the text of one word into the strings of a list: it is split at blanks,
 * '...' groups, \' in it is a quote, adjacent fragments are one string.  The
 * result is a vector for strv_free. */
char **list_parse(const char *text, struct error *err);
