/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files by path, file://, http:// or https://. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct fetch {
    const char *uri;
    const char *proxy; /* NULL: from the environment; "": none */
    uint64_t max;      /* bytes; more is an error */
    const char *label; /* for the progress bar; NULL: none is shown */
};

/* Fetch into memory, with a NUL after it that does not count; the caller frees
 * it. */
char *fetch_memory(const struct fetch *f, size_t *ret_size, struct error *err);

/* Append to file FD. Returns the SHA-512 of the bytes in lower-case
 * hexadecimal; the caller frees it. */
char *fetch_to_fd(const struct fetch *f, int fd, struct error *err);

/* The path of a local URI (file:// or a plain path), which the caller frees;
 * NULL and no error if it is remote. */
char *fetch_local_path(const char *uri);

/* The URI of NAME in the folder of URI; the caller frees it. */
char *fetch_join(const char *uri, const char *name);
