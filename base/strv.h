/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NULL-terminated vectors of strings, each string owned by the vector, and a
 * few common questions about strings. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Number of strings; V may be NULL. */
size_t strv_length(char *const *v);

/* Append a copy of S.  Returns 0, or -1 with errno ENOMEM. */
int strv_append(char ***v, const char *s);

/* Append S itself, which the vector then owns; on failure it is freed.  A NULL
 * S means that an earlier allocation failed: -1. */
int strv_take(char ***v, char *s);

/* Append copies of the WORDS, which end with NULL. */
int strv_extend(char ***v, const char *const *words);

/* Append a formatted string. */
int strv_printf(char ***v, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

char **strv_copy(char *const *v);
bool strv_contains(char *const *v, const char *s);

/* Of pairs of key and value: the value of KEY; "" if it is missing. */
const char *strv_value(char *const *pairs, const char *key);

void strv_free(char **v);
void strv_freep(char ***v);

#define cleanup_strv __attribute__((cleanup(strv_freep), unused))

/* asprintf that returns the string, or NULL if out of memory. */
char *text_printf(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* S as one word for a POSIX shell, in single quotes; the caller frees it. */
char *text_quote(const char *s);

/* The folder that PATH is in, "." for a bare name; to be freed. */
char *path_folder(const char *path);

static inline bool
str_equal(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* If S starts with PREFIX, what follows it; else NULL. */
static inline const char *
str_after(const char *s, const char *prefix)
{
    size_t n = strlen(prefix);

    return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

/* The order in which to mount file systems at A and B: a folder before what is
 * in it. */
static inline int
compare_mountpoints(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);

    return n != m ? (n < m ? -1 : 1) : strcmp(a, b);
}

/* A printable copy of foreign text for a terminal, a log or an error: control
 * characters, invalid UTF-8 and characters that change the direction of
 * writing become \xHH, byte by byte.  Escaping twice changes nothing more. */
char *text_escape(const char *s);

/* A copy in which the password of each address, as http://USER:PASSWORD@HOST,
 * is "***".  text_message: that, made printable; for all that is said. */
char *text_hide(const char *s);
char *text_message(const char *s);

/* The same as text_escape for a document that programs read (XML, JSON): only
 * what the document could not hold is changed. */
char *text_escape_controls(const char *s);
