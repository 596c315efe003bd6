/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where servers are found.  A folder in /tmp that another user has made could
 * hold a socket of that user, who would get our output: it is refused. */
#include <config.h>

#include "fish/remote.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"

char *
remote_path(pid_t pid, struct error *err)
{
    cleanup_free char *folder =
        text_printf("/tmp/.mayfish-%u", (unsigned)geteuid());
    struct stat st;

    if (!folder)
        return error_no_memory(err), NULL;
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return error_errno(err, errno, "cannot make %s", folder), NULL;
    if (lstat(folder, &st) < 0)
        return error_errno(err, errno, "%s", folder), NULL;
    if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
        (st.st_mode & 077) != 0)
        return error_set(err, EPERM,
                   "%s is not a directory that only you may enter; remove it",
                   folder),
               NULL;
    char *path = text_printf("%s/socket-%ld", folder, (long)pid);
    if (!path)
        error_no_memory(err);
    return path;
}
