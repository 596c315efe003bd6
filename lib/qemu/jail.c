/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The new root is mounted on /usr, where no file is missed until pivot_root
 * moves it; then the host's root is below it, at OLD, the places are bound from
 * there, and OLD goes.  Nothing is written to the host's file systems.
 *
 * A place is bound under its own name.  A symbolic link on the way to it
 * becomes the same link, followed by what it points to. */
#include <config.h>

#include "lib/qemu/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

#define OLD "/.old"

/* Of <linux/mount.h>, which older <sys/mount.h> cannot stand beside. */
enum {
    ATTR_READ_ONLY = 1,
    ATTR_NO_SETUID = 2,
    ATTR_NO_DEVICES = 4,
    RECURSIVE = 0x8000, /* AT_RECURSIVE */
};

struct mount_attributes {
    uint64_t set, clear, propagation, namespace;
};

enum { LINKS_MOST = 40 };

enum step_kind { STEP_FOLDER, STEP_LINK, STEP_FILE, STEP_BIND };

struct jail_step {
    enum step_kind kind;
    char *path;
    char *other; /* what the link points to; what is bound */
    bool device;
};

/* --- before fork --- */

/* Takes over OTHER. */
static int
add_step(struct jail *j, enum step_kind kind, const char *path, char *other,
    bool device, struct error *err)
{
    struct jail_step *bigger = reallocarray(j->steps, j->n + 1, sizeof *bigger);
    char *copy = strdup(path);

    if (bigger)
        j->steps = bigger;
    if (!bigger || !copy || (!other && kind != STEP_FOLDER)) {
        free(copy);
        free(other);
        return error_no_memory(err);
    }
    j->steps[j->n++] = (struct jail_step){kind, copy, other, device};
    return 0;
}

static bool
is_in(const char *path, const char *folder)
{
    const char *rest = str_after(path, folder);

    return rest && (*rest == '/' || !*rest);
}

static bool
is_bound(const struct jail *j, const char *path)
{
    for (size_t i = 0; i < j->n; i++) {
        if (j->steps[i].kind == STEP_BIND && is_in(path, j->steps[i].path))
            return true;
    }
    return false;
}

static bool
is_made(const struct jail *j, const char *path)
{
    for (size_t i = 0; i < j->n; i++) {
        if (str_equal(j->steps[i].path, path))
            return true;
    }
    return false;
}

/* "/a/../b/./c" is "/b/c"; right as long as /a is no link. */
static void
normalise(char *path)
{
    char *out = path;

    for (const char *p = path; *p;) {
        size_t n;

        p += strspn(p, "/");
        n = strcspn(p, "/");
        if (n == 2 && p[0] == '.' && p[1] == '.') {
            while (out > path && *--out != '/')
                ;
        } else if (n > 0 && !(n == 1 && p[0] == '.')) {
            *out++ = '/';
            memmove(out, p, n);
            out += n;
        }
        p += n;
    }
    if (out == path)
        *out++ = '/';
    *out = 0;
}

static char *
read_link(const char *path)
{
    char target[4096];
    ssize_t n = readlink(path, target, sizeof target - 1);

    return n > 0 ? strndup(target, (size_t)n) : NULL;
}

/* Add the link; *path, which it is a part of, becomes where it leads. */
static int
follow(struct jail *j, char **path, const char *link, size_t length,
    struct error *err)
{
    cleanup_free char *target = read_link(link);
    const char *slash = strrchr(link, '/'), *rest = *path + length;
    char *to;

    if (!target)
        return error_errno(err, errno, "cannot read the link %s", link);
    to = *target == '/' ? text_printf("%s%s", target, rest)
                        : text_printf("%.*s/%s%s", (int)(slash - link), link,
                              target, rest);
    if (!to)
        return error_no_memory(err);
    normalise(to);
    free(*path);
    *path = to;
    if (is_made(j, link))
        return 0;
    return add_step(j, STEP_LINK, link, steal_pointer(&target), false, err);
}

static int
add_leaf(struct jail *j, const char *path, bool folder, bool device,
    struct error *err)
{
    if (folder ? add_step(j, STEP_FOLDER, path, NULL, false, err) < 0
               : add_step(j, STEP_FILE, path, strdup(""), false, err) < 0)
        return -1;
    return add_step(
        j, STEP_BIND, path, text_printf(OLD "%s", path), device, err);
}

/* What is absent, or may not be seen, is left out. */
static int
add_place(struct jail *j, const struct place *place, struct error *err)
{
    cleanup_free char *path = strdup(place->path);
    int links = 0;

    if (!path)
        return error_no_memory(err);
    normalise(path);
    for (size_t n = 0; path[n] && !is_bound(j, path);) {
        struct stat st;

        n += 1 + strcspn(path + n + 1, "/");
        cleanup_free char *part = strndup(path, n);
        if (!part)
            return error_no_memory(err);
        if (n == 1 || lstat(part, &st) < 0)
            return 0;
        if (S_ISLNK(st.st_mode)) {
            if (++links > LINKS_MOST)
                return 0;
            if (follow(j, &path, part, n, err) < 0)
                return -1;
            n = 0;
        } else if (!path[n]) {
            return add_leaf(j, path, S_ISDIR(st.st_mode),
                place->access == PLACE_DEVICE, err);
        } else if (!is_made(j, part) &&
                   add_step(j, STEP_FOLDER, part, NULL, false, err) < 0) {
            return -1;
        }
    }
    return 0;
}

int
jail_plan(const struct places *p, struct jail *ret, struct error *err)
{
    struct jail j = {0};

    for (size_t i = 0; i < p->n; i++) {
        if (add_place(&j, &p->list[i], err) < 0) {
            jail_clear(&j);
            return -1;
        }
    }
    *ret = j;
    return 0;
}

void
jail_clear(struct jail *j)
{
    for (size_t i = 0; i < j->n; i++) {
        free(j->steps[i].path);
        free(j->steps[i].other);
    }
    free(j->steps);
    *j = (struct jail){0};
}

/* --- after fork --- */

/* For kernels before 5.12; a flag that a user namespace has inherited must be
 * given again. */
static bool
remount(const char *path, uint64_t set)
{
    static const struct {
        unsigned long shown, flag;
    } kept[] = {
        {8 /* ST_NOEXEC */, MS_NOEXEC},
        {1024 /* ST_NOATIME */, MS_NOATIME},
        {2048 /* ST_NODIRATIME */, MS_NODIRATIME},
        {4096 /* ST_RELATIME */, MS_RELATIME},
    };
    unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID;
    struct statfs fs;

    if (statfs(path, &fs) < 0)
        return false;
    if (set & ATTR_NO_DEVICES)
        flags |= MS_NODEV;
    for (size_t i = 0; i < N_ELEMENTS(kept); i++) {
        if ((unsigned long)fs.f_flags & kept[i].shown)
            flags |= kept[i].flag;
    }
    return mount(NULL, path, NULL, flags, NULL) == 0;
}

static bool
bind(const struct jail_step *s)
{
    struct mount_attributes a = {.set = ATTR_READ_ONLY | ATTR_NO_SETUID};

    if (!s->device)
        a.set |= ATTR_NO_DEVICES;
    if (mount(s->other, s->path, NULL, MS_BIND | MS_REC, NULL) < 0)
        return false;
    if (syscall(
            SYS_mount_setattr, AT_FDCWD, s->path, RECURSIVE, &a, sizeof a) == 0)
        return true;
    return errno == ENOSYS && remount(s->path, a.set);
}

static bool
take_step(const struct jail_step *s)
{
    int fd;

    switch (s->kind) {
    case STEP_FOLDER:
        return mkdir(s->path, 0755) == 0 || errno == EEXIST;
    case STEP_LINK:
        return symlink(s->other, s->path) == 0 || errno == EEXIST;
    case STEP_FILE:
        fd = open(s->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);
        return fd >= 0 && close(fd) == 0;
    case STEP_BIND:
        return bind(s);
    }
    return false;
}

/* A container may forbid it: parts of its own /proc are hidden, and a new one
 * would show them. */
static bool
mount_proc(bool *ret_own)
{
    unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

    *ret_own = true;
    if (mkdir("/proc", 0555) < 0)
        return false;
    if (mount("proc", "/proc", "proc", flags, "subset=pid") == 0 ||
        mount("proc", "/proc", "proc", flags, NULL) == 0)
        return true;
    *ret_own = false;
    return mount(OLD "/proc", "/proc", NULL, MS_BIND | MS_REC, NULL) == 0;
}

static bool
fill(const struct jail *j, bool *ret_own_proc)
{
    for (size_t i = 0; i < j->n; i++) {
        if (!take_step(&j->steps[i]))
            return false;
    }
    return mount_proc(ret_own_proc);
}

static bool
pivot(const char *root, const char *old)
{
    return syscall(SYS_pivot_root, root, old) == 0 && chdir("/") == 0;
}

bool
jail_enter(const struct jail *j, bool *ret_own_proc)
{
    static const char options[] = "mode=0755,size=1m,nr_inodes=4096";
    bool own_proc = false;

    if (unshare(CLONE_NEWNS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("mayfly", "/usr", "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
        return false;
    if (mkdir("/usr" OLD, 0700) < 0 || !pivot("/usr", "/usr" OLD)) {
        umount2("/usr", MNT_DETACH);
        return false;
    }
    if (!fill(j, &own_proc)) {
        if (pivot(OLD, OLD "/usr"))
            umount2("/usr", MNT_DETACH);
        return false;
    }
    /* Whoever is the host's root may not go on, or it would be in reach. */
    if (umount2(OLD, MNT_DETACH) < 0 || rmdir(OLD) < 0 ||
        mount(NULL, "/", NULL,
            MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) < 0)
        return false;
    *ret_own_proc = own_proc;
    return true;
}
