/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The inside of the engine, for the files of this folder. */
#pragma once
#include "lib/engine/engine.h"
#include "lib/engine/vm.h"

struct reached;

/* What a disk has in QEMU: the files handed over, the top node and, if it was
 * made on its own, the one below the overlay. */
struct plugged {
    int *sets;
    size_t n_sets;
    char *node, *node_below;
    struct reached *reached; /* the way to its server; NULL: it is here */
};

/* The end of the VM: ending.c. */
struct ending {
    int patience;     /* seconds without a sign of a write */
    double longest;   /* when all patience ends */
    uint64_t written; /* as counted last */
    int silent;       /* questions since the count has moved */
};

struct engine {
    struct launch launch;
    struct vm vm;
    struct network *network;         /* NULL: none, or QEMU's own */
    struct saved_appliance template; /* it was resumed from */
    bool resumed;
    bool fresh; /* ... which was made just now */
    /* The place reserved for the first disk: not there, empty, or in use by
     * it. */
    enum { SLOT_NONE, SLOT_EMPTY, SLOT_TAKEN } slot;
    unsigned slot_keys; /* of that disk, until QEMU has resumed */
    int next_set;       /* of files handed to QEMU */
    struct plugged plugged[ENGINE_TARGETS];
    struct ending ending;
};

/* After "quit": false if it goes on without writing anything. */
bool engine_wait_end(struct engine *e);

/* Only here; QEMU is not asked for anything. */
void engine_forget_disk(struct engine *e, unsigned target);
void engine_forget_disks(struct engine *e);

void launch_clear(struct launch *l);
int launch_prepare(struct mayfly *g, struct launch *ret, struct error *err);
