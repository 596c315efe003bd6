/* SPDX-License-Identifier: GPL-2.0-or-later */
/* malloc and its kin in front of those of glibc, for this program and all its
 * libraries: strdup, asprintf and reallocarray end here as well.
 *
 * It is linked into a driver, or preloaded into a whole program; then
 * MAYFLY_FAIL_ALLOCATION says which allocation of the process fails, and the
 * number of them is printed at its end if it is 0.  If it was spared, the file
 * MAYFLY_FAIL_SPARED is made. */
#include <config.h>

#include "tests/faults/allocations.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* glibc's own. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);
void __libc_free(void *p);

/* What free would be taken for otherwise. */
void *memalign(size_t align, size_t size);

static atomic_long fail_at, made, alive;
static atomic_bool spared;

void
allocations_fail(long n)
{
    fail_at = n;
    made = 0;
}

long
allocations_made(void)
{
    return made;
}

bool
allocations_spared(void)
{
    return spared;
}

long
allocations_alive(void)
{
    return alive;
}

/* json-c 0.16 crashes in its parser, and libgcrypt ends the process, which is
 * not ours to mend. */
static bool
is_spared(void)
{
    void *frames[32];
    int n = backtrace(frames, 32);

    for (int i = 0; i < n; i++) {
        Dl_info info;

        if (!dladdr(frames[i], &info))
            continue;
        if (strstr(info.dli_fname, "/libgcrypt.") ||
            (info.dli_sname &&
                strcmp(info.dli_sname, "json_tokener_parse_ex") == 0))
            return true;
    }
    return false;
}

static bool
fails(void)
{
    if (++made != fail_at)
        return false;
    fail_at = 0;
    if (is_spared()) {
        spared = true;
        return false;
    }
    errno = ENOMEM;
    return true;
}

static void *
count(void *p)
{
    if (p)
        alive++;
    return p;
}

void *
malloc(size_t size)
{
    return fails() ? NULL : count(__libc_malloc(size));
}

void *
calloc(size_t n, size_t size)
{
    return fails() ? NULL : count(__libc_calloc(n, size));
}

void *
realloc(void *p, size_t size)
{
    if (fails())
        return NULL;
    void *q = __libc_realloc(p, size);
    if (!p)
        count(q);
    else if (size == 0 && !q)
        alive--;
    return q;
}

void *
memalign(size_t align, size_t size)
{
    return fails() ? NULL : count(__libc_memalign(align, size));
}

void *
aligned_alloc(size_t align, size_t size)
{
    return memalign(align, size);
}

int
posix_memalign(void **ret, size_t align, size_t size)
{
    void *p = memalign(align, size);

    if (!p)
        return ENOMEM;
    *ret = p;
    return 0;
}

void
free(void *p)
{
    if (p)
        alive--;
    __libc_free(p);
}

static bool counting;
static pid_t counted;

__attribute__((constructor)) static void
from_environment(void)
{
    const char *text = getenv("MAYFLY_FAIL_ALLOCATION");
    void *frame;

    /* The first call loads a library, and allocates. */
    backtrace(&frame, 1);

    if (!text)
        return;
    allocations_fail(atol(text));
    counting = fail_at == 0;
    counted = getpid();
}

__attribute__((destructor)) static void
report(void)
{
    if (counting && getpid() == counted)
        dprintf(STDERR_FILENO, "allocations: %ld\n", (long)made);
    else if (spared && getenv("MAYFLY_FAIL_SPARED"))
        close(open(getenv("MAYFLY_FAIL_SPARED"), O_CREAT | O_WRONLY, 0600));
}
