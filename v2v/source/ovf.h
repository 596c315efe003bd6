/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The description of a machine in an OVA: OVF 1.x and 2.0. */
#pragma once
#include <stddef.h>

#include "v2v/machine/guest.h"

/* The text of SIZE bytes.  Each disk gets the name of its file, without a
 * folder, as its member; PACKED says for each whether the file is
 * compressed. */
int ovf_read(
    const char *text, size_t size, struct guest *ret, struct error *err);
