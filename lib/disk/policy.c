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

/* A path is made real if it exists. */
static int
add_allowed(struct policy *p, const char *name, struct error *err)
{
    char *real = realpath(name, NULL);

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
is_beside(const struct policy *p, const char *folder)
{
    return strv_contains(p->folders, folder);
}

bool
policy_trusts_guess(int fd, enum image_format format)
{
    cleanup_free char *path = real_path(fd);
    struct stat st;

    return path && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
           name_states(path, format);
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

/* "backing file 'x'", for messages. */
static char *
describe(enum file_role role, const char *name)
{
    cleanup_free char *shown = text_escape(name);

    return shown ? text_printf("%s '%s'", file_role_name(role), shown) : NULL;
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

/* Do only the names decide, and not the folder that the caller's image is in?
 */
static bool
goes_by_name(const struct policy *p)
{
    return p->kind == POLICY_NAMED || p->kind == POLICY_IMAGES;
}

/* WHAT is the file as the image calls it, REAL the path to allow. */
static int
check_kind(const struct policy *p, const char *what, const char *real,
    bool is_after, struct error *err)
{
    if (p->kind == POLICY_NONE)
        return error_set(err, EPERM,
            "it needs the %s, but no other files are allowed; if that is "
            "right, allow %s (--allow)",
            what, real);
    if (p->alone)
        return error_set(err, EPERM,
            "it names the %s, but its format is only a guess, and the guest of "
            "a raw disk could have written that header: if the image is not "
            "raw, give its format (--format), or allow %s (--allow)",
            what, real);
    if (goes_by_name(p) && !is_after)
        return error_set(err, EPERM,
            "its %s is not named after it; if that is right, allow %s (--allow "
            "or MAYFLY_ALLOW_PATHS)",
            what, real);
    return 0;
}

static int
check_folder(const struct policy *p, const char *what, const char *real,
    bool beside, bool writable, bool is_after, struct error *err)
{
    if (!beside)
        return error_set(err, EPERM,
            "its %s lies outside of the image's folder; if that is right, "
            "allow "
            "%s (--allow or MAYFLY_ALLOW_PATHS)",
            what, real);
    if (p->kind == POLICY_FOLDER && writable && !is_after)
        return error_set(err, EPERM,
            "its %s would be written to, but is not named after the image; if "
            "that is right, allow %s (--allow or MAYFLY_ALLOW_PATHS)",
            what, real);
    return 0;
}

/* May it be read as what it is used for, though it has another name?  A data
 * file is raw and called as one likes; one that holds the disk as it is has the
 * disk's size and the image's owner.  That is no proof: who makes the copy of
 * such an image is told. */
static bool
is_image_part(const struct policy *p, const char *referrer, enum file_role role,
    const char *real, int fd)
{
    struct stat image, data;

    if (p->kind != POLICY_IMAGES)
        return false;
    if (role == ROLE_BACKING)
        return name_is_image(real);
    return role == ROLE_DATA && p->data_size && name_is_raw(real) &&
           stat(referrer, &image) == 0 && fstat(fd, &data) == 0 &&
           S_ISREG(data.st_mode) && image.st_uid == data.st_uid &&
           (uint64_t)data.st_size == p->data_size;
}

/* REAL is the real path of the file that REFERRER calls WHAT, HANDLE. */
static int
check_allowed(const struct policy *p, const char *referrer, enum file_role role,
    const char *what, const char *real, int handle, bool writable,
    struct error *err)
{
    cleanup_free char *shown = text_escape(real);
    cleanup_free char *image = realpath(referrer, NULL);
    cleanup_free char *image_folder = image ? path_folder(image) : NULL;
    cleanup_free char *folder = path_folder(real);
    bool with_referrer =
        image_folder && folder && str_equal(image_folder, folder);
    bool is_after = image && name_belongs(real, image, role);
    bool is_image = !writable && is_image_part(p, referrer, role, real, handle);

    if (!shown || !folder)
        return error_no_memory(err);
    if (is_allowed_by_name(p, real))
        return 0;
    if (check_kind(p, what, shown, is_after || is_image, err) < 0)
        return -1;
    return check_folder(p, what, shown,
        goes_by_name(p) ? with_referrer : is_beside(p, folder), writable,
        is_after, err);
}

int
policy_open(const struct policy *p, const char *referrer, enum file_role role,
    const char *name, bool writable, char **ret_path, struct error *err)
{
    cleanup_free char *what = describe(role, name);
    const char *plain = str_after(name, "file:");

    if (!what)
        return error_no_memory(err);
    if (!plain)
        plain = name;
    if (has_protocol(plain))
        return error_set(err, EPERM,
            "its %s is not a plain file, and an image may only name those; see "
            "qemu-img rebase -u",
            what);

    cleanup_free char *path = locate(referrer, plain);
    if (!path)
        return error_no_memory(err);
    cleanup_close int handle = open(path, O_PATH | O_CLOEXEC);
    if (handle < 0)
        return error_errno(err, errno, "its %s", what);

    cleanup_free char *real = real_path(handle);
    if (!real)
        return error_errno(
            err, errno ? errno : ENOMEM, "cannot resolve its %s", what);
    if (check_allowed(p, referrer, role, what, real, handle, writable, err) < 0)
        return -1;
    if (check_kind_of_file(handle, err) < 0)
        return error_context(err, "its %s", what);

    int fd = reopen(handle, writable);
    if (fd < 0)
        return error_errno(err, errno, "its %s", what);
    *ret_path = steal_pointer(&path);
    return fd;
}
