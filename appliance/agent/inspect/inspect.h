/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <mayfly-types.h>

#include <stdbool.h>
#include <stdint.h>

struct call;
struct list;

/* Look at everything.  Nothing of the guest may be mounted. */
int inspect_all(struct call *c, bool applications, bool icon,
    struct mayfly_inspection *ret);

/* Of the system on S->root: look at it once more, for its packages (struct
 * mayfly_application2) or its logo.  What is mounted for the calls is used as
 * it is; if nothing is, the file systems of S are mounted. */
int inspect_packages(struct call *c, const struct mayfly_inspection_root *s,
    struct list *packages);
int inspect_icon(struct call *c, const struct mayfly_inspection_root *s,
    bool favicon, bool highquality, uint8_t **ret, uint32_t *ret_size);
