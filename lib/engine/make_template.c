/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A template is made in a folder with a temporary name and renamed when it is
 * whole.  Its maker holds a lock on the folder, so one that died is told apart:
 * the next maker removes what it left.  For each key there is a lock of its
 * own, one byte of the file "lock": programs that need different appliances do
 * not wait for each other. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "base/zeroes.h"
#include "lib/engine/memory.h"
#include "lib/engine/record.h"
#include "lib/engine/template.h"
#include "lib/known/cache.h"

enum {
    SCAN = 1 << 20,  /* bytes examined at once */
    HOLE = 64 << 10, /* the smallest hole worth making */
};

/* --- tidying --- */

/* Its maker is gone. */
static bool
is_abandoned(int cache, const char *name)
{
    cleanup_close int fd =
        openat(cache, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static void
tidy(int cache)
{
    int fd = openat(cache, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cleanup_closedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);

    for (struct dirent *d; dir && (d = readdir(dir));) {
        struct stat st;

        if (!str_after(d->d_name, CACHE_NEW) ||
            fstatat(cache, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        if (S_ISDIR(st.st_mode) ? is_abandoned(cache, d->d_name)
                                : st.st_mtime < time(NULL) - 3600)
            remove_tree(cache, d->d_name);
    }
}

int
template_lock(int cache, const char *key, int *ret_lock, struct error *err)
{
    cleanup_close int fd =
        openat(cache, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    char digits[13] = "";
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};

    if (fd < 0)
        return error_errno(err, errno, "cannot open the cache's lock");
    strncat(digits, key, sizeof digits - 1);
    lock.l_start = (off_t)strtoull(digits, NULL, 16);
    if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
        return errno == EAGAIN || errno == EACCES
                   ? error_set(err, EBUSY, "another program is making it")
                   : error_errno(err, errno, "cannot lock the cache");
    tidy(cache);
    *ret_lock = steal_fd(&fd);
    return 0;
}

/* --- the RAM file --- */

static int
make_memory(
    struct new_template *n, uint64_t size, uid_t user, struct error *err)
{
    n->memory = openat(n->folder, "memory",
        O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (n->memory < 0)
        return error_errno(err, errno, "cannot create the memory file");

    /* Beyond the limit a write raises a signal, not an error. */
    struct rlimit most;
    if (getrlimit(RLIMIT_FSIZE, &most) == 0 && most.rlim_cur < size)
        return error_set(err, EFBIG, "files may not be larger than %u MiB",
            (unsigned)(most.rlim_cur >> 20));
    /* If its blocks were not allocated, a full disk would kill QEMU by
     * SIGBUS. */
    int code = posix_fallocate(n->memory, 0, (off_t)size);
    if (code)
        return error_errno(err, code,
            "cannot allocate %u MiB for the memory file",
            (unsigned)(size >> 20));
    if (user != geteuid() && fchown(n->memory, user, (gid_t)-1) < 0)
        return error_errno(
            err, errno, "cannot change the owner of the memory file");
    return 0;
}

int
template_make(int cache, uint64_t size, uid_t user, struct new_template *ret,
    struct error *err)
{
    struct new_template n = {.cache = cache, .folder = -1, .memory = -1};
    unsigned random[2] = {0};

    if (getrandom(random, sizeof random, 0) != sizeof random)
        return error_errno(err, errno, "no random numbers");
    n.name = text_printf(CACHE_NEW "%08x%08x", random[0], random[1]);
    if (!n.name)
        return error_no_memory(err);
    if (mkdirat(cache, n.name, 0700) < 0) {
        error_errno(err, errno, "cannot make a folder in the cache");
        free(n.name);
        return -1;
    }
    n.folder = engine_cache_open_folder(cache, n.name, err);
    if (n.folder >= 0)
        flock(n.folder, LOCK_EX | LOCK_NB);
    if (n.folder < 0 || make_memory(&n, size, user, err) < 0) {
        template_drop(&n);
        return -1;
    }
    *ret = n;
    return 0;
}

static int
punch(int fd, off_t start, off_t end)
{
    if (end <= start)
        return 0;
    return fallocate(
        fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, start, end - start);
}

/* Give back the blocks of RAM that was never used, or is zero again.  A file
 * system without holes keeps them, which does no harm. */
static int
trim(int fd, off_t size, struct error *err)
{
    cleanup_free char *block = malloc(SCAN);
    off_t zero_from = 0, data, at = 0;

    if (!block)
        return error_no_memory(err);
    while ((data = lseek(fd, at, SEEK_DATA)) >= 0) {
        off_t end = lseek(fd, data, SEEK_HOLE);

        data -= data % HOLE;
        if (end < 0 || end > size)
            end = size;
        for (at = data; at < end;) {
            size_t want = end - at < SCAN ? (size_t)(end - at) : SCAN;

            if (pread_all(fd, block, want, at) < 0)
                return error_errno(err, errno, "cannot read the memory file");
            for (size_t i = 0; i < want; i += HOLE) {
                size_t piece = want - i < HOLE ? want - i : HOLE;

                if (is_zeroes(block + i, piece))
                    continue;
                punch(fd, zero_from, at + (off_t)i);
                zero_from = at + (off_t)(i + piece);
            }
            at += (off_t)want;
        }
    }
    punch(fd, zero_from, size);
    return 0;
}

/* --- the end --- */

/* QEMU has ended: from now on no one may write to it. */
static int
close_memory(int fd, struct error *err)
{
    enum { READ_ONLY = 0444 }; /* QEMU runs as any user */
    struct stat st;

    if (fstat(fd, &st) < 0 ||
        (st.st_uid != geteuid() && fchown(fd, geteuid(), (gid_t)-1) < 0) ||
        fchmod(fd, READ_ONLY) < 0)
        return error_errno(err, errno, "cannot protect the memory file");
    if (trim(fd, st.st_size, err) < 0)
        return -1;
    if (fdatasync(fd) < 0)
        return error_errno(err, errno, "cannot write the memory file");
    return 0;
}

static int
make_record(const struct new_template *n, const char *qemu, const void *state,
    size_t state_size, struct record *ret, struct error *err)
{
    cleanup_free char *hash = template_hash(state, state_size);
    cleanup_free char *memory = memory_hash(n->memory, err);
    struct stat st;

    if (!memory)
        return -1;
    if (!hash)
        return error_no_memory(err);
    if (fstat(n->memory, &st) < 0)
        return error_errno(err, errno, "cannot examine the memory file");
    snprintf(ret->qemu, sizeof ret->qemu, "%s", *qemu ? qemu : "0");
    snprintf(ret->state_hash, sizeof ret->state_hash, "%s", hash);
    snprintf(ret->memory_hash, sizeof ret->memory_hash, "%s", memory);
    ret->created = time(NULL);
    record_memory(ret, &st);
    return 0;
}

int
template_commit(struct new_template *n, const char *key, const char *qemu,
    const void *state, size_t state_size, struct error *err)
{
    struct record r = {0};

    if (close_memory(n->memory, err) < 0 ||
        make_record(n, qemu, state, state_size, &r, err) < 0)
        return -1;
    cleanup_free char *text = record_text(&r, key);
    if (!text)
        return error_no_memory(err);
    if (engine_cache_write(n->folder, "state", state, state_size, err) < 0 ||
        engine_cache_write(n->folder, "record", text, strlen(text), err) < 0)
        return -1;
    template_mark_checked(n->folder, n->memory);
    remove_tree(n->cache, key);
    if (renameat(n->cache, n->name, n->cache, key) < 0)
        return error_errno(err, errno, "cannot rename in the cache");
    free(steal_pointer(&n->name));
    template_evict(n->cache, template_quota(), key);
    return 0;
}

void
template_drop(struct new_template *n)
{
    if (n->memory >= 0)
        close(n->memory);
    if (n->folder >= 0)
        close(n->folder);
    if (n->name)
        remove_tree(n->cache, n->name);
    free(n->name);
    *n = (struct new_template){.cache = -1, .folder = -1, .memory = -1};
}
