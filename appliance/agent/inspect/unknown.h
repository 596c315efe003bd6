/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices on which libblkid finds nothing. */
#pragma once

struct call;
struct list;
struct volume;

/* Say what it is as far as its first bytes, TYPE (of its partition, or "") or
 * their absence say so. */
void unknown_note(struct call *c, struct list *notes, const struct volume *v,
    const char *type);
