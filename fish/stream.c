/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "fish/stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "fish/shell.h"

/* The lines up to END become a file in memory. */
static int
read_here(struct shell *sh, const char *end, struct stream *ret)
{
    if (!sh->source)
        return error_set(
            &sh->error, EINVAL, "-<<%s works only in a script", end);

    cleanup_close int fd = memfd_create("here", MFD_CLOEXEC);
    if (fd < 0)
        return error_errno(&sh->error, errno, "cannot make a file in memory");
    for (;;) {
        cleanup_free char *line = shell_read_line(sh);

        if (!line)
            return error_set(&sh->error, ENODATA,
                "the script ends before the line '%s'", end);
        if (str_equal(line, end))
            break;
        size_t n = strlen(line);
        line[n] = '\n'; /* replaces the NUL; written by length */
        if (write_all(fd, line, n + 1) < 0)
            return error_errno(
                &sh->error, errno, "cannot write a file in memory");
    }
    lseek(fd, 0, SEEK_SET);
    ret->owned = text_printf("/dev/fd/%d", fd);
    if (!ret->owned)
        return error_no_memory(&sh->error);
    ret->name = ret->owned;
    ret->fd = steal_fd(&fd);
    return 0;
}

int
stream_open_in(struct shell *sh, const char *word, struct stream *ret)
{
    const char *end = str_after(word, "-<<");

    if (end && *end)
        return read_here(sh, end, ret);
    ret->name = word;
    return 0;
}

int
stream_open_out(struct shell *sh, const char *word, struct stream *ret)
{
    (void)sh;
    /* The library writes to the file descriptor below stdio. */
    if (str_equal(word, "-"))
        fflush(stdout);
    ret->name = word;
    return 0;
}

void
stream_close(struct stream *s)
{
    if (s->fd >= 0)
        close(s->fd);
    free(s->owned);
    *s = (struct stream)STREAM_NONE;
}
