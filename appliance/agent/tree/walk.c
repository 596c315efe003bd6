/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each level of the tree holds one open directory, so a depth is set that
 * the limit of open files allows.  Nobody else changes the tree meanwhile:
 * the agent is the only program that touches the guest's files. */
#include <config.h>

#include "appliance/agent/tree/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/guest/path.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { DEPTH_MAX = 900 };

static int walk_level(struct walk *w, int fd, size_t length);

/* For messages: what comes before "/" and the path. */
static const char *
top(const struct walk *w)
{
    return str_equal(w->top, "/") ? "" : w->top;
}

static int
walk_file(struct walk *w, int dirfd, const struct dirent *d, size_t length)
{
    struct walk_file f = {.dirfd = dirfd, .type = d->d_type};
    size_t n = strlen(d->d_name);

    if (length + n + 2 > sizeof w->path)
        return call_fail(w->c, ENAMETOOLONG, "%s/%.200s...", top(w), w->path);
    if (length > 0)
        w->path[length++] = '/';
    memcpy(w->path + length, d->d_name, n + 1);
    f.path = w->path;
    f.length = length + n;
    f.name = d->d_name;

    if (w->stat || f.type == DT_UNKNOWN) {
        if (fstatat(dirfd, f.name, &f.st, AT_SYMLINK_NOFOLLOW) < 0)
            return call_fail(w->c, errno, "%s/%s", top(w), f.path);
        f.type = IFTODT(f.st.st_mode);
    }
    int r = w->visit(w, &f);
    if (r != 0 || f.type != DT_DIR)
        return r < 0 ? -1 : 0;

    int fd =
        openat(dirfd, f.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return call_fail(w->c, errno, "%s/%s", top(w), f.path);
    if (walk_level(w, fd, f.length) < 0)
        return -1;
    w->path[f.length] = 0;
    return w->leave ? w->leave(w, &f) : 0;
}

static int
walk_level(struct walk *w, int fd, size_t length)
{
    cleanup_closedir DIR *dir = fdopendir(fd);

    if (!dir) {
        close(fd);
        return call_fail(w->c, errno, "%s", w->top);
    }
    if (++w->depth > DEPTH_MAX)
        return call_error(w->c, ELOOP,
            "%s/%.200s...: directories nested "
            "deeper than %d",
            top(w), w->path, DEPTH_MAX);
    for (;;) {
        errno = 0;
        const struct dirent *d = readdir(dir);
        if (!d && errno != 0)
            return call_fail(w->c, errno, "%s/%s", top(w), w->path);
        if (!d)
            break;
        if (str_equal(d->d_name, ".") || str_equal(d->d_name, ".."))
            continue;
        if (w->count++ % 64 == 0 && call_cancelled(w->c))
            return call_fail(w->c, ECANCELED, "%s", w->top);
        if (walk_file(w, dirfd(dir), d, length) < 0)
            return -1;
        w->path[length] = 0;
    }
    w->depth--;
    return 0;
}

int
walk_directory(struct walk *w, int fd)
{
    w->path[0] = 0;
    w->depth = 0;
    return walk_level(w, fd, 0);
}

int
walk_top(struct walk *w)
{
    int fd = path_open(w->c, w->top, O_RDONLY | O_DIRECTORY, 0);

    return fd < 0 ? -1 : walk_directory(w, fd);
}
