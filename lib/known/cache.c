/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What lies in the cache is run as a machine that reads the user's disks, so it
 * must be what we put there.  Every name is opened without following a link,
 * relative to a folder that was checked, and the checks are made on the open
 * file. */
#include <config.h>

#include "lib/known/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "lib/handle/handle.h"

static int
check_folder(int fd, const char *name, struct error *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return error_errno(err, errno, "cannot examine %s", name);
    if (st.st_uid != geteuid())
        return error_set(err, EPERM,
            "the cache folder %s belongs to user %u, not to user %u; set "
            "XDG_CACHE_HOME to a folder of your own",
            name, (unsigned)st.st_uid, (unsigned)geteuid());
    if ((st.st_mode & 0022))
        return error_set(err, EPERM,
            "the cache folder %s can be written by others; chmod 700 it", name);
    if ((st.st_mode & 0077) && fchmod(fd, 0700) < 0)
        return error_errno(err, errno, "cannot chmod %s", name);
    return 0;
}

int
engine_cache_open_folder(int dirfd, const char *name, struct error *err)
{
    cleanup_close int fd =
        openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return error_errno(err, errno, "cannot open %s", name);
    if (check_folder(fd, name, err) < 0)
        return -1;
    return steal_fd(&fd);
}

int
engine_cache_open(struct mayfly *g, int *ret_fd, struct error *err)
{
    cleanup_free char *path = handle_cachedir(g, err);

    if (!path || make_directories(path, 0700, err) < 0)
        return -1;
    cleanup_close int top = engine_cache_open_folder(AT_FDCWD, path, err);
    if (top < 0)
        return -1;
    if (mkdirat(top, CACHE_FOLDER, 0700) < 0 && errno != EEXIST)
        return error_errno(err, errno, "cannot make %s/" CACHE_FOLDER, path);
    int fd = engine_cache_open_folder(top, CACHE_FOLDER, err);
    if (fd < 0)
        return -1;
    *ret_fd = fd;
    return 0;
}

int
engine_cache_open_file(int dirfd, const char *name, mode_t forbidden,
    struct stat *ret, struct error *err)
{
    /* A FIFO must not block us. */
    cleanup_close int fd =
        openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    const char *fault = NULL;

    if (fd < 0 || fstat(fd, ret) < 0)
        return error_errno(err, errno, "cannot open %s", name);
    if (!S_ISREG(ret->st_mode))
        fault = "is not a regular file";
    else if (ret->st_uid != geteuid())
        fault = "belongs to another user";
    else if (ret->st_mode & forbidden)
        fault = forbidden & 0200 ? "can be written"
                                 : "is accessible to other users";
    else if (ret->st_nlink != 1)
        fault = "has another hard link";
    if (fault)
        return error_set(err, EPERM, "%s %s", name, fault);
    return steal_fd(&fd);
}

char *
engine_cache_read(int dirfd, const char *name, size_t max, size_t *ret_size,
    struct error *err)
{
    struct stat st;
    cleanup_close int fd = engine_cache_open_file(dirfd, name, 0077, &st, err);
    char *data;

    if (fd < 0)
        return NULL;
    if (st.st_size < 0 || (size_t)st.st_size > max)
        return error_set(err, EFBIG, "%s is too large", name), NULL;
    if (!(data = malloc((size_t)st.st_size + 1)))
        return error_no_memory(err), NULL;
    if (read_all(fd, data, (size_t)st.st_size) < 0) {
        error_errno(err, errno, "cannot read %s", name);
        free(data);
        return NULL;
    }
    data[st.st_size] = 0;
    if (ret_size)
        *ret_size = (size_t)st.st_size;
    return data;
}

int
engine_cache_write(int dirfd, const char *name, const void *data, size_t size,
    struct error *err)
{
    unsigned random = 0;
    ssize_t got = getrandom(&random, sizeof random, GRND_NONBLOCK);
    cleanup_free char *temporary = text_printf("%s%s-%08x", CACHE_NEW, name,
        got == sizeof random ? random : (unsigned)getpid());
    if (!temporary)
        return error_no_memory(err);

    cleanup_close int fd = openat(dirfd, temporary,
        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(err, errno, "cannot create %s", name);
    if (write_all(fd, data, size) < 0 || fdatasync(fd) < 0 ||
        renameat(dirfd, temporary, dirfd, name) < 0) {
        int code = errno;

        unlinkat(dirfd, temporary, 0);
        return error_errno(err, code, "cannot write %s", name);
    }
    return 0;
}
