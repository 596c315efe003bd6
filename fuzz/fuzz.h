/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fuzz target is a file with this one function.  libFuzzer calls it
 * (fuzz/run), or replay.c with the seeds (make check). */
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that must hold for any input. */
#define HOLDS(condition)                                                       \
    do {                                                                       \
        if (!(condition))                                                      \
            __builtin_trap();                                                  \
    } while (0)
