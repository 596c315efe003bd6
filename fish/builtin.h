/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands that are not calls of the library. */
#pragma once
#include <stddef.h>

#include "fish/shell.h"

struct builtin {
    const char *names; /* separated by blanks, the main one first */
    const char *usage;
    const char *summary;
    const char *doc;    /* NULL: the summary says everything */
    const char *kinds;  /* as in struct command; the last letter repeats */
    size_t least, most; /* words after the name */
    /* N words; the vector ends with NULL and may be changed. */
    int (*run)(struct shell *sh, char **argv, size_t n);
};

/* All of them, ended by a row of zeros. */
extern const struct builtin builtins[];

/* builtin_files.c: those that move files between guest and host. */
int builtin_edit(struct shell *sh, char **argv, size_t n);
int builtin_vi(struct shell *sh, char **argv, size_t n);
int builtin_emacs(struct shell *sh, char **argv, size_t n);
int builtin_copy_in(struct shell *sh, char **argv, size_t n);
int builtin_copy_out(struct shell *sh, char **argv, size_t n);

/* builtin_view.c: those that show them. */
int builtin_more(struct shell *sh, char **argv, size_t n);
int builtin_less(struct shell *sh, char **argv, size_t n);
int builtin_display(struct shell *sh, char **argv, size_t n);
int builtin_hexedit(struct shell *sh, char **argv, size_t n);

/* builtin_old.c: those that newer commands replace. */
int builtin_add_domain(struct shell *sh, char **argv, size_t n);
int builtin_copy_size(struct shell *sh, char **argv, size_t n);
int builtin_dd(struct shell *sh, char **argv, size_t n);
int builtin_list_applications(struct shell *sh, char **argv, size_t n);
int builtin_write_file(struct shell *sh, char **argv, size_t n);
int builtin_xfs_info(struct shell *sh, char **argv, size_t n);

/* settings.c: those that are only stored. */
int builtin_set_backend_setting(struct shell *sh, char **argv, size_t n);
int builtin_get_backend_setting(struct shell *sh, char **argv, size_t n);
int builtin_clear_backend_setting(struct shell *sh, char **argv, size_t n);
int builtin_set_backend_settings(struct shell *sh, char **argv, size_t n);
int builtin_get_backend_settings(struct shell *sh, char **argv, size_t n);

/* events.c */
int builtin_event(struct shell *sh, char **argv, size_t n);
int builtin_delete_event(struct shell *sh, char **argv, size_t n);
int builtin_list_events(struct shell *sh, char **argv, size_t n);

/* builtin_disks.c: those that make disks and handles. */
int builtin_alloc(struct shell *sh, char **argv, size_t n);
int builtin_sparse(struct shell *sh, char **argv, size_t n);
int builtin_reopen(struct shell *sh, char **argv, size_t n);
int builtin_supported(struct shell *sh, char **argv, size_t n);

/* glob.c */
int builtin_glob(struct shell *sh, char **argv, size_t n);

/* help.c */
int builtin_help(struct shell *sh, char **argv, size_t n);
