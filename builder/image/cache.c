/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the folder (mode 0700, the user's own) holds one raw
 * sparse file for each template, named by the SHA-512 of the published file,
 * mode 0400.  The name is the verified hash, so a hit needs no hashing, and a
 * new revision is a new file.  A download has no name until it is complete.
 * The program that fills the cache holds a lock on the folder; a second program
 * waits and then finds the file. */
#include <config.h>

#include "builder/image/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/leftover.h"
#include "base/strv.h"
#include "builder/catalog/sources.h"
#include "download/fetch.h"
#include "builder/image/convert.h"
#include "builder/image/output.h"
#include "builder/image/unpack.h"
#include "tool/print.h"
#include "tool/progress.h"
#include "tool/signals.h"

/* A published file is hardly larger than its unpacked content. */
#define FILE_SLACK (UINT64_C(64) << 20)

char *
cache_default_folder(struct error *err)
{
    cleanup_free char *base = xdg_directory("XDG_CACHE_HOME", ".cache", err);
    char *folder = base ? text_printf("%s/templates", base) : NULL;

    if (base && !folder)
        error_no_memory(err);
    return folder;
}

static char *
entry_name(const struct template *t)
{
    return t->sha512 ? text_printf("%s.raw", t->sha512) : NULL;
}

static int
open_folder(const char *folder, struct error *err)
{
    struct stat st;

    if (make_directories(folder, 0700, err) < 0)
        return -1;

    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        error_errno(err, errno, "cannot open the cache %s", folder);
    } else if (st.st_uid != geteuid()) {
        error_set(err, EPERM,
            "the cache %s belongs to another user (uid %u); set "
            "XDG_CACHE_HOME or use --cache or --no-cache",
            folder, st.st_uid);
    } else if (st.st_mode & 022) {
        error_set(err, EPERM,
            "the cache %s can be written by others; run 'chmod go-w %s'",
            folder, folder);
    } else {
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Returns 0 and an open file, or -1 without a trusted one. */
static int
open_entry(int dirfd, const char *name, struct base *ret)
{
    cleanup_close int fd =
        openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
        st.st_uid != geteuid() || st.st_nlink != 1 || (st.st_mode & 0222))
        return -1;
    *ret = (struct base){
        .size = (uint64_t)st.st_size,
        .fd = steal_fd(&fd),
        .cached = true,
    };
    return 0;
}

bool
cache_has(const char *folder, const struct template *t)
{
    cleanup_free char *name = entry_name(t);
    cleanup_close int dirfd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct base base;

    if (!name || dirfd < 0 || open_entry(dirfd, name, &base) < 0)
        return false;
    close(base.fd);
    return true;
}

static int
lock_folder(int dirfd, const char *folder, struct error *err)
{
    if (flock(dirfd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno == EWOULDBLOCK)
        tool_warning("waiting for another program to fill the cache");
    while (flock(dirfd, LOCK_EX) < 0) {
        if (tool_interrupted())
            return error_set(err, EINTR, "interrupted");
        if (errno != EINTR)
            return error_errno(err, errno, "cannot lock the cache %s", folder);
    }
    return 0;
}

static int
download(
    const struct template *t, const char *folder, bool check, struct error *err)
{
    cleanup_close int fd = nameless_file(folder, err);
    cleanup_free char *uri = fetch_join(t->source->uri, t->file);
    struct fetch f = {
        .uri = uri,
        .proxy = t->source->proxy,
        .max = t->size + t->size / 64 + FILE_SLACK,
        .label = "download",
    };

    if (fd < 0 || !uri)
        return -1;
    if (!t->sha512 && check)
        return error_set(
            err, EBADMSG, "%s: the index has no checksum[sha512] for it", uri);

    cleanup_free char *sum = fetch_to_fd(&f, fd, err);
    if (!sum)
        return -1;
    if (t->sha512 && !str_equal(sum, t->sha512))
        return error_set(err, EBADMSG,
            "%s does not match the index: its SHA-512 differs (download cut "
            "short, or repository being changed)",
            uri);
    return steal_fd(&fd);
}

static bool
is_qcow2(const struct template *t, int fd)
{
    char magic[4] = "";

    if (t->format)
        return str_equal(t->format, "qcow2");
    return pread(fd, magic, sizeof magic, 0) == sizeof magic &&
           memcmp(magic, "QFI\xfb", sizeof magic) == 0;
}

/* Download the template and unpack it to the raw image OUT. */
static int
make_raw(const struct template *t, const char *folder, bool check, int out,
    struct error *err)
{
    cleanup_close int file = download(t, folder, check, err);
    struct stat st;

    if (file < 0)
        return -1;
    if (unpack_template(file, out, t->size + FILE_SLACK, err) < 0)
        return -1;
    if (is_qcow2(t, out)) {
        cleanup_close int image = nameless_file(folder, err);

        if (image < 0 ||
            unpack_template(file, image, t->size + FILE_SLACK, err) < 0)
            return -1;
        if (ftruncate(out, 0) < 0)
            return error_errno(err, errno, "cannot truncate a temporary file");
        if (convert_to_raw(image, out, t->size, err) < 0)
            return -1;
    }
    tool_progress_clear();
    if (fstat(out, &st) < 0)
        return error_errno(err, errno, "cannot examine the template");
    if ((uint64_t)st.st_size != t->size)
        return error_set(err, EBADMSG,
            "the template %s has %lld bytes, but the index says %llu", t->id,
            (long long)st.st_size, (unsigned long long)t->size);
    return 0;
}

static int
fill(const char *folder, int dirfd, const char *name, const struct template *t,
    bool check, struct base *ret, struct error *err)
{
    if (lock_folder(dirfd, folder, err) < 0)
        return -1;
    if (open_entry(dirfd, name, ret) == 0)
        return 0;

    cleanup_output struct output out = {.fd = -1};
    cleanup_free char *path = text_printf("%s/%s", folder, name);
    if (!path)
        return error_no_memory(err);
    if (output_open(&out, path, 0600, err) < 0 ||
        make_raw(t, folder, check, out.fd, err) < 0)
        return -1;
    if (fchmod(out.fd, 0400) < 0)
        return error_errno(err, errno, "cannot keep %s", path);
    if (output_commit(&out, err) < 0)
        return -1;
    *ret = (struct base){.fd = steal_fd(&out.fd), .size = t->size};
    return 0;
}

int
cache_open(const char *folder, const struct template *t, bool check,
    struct base *ret, struct error *err)
{
    cleanup_free char *name = entry_name(t);

    /* Without a checksum an entry cannot be recognised. */
    if (!folder || !name) {
        cleanup_close int out = nameless_file(NULL, err);

        if (out < 0 || make_raw(t, NULL, check, out, err) < 0)
            return -1;
        *ret = (struct base){.fd = steal_fd(&out), .size = t->size};
        return 0;
    }

    cleanup_close int dirfd = open_folder(folder, err);
    if (dirfd < 0)
        return -1;
    if (open_entry(dirfd, name, ret) == 0 && ret->size == t->size)
        return 0;
    return fill(folder, dirfd, name, t, check, ret, err);
}

int
cache_delete(const char *folder, struct error *err)
{
    cleanup_closedir DIR *dir = opendir(folder);

    if (!dir && errno == ENOENT)
        return 0;
    if (!dir)
        return error_errno(err, errno, "cannot open the cache %s", folder);
    cleanup_free char *inside = text_printf("%s/", folder);
    if (!inside)
        return error_no_memory(err);
    leftover_sweep(inside);
    for (struct dirent *d; (d = readdir(dir));) {
        if (d->d_name[0] == '.')
            continue;

        const char *dot = strrchr(d->d_name, '.');
        if (!dot || !str_equal(dot, ".raw"))
            continue;
        if (unlinkat(dirfd(dir), d->d_name, 0) < 0)
            return error_errno(
                err, errno, "cannot remove %s/%s", folder, d->d_name);
    }
    return 0;
}
