/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside facts/: the devices that files of the guest name. */
#pragma once
#include <stdbool.h>

struct facts;
struct fact_row;
struct volume;

/* The device that SPEC is, or NULL: it is none of those that are here. */
const struct volume *facts_resolve(struct facts *f, const char *spec);

/* Is SPEC the name of a device: UUID=..., /dev/...? */
bool facts_is_device(const char *spec);

/* Add "device", "found" and what has to be opened first ("stack"). */
void facts_device(struct facts *f, struct fact_row *r, const char *what,
    const char *type, const char *options);
