/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's end of calls that stream: a file name, "-" for stdin or stdout, or
 * "-<<END" for the lines of the script up to END. */
#pragma once

struct shell;

struct stream {
    const char *name; /* for the library */
    char *owned;      /* what NAME points to, if we allocated it */
    int fd;           /* -1, or a file to close */
};

#define STREAM_NONE                                                            \
    {                                                                          \
        .name = NULL, .owned = NULL, .fd = -1                                  \
    }

int stream_open_in(struct shell *sh, const char *word, struct stream *ret);
int stream_open_out(struct shell *sh, const char *word, struct stream *ret);

void stream_close(struct stream *s);

#define cleanup_stream __attribute__((cleanup(stream_close)))
