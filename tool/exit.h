/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit codes of every program; its struct tool_manual lists those that it can
 * return, and the manual page has them from there. */
#pragma once

enum tool_exit {
    TOOL_OK = 0,
    TOOL_FAILED = 1,        /* the job itself failed */
    TOOL_USAGE = 2,         /* the command line is wrong; nothing was done */
    TOOL_INPUT = 3,         /* an input image cannot be opened or understood */
    TOOL_KEYS = 4,          /* a device is encrypted and no key fits */
    TOOL_NO_OS = 5,         /* no operating system was found */
    TOOL_APPLIANCE = 6,     /* the appliance or QEMU cannot start */
    TOOL_HUNG_UP = 129,     /* SIGHUP */
    TOOL_INTERRUPTED = 130, /* SIGINT */
    TOOL_PIPE_CLOSED = 141, /* like death by SIGPIPE */
    TOOL_TERMINATED = 143,  /* SIGTERM */
};
