/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where servers are found: in a folder that only the user may enter, below
 * $XDG_RUNTIME_DIR, which no one else can make, or in /tmp.  A folder in /tmp
 * that another user has made could hold a socket of that user, who would get
 * our output: it is refused.  A client may have another environment than its
 * server, so it looks in all places. */
#include <config.h>

#include "fish/remote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"

static bool
is_private(const char *folder)
{
    struct stat st;

    return lstat(folder, &st) == 0 && S_ISDIR(st.st_mode) &&
           st.st_uid == geteuid() && (st.st_mode & 077) == 0;
}

/* NULL with errno 0: it is not there, or not the user's alone. */
static char *
folder_below(const char *runtime)
{
    errno = 0;
    if (!runtime || *runtime != '/' || !is_private(runtime))
        return errno = 0, NULL;
    return text_printf("%s/mayfish", runtime);
}

static char *
folder_in_tmp(void)
{
    return text_printf("/tmp/.mayfish-%u", (unsigned)geteuid());
}

/* Where a server may be, in order; the last is in /tmp. */
static int
find_folders(char ***ret, struct error *err)
{
    cleanup_strv char **found = NULL;
    cleanup_free char *usual = text_printf("/run/user/%u", (unsigned)geteuid());
    const char *const places[] = {getenv("XDG_RUNTIME_DIR"), usual};

    for (size_t i = 0; usual && i < N_ELEMENTS(places); i++) {
        char *folder = folder_below(places[i]);

        if ((folder || errno) && strv_take(&found, folder) < 0)
            return error_no_memory(err);
    }
    if (!usual || strv_take(&found, folder_in_tmp()) < 0)
        return error_no_memory(err);
    *ret = steal_pointer(&found);
    return 0;
}

static int
make_folder(const char *folder, struct error *err)
{
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return error_errno(err, errno, "cannot make %s", folder);
    return is_private(folder)
               ? 0
               : error_set(err, EPERM,
                     "%s is not a directory that only you may enter; if it is "
                     "yours, remove it, else set XDG_RUNTIME_DIR to a "
                     "directory of yours with mode 0700",
                     folder);
}

char *
remote_socket(struct error *err)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    cleanup_free char *below = folder_below(runtime);
    cleanup_free char *folder = below ? strdup(below) : folder_in_tmp();
    char *path;

    if (!folder)
        return error_no_memory(err), NULL;
    if (make_folder(folder, err) < 0)
        return NULL;
    if (!(path = text_printf("%s/socket-%ld", folder, (long)getpid())))
        error_no_memory(err);
    return path;
}

char *
remote_find(pid_t pid, struct error *err)
{
    cleanup_strv char **folders = NULL;

    if (find_folders(&folders, err) < 0)
        return NULL;
    for (char **folder = folders; *folder; folder++) {
        char *path = text_printf("%s/socket-%ld", *folder, (long)pid);

        if (!path)
            return error_no_memory(err), NULL;
        if (is_private(*folder) && access(path, F_OK) == 0)
            return path;
        free(path);
    }
    error_set(err, ENOENT,
        "no server has the process ID %ld; it has ended, as a server does "
        "after an error; start one with 'mayfish --listen'",
        (long)pid);
    return NULL;
}
