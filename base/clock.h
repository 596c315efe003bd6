/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <time.h>

/* Seconds of CLOCK_MONOTONIC, for deadlines and durations. */
static inline double
monotonic_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
