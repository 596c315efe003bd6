/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The appliance's kernel panics during a call, as a hostile file system may
 * cause: the call reports the panic, and the handle can only be closed. */
#include <config.h>

#include <errno.h>

#include "internal-calls.h"
#include "lib/handle/handle.h"
#include "tests/unit/test.h"

TEST(panic)
{
    struct mayfly *g = mayfly_create();

    CHECK(g);
    if (mayfly_launch(g) < 0) {
        fprintf(stderr, "%s\n", mayfly_last_error(g));
        CHECK(!"launched");
    }
    CHECK(mayfly_ping_daemon(g) == 0);
    CHECK(mayfly_internal_panic(g) == -1);
    printf("# %s\n", mayfly_last_error(g));
    CHECK(strstr(mayfly_last_error(g), "Kernel panic"));
    CHECK(strstr(mayfly_last_error(g), "sysrq triggered crash"));
    CHECK(!strchr(mayfly_last_error(g), '\n'));
    CHECK(mayfly_ping_daemon(g) == -1);
    CHECK(mayfly_last_errno(g) != 0);
    mayfly_close(g);
}

TEST(next_one_is_well)
{
    struct mayfly *g = mayfly_create();

    CHECK(g);
    CHECK(mayfly_launch(g) == 0);
    CHECK(mayfly_ping_daemon(g) == 0);
    mayfly_close(g);
}
