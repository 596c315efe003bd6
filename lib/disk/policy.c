/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/disk/policy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"

/* The real path of an open file. */
static char *
real_path(int fd)
{
    cleanup_free char *link = text_printf("/proc/self/fd/%d", fd);
    char path[PATH_MAX];
    ssize_t n = link ? readlink(link, path, sizeof path - 1) : -1;

    if (n < 0)
        return NULL;
    path[n] = 0;
    return path[0] == '/' ? strdup(path) : NULL;
}

/* A path is made real if it exists; a URI stays as it is. */
static int
add_allowed(struct policy *p, const char *name, struct error *err)
{
    char *real = strstr(name, "://") ? NULL : realpath(name, NULL);

    if (strv_take(&p->allow, real ? real : strdup(name)) < 0)
        return error_no_memory(err);
    return 0;
}

static int
add_allowed_environment(struct policy *p, struct error *err)
{
    const char *paths = getenv("MAYFLY_ALLOW_PATHS");

    while (paths && *paths) {
        size_t n = strcspn(paths, ":");
        cleanup_free char *path = strndup(paths, n);

        if (!path)
            return error_no_memory(err);
        if (n > 0 && add_allowed(p, path, err) < 0)
            return -1;
        paths += n + (paths[n] == ':');
    }
    return 0;
}

static int
add_folders(struct policy *p, const char *path, int fd, struct error *err)
{
    cleanup_free char *given = path_folder(path), *real_file = real_path(fd);
    struct stat st;

    /* A block device lies in /dev, where its neighbours mean nothing. */
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return 0;
    if (!given)
        return error_no_memory(err);

    char *real = realpath(given, NULL);
    if (real && strv_take(&p->folders, real) < 0)
        return error_no_memory(err);
    if (real_file && strv_take(&p->folders, path_folder(real_file)) < 0)
        return error_no_memory(err);
    return 0;
}

int
policy_init(struct policy *p, enum policy_kind kind, const char *path, int fd,
    const char *const *allow, struct error *err)
{
    *p = (struct policy){.kind = kind};
    if (kind == POLICY_FOLDER && add_folders(p, path, fd, err) < 0)
        return -1;
    for (size_t i = 0; allow && allow[i]; i++) {
        if (add_allowed(p, allow[i], err) < 0)
            return -1;
    }
    return kind == POLICY_NONE ? 0 : add_allowed_environment(p, err);
}

void
policy_clear(struct policy *p)
{
    strv_freep(&p->folders);
    strv_freep(&p->allow);
}

/* Is PATH the folder BASE or below it? */
static bool
is_below(const char *path, const char *base)
{
    const char *rest = str_after(path, base);

    return rest && (*rest == 0 || *rest == '/' || str_equal(base, "/"));
}

static bool
is_allowed_by_name(const struct policy *p, const char *real)
{
    for (size_t i = 0; p->allow && p->allow[i]; i++) {
        if (is_below(real, p->allow[i]))
            return true;
    }
    return p->kind == POLICY_ANY;
}

static bool
is_beside(const struct policy *p, const char *real)
{
    cleanup_free char *folder = path_folder(real);

    return folder && strv_contains(p->folders, folder);
}

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Is FILE named after IMAGE, as disk-flat.vmdk is after disk.vmdk? */
static bool
is_named_after(const char *file, const char *image)
{
    const char *stem = base_name(image), *dot = strrchr(stem, '.');
    size_t n = dot && dot > stem ? (size_t)(dot - stem) : strlen(stem);

    return strncmp(base_name(file), stem, n) == 0;
}

/* QEMU takes what precedes a colon, before any slash, for a protocol: "nbd:",
 * "json:", "fat:". */
static bool
has_protocol(const char *name)
{
    size_t n = strcspn(name, ":/");

    return name[n] == ':';
}

/* Reopen a file that was opened with O_PATH. */
static int
reopen(int fd, bool writable)
{
    cleanup_free char *link = text_printf("/proc/self/fd/%d", fd);

    if (!link) {
        errno = ENOMEM;
        return -1;
    }
    return open(link, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
}

static int
check_kind_of_file(int fd, struct error *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return error_errno(err, errno, "cannot examine it");
    if (S_ISDIR(st.st_mode))
        return error_set(err, EISDIR, "it is a folder, not a disk image");
    if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
        return error_set(
            err, EINVAL, "it is neither a file nor a block device");
    return 0;
}

int
open_image_file(const char *path, bool writable, struct error *err)
{
    cleanup_close int handle = open(path, O_PATH | O_CLOEXEC);

    if (handle < 0)
        return error_set(err, errno, "%s", strerror(errno));
    if (check_kind_of_file(handle, err) < 0)
        return -1;

    int fd = reopen(handle, writable);
    if (fd < 0 && writable &&
        (errno == EACCES || errno == EROFS || errno == EPERM))
        return error_set(err, errno,
            "no permission to write (%s); add it read-only", strerror(errno));
    if (fd < 0)
        return error_set(err, errno, "%s", strerror(errno));
    return fd;
}

static int
refuse_protocol(const char *role, const char *shown, struct error *err)
{
    return error_set(err, EPERM,
        "its %s '%s' is not a plain file, and an image may only name those; "
        "see qemu-img rebase -u",
        role, shown);
}

/* The file's path as QEMU would find it, or NULL.  If the referrer is a
 * symbolic link, files beside the link do not count. */
static char *
locate(const char *referrer, const char *name)
{
    char target[2];
    cleanup_free char *real = readlink(referrer, target, sizeof target) < 0
                                  ? NULL
                                  : realpath(referrer, NULL);
    cleanup_free char *folder = path_folder(real ? real : referrer);

    if (name[0] == '/' || (!real && !strchr(referrer, '/')))
        return strdup(name);
    return folder ? text_printf("%s/%s", folder, name) : NULL;
}

int
policy_open(const struct policy *p, const char *referrer, const char *role,
    const char *name, bool writable, char **ret_path, struct error *err)
{
    cleanup_free char *shown = text_escape(name);
    const char *plain = str_after(name, "file:");

    if (!shown)
        return error_no_memory(err);
    if (!plain)
        plain = name;
    if (has_protocol(plain))
        return refuse_protocol(role, shown, err);
    if (p->kind == POLICY_NONE)
        return error_set(err, EPERM,
            "it needs the %s '%s', but no other files are allowed", role,
            shown);

    cleanup_free char *path = locate(referrer, plain);
    if (!path)
        return error_no_memory(err);
    cleanup_close int handle = open(path, O_PATH | O_CLOEXEC);
    if (handle < 0)
        return error_errno(err, errno, "its %s '%s'", role, shown);

    cleanup_free char *real = real_path(handle);
    cleanup_free char *real_shown = real ? text_escape(real) : NULL;
    if (!real_shown)
        return error_errno(err, errno ? errno : ENOMEM,
            "cannot resolve its %s '%s'", role, shown);
    if (!is_allowed_by_name(p, real)) {
        if (!is_beside(p, real))
            return error_set(err, EPERM,
                "its %s '%s' lies outside of the image's folder; if that is "
                "right, set MAYFLY_ALLOW_PATHS=%s",
                role, shown, real_shown);
        if (writable && !is_named_after(real, referrer))
            return error_set(err, EPERM,
                "its %s '%s' would be written to, but is not named after the "
                "image; if that is right, set MAYFLY_ALLOW_PATHS=%s",
                role, shown, real_shown);
    }
    if (check_kind_of_file(handle, err) < 0)
        return error_context(err, "its %s '%s'", role, shown);

    int fd = reopen(handle, writable);
    if (fd < 0)
        return error_errno(err, errno, "its %s '%s'", role, shown);
    *ret_path = steal_pointer(&path);
    return fd;
}
