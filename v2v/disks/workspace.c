/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a running program locks a file in its folder.  A folder
 * that can be locked is left over from a killed run and is removed.  Meanwhile
 * the parent folder is locked, so that a new folder that is not locked yet is
 * not taken for a dead one.  Child processes do not inherit these locks: a
 * dying child would keep them. */
#include <config.h>

#include "v2v/disks/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"

#define PREFIX ".mayfly-v2v."

enum { FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

int
folder_lock(int folder)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    cleanup_close int fd =
        openat(folder, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0 || fcntl(fd, F_SETLK, &lock) < 0)
        return -1;
    return steal_fd(&fd);
}

/* A failed removal is not a reason to stop. */
static void
remove_dead(int folder)
{
    int copy = openat(folder, ".", FLAGS);
    cleanup_closedir DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        if (!str_after(entry->d_name, PREFIX))
            continue;

        cleanup_close int fd = openat(folder, entry->d_name, FLAGS);
        cleanup_close int lock = fd < 0 ? -1 : folder_lock(fd);
        if (lock >= 0)
            remove_tree(folder, entry->d_name);
    }
}

int
workspace_make(struct workspace *ret, const char *folder, struct error *err)
{
    /* An absolute path: overlays name their bases by it. */
    cleanup_free char *real = realpath(folder, NULL);
    cleanup_close int above =
        real ? open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    cleanup_free char *path =
        real ? text_printf("%s/%sXXXXXX", real, PREFIX) : NULL;

    if (above < 0)
        return error_set(err, errno, "cannot open %s: %s%s", folder,
            strerror(errno),
            strchr(folder, '/')
                ? ""
                : "; give a folder that exists, not the name of a storage "
                  "pool");
    if (!path)
        return error_no_memory(err);
    if (flock(above, LOCK_EX) < 0)
        return error_errno(err, errno, "cannot lock %s", folder);
    remove_dead(above);
    if (!mkdtemp(path))
        return error_errno(
            err, errno, "cannot make a temporary folder in %s", folder);

    cleanup_close int fd = open(path, FLAGS);
    cleanup_close int lock = fd < 0 ? -1 : folder_lock(fd);
    if (lock < 0) {
        int code = errno;

        remove_tree(AT_FDCWD, path);
        return error_errno(err, code, "cannot lock %s", path);
    }
    *ret = (struct workspace){
        .path = steal_pointer(&path), .lock = steal_fd(&lock)};
    return 0;
}

void
workspace_remove(struct workspace *w)
{
    if (!w->path)
        return;
    remove_tree(AT_FDCWD, w->path);
    close(w->lock);
    free(w->path);
    *w = (struct workspace){.lock = -1};
}
