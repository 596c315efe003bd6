/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: what is free is discarded in the image itself.  That
 * changes nothing that is in use, so a run may end at any time; what was
 * discarded until then is gained. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "resize/sparsify/trim.h"
#include "tool/size.h"
#include "tool/tool.h"

enum { STAT_BLOCK = 512 };

static int
add_disk(const struct sparsify *s, const struct tool *t, struct mayfly *g)
{
    struct mayfly_add_drive_options options = {
        .set = MAYFLY_ADD_DRIVE_DISCARD,
        .discard = "enable",
    };

    tool_allow(t, &options);
    if (s->format) {
        options.set |= MAYFLY_ADD_DRIVE_FORMAT;
        options.format = s->format;
    }
    if (s->blocksize) {
        options.set |= MAYFLY_ADD_DRIVE_BLOCKSIZE;
        options.blocksize = s->blocksize;
    }
    return mayfly_add_drive(g, s->in, &options) < 0
               ? tool_fail(g, TOOL_INPUT, NULL)
               : TOOL_OK;
}

static void
say_gain(const struct sparsify *s, const struct stat *before)
{
    char old[24], new[24];
    struct stat after;

    if (!S_ISREG(before->st_mode) || stat(s->in, &after) < 0)
        return;
    sparsify_say(s, "%s used %s of this host, and now %s", s->in,
        size_text((uint64_t)before->st_blocks * STAT_BLOCK, old),
        size_text((uint64_t)after.st_blocks * STAT_BLOCK, new));
}

static int
run(const struct sparsify *s, const struct tool *t, struct mayfly *g)
{
    cleanup_error struct error err = {0};
    int code = add_disk(s, t, g);

    if (code != TOOL_OK || (code = tool_launch(g)) != TOOL_OK)
        return code;
    if (trim_disk(s, g, false, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    return mayfly_shutdown(g) < 0 ? tool_fail(g, TOOL_FAILED, NULL) : TOOL_OK;
}

int
sparsify_in_place(const struct sparsify *s, struct tool *t)
{
    cleanup_mayfly struct mayfly *g = tool_handle(t);
    struct stat before = {0};

    if (!g)
        return TOOL_FAILED;
    if (stat(s->in, &before) < 0) {
        tool_error("cannot open %s: %s", s->in, strerror(errno));
        return TOOL_INPUT;
    }
    sparsify_say(s, "Examining %s", s->in);
    int code = run(s, t, g);
    if (code == TOOL_OK)
        say_gain(s, &before);
    tool_signals_watch(NULL);
    tool_progress_clear();
    return code;
}
