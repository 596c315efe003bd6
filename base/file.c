/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"

int
read_all(int fd, void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = read(fd, (char *)data + done, size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0) {
            errno = ENODATA;
            return -1;
        }
        done += (size_t)n;
    }
    return 0;
}

int
pread_all(int fd, void *data, size_t size, off_t offset)
{
    for (size_t done = 0; done < size;) {
        ssize_t n =
            pread(fd, (char *)data + done, size - done, offset + (off_t)done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0) {
            errno = ENODATA;
            return -1;
        }
        done += (size_t)n;
    }
    return 0;
}

int
write_all(int fd, const void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = write(fd, (const char *)data + done, size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        done += (size_t)n;
    }
    return 0;
}

int
pwrite_all(int fd, const void *data, size_t size, off_t offset)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = pwrite(
            fd, (const char *)data + done, size - done, offset + (off_t)done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        done += (size_t)n;
    }
    return 0;
}

static char *
read_fd(
    int fd, const char *path, size_t max, size_t *ret_size, struct error *err)
{
    size_t size = 0, room = 4096;
    cleanup_free char *data = malloc(room + 1);

    for (;;) {
        if (!data)
            return error_set(err, ENOMEM, "no memory to read %s", path), NULL;

        ssize_t n = read(fd, data + size, room - size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_errno(err, errno, "cannot read %s", path), NULL;
        if (n == 0)
            break;
        size += (size_t)n;
        if (size > max)
            return error_set(
                       err, EFBIG, "%s is larger than %zu bytes", path, max),
                   NULL;
        if (size == room) {
            room *= 2;
            char *bigger = realloc(data, room + 1);
            if (!bigger)
                free(data);
            data = bigger;
        }
    }
    data[size] = 0;
    if (ret_size)
        *ret_size = size;
    return steal_pointer(&data);
}

char *
read_file_at(int dirfd, const char *path, size_t max, size_t *ret_size,
    struct error *err)
{
    cleanup_close int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return error_errno(err, errno, "cannot open %s", path), NULL;
    return read_fd(fd, path, max, ret_size, err);
}

char *
read_file(const char *path, size_t max, size_t *ret_size, struct error *err)
{
    return read_file_at(AT_FDCWD, path, max, ret_size, err);
}

int
make_directories(const char *path, mode_t mode, struct error *err)
{
    cleanup_free char *copy = strdup(path);

    if (!copy)
        return error_no_memory(err);
    for (char *slash = copy;; *slash = '/') {
        slash = *slash ? strchr(slash + 1, '/') : NULL;
        if (slash)
            *slash = 0;
        if (mkdir(copy, mode) < 0 && errno != EEXIST)
            return error_errno(err, errno, "cannot make folder %s", copy);
        if (!slash)
            return 0;
    }
}

/* No honest cache is deeper than this. */
enum { MAX_DEPTH = 32 };

static int
remove_at_depth(int dirfd, const char *path, int depth)
{
    if (unlinkat(dirfd, path, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -1;

    int fd =
        openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;

    cleanup_closedir DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return -1;
    }
    if (depth == 0) {
        errno = ELOOP;
        return -1;
    }
    for (struct dirent *d; (d = readdir(dir));) {
        if (str_equal(d->d_name, ".") || str_equal(d->d_name, ".."))
            continue;
        if (remove_at_depth(fd, d->d_name, depth - 1) < 0)
            return -1;
    }
    return unlinkat(dirfd, path, AT_REMOVEDIR);
}

int
remove_tree(int dirfd, const char *path)
{
    return remove_at_depth(dirfd, path, MAX_DEPTH);
}

char *
xdg_directory(const char *variable, const char *fallback, struct error *err)
{
    const char *base = getenv(variable), *home = getenv("HOME");
    char *path = NULL;

    if (base && base[0] == '/')
        path = text_printf("%s/mayfly", base);
    else if (home && home[0] == '/')
        path = text_printf("%s/%s/mayfly", home, fallback);
    else
        return error_set(err, ENOENT,
                   "neither %s nor HOME is set to an "
                   "absolute path; set one of them",
                   variable),
               NULL;
    if (!path)
        error_no_memory(err);
    return path;
}
