/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The only resolver of the guest's paths.
 *
 * Theory of operation.  A path of the guest is hostile twice: the caller may
 * have it from the guest, and every link on its way was written by the guest.
 * So no path is ever appended to "/sysroot" and handed to the kernel; the
 * kernel walks it by openat2(RESOLVE_IN_ROOT) from a descriptor of the root,
 * in which "..", absolute links and magic links cannot lead out, also when
 * the tree changes on the way.  What has no call that takes a descriptor gets
 * /proc/self/fd/N of one (fd_path). */
#include <config.h>

#include "appliance/agent/guest/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "base/cleanup.h"
#include "base/strv.h"

static const char *root_path = SYSROOT;

void
path_use_root(const char *folder)
{
    root_path = folder;
}

static int
open_root(struct call *c, bool mounted)
{
    if (mounted && need_root(c) < 0)
        return -1;
    int fd = open(root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return call_fail(c, errno, "%s", root_path);
    return fd;
}

static int
open_below(int root, const char *path, int flags, mode_t mode)
{
    struct open_how how = {
        .flags = (uint64_t)(flags | O_CLOEXEC),
        .mode = flags & (O_CREAT | __O_TMPFILE) ? mode & 07777 : 0,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    int fd;

    /* EAGAIN: something was renamed while the kernel followed "..". */
    for (int tries = 0; tries < 16; tries++) {
        fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
            break;
    }
    return fd;
}

static int
check_absolute(struct call *c, const char *path)
{
    if (path[0] != '/')
        return call_error(
            c, EINVAL, "%s: the path must start with a / character", path);
    return 0;
}

static int
open_path(
    struct call *c, const char *path, int flags, mode_t mode, bool mounted)
{
    if (check_absolute(c, path) < 0)
        return -1;
    cleanup_close int root = open_root(c, mounted);
    if (root < 0)
        return -1;

    int fd = open_below(root, path, flags, mode);
    if (fd < 0)
        return call_fail(c, errno, "%s", path);
    return fd;
}

int
path_open(struct call *c, const char *path, int flags, mode_t mode)
{
    return open_path(c, path, flags, mode, true);
}

int
path_open_mountpoint(struct call *c, const char *path)
{
    return open_path(c, path, O_PATH, 0, false);
}

static int
open_parent(struct call *c, const char *path, char **ret_name, bool mounted)
{
    if (check_absolute(c, path) < 0)
        return -1;
    size_t end = strlen(path), start;
    while (end > 1 && path[end - 1] == '/')
        end--;
    for (start = end; start > 0 && path[start - 1] != '/';)
        start--;

    char *folder = call_strndup(c, path, start);
    char *name = call_strndup(c, path + start, end - start);
    if (!*name || str_equal(name, ".") || str_equal(name, "..")) {
        /* The thing itself: nothing below its parent has such a name. */
        folder = call_strndup(c, path, end);
        name = call_strdup(c, ".");
    }

    cleanup_close int root = open_root(c, mounted);
    if (root < 0)
        return -1;
    int fd = open_below(root, folder, O_PATH | O_DIRECTORY, 0);
    if (fd < 0)
        return call_fail(c, errno, "%s", path);
    *ret_name = name;
    return fd;
}

int
path_open_parent(struct call *c, const char *path, char **ret_name)
{
    return open_parent(c, path, ret_name, true);
}

int
path_open_mountpoint_parent(struct call *c, const char *path, char **ret_name)
{
    return open_parent(c, path, ret_name, false);
}

char *
path_of(struct call *c, int fd, const char *path)
{
    char text[PATH_MAX + 64];

    ssize_t n = readlink(fd_path(c, fd), text, sizeof text - 1);
    if (n < 0) {
        call_fail(c, errno, "%s", path);
        return NULL;
    }
    text[n] = '\0';
    const char *rest = str_after(text, root_path);
    if (!rest || (*rest && *rest != '/')) {
        call_error(c, ELOOP, "%s: leads out of the guest", path);
        return NULL;
    }
    return call_strdup(c, *rest ? rest : "/");
}

char *
path_real(struct call *c, const char *path)
{
    cleanup_close int fd = path_open(c, path, O_PATH, 0);

    return fd < 0 ? NULL : path_of(c, fd, path);
}

char *
fd_path(struct call *c, int fd)
{
    return call_printf(c, "/proc/self/fd/%d", fd);
}

int
need_root(struct call *c)
{
    struct stat root, above;

    /* Folders in it are mount points that were made before any mount. */
    if (stat(root_path, &root) == 0 && stat("/", &above) == 0 &&
        (root.st_dev != above.st_dev || root.st_nlink > 2))
        return 0;
    return call_error(
        c, EINVAL, "no file system is mounted on / : mount one first");
}
