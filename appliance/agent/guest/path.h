/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths of the guest: the only resolver. */
#pragma once
#include <sys/types.h>

struct call;

/* Where the guest's file systems are mounted. */
#define SYSROOT "/sysroot"

/* Open a path below SYSROOT as the guest would see it: every link, absolute
 * ones too, stays inside.  The error names the path.  FLAGS as for open(2);
 * O_CLOEXEC is added. */
int path_open(struct call *c, const char *path, int flags, mode_t mode);

/* The folder that holds the last component (O_PATH), and that component
 * (in the call's memory; "." for "/").  For unlink, mkdir, rename, ... */
int path_open_parent(struct call *c, const char *path, char **ret_name);

/* Both fail while nothing is mounted.  These, for mounting, do not; the first
 * opens with O_PATH. */
int path_open_mountpoint(struct call *c, const char *path);
int path_open_mountpoint_parent(
    struct call *c, const char *path, char **ret_name);

/* The path after following every link, as seen from the guest's root; and
 * that of an open file, PATH being for the error. */
char *path_real(struct call *c, const char *path);
char *path_of(struct call *c, int fd, const char *path);

/* /proc/self/fd/N for calls that know only paths (setxattr, mount). */
char *fd_path(struct call *c, int fd);

/* Fails the call if nothing is mounted on SYSROOT. */
int need_root(struct call *c);

/* Resolve below FOLDER instead of SYSROOT from now on: for the tests. */
void path_use_root(const char *folder);
