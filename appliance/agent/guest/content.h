/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The content of guest files: opened so that nothing can block or surprise,
 * read whole or by lines, always with a bound. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/agent/call/memory.h"

struct call;

/* The most bytes that a result holds, all its strings together. */
enum { CONTENT_MAX = 32 << 20 };

/* The size in which bulk data is read and written. */
enum { CONTENT_CHUNK = 256 << 10 };

/* Open a regular file; anything else (a pipe would block, a device is not
 * the guest's content) is an error.  WRITE: for writing, with the O_ flags
 * given (O_CREAT, O_TRUNC, O_APPEND). */
int content_open(struct call *c, const char *path);
int content_open_write(struct call *c, const char *path, int flags);

/* Size of an open file or block device; -1 (call failed). */
int64_t content_size(struct call *c, int fd, const char *path);

/* All of a file, in the call's memory with a NUL after it. */
char *content_read(struct call *c, const char *path, size_t *ret_size);

/* The same, for results that are strings: a NUL in it is an error. */
char *content_read_text(struct call *c, const char *path);

int content_write_all(
    struct call *c, int fd, const void *data, size_t size, const char *path);

/* A read-ahead source of lines, from a file or from what decompressing it
 * gives.  Zeroed but for fd, path (and archive) it is ready to use. */
struct archive;
struct lines {
    int fd;
    const char *path;        /* for errors */
    struct archive *archive; /* read from it instead of fd, if set */
    char *buffer;
    size_t room, start, end;
    bool ended;
};

/* The next line, without its newline; *ret_line is NULL at the end.  It is
 * NUL-terminated and lives until the next call. */
int lines_next(
    struct call *c, struct lines *l, char **ret_line, size_t *ret_length);

/* A list of strings whose bytes are counted against CONTENT_MAX. */
struct strings {
    struct list list;
    size_t bytes;
};

int strings_add(
    struct call *c, struct strings *s, const char *text, size_t length);

/* Hand a finished struct strings (or struct list) to a result. */
#define RETURN_STRINGS(ret, l)                                                 \
    do {                                                                       \
        (ret)->value = (const char *const *)(l)->items;                        \
        (ret)->n_value = (l)->n;                                               \
    } while (0)
