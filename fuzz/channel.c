/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The library against an appliance that may send anything: the input is
 * everything it sends, on a socket, to a handle that makes a few calls. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "fuzz/fuzz.h"
#include "lib/handle/handle.h"
#include "lib/rpc/channel.h"

enum { INPUT_MAX = 100 << 10 }; /* what a socket buffers without a reader */

static void
make_calls(struct mayfly *g)
{
    bool yes;
    char *text, **texts;
    struct mayfly_file_status *status;
    struct mayfly_dirent_list *entries;

    if (mayfly_is_dir(g, "/", NULL, &yes) < 0)
        HOLDS(mayfly_last_error(g));
    if (mayfly_readlink(g, "/", &text) == 0)
        free(text);
    if (mayfly_list_devices(g, &texts) == 0)
        free(texts);
    if (mayfly_stat(g, "/", &status) == 0)
        mayfly_free_file_status(status);
    if (mayfly_readdir(g, "/", &entries) == 0)
        mayfly_free_dirent_list(entries);
    mayfly_download(g, "/a", "/dev/null");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    int fds[2];

    if (size > INPUT_MAX)
        return 0;
    struct mayfly *g = mayfly_create();
    HOLDS(g && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
    g->channel = channel_new(fds[0], -1, NULL, &err);
    HOLDS(g->channel);
    g->state = HANDLE_READY;
    HOLDS(write_all(fds[1], data, size) == 0);
    shutdown(fds[1], SHUT_WR);
    make_calls(g);
    g->state = HANDLE_DEAD; /* there is no engine to stop */
    mayfly_close(g);
    close(fds[0]);
    close(fds[1]);
    return 0;
}
