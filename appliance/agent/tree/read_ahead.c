/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a thread reads all directories and throws away what it
 * read; the kernel keeps the blocks.  A directory that is not in memory is a
 * third of a millisecond of waiting, and the kernel has no readahead for it;
 * of the time for the files of /usr it was a third.
 *
 * The thread touches neither the call nor the port.  It holds descriptors
 * only, so it does not matter where the root and the working directory of the
 * process are meanwhile. */
#include <config.h>

#include "appliance/agent/tree/read_ahead.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { DEPTH_MAX = 64 }; /* directories open at once; deeper ones are rare */

struct read_ahead {
    pthread_t thread;
    atomic_bool stop;
    int fd;
};

static void
read_directory(struct read_ahead *s, int fd, int depth)
{
    cleanup_closedir DIR *dir = fdopendir(fd);
    const struct dirent *d;

    if (!dir) {
        close(fd);
        return;
    }
    while (!s->stop && (d = readdir(dir))) {
        if (d->d_type != DT_DIR || depth == DEPTH_MAX ||
            str_equal(d->d_name, ".") || str_equal(d->d_name, ".."))
            continue;
        int below = openat(dirfd(dir), d->d_name,
            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below >= 0)
            read_directory(s, below, depth + 1);
    }
}

static void *
read_all_directories(void *opaque)
{
    struct read_ahead *s = opaque;

    read_directory(s, s->fd, 1);
    return NULL;
}

static void
read_ahead_end(void *opaque)
{
    struct read_ahead *s = opaque;

    s->stop = true;
    pthread_join(s->thread, NULL);
}

void
read_ahead_start(struct call *c, int fd)
{
    struct read_ahead *s = call_alloc(c, sizeof *s);

    s->fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->fd < 0)
        return;
    if (pthread_create(&s->thread, NULL, read_all_directories, s) == 0)
        call_defer(c, read_ahead_end, s);
    else
        close(s->fd);
}
