/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -N [FILE=]TYPE[:PARAMETER...]: new disks, with partitions and file systems in
 * them. */
#pragma once
#include <stddef.h>

#include "base/error.h"
#include "fish/shell.h"

enum { PREPARED_PARAMETERS = 6 };

struct prepared {
    const struct prepared_type *type;
    char *file;
    char *parameters[PREPARED_PARAMETERS]; /* NULL: the default */
};

struct prepared_list {
    struct prepared *val;
    size_t n;
};

/* Read the value of -N and add its disk to T. */
int prepared_add(struct prepared_list *list, struct tool *t, const char *value,
    struct error *err);

/* Create the files; before the disks are added. */
int prepared_create(const struct prepared_list *list, struct error *err);

/* Partition and format; after the launch.  On failure the error is in the
 * shell. */
int prepared_format(const struct prepared_list *list, struct shell *sh);

/* All types and their parameters, on stdout. */
void prepared_help(void);

void prepared_free(struct prepared_list *list);
