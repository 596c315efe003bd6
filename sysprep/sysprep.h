/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operations on a guest. */
#pragma once
#include "sysprep/run.h"
#include "sysprep/selection.h"

struct sysprep {
    struct run_options run;
    struct sysprep_settings settings;
    bool verbose; /* also say what is not done */
};

/* A guest_work, whose opaque is a struct sysprep. */
int sysprep_guest(void *opaque, struct job *job,
    struct mayfly_inspection_root *root, struct error *err);
