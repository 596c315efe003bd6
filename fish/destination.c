/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "fish/destination.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <mayfly.h>

#include "base/cleanup.h"
#include "base/strv.h"

static int
call_failed(struct mayfly *g, struct error *err)
{
    const char *text = mayfly_last_error(g);

    return error_set(
        err, mayfly_last_errno(g), "%s", text ? text : "unknown error");
}

/* The file system that has the letter. */
static char *
find_device(struct mayfly *g, char letter, struct error *err)
{
    cleanup_free char **roots = NULL;

    if (mayfly_inspect_get_roots(g, &roots) < 0)
        return call_failed(g, err), NULL;
    if (!roots[0])
        return error_set(err, ENOENT,
                   "the drive letters are not known: start with -i, or run "
                   "'inspect-os' first"),
               NULL;
    for (size_t i = 0; roots[i]; i++) {
        cleanup_free char **drives = NULL;

        if (mayfly_inspect_get_drive_mappings(g, roots[i], &drives) < 0)
            return call_failed(g, err), NULL;
        for (size_t k = 0; drives[k] && drives[k + 1]; k += 2) {
            if (toupper((unsigned char)drives[k][0]) != letter || drives[k][1])
                continue;
            char *device = strdup(drives[k + 1]);
            if (!device)
                error_no_memory(err);
            return device;
        }
    }
    return error_set(err, ENOENT,
               "the guest has no drive %c:; 'inspect-get-drive-mappings %s' "
               "lists them",
               letter, roots[0]),
           NULL;
}

static char *
find_mountpoint(
    struct mayfly *g, char letter, const char *device, struct error *err)
{
    cleanup_free char **mounts = NULL;

    if (mayfly_mountpoints(g, &mounts) < 0)
        return call_failed(g, err), NULL;
    for (size_t i = 0; mounts[i] && mounts[i + 1]; i += 2) {
        if (!str_equal(mounts[i], device))
            continue;
        char *copy = strdup(str_equal(mounts[i + 1], "/") ? "" : mounts[i + 1]);
        if (!copy)
            error_no_memory(err);
        return copy;
    }
    return error_set(err, ENOENT,
               "drive %c: is %s, which is not mounted; mount it first, as "
               "with 'umount-all' and 'mount %s /'",
               letter, device, device),
           NULL;
}

int
destination_expand(struct mayfly *g, char **word, struct error *err)
{
    cleanup_free char *device = NULL, *mountpoint = NULL;
    cleanup_free char *path = NULL;
    char *real;

    if (strncasecmp(*word, "win:", strlen("win:")) != 0)
        return 0;
    const char *rest = *word + strlen("win:");
    if (isalpha((unsigned char)rest[0]) && rest[1] == ':') {
        char letter = (char)toupper((unsigned char)rest[0]);

        device = find_device(g, letter, err);
        mountpoint = device ? find_mountpoint(g, letter, device, err) : NULL;
        if (!mountpoint)
            return error_context(err, "%s", *word);
        rest += 2;
    }
    bool rooted = rest[0] == '\\' || rest[0] == '/';
    path = text_printf(
        "%s%s%s", mountpoint ? mountpoint : "", rooted ? "" : "/", rest);
    if (!path)
        return error_no_memory(err);
    for (char *p = path; *p; p++)
        if (*p == '\\')
            *p = '/';
    if (mayfly_case_sensitive_path(g, path, &real) < 0) {
        call_failed(g, err);
        return error_context(err, "%s", *word);
    }
    free(*word);
    *word = real;
    return 0;
}
