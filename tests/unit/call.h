/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call without a library around it, for unit tests of the agent: the real
 * one (appliance/agent/call/), whose port ends in the test. */
#pragma once
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/inside.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/call/port.h"
#include "base/cleanup.h"
#include "base/strv.h"

/* There is one call at a time. */
static struct port test_port;
static int test_library; /* the library's end of it */

static inline struct call *
test_call_new(void)
{
    static const struct frame asked = {.kind = FRAME_CALL, .serial = 1};
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        abort();
    port_open(&test_port, ends[0]);
    test_library = ends[1];
    struct call *c = call_new(&test_port, &asked, 0, false);
    if (!c)
        abort();
    return c;
}

/* What the library sends to cancel a call; only a system call. */
static inline void
test_call_cancel(void)
{
    uint8_t text[FRAME_HEADER];

    frame_put(&(struct frame){.kind = FRAME_CANCEL, .serial = 1}, text);
    if (write(test_library, text, sizeof text) != sizeof text)
        abort();
}

/* Run what is deferred, then free everything. */
static inline void
test_call_free(struct call *c)
{
    call_free(c);
    close(test_port.fd);
    close(test_library);
    port_close(&test_port);
}
