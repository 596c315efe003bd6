/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a child, the janitor, reads from a pipe whose other end
 * is open in this process and in the children that it forks later (that which
 * unmounts, above all).  When all have ended without place_clear it removes the
 * folder. */
#include <config.h>

#include "serve/place.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"

#define PATTERN "mayfly-serve.XXXXXX"

/* In $TMPDIR, unless clients could not connect to a socket there. */
static char *
make_folder(struct error *err)
{
    const char *parent = getenv("TMPDIR");
    size_t room = sizeof((struct sockaddr_un *)0)->sun_path;

    if (!parent || parent[0] != '/' ||
        strlen(parent) + strlen("/" PATTERN "/socket") >= room)
        parent = "/tmp";
    cleanup_free char *folder = text_printf("%s/" PATTERN, parent);
    if (!folder)
        return error_no_memory(err), NULL;
    if (!mkdtemp(folder))
        return error_errno(err, errno, "cannot make a folder in %s", parent),
               NULL;
    return steal_pointer(&folder);
}

static void
remove_all(const struct place *p)
{
    unlink(p->socket);
    rmdir(p->view);
    rmdir(p->folder);
}

static _Noreturn void
wait_and_remove(const struct place *p, int life)
{
    char byte;

    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    while (read(life, &byte, 1) < 0 && errno == EINTR)
        ;
    remove_all(p);
    _exit(0);
}

static int
start_janitor(struct place *p, struct error *err)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_errno(err, errno, "cannot make a pipe");
    p->janitor = fork();
    if (p->janitor == 0) {
        close(ends[1]);
        wait_and_remove(p, ends[0]);
    }
    close(ends[0]);
    p->life = ends[1];
    return p->janitor < 0 ? error_errno(err, errno, "cannot start a process")
                          : 0;
}

int
place_make(struct place *p, struct error *err)
{
    *p = (struct place){.life = -1};
    if (!(p->folder = make_folder(err)))
        return -1;
    p->socket = text_printf("%s/socket", p->folder);
    p->view = text_printf("%s/view", p->folder);
    if (!p->socket || !p->view)
        error_no_memory(err);
    else if (start_janitor(p, err) == 0)
        return 0;
    rmdir(p->folder);
    return -1;
}

void
place_clear(struct place *p)
{
    if (p->janitor > 0) {
        kill(p->janitor, SIGKILL);
        while (waitpid(p->janitor, NULL, 0) < 0 && errno == EINTR)
            ;
        close(p->life);
        remove_all(p);
    }
    free(p->folder);
    free(p->socket);
    free(p->view);
    *p = (struct place){.life = -1};
}
