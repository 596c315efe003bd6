/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of builtins, and the builtins that need only a few lines. */
#include <config.h>

#include "fish/builtin.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "fish/host.h"

static int
builtin_quit(struct shell *sh, char **argv, size_t n)
{
    (void)argv, (void)n;
    sh->quit = true;
    return 0;
}

static int
builtin_echo(struct shell *sh, char **argv, size_t n)
{
    (void)sh;
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            putchar(' ');
        tool_print(stdout, argv[i]);
    }
    putchar('\n');
    return 0;
}

static int
builtin_lcd(struct shell *sh, char **argv, size_t n)
{
    (void)n;
    if (chdir(argv[0]) < 0)
        return error_errno(&sh->error, errno, "cannot change to %s", argv[0]);
    return 0;
}

static int
builtin_setenv(struct shell *sh, char **argv, size_t n)
{
    (void)n;
    if (setenv(argv[0], argv[1], 1) < 0)
        return error_errno(&sh->error, errno, "%s", argv[0]);
    return 0;
}

static int
builtin_unsetenv(struct shell *sh, char **argv, size_t n)
{
    (void)n;
    if (unsetenv(argv[0]) < 0)
        return error_errno(&sh->error, errno, "%s", argv[0]);
    return 0;
}

static int
builtin_man(struct shell *sh, char **argv, size_t n)
{
    (void)argv, (void)n;
    return host_run("man mayfish", &sh->error);
}

/* Success becomes failure; an error is not reported. */
static int
builtin_not(struct shell *sh, char **argv, size_t n)
{
    (void)n;
    if (shell_run_words(sh, argv) < 0) {
        if (sh->code == TOOL_USAGE || tool_interrupted())
            return -1;
        error_clear(&sh->error);
        return 0;
    }
    return error_set(&sh->error, EINVAL, "'%s' succeeded", argv[0]);
}

static int
builtin_time(struct shell *sh, char **argv, size_t n)
{
    double start = monotonic_seconds();

    (void)n;
    if (shell_run_words(sh, argv) < 0)
        return error_context(&sh->error, "%s", argv[0]);
    printf("elapsed time: %.2f seconds\n", monotonic_seconds() - start);
    return 0;
}

const struct builtin builtins[] = {
    {"help", "help [COMMAND|-l]", "list the commands, or explain one", NULL,
        "-", 0, 1, builtin_help},
    {"quit exit q", "quit", "leave the shell", NULL, "", 0, 0, builtin_quit},
    {"alloc allocate", "alloc FILE SIZE",
        "make a disk image with all its space and add it",
        "SIZE is in bytes, or with a unit as in 10G.\n", "h-", 2, 2,
        builtin_alloc},
    {"sparse", "sparse FILE SIZE", "make a sparse disk image and add it",
        "SIZE is in bytes, or with a unit as in 10G.\n", "h-", 2, 2,
        builtin_sparse},
    {"copy-in", "copy-in LOCAL... REMOTEDIR",
        "copy files and folders of the host into a folder of the guest",
        "Folders are copied with all that is in them.\n", "hp", 2, SIZE_MAX,
        builtin_copy_in},
    {"copy-out", "copy-out REMOTE... LOCALDIR",
        "copy files and folders of the guest into a folder of the host",
        "Folders are copied with all that is in them.\n", "p", 2, SIZE_MAX,
        builtin_copy_out},
    {"echo", "echo WORD...", "print the words", NULL, "-", 0, SIZE_MAX,
        builtin_echo},
    {"edit", "edit FILE", "edit a file of the guest",
        "With $EDITOR, or vi.  Owner, mode and attributes stay; a link is "
        "followed.\n",
        "p", 1, 1, builtin_edit},
    {"vi", "vi FILE", "edit a file of the guest with vi", NULL, "p", 1, 1,
        builtin_vi},
    {"emacs", "emacs FILE", "edit a file of the guest with emacs", NULL, "p", 1,
        1, builtin_emacs},
    {"glob", "glob COMMAND [ARG...]",
        "run a command for every file or device that the patterns match",
        "Words that start with / may hold *, ? and [].  Without a match they "
        "stay as they are.\n",
        "p", 1, SIZE_MAX, builtin_glob},
    {"lcd", "lcd DIR", "change the shell's own folder", NULL, "h", 1, 1,
        builtin_lcd},
    {"less", "less FILE", "show a file of the guest with less", NULL, "p", 1, 1,
        builtin_less},
    {"man", "man", "show the manual", NULL, "", 0, 0, builtin_man},
    {"more", "more FILE", "show a file of the guest with $PAGER or more", NULL,
        "p", 1, 1, builtin_more},
    {"not", "not COMMAND [ARG...]", "fail if the command succeeds", NULL, "p",
        1, SIZE_MAX, builtin_not},
    {"reopen", "reopen", "stop the appliance and start with a new handle",
        "The disks are forgotten; verbose and trace stay.\n", "", 0, 0,
        builtin_reopen},
    {"setenv", "setenv VARIABLE VALUE", "set a variable of the environment",
        NULL, "-", 2, 2, builtin_setenv},
    {"supported", "supported",
        "list the groups of features and whether they are available", NULL, "",
        0, 0, builtin_supported},
    {"time", "time COMMAND [ARG...]",
        "run a command and print how long it took", NULL, "p", 1, SIZE_MAX,
        builtin_time},
    {"unsetenv", "unsetenv VARIABLE", "remove a variable of the environment",
        NULL, "-", 1, 1, builtin_unsetenv},
    {0},
};
