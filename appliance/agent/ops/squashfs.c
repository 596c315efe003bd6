/* SPDX-License-Identifier: GPL-2.0-or-later */
/* squashfs, which is made as a whole before the first byte can be sent. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/direct.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "base/cleanup.h"
#include "ops-squashfs.h"

#define MADE "/run/squashfs"

static int
make(struct call *c, const struct api_mksquashfs_args *args, const char *path)
{
    struct list argv = {0};

    add_words(
        c, &argv, "mksquashfs", path, MADE, "-noappend", "-no-progress", NULL);
    add_option(c, &argv, "-comp", args->compress);
    if (args->n_excludes > 0) {
        add_words(c, &argv, "-wildcards", "-e", NULL);
        for (uint32_t i = 0; i < args->n_excludes; i++)
            add_words(c, &argv, args->excludes[i], NULL);
    }
    return run_tool_argv(c, NULL, argv.items);
}

static int
send_made(struct call *c)
{
    cleanup_close int fd = open(MADE, O_RDONLY | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return call_fail(c, errno, MADE);
    return direct_send(c, fd, MADE, 0, st.st_size);
}

int
op_mksquashfs(struct call *c, const struct api_mksquashfs_args *args)
{
    const char *path = tool_path(c, args->path);
    int r;

    if (!path)
        return -1;
    r = make(c, args, path);
    if (r == 0)
        r = send_made(c);
    unlink(MADE);
    return r;
}
