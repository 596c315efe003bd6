/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the manual page of a program has beside its option table.
 *
 * All texts are plain; tool/roff.c alone knows roff.  A blank line ends a
 * paragraph.  At the start of a line
 *
 *     "* TERM"      opens an item of a list, whose text follows
 *     "## TITLE"    opens a subsection
 *     four blanks   are code, left as it stands
 *
 * and `words` between backticks, options, $VARIABLES and other pages (name(1))
 * become bold. */
#pragma once
#include <stddef.h>
#include <stdio.h>

/* More about one option than its line in --help. */
struct tool_detail {
    const char *option; /* its name in the table, or its letter; NULL ends */
    const char *text;
};

struct tool_section {
    const char *title; /* NULL ends */
    const char *text;
};

/* Commands that tests/cli/examples-manual.sh runs as they stand. */
struct tool_example {
    const char *text;    /* what it is good for; NULL ends */
    const char *command; /* lines end in "\\\n" where the shell joins them */
    const char *needs;   /* NULL: nothing that a test lacks; else that, and
                          * only the command line is tested */
};

/* An exit status that the program can have. */
struct tool_status {
    int code;
    const char *text; /* NULL: what the code always means; TOOL_OK is the
                       * first row, a row of zeros ends the table */
};

struct tool_manual {
    const char *description;
    const struct tool_detail *details;       /* of the program's options */
    const struct tool_detail *group_details; /* of a table it includes */
    const struct tool_section *sections;
    const struct tool_status *statuses;
    const struct tool_example *examples;
    const char *see_also; /* "mayfish(1) guestfish(1)" */

    /* More sections, from tables of the program; or NULL. */
    void (*put_more)(FILE *out);
};
