/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shell: one handle, and the position in a script. */
#pragma once
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include <mayfly.h>

#include "base/error.h"
#include "fish/printer.h"
#include "tool/tool.h"

struct builtin;
struct event_handler;

struct shell {
    struct mayfly *g;
    struct tool tool; /* the options */
    struct printer printer;
    const struct builtin *builtins; /* ended by a row of zeros */

    /* Where commands come from.  SOURCE is NULL in command line mode; then
     * there is no "-<<END". */
    FILE *source;
    const char *file; /* its name for messages; NULL: messages name no file */
    unsigned line;
    bool interactive; /* prints prompts, and goes on after an error */
    bool quit;        /* set by the command of that name */
    bool json;        /* --json */
    bool piped;       /* stdout is the pipe to "| host command" */
    bool pipe_error;  /* --pipe-error: such a pipe that is closed is an error */
    bool no_paths;    /* --no-dest-paths: complete no paths of the guest */
    bool ignore_error; /* "-" is before the command that runs */
    bool unanswered;   /* its server did not run it: no error to ignore */
    pid_t server; /* --remote: it runs the commands; 0: this process does */

    struct event_handler *events; /* the newest first */
    int n_events;                 /* how many there ever were */
    bool traced, debugged;        /* with those, the state of -x and -v */
    bool looking; /* the shell's own questions are not reported */

    /* NAME=VALUE of what is only stored, see settings.h. */
    char **properties, **backend_settings;

    struct error error; /* of the command that just failed */
    int code;           /* the exit code with which it would end a script */
    int depth;          /* nesting depth of glob, not and time */
};

/* Fail the command with the library's last error; always -1. */
int shell_call_failed(struct shell *sh);

/* Run one line of the language.  Returns 0, or -1 after reporting the error;
 * errors that the line says to ignore are reported and return 0. */
int shell_run_line(struct shell *sh, const char *text);

/* Run one command of plain words: argv[0] is its name.  The error stays in
 * sh->error. */
int shell_run_words(struct shell *sh, char **argv);

/* Mark the error that was just set as a usage error; always -1. */
int shell_misused(struct shell *sh);

/* Report sh->error, with the place in the script before it, and clear it. */
void shell_report(struct shell *sh, const char *command);

/* Read lines from sh->source and run them until its end, "quit", or an error
 * if the shell is not interactive.  Returns an exit code. */
int shell_run_script(struct shell *sh);

/* CMD ARG... : CMD ARG... from the command line. */
int shell_run_command_line(struct shell *sh, char **words, size_t n);

/* The next line of the script without its newline, or NULL at its end.  The
 * caller frees it. */
char *shell_read_line(struct shell *sh);
