/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edits of a guest: write a file, set a password, run a command, ...
 *
 * The operations are those of virt-customize(1) and keep their names and
 * meanings.  Adding one: a function in the file of its kind and an entry in
 * the table of steps.c; options, help, manual and completion follow. */
#pragma once
#include <mayfly.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "tool/options.h"

struct operation;

/* One operation to be done, as it was asked for. */
struct step {
    const struct operation *operation;
    char *value;  /* the whole value, NULL if it takes none */
    char *first;  /* before the first ":" of a pair; else the value */
    char *second; /* behind it, NULL if there was no ":" */
};

/* What is to be done, in the order of the command line. */
struct customize {
    struct step *steps;
    size_t n_steps;
    const char *password_crypto; /* NULL: as the guest is used to */
    bool no_logfile;
    bool no_selinux_relabel;
    bool keep_identity; /* it stays the machine that it was */
};

/* Add an operation.  What can be wrong with VALUE is said here, before
 * anything is started. */
int customize_add(struct customize *c, const char *name, const char *value,
    struct error *err);
void customize_free(struct customize *c);

/* What step I is, in one line without a secret; to be freed. */
char *customize_describe(const struct customize *c, size_t i);

/* Is a password of this user set by one of the steps? */
bool customize_sets_password(const struct customize *c, const char *user);

/* Does a step want a network in the appliance? */
bool customize_wants_network(const struct customize *c);

/* Do all steps to the guest ROOT, whose file systems are mounted in G.
 * SAY is told what is being done, a line at a time; PASSWORD whether the line
 * holds one, which nobody would know otherwise. */
int customize_run(const struct customize *c, struct mayfly *g,
    const struct mayfly_inspection_root *root,
    void (*say)(bool password, const char *text), struct error *err);

/* The options for all operations and settings, N of them at most, into the
 * table of a program; OFFSET is where its own structure holds the struct
 * customize.  Returns how many there are. */
size_t customize_options(struct tool_option *table, size_t n, size_t offset);
