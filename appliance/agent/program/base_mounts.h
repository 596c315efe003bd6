/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file systems that every Linux has: those of the appliance, and of the
 * namespace in which a program of the guest runs. */
#pragma once
struct base_mount {
    const char *type, *where, *options;
    unsigned long flags;
};

enum { BASE_MOUNTS = 6 };
extern const struct base_mount base_mounts[BASE_MOUNTS];

/* Only a system call; -1 with errno. */
int base_mount(const struct base_mount *m);
