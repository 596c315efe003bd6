/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The status of a running engine, and removing saved appliances. */
#pragma once
#include <stdint.h>

#include "base/error.h"

struct engine;
struct mayfly;

/* Names and texts alternate; the caller frees the vector. */
int engine_status(struct engine *e, char ***ret, struct error *err);

/* Remove the saved appliances that were not used for DAYS (0: all of them, and
 * what is known about KVM); *ret is how many there were. */
int engine_clean(struct mayfly *g, int days, int32_t *ret, struct error *err);
