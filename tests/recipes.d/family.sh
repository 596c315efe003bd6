# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sample of a family: usage, with a call that has an option and returns a list
# of structures.
recipe='A family of calls'
checks=(tests/api/symbols.sh)

apply()
{
    create api/calls/usage.api << 'END'
# SPDX-License-Identifier: LGPL-2.1-or-later
# Find what takes the space.

# A file, and the space that it takes.
#
# *path*: The path below the directory, as that of `find`.
# *bytes*: The space that it takes on the disk, in bytes.
struct usage_file (
    path: path,
    bytes: u64,
)

# List the files below a directory that take the most space.
#
# The largest is first.
#
# *count*: How many files at most. Default: 10.
# See: du, find
#
# Example(fs): mkdir /d ; usage-largest /d =>
# Example(fs): usage-largest /missing => error No such file
method usage_largest(directory: path, opt count: i32 1..1000)
    -> []usage_file<1000> @progress
END
    after api/calls/families.mk 'api/calls/transfer.api' \
        <<< 'API_FILES += api/calls/usage.api'
    create appliance/agent/ops/usage.c << 'END'
/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What takes the space. */
#include <config.h>

#include <dirent.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/tree/walk.h"
#include "ops-usage.h"

enum { COUNT_DEFAULT = 10 };

/* The largest files so far, the largest first. */
struct largest {
    struct mayfly_usage_file *files;
    uint32_t n, most;
};

static int
visit(struct walk *w, const struct walk_file *f)
{
    struct largest *l = w->opaque;
    uint64_t bytes = (uint64_t)f->st.st_blocks * 512;
    uint32_t at = l->n;

    if (f->type != DT_REG)
        return 0;
    while (at > 0 && l->files[at - 1].bytes < bytes)
        at--;
    if (at == l->most)
        return 0;
    if (l->n < l->most)
        l->n++;
    memmove(&l->files[at + 1], &l->files[at],
        (l->n - at - 1) * sizeof l->files[0]);
    l->files[at].path = call_strdup(w->c, f->path);
    l->files[at].bytes = bytes;
    return 0;
}

int
op_usage_largest(struct call *c, const struct api_usage_largest_args *args,
    struct api_usage_largest_ret *ret)
{
    struct largest l = {
        .most = args->has_count ? (uint32_t)args->count : COUNT_DEFAULT};
    struct walk w = {.c = c,
        .top = args->directory,
        .stat = true,
        .visit = visit,
        .opaque = &l};

    l.files = call_alloc(c, l.most * sizeof l.files[0]);
    if (walk_top(&w) < 0)
        return -1;
    ret->value = l.files;
    ret->n_value = l.n;
    return 0;
}
END
    after appliance/agent/ops/module.mk 'ops/transfer.c' \
        <<< 'agent_sources += appliance/agent/ops/usage.c'
    before lib/libmayfly.symbols '^mayfly_free_utsname$' << 'END'
mayfly_free_usage_file
mayfly_free_usage_file_list
END
    before lib/libmayfly.symbols '^mayfly_utimens$' <<< mayfly_usage_largest
}

use()
{
    local fill='fill 97 1000 /a : fill 97 900000 /b : fill 97 90000 /c'
    # shellcheck disable=SC2086
    mayfish -N fs -m /dev/sda1 $fill : usage-largest / count:2 > largest
    [ "$(sed -n 's/^  path: //p' largest)" = $'b\nc' ] ||
        fail "these are not the largest: $(cat largest)"
    expect_error 1 'usage_largest: /missing: No such file' \
        mayfish -N fs -m /dev/sda1 usage-largest /missing
    [ -e "$copy/gen/man/mayfly-usage.3" ] || fail "it has no page"
    python3 "$copy/tests/api/examples.py" usage_largest > examples ||
        fail "its examples fail: $(cat examples)"
    [ "$(grep -c '^ok .*usage_largest' examples)" = 2 ] ||
        fail "its examples did not run"
}
