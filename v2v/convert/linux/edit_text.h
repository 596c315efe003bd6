/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the edits: a text is written to a memory stream, line by line or word
 * by word; what is not changed is copied as it is, blanks included. */
#pragma once
#include <stddef.h>
#include <stdio.h>

#include "v2v/convert/linux/edit.h"

static const char edit_blanks[] = " \t\r";

/* The edit of a text: PUT writes one line of it, without its newline. */
struct line_edit {
    int (*put)(const struct line_edit *e, FILE *f, const char *line,
        const struct edit_name *at, struct error *err);
    edit_rename rename;
    void *opaque;
    unsigned column;
    int (*drop)(const char *line);
};

char *edit_each_line(
    const struct line_edit *e, const char *text, struct error *err);

/* The first N bytes of S with the devices in them renamed; AT has the place,
 * but no name. */
int edit_put_names(const struct line_edit *e, FILE *f, const char *s, size_t n,
    const struct edit_name *at, struct error *err);

/* The same if S may also be or start with a tag such as UUID=1-2. */
int edit_put_value(const struct line_edit *e, FILE *f, const char *s, size_t n,
    const struct edit_name *at, struct error *err);

/* If the name of a device's unit starts at *P, in a text that starts at START,
 * put it, renamed, move *P to its ending and return 1; 0 if none does. */
int edit_put_unit(const struct line_edit *e, FILE *f, const char *start,
    const char **p, const struct edit_name *at, struct error *err);

int edit_put_command_line(const struct line_edit *e, FILE *f, const char *line,
    const struct edit_name *at, struct error *err);
