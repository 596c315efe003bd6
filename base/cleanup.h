/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Scope cleanup: a variable marked so is released when its scope ends.  To hand
 * the value over to someone else: steal_pointer, steal_fd. */
#pragma once
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void
cleanup_free_fn(void *p)
{
    free(*(void **)p);
}

static inline void
cleanup_close_fn(int *fd)
{
    int saved = errno;

    if (*fd >= 0)
        close(*fd);
    errno = saved;
}

static inline void
cleanup_fclose_fn(FILE **f)
{
    if (*f)
        fclose(*f);
}

static inline void
cleanup_closedir_fn(DIR **d)
{
    if (*d)
        closedir(*d);
}

/* unused: to be released is use enough; clang would warn. */
#define cleanup_free     __attribute__((cleanup(cleanup_free_fn), unused))
#define cleanup_close    __attribute__((cleanup(cleanup_close_fn), unused))
#define cleanup_fclose   __attribute__((cleanup(cleanup_fclose_fn), unused))
#define cleanup_closedir __attribute__((cleanup(cleanup_closedir_fn), unused))

static inline int
steal_fd(int *fd)
{
    int value = *fd;

    *fd = -1;
    return value;
}

static inline void *
steal_pointer_fn(void *p)
{
    void *value = *(void **)p;

    *(void **)p = NULL;
    return value;
}

#define steal_pointer(p) ((__typeof__(*(p)))steal_pointer_fn(p))

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))
