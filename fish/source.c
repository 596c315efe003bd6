/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of a script or of the terminal. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "fish/complete.h"
#include "fish/shell.h"

char *
shell_read_line(struct shell *sh)
{
    char *line = NULL;
    size_t room = 0;

    if (sh->interactive) {
        line = complete_read_line(sh);
        sh->line += line != NULL;
        return line;
    }
    ssize_t n = getline(&line, &room, sh->source);
    if (n < 0) {
        free(line);
        return NULL;
    }
    if (n > 0 && line[n - 1] == '\n')
        line[n - 1] = 0;
    sh->line++;
    return line;
}
