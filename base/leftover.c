/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "base/leftover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"

#define PREFIX        ".mayfly-"
#define SUFFIX        ".partial"
#define FOLDER_PREFIX "mayfly-work."

enum { DIGITS = 8, FOLDER_DIGITS = 6, TRIES = 16 };

/* statfs(2) has the numbers, <linux/magic.h> not all of them. */
static bool
has_own_locks(int fd)
{
    static const uint32_t shared[] = {
        0x6969,     /* NFS */
        0xff534d42, /* CIFS */
        0xfe534d42, /* SMB2 */
        0x517b,     /* SMB */
        0x65735546, /* FUSE */
        0x01021997, /* 9P */
        0x00c36400, /* Ceph */
        0x5346414f, /* AFS */
        0x73757245, /* Coda */
        0x01161970, /* GFS2 */
        0x7461636f, /* OCFS2 */
    };
    struct statfs s;

    if (fstatfs(fd, &s) < 0)
        return false;
    for (size_t i = 0; i < N_ELEMENTS(shared); i++)
        if ((uint32_t)s.f_type == shared[i])
            return false;
    return true;
}

char *
leftover_name(const char *path)
{
    cleanup_free char *folder = path_folder(path);
    unsigned random = 0;

    if (getrandom(&random, sizeof random, 0) != sizeof random)
        random = (unsigned)getpid();
    return folder ? text_printf("%s/" PREFIX "%08x" SUFFIX, folder, random)
                  : NULL;
}

bool
leftover_claim(int fd)
{
    struct stat st;

    if (!has_own_locks(fd))
        return true;
    /* A sweeper holds it for no longer than it takes to remove the name. */
    while (flock(fd, LOCK_EX) < 0)
        if (errno != EINTR)
            return true;
    return fstat(fd, &st) < 0 || st.st_nlink > 0;
}

static bool
is_ours(const char *name, bool folder)
{
    const char *rest = str_after(name, folder ? FOLDER_PREFIX : PREFIX);

    if (!rest)
        return false;
    return folder ? strlen(rest) == FOLDER_DIGITS
                  : strspn(rest, "0123456789abcdef") == DIGITS &&
                        str_equal(rest + DIGITS, SUFFIX);
}

/* NAME in DIR, if its owner is gone: locked.  -1: leave it. */
static int
lock_dead(int dir, const char *name, bool folder)
{
    cleanup_close int fd = openat(dir, name,
        O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC |
            (folder ? O_DIRECTORY : 0));
    struct stat st, now;

    if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != geteuid() ||
        !(folder || (S_ISREG(st.st_mode) && st.st_nlink == 1)) ||
        flock(fd, LOCK_EX | LOCK_NB) < 0)
        return -1;
    /* Between the two it may have become something else. */
    if (fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) < 0 ||
        now.st_ino != st.st_ino || now.st_dev != st.st_dev)
        return -1;
    return steal_fd(&fd);
}

/* A failed removal is no reason to stop. */
static void
sweep(const char *where, bool folders)
{
    cleanup_closedir DIR *dir = opendir(where);
    struct dirent *entry;

    if (!dir || !has_own_locks(dirfd(dir)))
        return;
    while ((entry = readdir(dir))) {
        if (!is_ours(entry->d_name, folders))
            continue;

        cleanup_close int fd = lock_dead(dirfd(dir), entry->d_name, folders);
        if (fd >= 0)
            remove_tree(dirfd(dir), entry->d_name);
    }
}

void
leftover_sweep(const char *path)
{
    cleanup_free char *folder = path_folder(path);

    if (folder)
        sweep(folder, false);
}

int
work_folder_make(struct work_folder *ret, const char *folder, struct error *err)
{
    const char *tmpdir = getenv("TMPDIR");

    if (!folder)
        folder = tmpdir && *tmpdir ? tmpdir : "/tmp";
    sweep(folder, true);
    for (int i = 0; i < TRIES; i++) {
        cleanup_free char *path =
            text_printf("%s/" FOLDER_PREFIX "XXXXXX", folder);

        if (!path)
            return error_no_memory(err);
        if (!mkdtemp(path))
            break;

        cleanup_close int fd =
            open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0 && leftover_claim(fd)) {
            *ret = (struct work_folder){steal_pointer(&path), steal_fd(&fd)};
            return 0;
        }
    }
    return error_errno(
        err, errno, "cannot make a temporary folder in %s", folder);
}

void
work_folder_remove(struct work_folder *w)
{
    if (!w->path)
        return;
    remove_tree(AT_FDCWD, w->path);
    close(w->lock);
    free(w->path);
    *w = (struct work_folder){.lock = -1};
}
