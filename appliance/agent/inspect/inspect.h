/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <mayfly-types.h>

#include <stdbool.h>
#include <stdint.h>

struct call;
struct list;

struct mounted_guest;

/* What to read of each system beside what it is. */
struct inspect_wishes {
    bool applications, icon;
    /* Called with the system's root directory, all its file systems in it;
     * NULL: no facts. */
    void (*facts)(struct call *c, int root, struct mounted_guest *guest,
        struct mayfly_inspection_root *s, void *opaque);
    void *opaque;
};

/* Look at everything.  Nothing of the guest may be mounted. */
int inspect_all(struct call *c, const struct inspect_wishes *wishes,
    struct mayfly_inspection *ret);

/* Of the system on S->root: look at it once more, for its packages (struct
 * mayfly_application2) or its logo.  What is mounted for the calls is used as
 * it is; if nothing is, the file systems of S are mounted. */
int inspect_packages(struct call *c, const struct mayfly_inspection_root *s,
    struct list *packages);
int inspect_icon(struct call *c, const struct mayfly_inspection_root *s,
    bool favicon, bool highquality, uint8_t **ret, uint32_t *ret_size);
