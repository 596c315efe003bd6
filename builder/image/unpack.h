/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a published template (plain or .xz) to a sparse file. */
#pragma once
#include <stdint.h>

#include "base/error.h"

/* Unpack file IN, from its start, into the empty file OUT; holes stay holes.
 * More than MAX bytes are an error. */
int unpack_template(int in, int out, uint64_t max, struct error *err);
