/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An allocator that fails when a test asks for it. */
#pragma once
#include <stdbool.h>

/* The N-th allocation from now on fails, once; 0: none does. */
void allocations_fail(long n);

/* How many there were since allocations_fail. */
long allocations_made(void);

/* The one that was to fail did not: no program could go on after that. */
bool allocations_spared(void);

/* How many are there now that were not freed. */
long allocations_alive(void);
