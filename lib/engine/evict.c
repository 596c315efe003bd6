/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which saved appliances stay.  Each kernel, QEMU, size of memory and so on
 * adds one; all are kept that fit into a quota, and those that were unused the
 * longest go first.  The time of the last use is that of the folder
 * (template_open).  One that is in use can be removed: QEMU keeps its file. */
#include <config.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "lib/engine/template.h"

/* MiB.  One takes 300 with the default memory. */
enum { QUOTA = 4096, QUOTA_MAX = 1 << 30 };

enum { NAME = 32 };

struct entry {
    char name[NAME + 1];
    uint64_t size;
    struct timespec used;
};

static uint64_t
size_of(int cache, const char *key, const char *name)
{
    cleanup_free char *path = text_printf("%s/%s", key, name);
    struct stat st;

    if (!path || fstatat(cache, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return 0;
    return (uint64_t)st.st_blocks * 512;
}

/* All of them; the caller frees the list. */
static int
list(int cache, struct entry **ret, size_t *ret_n, struct error *err)
{
    int fd = openat(cache, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cleanup_closedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    cleanup_free struct entry *found = NULL;
    size_t n = 0;

    if (!dir)
        return error_errno(err, errno, "cannot list the cache");
    for (struct dirent *d; (d = readdir(dir));) {
        struct stat st;

        if (strspn(d->d_name, "0123456789abcdef") != NAME || d->d_name[NAME] ||
            fstatat(cache, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        struct entry *more = reallocarray(found, n + 1, sizeof *more);
        if (!more)
            return error_no_memory(err);
        found = more;
        memcpy(found[n].name, d->d_name, sizeof found[n].name);
        found[n].used = st.st_mtim;
        found[n].size = size_of(cache, d->d_name, "memory") +
                        size_of(cache, d->d_name, "state");
        n++;
    }
    *ret = steal_pointer(&found);
    *ret_n = n;
    return 0;
}

static int
longest_unused_first(const void *a, const void *b)
{
    const struct timespec *x = &((const struct entry *)a)->used;
    const struct timespec *y = &((const struct entry *)b)->used;

    if (x->tv_sec != y->tv_sec)
        return (x->tv_sec > y->tv_sec) - (x->tv_sec < y->tv_sec);
    return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

int
template_count(int cache, struct templates *ret, struct error *err)
{
    cleanup_free struct entry *found = NULL;
    struct templates all = {0};
    size_t n = 0;

    if (list(cache, &found, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        all.size += found[i].size;
    all.count = (unsigned)n;
    *ret = all;
    return 0;
}

uint64_t
template_quota(void)
{
    const char *text = getenv("MAYFLY_CACHE_SIZE");
    char *end;

    if (text && isdigit((unsigned char)*text)) {
        errno = 0;
        unsigned long n = strtoul(text, &end, 10);
        if (!errno && !*end && n <= QUOTA_MAX)
            return (uint64_t)n << 20;
    }
    return (uint64_t)QUOTA << 20;
}

void
template_evict(int cache, uint64_t quota, const char *keep)
{
    cleanup_free struct entry *found = NULL;
    cleanup_error struct error err = {0};
    time_t oldest = time(NULL) - TEMPLATE_DAYS * 86400L;
    uint64_t size = 0;
    size_t n = 0;

    if (list(cache, &found, &n, &err) < 0)
        return;
    for (size_t i = 0; i < n; i++)
        size += found[i].size;
    if (n > 0)
        qsort(found, n, sizeof *found, longest_unused_first);
    for (size_t i = 0; i < n; i++) {
        if (size <= quota && found[i].used.tv_sec >= oldest)
            return;
        if (keep && str_equal(found[i].name, keep))
            continue;
        remove_tree(cache, found[i].name);
        size -= found[i].size;
    }
}

int
template_remove_unused(int cache, int days, unsigned *ret, struct error *err)
{
    cleanup_free struct entry *found = NULL;
    time_t before = time(NULL) - days * 86400L;
    unsigned count = 0;
    size_t n = 0;

    if (list(cache, &found, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (days > 0 && found[i].used.tv_sec >= before)
            continue;
        if (remove_tree(cache, found[i].name) < 0)
            return error_errno(err, errno, "cannot remove %s", found[i].name);
        count++;
    }
    *ret = count;
    return 0;
}
