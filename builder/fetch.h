/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files by path, file://, http:// or https://. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct fetch {
    const char *uri;
    const char *proxy; /* NULL: as the environment says; "": none */
    uint64_t max;      /* bytes; more is an error */
    const char *label; /* for the progress bar; NULL: none is shown */
};

/* Into memory, with a NUL behind that does not count; the caller frees it. */
char *fetch_memory(const struct fetch *f, size_t *ret_size, struct error *err);

/* To the end of file FD.  The SHA-512 of what came, in lower-case
 * hexadecimal, is returned; the caller frees it. */
char *fetch_to_fd(const struct fetch *f, int fd, struct error *err);

/* The path of a local URI (file:// or a plain path), to be freed; NULL with
 * no error if it is remote. */
char *fetch_local_path(const char *uri);

/* NAME beside the file that URI names; the caller frees it. */
char *fetch_join(const char *uri, const char *name);
