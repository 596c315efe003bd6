/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Patterns over old content. */
#include <config.h>

#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "ops-scrub.h"

int
op_scrub_file(struct call *c, const struct api_scrub_file_args *args)
{
    const char *path = tool_path(c, args->file);

    return path ? run_tool(c, NULL, "scrub", "-r", path, NULL) : -1;
}

int
op_scrub_freespace(struct call *c, const struct api_scrub_freespace_args *args)
{
    const char *path = tool_path_new(c, args->dir);

    return path ? run_tool(c, NULL, "scrub", "-X", path, NULL) : -1;
}
