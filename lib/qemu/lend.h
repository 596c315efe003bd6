/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file that QEMU opens for reading and writing, though it only maps it
 * copy-on-write: QEMU before 8.2 does that with the RAM of a saved appliance.
 * It gets the file in a form that no one can write to.
 *
 * Where the kernel can (Linux 5.9), QEMU's open is answered with a read-only
 * descriptor of the file: a mapping that is private needs no more.  A filter
 * of seccomp stops openat(2) with exactly the flags of that open; the keeper
 * is asked and puts its own descriptor into QEMU.  Later opens with these flags
 * go on as they are, within the rest of the cage.
 * It costs one switch of processes, and the page cache is shared as before.
 *
 * Elsewhere, or where a container listens already, QEMU gets a memfd with the
 * same content, sealed against writing, which can still be opened for writing.
 * That takes the time and the memory of a copy.
 *
 * Only system calls: these run after fork. */
#pragma once
#include <sys/types.h>

struct lend {
    int file;     /* what QEMU gets; -1: neither way works here */
    int listener; /* -1: FILE is a copy, and there is nothing to answer */
};

/* In the keeper, before it forks QEMU, which inherits the filter. */
struct lend lend_start(int file);

/* Wait until QEMU (PID) has opened the file, or has ended, or one of the N
 * files STOP becomes readable. */
void lend_answer(struct lend *l, int pidfd, const int *stop, size_t n);

/* One open after that, which LISTENER reports: let it go on. */
void lend_pass(int listener);
