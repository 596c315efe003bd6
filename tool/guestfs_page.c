/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mayfly-guestfs is a shell script.  This is its command line as a table, so
 * that its page, help and completion are made as those of the programs are. */
#include <config.h>

#include "tool/guestfs_manual.h"
#include "tool/tool.h"

static int
set_nothing(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    (void)opaque, (void)option, (void)value, (void)err;
    return 0;
}

static const struct tool_option options[] = {
    {"allow", 0, "FOLDER", "let images name files of this folder", set_nothing,
        0},
    {"check", 0, NULL, "list the calls that PROGRAM imports", set_nothing, 0},
    {"list", 0, NULL, "list all calls of libguestfs, and which Mayfly has",
        set_nothing, 0},
    {0},
};

static const struct tool_program program = {
    .name = "mayfly-guestfs",
    .summary = "run programs for libguestfs on Mayfly",
    .usage = "[--allow FOLDER]... COMMAND [ARGUMENT...]\n"
             "--check PROGRAM\n"
             "--list",
    .options = options,
    .groups = TOOL_ALONE,
    .manual = &guestfs_manual,
};

int
main(int argc, char **argv)
{
    cleanup_tool struct tool t;

    tool_parse(&t, &program, argc, argv, NULL);
    return TOOL_OK;
}
