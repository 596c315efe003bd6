/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation.  libarchive only reads; each file is made here, in two
 * steps that no name and no link can lead astray: the directory of the entry is
 * opened by openat2 with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS; in it the
 * file is created without a name, or with O_EXCL under a random one, and gets
 * its own when it is complete.  So nothing that exists is ever opened for
 * writing.
 *
 * A directory gets its mode and times at the end: until then it must be
 * writable, and each file made in it changes its times. */
#include <config.h>

#include "lib/transfer/extract.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/leftover.h"
#include "base/strv.h"

enum {
    BLOCK = 256 << 10,
    DIRECTORIES_MAX = 1 << 20, /* whose modes are remembered */
    MODE_KEPT = 0777,
};

struct directory {
    char *path; /* owned */
    mode_t mode;
    struct timespec times[2];
};

struct extract {
    struct skipped *skipped;
    struct archive *archive;
    int root;
    struct error *err;
    /* The directory of the last entry; the next one is most often in it too. */
    char *parent_path;
    int parent;
    struct directory *directories;
    size_t n_directories, room;
};

static int
open_beneath(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)(flags | O_CLOEXEC),
        .resolve =
            RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };

    return (int)syscall(
        SYS_openat2, root, *path ? path : ".", &how, sizeof how);
}

static int
fail(struct extract *x, const char *path)
{
    int code = errno;
    cleanup_free char *safe = text_escape(*path ? path : ".");

    return error_errno(x->err, code, "%s", safe ? safe : "a file");
}

/* "./a//b/" -> "a/b"; the top is "".  NULL for names that no honest archive
 * has. */
static char *
clean_path(struct extract *x, const char *raw)
{
    char *path = raw ? malloc(strlen(raw) + 1) : NULL, *q = path;

    if (!path || *raw == '/')
        goto bad;
    for (const char *p = raw; *(p += strspn(p, "/"));) {
        size_t n = strcspn(p, "/");
        if (n == 2 && p[0] == '.' && p[1] == '.')
            goto bad;
        if (n != 1 || p[0] != '.') {
            if (q > path)
                *q++ = '/';
            memcpy(q, p, n);
            q += n;
        }
        p += n;
    }
    *q = 0;
    return path;

bad:
    free(path);
    cleanup_free char *safe = text_escape(raw ? raw : "");
    error_set(x->err, EINVAL, "the appliance sent a bad file name: %s",
        safe ? safe : "");
    return NULL;
}

/* The directory of PATH, which x keeps, and *ret_name the last part. */
static int
open_parent(struct extract *x, const char *path, const char **ret_name)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;

    *ret_name = slash ? slash + 1 : path;
    if (x->parent_path && strlen(x->parent_path) == n &&
        memcmp(x->parent_path, path, n) == 0)
        return x->parent;

    char *folder = strndup(path, n);
    int fd = folder ? open_beneath(x->root, folder, O_PATH | O_DIRECTORY) : -1;
    if (fd < 0) {
        fail(x, path);
        free(folder);
        return -1;
    }
    if (x->parent >= 0)
        close(x->parent);
    free(x->parent_path);
    x->parent = fd;
    x->parent_path = folder;
    return fd;
}

static struct timespec
entry_time(struct archive_entry *e)
{
    return archive_entry_mtime_is_set(e)
               ? (struct timespec){archive_entry_mtime(e),
                     archive_entry_mtime_nsec(e)}
               : (struct timespec){0, UTIME_OMIT};
}

static bool
is_directory(int parent, const char *name)
{
    struct stat st;

    if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    errno = ENOTDIR;
    return S_ISDIR(st.st_mode);
}

/* Remove what is in the way; a directory stays and causes an error later. */
static void
make_way(int parent, const char *name)
{
    int saved = errno;

    unlinkat(parent, name, 0);
    errno = saved;
}

static int
make_directory(struct extract *x, struct archive_entry *e, char *path)
{
    const char *name;

    if (*path) {
        int parent = open_parent(x, path, &name);
        if (parent < 0)
            goto failed;
        if (mkdirat(parent, name, 0700) < 0 &&
            (errno != EEXIST || !is_directory(parent, name))) {
            fail(x, path);
            goto failed;
        }
    }
    if (x->n_directories == DIRECTORIES_MAX) {
        error_set(x->err, E2BIG, "more than %d directories", DIRECTORIES_MAX);
        goto failed;
    }
    if (x->n_directories == x->room) {
        size_t room = x->room ? 2 * x->room : 64;
        struct directory *bigger =
            reallocarray(x->directories, room, sizeof *bigger);
        if (!bigger) {
            fail(x, path);
            goto failed;
        }
        x->directories = bigger;
        x->room = room;
    }
    struct timespec time = entry_time(e);
    x->directories[x->n_directories++] = (struct directory){
        path, archive_entry_perm(e) & MODE_KEPT, {time, time}};
    return 0;

failed:
    free(path);
    return -1;
}

static int
write_data(struct extract *x, int fd, const char *path)
{
    const void *data;
    size_t size;
    int64_t offset;

    for (;;) {
        int r = archive_read_data_block(x->archive, &data, &size, &offset);
        if (r == ARCHIVE_EOF)
            return 0;
        if (r < ARCHIVE_WARN)
            return error_set(
                x->err, EIO, "%s: %s", path, archive_error_string(x->archive));
        if (pwrite_all(fd, data, size, offset) < 0)
            return fail(x, path);
    }
}

static int
fill_file(struct extract *x, struct archive_entry *e, int fd, const char *path)
{
    struct timespec time = entry_time(e), times[2] = {time, time};

    if (write_data(x, fd, path) < 0)
        return -1;
    /* A hole at the end is not data. */
    if (ftruncate(fd, archive_entry_size(e)) < 0 ||
        fchmod(fd, archive_entry_perm(e) & MODE_KEPT) < 0 ||
        futimens(fd, times) < 0)
        return fail(x, path);
    return 0;
}

/* -1 with errno. */
static int
give_name(int fd, int parent, const char *name)
{
    char self[32];

    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, self, parent, name, AT_SYMLINK_FOLLOW);
}

/* Without a name where the file system can, so that nothing is left if we are
 * killed; else TEMPORARY, which the archive cannot guess. */
static int
open_unfinished(int parent, const char *temporary, bool *ret_named)
{
    /* It gets its name through /proc. */
    int fd = access("/proc/self/fd", X_OK) < 0
                 ? -1
                 : openat(parent, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

    *ret_named = fd < 0;
    if (fd < 0)
        fd = openat(parent, temporary,
            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0 && *ret_named)
        (void)leftover_claim(fd);
    return fd;
}

/* The file gets its name when it is complete. */
static int
make_file(struct extract *x, struct archive_entry *e, const char *path)
{
    const char *name;
    char temporary[32];
    uint32_t number;
    bool named;
    int parent = open_parent(x, path, &name);

    if (parent < 0)
        return -1;
    if (getrandom(&number, sizeof number, 0) != sizeof number)
        return fail(x, path);
    snprintf(temporary, sizeof temporary, ".mayfly-%08x.partial", number);
    cleanup_close int fd = open_unfinished(parent, temporary, &named);
    if (fd < 0)
        return fail(x, path);
    int r = fill_file(x, e, fd, path);
    /* A link replaces nothing; a rename does. */
    if (r == 0 && !named) {
        if (give_name(fd, parent, name) == 0)
            return 0;
        if (errno != EEXIST)
            return fail(x, path);
        (void)leftover_claim(fd);
        if (give_name(fd, parent, temporary) < 0)
            return fail(x, path);
        named = true;
    }
    if (r == 0 && renameat(parent, temporary, parent, name) < 0)
        r = fail(x, path);
    if (r < 0 && named)
        unlinkat(parent, temporary, 0);
    return r;
}

static int
make_link(struct extract *x, struct archive_entry *e, const char *path)
{
    const char *name, *target = archive_entry_symlink(e);
    int parent = open_parent(x, path, &name);
    struct timespec time = entry_time(e), times[2] = {time, time};

    if (parent < 0)
        return -1;
    make_way(parent, name);
    if (symlinkat(target ? target : "", parent, name) < 0 ||
        utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW) < 0)
        return fail(x, path);
    return 0;
}

static int
make_hard_link(struct extract *x, struct archive_entry *e, const char *path)
{
    const char *name, *slash;
    cleanup_free char *target = clean_path(x, archive_entry_hardlink(e));
    if (!target)
        return -1;
    int parent = open_parent(x, path, &name);
    if (parent < 0)
        return -1;

    slash = strrchr(target, '/');
    cleanup_free char *folder =
        strndup(target, slash ? (size_t)(slash - target) : 0);
    cleanup_close int other =
        folder ? open_beneath(x->root, folder, O_PATH | O_DIRECTORY) : -1;
    if (other < 0)
        return fail(x, path);
    if (str_equal(target, path))
        return 0;
    make_way(parent, name);
    if (linkat(other, slash ? slash + 1 : target, parent, name, 0) < 0)
        return fail(x, path);
    return 0;
}

static int
make_entry(struct extract *x, struct archive_entry *e)
{
    cleanup_free char *path = clean_path(x, archive_entry_pathname(e));

    if (!path)
        return -1;
    if (archive_entry_filetype(e) == AE_IFDIR && !archive_entry_hardlink(e))
        return make_directory(x, e, steal_pointer(&path));
    if (!*path)
        return error_set(
            x->err, EINVAL, "the appliance sent a file without a name");
    if (archive_entry_hardlink(e))
        return make_hard_link(x, e, path);
    switch (archive_entry_filetype(e)) {
    case AE_IFREG:
        return make_file(x, e, path);
    case AE_IFLNK:
        return make_link(x, e, path);
    default:
        skipped_add(x->skipped, path);
        return 0;
    }
}

/* The last one first: children before their parents. */
static int
finish_directories(struct extract *x)
{
    for (size_t i = x->n_directories; i-- > 0;) {
        const struct directory *d = &x->directories[i];
        cleanup_close int fd =
            open_beneath(x->root, d->path, O_RDONLY | O_DIRECTORY);
        if (fd < 0 || fchmod(fd, d->mode) < 0 || futimens(fd, d->times) < 0)
            return fail(x, d->path);
    }
    return 0;
}

static int
extract_all(struct extract *x, int input)
{
    struct archive_entry *e;

    archive_read_support_format_tar(x->archive);
    archive_read_support_format_empty(x->archive);
    if (archive_read_open_fd(x->archive, input, BLOCK) != ARCHIVE_OK)
        return error_set(x->err, EIO, "%s", archive_error_string(x->archive));
    for (;;) {
        int r = archive_read_next_header(x->archive, &e);
        if (r == ARCHIVE_EOF)
            return finish_directories(x);
        if (r < ARCHIVE_WARN)
            return error_set(
                x->err, EIO, "%s", archive_error_string(x->archive));
        if (make_entry(x, e) < 0)
            return -1;
    }
}

int
extract_tar(int input, int dir, struct skipped *skipped, struct error *err)
{
    struct extract x = {.skipped = skipped,
        .archive = archive_read_new(),
        .root = dir,
        .err = err,
        .parent = -1};

    if (!x.archive)
        return error_no_memory(err);
    int r = extract_all(&x, input);
    for (size_t i = 0; i < x.n_directories; i++)
        free(x.directories[i].path);
    free(x.directories);
    free(x.parent_path);
    if (x.parent >= 0)
        close(x.parent);
    archive_read_free(x.archive);
    return r;
}
