/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tool/table.h"

#include "base/strv.h"

static bool
is_own(const struct tool_program *program, const struct tool_option *shared)
{
    for (const struct tool_option *o = program->options;
         o && (o->name || o->letter || o->help); o++) {
        if (o->name && shared->name && str_equal(o->name, shared->name))
            return true;
    }
    return false;
}

const struct tool_option *
table_at(const struct tool_program *program, size_t i)
{
    for (const struct tool_option *o = program->options;
         o && (o->name || o->letter || o->help); o++) {
        if (i-- == 0)
            return o;
    }
    const struct tool_option *o;
    for (size_t row = 0; (o = shared_at(program->groups, row)); row++) {
        if (!is_own(program, o) && i-- == 0)
            return o;
    }
    return NULL;
}
