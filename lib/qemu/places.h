/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files of the host that a caged process may see, in one list: the mount
 * namespace holds nothing else (jail.c), and Landlock allows nothing else. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum place_access {
    PLACE_READ,
    PLACE_EXECUTE, /* and read */
    PLACE_DEVICE,  /* read, write, ioctl */
};

struct place {
    char *path;
    enum place_access access;
};

struct places {
    struct place *list;
    size_t n;
};

struct place_request {
    const char *binary; /* its installation; NULL: no program, no places */
    bool network;       /* what names of hosts and certificates need */
    bool resolver;      /* the list of name servers */
    bool agent;         /* the user's ssh agent and known hosts */
    bool kvm;
};

int places_list(
    const struct place_request *r, struct places *ret, struct error *err);
void places_clear(struct places *p);
