/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edits of a guest: write a file, set a password, run a command, ...
 *
 * The operations are those of virt-customize(1) and keep their names and
 * meanings.  To add one: a function in the file for its kind and an entry in
 * the table of steps.c; options, help, manual and completion follow from
 * that. */
#pragma once
#include <mayfly.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "tool/options.h"

struct operation;

/* One requested operation. */
struct step {
    const struct operation *operation;
    char *value;  /* the whole value, NULL if it takes none */
    char *first;  /* before the first ":" of a pair; else the value */
    char *second; /* after it, NULL if there was no ":" */
};

/* All operations, in the order of the command line. */
struct customize {
    struct step *steps;
    size_t n_steps;
    const char *password_crypto; /* NULL: the guest's default */
    bool no_logfile;
    bool no_selinux_relabel;
    bool keep_identity; /* the guest keeps its identity */
};

/* Add an operation.  Errors in VALUE are reported here, before anything is
 * started. */
int customize_add(struct customize *c, const char *name, const char *value,
    struct error *err);
void customize_free(struct customize *c);

/* A description of step I, in one line without secrets; the caller frees it. */
char *customize_describe(const struct customize *c, size_t i);

/* Does one of the steps set a password of this user? */
bool customize_sets_password(const struct customize *c, const char *user);

/* Does a step need a network in the appliance? */
bool customize_wants_network(const struct customize *c);

/* Who gets one line for each thing that is done; PASSWORD is true if the line
 * contains a new password that is shown nowhere else. */
struct sayer {
    void (*say)(void *opaque, bool password, const char *text);
    void *opaque;
};

/* Do all steps to the guest ROOT, whose file systems are mounted in G. */
int customize_run(const struct customize *c, struct mayfly *g,
    const struct mayfly_inspection_root *root, const struct sayer *sayer,
    struct error *err);

/* Add the options for all operations and settings, at most N of them, to the
 * table of a program; OFFSET is the place of the struct customize in the
 * program's own structure.  Returns how many there are. */
size_t customize_options(struct tool_option *table, size_t n, size_t offset);
