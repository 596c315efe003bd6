/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/guest/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/guest/path.h"
#include "base/cleanup.h"

/* The appliance's root, while we are in the guest's; else -1.  There is one
 * call at a time; its threads have one root. */
static int outside = -1;

static void
leave(void *unused)
{
    (void)unused;
    if (outside < 0)
        return;
    /* An agent that cannot get back is of no more use. */
    if (fchdir(outside) < 0 || chroot(".") < 0) {
        perror("agent: cannot leave the guest's root");
        abort();
    }
    close(outside);
    outside = -1;
}

void
guest_root_leave(struct call *c)
{
    (void)c;
    leave(NULL);
}

int
guest_root_enter(struct call *c, const char *directory)
{
    if (need_root(c) < 0)
        return -1;
    cleanup_close int root = path_open(c, "/", O_PATH | O_DIRECTORY, 0);
    if (root < 0)
        return -1;
    cleanup_close int inside = path_open(c, directory, O_PATH | O_DIRECTORY, 0);
    if (inside < 0)
        return -1;
    /* A handler that runs out of memory does not come back to leave. */
    call_defer(c, leave, NULL);

    outside = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (outside < 0)
        return call_fail(c, errno, "/");
    if (fchdir(root) < 0 || chroot(".") < 0 || fchdir(inside) < 0) {
        int code = errno;
        leave(NULL);
        return call_fail(c, code, "%s", directory);
    }
    return 0;
}
