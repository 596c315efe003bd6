/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/leftover.h"
#include "base/strv.h"

enum { TRIES = 16 };

static int
open_nameless(struct output *out, mode_t mode)
{
    cleanup_free char *folder = path_folder(out->path);

    /* It gets its name through /proc. */
    if (!folder || access("/proc/self/fd", X_OK) < 0)
        return -1;
    out->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
    return out->fd;
}

static int
open_named(struct output *out, mode_t mode, struct error *err)
{
    leftover_sweep(out->path);
    for (int i = 0; i < TRIES; i++) {
        cleanup_free char *name = leftover_name(out->path);

        if (!name)
            return error_no_memory(err);
        out->fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (out->fd < 0 && errno != EEXIST)
            break;
        if (out->fd >= 0 && leftover_claim(out->fd)) {
            out->temporary = steal_pointer(&name);
            return 0;
        }
        if (out->fd >= 0)
            close(steal_fd(&out->fd));
    }
    return error_errno(err, errno, "cannot create %s", out->path);
}

static int
open_output(struct output *out, const char *path, mode_t mode, bool named,
    struct error *err)
{
    *out = (struct output){.fd = -1, .path = strdup(path)};
    if (!out->path)
        return error_no_memory(err);
    if ((named || open_nameless(out, mode) < 0) &&
        open_named(out, mode, err) < 0)
        return -1;
    out->pending = true;
    return 0;
}

int
output_open(
    struct output *out, const char *path, mode_t mode, struct error *err)
{
    return open_output(out, path, mode, false, err);
}

int
output_open_named(
    struct output *out, const char *path, mode_t mode, struct error *err)
{
    return open_output(out, path, mode, true, err);
}

int
output_commit(struct output *out, struct error *err)
{
    if (fsync(out->fd) < 0)
        return error_errno(err, errno, "cannot write %s", out->path);
    return output_publish(out, err);
}

static int
give_name(const struct output *out, const char *name)
{
    char self[32];

    snprintf(self, sizeof self, "/proc/self/fd/%d", out->fd);
    return linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

/* A link replaces nothing, so a file that is there takes a second step.  Being
 * killed between the two leaves a name to be swept. */
static int
give_temporary_name(struct output *out, struct error *err)
{
    leftover_sweep(out->path);
    /* Before it has a name, so no sweeper can come first. */
    (void)leftover_claim(out->fd);
    for (int i = 0; i < TRIES; i++) {
        cleanup_free char *name = leftover_name(out->path);

        if (!name)
            return error_no_memory(err);
        if (give_name(out, name) == 0) {
            out->temporary = steal_pointer(&name);
            return 0;
        }
        if (errno != EEXIST)
            break;
    }
    return error_errno(err, errno, "cannot create %s", out->path);
}

int
output_publish(struct output *out, struct error *err)
{
    if (!out->temporary) {
        if (give_name(out, out->path) == 0) {
            out->pending = false;
            return 0;
        }
        if (errno != EEXIST)
            return error_errno(err, errno, "cannot create %s", out->path);
        if (give_temporary_name(out, err) < 0)
            return -1;
    }
    if (rename(out->temporary, out->path) < 0)
        return error_errno(err, errno, "cannot rename to %s", out->path);
    free(steal_pointer(&out->temporary));
    out->pending = false;
    return 0;
}

void
output_abort(struct output *out)
{
    if (out->temporary)
        unlink(out->temporary);
    if (out->fd >= 0)
        close(out->fd);
    free(out->temporary);
    free(out->path);
    *out = (struct output){.fd = -1};
}
