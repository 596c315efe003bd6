/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shell: one handle, and where it is in which script. */
#pragma once
#include <stdbool.h>
#include <stdio.h>

#include <mayfly.h>

#include "base/error.h"
#include "fish/printer.h"
#include "tool/tool.h"

struct line;

struct shell {
    struct mayfly *g;
    struct tool tool; /* the options */
    struct printer printer;

    /* Where commands come from.  SOURCE is NULL in command line mode; then
     * there is no "-<<END". */
    FILE *source;
    const char *file; /* its name for messages, NULL: give none */
    unsigned line;
    bool interactive; /* prompts, and goes on after an error */
    bool quit;        /* by the command of that name */
    bool json;        /* --json */
    bool piped;       /* stdout is that of "| host command" */

    struct error error; /* of the command that just failed */
    int code;           /* the exit code it would end a script with */
    int depth;          /* of glob, not and time within each other */
};

/* Fail the command with the library's last error; always -1. */
int shell_call_failed(struct shell *sh);

/* Run one line of the language.  Returns 0, or -1 after telling the error;
 * errors that the line wants ignored are told and return 0. */
int shell_run_line(struct shell *sh, const char *text);

/* Run one command of plain words: argv[0] is its name.  The error stays in
 * sh->error. */
int shell_run_words(struct shell *sh, char **argv);

/* Mark the error that was just set as one of usage; always -1. */
int shell_misused(struct shell *sh);

/* Tell sh->error, with the place in the script before it, and clear it. */
void shell_tell(struct shell *sh, const char *command);

/* Read lines from sh->source and run them until its end, "quit", or an error
 * if the shell is not interactive.  Returns an exit code. */
int shell_run_script(struct shell *sh);

/* CMD ARG... : CMD ARG... from the command line. */
int shell_run_command_line(struct shell *sh, char **words, size_t n);

/* The next line of the script without its newline, or NULL at its end.  The
 * caller frees it. */
char *shell_read_line(struct shell *sh);
