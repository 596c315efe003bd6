/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A copy in phases: the whole disks while the machine runs, then the changes as
 * often as wanted, and the last changes once it is off. */
#pragma once
#include "v2v/phases/phase_state.h"

enum phase {
    PHASE_NONE, /* everything at once */
    PHASE_FULL,
    PHASE_DELTA,
    PHASE_REHEARSE, /* convert the copy, and discard the result */
    PHASE_FINAL,
};

struct phases {
    char *folder; /* NULL: no phases */
    int lock;
    struct phase_state state;
    bool cut; /* the previous pass was not completed */
};

/* The bytes of a pass, over all disks. */
struct phase_totals {
    uint64_t read, written; /* bytes */
};

struct tool;

struct phase_options {
    const char *bitmap; /* a dirty bitmap of all sources; NULL: compare */
    uint64_t bwlimit;
    const struct tool *tool; /* its keys open the sources */
};

/* The phase of that name; PHASE_NONE: unknown. */
enum phase phase_find(const char *name);

/* Open FOLDER/NAME.transfer; PHASE_FULL creates it, or creates it again if it
 * belongs to another machine.  The copies have FORMAT where possible. */
int phases_open(struct phases *ret, enum phase phase, const char *folder,
    const struct guest *guest, const char *format, struct error *err);

/* Bring the copies up to date with the sources. */
int phases_copy(struct phases *p, const struct guest *guest,
    const struct phase_options *options, struct phase_totals *ret,
    struct error *err);

/* Make the copies GUEST's disks. */
int phases_use(const struct phases *p, struct guest *guest, struct error *err);

/* Record that the copies are about to be converted. */
int phases_give(struct phases *p, struct error *err);

/* They have become the result: remove everything else. */
void phases_remove(struct phases *p);

void phases_close(struct phases *p);
