/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One package, as every reader fills it in. */
#pragma once
#include <mayfly-types.h>

#include <stdbool.h>

struct call;
struct list;

/* One more package, every string of it empty. */
struct mayfly_application2 *package_add(struct call *c, struct list *packages);

/* Cut [EPOCH:]VERSION[-RELEASE] in place, at the first hyphen.  False if the
 * epoch is no number. */
bool package_set_version(struct mayfly_application2 *p, char *version);
