/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/rpc/host_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strv.h"

static int
open_stream(const char *path, int flags, struct error *err)
{
    int fd;

    if (str_equal(path, "-"))
        fd = fcntl(flags & O_WRONLY ? 1 : 0, F_DUPFD_CLOEXEC, 3);
    else
        fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0666);
    return fd < 0 ? error_errno(err, errno, "cannot open %s", path) : fd;
}

int
files_open_input(const char *path, struct error *err)
{
    return open_stream(path, O_RDONLY, err);
}

static bool
may_replace(const char *path, mode_t *ret_mode)
{
    struct stat st;

    *ret_mode = 0;
    if (str_equal(path, "-"))
        return false;
    if (lstat(path, &st) < 0)
        return errno == ENOENT;
    *ret_mode = st.st_mode & 07777;
    return S_ISREG(st.st_mode) && st.st_nlink == 1 && st.st_uid == geteuid() &&
           access(path, W_OK) == 0;
}

int
files_open_output(const char *path, struct output *out, struct error *err)
{
    cleanup_error struct error why = {0};
    mode_t mode;

    if (may_replace(path, &mode) && output_open(out, path, 0666, &why) == 0) {
        if (mode == 0 || fchmod(out->fd, mode) == 0)
            return out->fd;
    }
    output_abort(out);
    out->fd = open_stream(path, O_WRONLY | O_CREAT | O_TRUNC, err);
    return out->fd;
}

int
files_publish(struct output *out, struct error *err)
{
    return out->pending ? output_publish(out, err) : 0;
}
