/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An appliance that follows the rules, so that tests/unit/liar.c proves
 * something; and a host that fails while the appliance works. */
#include <config.h>

#include <errno.h>

#include "tests/unit/fake-agent.h"
#include "tests/unit/test.h"

enum { SECONDS = 10 };

static void
honest(struct fake_agent *a)
{
    fake_greet(a);
    for (;;) {
        fake_hear_call(a);
        fake_frame(a, FRAME_REPLY, "\1", 1);
    }
}

TEST(the_truth)
{
    struct fake_session s;
    bool yes = false;

    fake_start(&s, honest);
    CHECK(fake_hello(&s, SECONDS) == 0);
    for (int i = 0; i < 100; i++)
        CHECK(mayfly_is_dir(s.g, "/", NULL, &yes) == 0 && yes);
    CHECK(s.g->state == HANDLE_READY);
    fake_end(&s);
}

static void
sends_much(struct fake_agent *a)
{
    static uint8_t chunk[FRAME_MAX];

    fake_greet(a);
    for (;;) {
        fake_hear_call(a);
        for (int i = 0; i < 8; i++)
            fake_frame(a, FRAME_DATA_CHUNK, chunk, sizeof chunk);
        fake_frame(a, FRAME_REPLY, "", 0);
    }
}

/* The host's disk is full: the call fails, the handle stays usable. */
TEST(host_disk_full)
{
    struct fake_session s;

    fake_start(&s, sends_much);
    CHECK(fake_hello(&s, SECONDS) == 0);
    CHECK(mayfly_download(s.g, "/a", "/dev/full") < 0);
    CHECK(mayfly_last_errno(s.g) == ENOSPC);
    CHECK(s.g->state == HANDLE_READY);
    CHECK(mayfly_download(s.g, "/a", "/dev/null") == 0);
    fake_end(&s);
}
