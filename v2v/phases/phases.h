/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A copy in phases: the whole of the disks while the machine runs, what has
 * changed since as often as wanted, and the last changes when it is down. */
#pragma once
#include "v2v/phases/phase_state.h"

enum phase {
    PHASE_NONE, /* all at once */
    PHASE_FULL,
    PHASE_DELTA,
    PHASE_REHEARSE, /* convert what is there, and forget it */
    PHASE_FINAL,
};

struct phases {
    char *folder; /* NULL: there are none */
    int lock;
    struct phase_state state;
    bool cut; /* the pass before did not come to its end */
};

/* What a pass took, of all disks. */
struct phase_totals {
    uint64_t read, written; /* bytes */
};

struct phase_options {
    const char *bitmap; /* a dirty bitmap of all sources; NULL: compare */
    uint64_t bwlimit;
};

/* The phase of that name; PHASE_NONE: there is none. */
enum phase phase_find(const char *name);

/* Open FOLDER/NAME.transfer; PHASE_FULL makes it, or makes it anew if it is of
 * another machine.  The copies have FORMAT, where they can. */
int phases_open(struct phases *ret, enum phase phase, const char *folder,
    const struct guest *guest, const char *format, struct error *err);

/* Make the copies what the sources are. */
int phases_copy(struct phases *p, const struct guest *guest,
    const struct phase_options *options, struct phase_totals *ret,
    struct error *err);

/* From here on GUEST's disks are the copies. */
int phases_use(const struct phases *p, struct guest *guest, struct error *err);

/* The copies are going to be converted. */
int phases_give(struct phases *p, struct error *err);

/* They have become the result: nothing stays but that. */
void phases_remove(struct phases *p);

void phases_close(struct phases *p);
