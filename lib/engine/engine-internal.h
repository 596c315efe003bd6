/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The inside of the engine, for the files of this folder. */
#pragma once
#include "lib/engine/engine.h"
#include "lib/engine/vm.h"

struct engine {
    struct launch launch;
    struct vm vm;
    struct template template; /* it was resumed from */
    bool resumed;
    bool fresh; /* ... which was made just now */
    /* The place reserved for the first disk: not there, empty, or in use by
     * it. */
    enum { SLOT_NONE, SLOT_EMPTY, SLOT_TAKEN } slot;
    int next_set; /* of files handed to QEMU */
};

void launch_clear(struct launch *l);
int launch_prepare(struct mayfly *g, struct launch *ret, struct error *err);
