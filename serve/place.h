/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A private folder for the socket and the view, removed at the latest when this
 * process has ended, however that came. */
#pragma once
#include <sys/types.h>

#include "base/error.h"

struct place {
    char *folder;        /* NULL: none */
    char *socket, *view; /* names in it, for the caller to make */
    pid_t janitor;
    int life; /* the janitor waits until no process has it open */
};

int place_make(struct place *p, struct error *err);

/* Remove it; a place of zeroes may be cleared. */
void place_clear(struct place *p);

#define cleanup_place __attribute__((cleanup(place_clear)))
