/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whole reads and writes, and files that appear only when complete. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* Read or write exactly SIZE bytes, across short counts and EINTR.  Returns
 * 0; -1 with errno (read_all at end of file: ENODATA). */
int read_all(int fd, void *data, size_t size);
int write_all(int fd, const void *data, size_t size);
int pread_all(int fd, void *data, size_t size, off_t offset);
int pwrite_all(int fd, const void *data, size_t size, off_t offset);

/* The content of a file, with a NUL after it that is not counted.  Larger than
 * MAX bytes: error EFBIG.  The caller frees it. `ret_size` may be NULL. */
char *read_file(
    const char *path, size_t max, size_t *ret_size, struct error *err);
char *read_file_at(int dirfd, const char *path, size_t max, size_t *ret_size,
    struct error *err);

/* A file made under a temporary name beside PATH and put there when whole:
 *
 *     cleanup_output struct output out;
 *     if (output_open(&out, path, 0666, err) < 0)  return -1;
 *     ... write to out.fd ...
 *     return output_commit(&out, err);
 *
 * Without the commit nothing is left of it, not even after kill -9: where the
 * file system can, it has no name before; elsewhere its name is swept by the
 * next output that needs one in that folder (base/leftover.h). */
struct output {
    int fd;
    bool pending;    /* not committed yet */
    char *path;      /* the final name */
    char *temporary; /* the present one; NULL: none */
};

int output_open(
    struct output *out, const char *path, mode_t mode, struct error *err);
/* The same with a `temporary`, for what opens the file by name. */
int output_open_named(
    struct output *out, const char *path, mode_t mode, struct error *err);
int output_commit(struct output *out, struct error *err);
/* The same without waiting for the disk: safe against a crash of this program,
 * not of the machine. */
int output_publish(struct output *out, struct error *err);
void output_abort(struct output *out);

#define cleanup_output __attribute__((cleanup(output_abort), unused))

/* mkdir -p. */
int make_directories(const char *path, mode_t mode, struct error *err);

/* Remove PATH and all below it; never follows a link. */
int remove_tree(int dirfd, const char *path);

/* $XDG_CACHE_HOME/mayfly and the like: VARIABLE, else $HOME/FALLBACK, followed
 * by "/mayfly".  Without both, the error says which to set. */
char *xdg_directory(
    const char *variable, const char *fallback, struct error *err);
