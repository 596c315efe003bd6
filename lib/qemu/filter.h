/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The system calls that a caged process may make: a list of what QEMU needs.
 * QEMU's own filter (-sandbox) is a list of what it must not do, and leaves the
 * rest; this one is below it, from before its first instruction. */
#pragma once
#include <stdbool.h>

#include "base/error.h"

struct sock_fprog;

/* What is in the cage. */
enum caged {
    CAGED_QEMU,
    CAGED_PASST, /* the network of a guest: lib/network */
    CAGED_GATE,  /* what stands between the two; it runs no program */
};

struct filter_request {
    enum caged what;
    const char *program; /* the only string that execve may be given, at this
                          * address: it is run once.  NULL: any program, as
                          * many as it likes (a script in QEMU's place) */
    bool network;        /* QEMU: sockets of its own: IP, Unix, netlink */
    bool parent;         /* it may ask for SIGTERM when its parent ends */
    bool kvm;
};

/* The program for the kernel, in memory of its own; NULL without an error if
 * this kernel has no filters. */
int filter_make(
    const struct filter_request *r, struct sock_fprog **ret, struct error *err);
void filter_free(struct sock_fprog *filter);

/* Apply it to the calling thread for ever; safe after fork. */
bool filter_enter(const struct sock_fprog *filter);
