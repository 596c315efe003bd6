/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Landlock by its system calls: which files a process can still open. */
#pragma once
#include <stdbool.h>

/* The version the kernel has; 0: none. */
int landlock_version(void);

/* Rules that allow nothing yet, held by a file descriptor; -1 if the kernel has
 * no Landlock.  With NETWORK, TCP stays allowed. */
int landlock_new(bool network);

enum landlock_access {
    LANDLOCK_READ,    /* a file, or all files below a folder */
    LANDLOCK_EXECUTE, /* read and run */
    LANDLOCK_WRITE,   /* read and write, not truncate, of one file */
    LANDLOCK_RESIZE,  /* the same, and truncate */
    LANDLOCK_DEVICE,  /* read, write, ioctl of a device node */
};

/* Allow it for an open file or folder, or for a path (which may be absent).
 * 0, or -1 with errno. */
int landlock_allow_fd(int rules, int fd, enum landlock_access access);
int landlock_allow(int rules, const char *path, enum landlock_access access);

/* Apply the rules to the calling thread for ever; safe after fork. */
int landlock_enter(int rules);
