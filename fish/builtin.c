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
    {"add-domain domain",
        "add-domain DOMAIN [libvirturi:URI] [readonly:true|false]",
        "add the disks of a libvirt domain, and print how many they are",
        "guestfish's other options are accepted, without an effect.\n", "-", 1,
        10, builtin_add_domain},
    {"clear-backend-setting", "clear-backend-setting NAME",
        "remove a setting of the backend, and print how many there were", NULL,
        "-", 1, 1, builtin_clear_backend_setting},
    {"copy-in", "copy-in LOCAL... REMOTEDIR",
        "copy files and folders of the host into a folder of the guest",
        "Folders are copied with all that is in them.\n", "hp", 2, SIZE_MAX,
        builtin_copy_in},
    {"copy-out", "copy-out REMOTE... LOCALDIR",
        "copy files and folders of the guest into a folder of the host",
        "Folders are copied with all that is in them.\n", "p", 2, SIZE_MAX,
        builtin_copy_out},
    {"copy-size", "copy-size SRC DEST SIZE",
        "copy bytes between files and devices; older name of copy-*-to-*", NULL,
        "pp-", 3, 3, builtin_copy_size},
    {"dd", "dd SRC DEST",
        "copy a file or device over another; older name of copy-*-to-*", NULL,
        "p", 2, 2, builtin_dd},
    {"delete-event", "delete-event NAME", "remove the event handlers NAME",
        NULL, "-", 1, 1, builtin_delete_event},
    {"display", "display FILE", "show a picture of the guest",
        "With $GUESTFISH_DISPLAY_IMAGE, or display(1).\n", "p", 1, 1,
        builtin_display},
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
    {"event", "event NAME EVENTS SCRIPT",
        "run a host command whenever something happens",
        "EVENTS is * or a list with commas of close, subprocess_quit, "
        "launch_done, progress, appliance, library, trace, enter and "
        "warning.  SCRIPT is run by $SHELL -c, or /bin/sh, with the event "
        "in $EVENT and what belongs to it in $1: the line of text, or the "
        "name of the command that begins (enter).  For progress, $3 is "
        "how much is done, of $4.\n",
        "-", 3, 3, builtin_event},
    {"get-backend-setting", "get-backend-setting NAME",
        "print a setting of the backend",
        "It is stored and printed again; it has no effect here.\n", "-", 1, 1,
        builtin_get_backend_setting},
    {"get-backend-settings", "get-backend-settings",
        "print all settings of the backend", NULL, "", 0, 0,
        builtin_get_backend_settings},
    {"glob", "glob COMMAND [ARG...]",
        "run a command for every file or device that the patterns match",
        "Words that start with / may hold *, ? and [].  Without a match they "
        "stay as they are.\n",
        "w", 1, SIZE_MAX, builtin_glob},
    {"hexedit", "hexedit FILE|DEVICE [MAX | START MAX]",
        "edit bytes of a file or device",
        "With $HEXEDITOR, or hexedit(1).  START and MAX are in bytes or "
        "with a unit; more than 16 MiB are edited only with a range.\n",
        "p-", 1, 3, builtin_hexedit},
    {"inspect-list-applications", "inspect-list-applications ROOT",
        "list the applications; older form of inspect-list-applications2", NULL,
        "d", 1, 1, builtin_list_applications},
    {"lcd", "lcd DIR", "change the shell's own folder", NULL, "h", 1, 1,
        builtin_lcd},
    {"less", "less FILE", "show a file of the guest with less", NULL, "p", 1, 1,
        builtin_less},
    {"list-events", "list-events", "list the event handlers", NULL, "", 0, 0,
        builtin_list_events},
    {"man manual", "man", "show the manual", NULL, "", 0, 0, builtin_man},
    {"more", "more FILE", "show a file of the guest with $PAGER or more", NULL,
        "p", 1, 1, builtin_more},
    {"not", "not COMMAND [ARG...]", "fail if the command succeeds", NULL, "w",
        1, SIZE_MAX, builtin_not},
    {"reopen", "reopen", "stop the appliance and start with a new handle",
        "The disks are forgotten; verbose and trace stay.\n", "", 0, 0,
        builtin_reopen},
    {"set-backend-setting", "set-backend-setting NAME VALUE",
        "set a setting of the backend",
        "It is stored and printed again; it has no effect here.\n", "-", 2, 2,
        builtin_set_backend_setting},
    {"set-backend-settings", "set-backend-settings LIST",
        "set all settings of the backend",
        "It is stored and printed again; it has no effect here.\n", "-", 1, 1,
        builtin_set_backend_settings},
    {"setenv", "setenv VARIABLE VALUE", "set a variable of the environment",
        NULL, "-", 2, 2, builtin_setenv},
    {"supported", "supported",
        "list the groups of features and whether they are available", NULL, "",
        0, 0, builtin_supported},
    {"time", "time COMMAND [ARG...]",
        "run a command and print how long it took", NULL, "w", 1, SIZE_MAX,
        builtin_time},
    {"unsetenv", "unsetenv VARIABLE", "remove a variable of the environment",
        NULL, "-", 1, 1, builtin_unsetenv},
    {"write-file", "write-file PATH CONTENT SIZE",
        "make a file; older form of write",
        "SIZE is the number of bytes of CONTENT, or 0 for all.\n", "p-", 3, 3,
        builtin_write_file},
    {"xfs-info", "xfs-info PATH|DEVICE",
        "print the geometry of an xfs file system; older form of xfs-info2",
        NULL, "p", 1, 1, builtin_xfs_info},
    {0},
};
