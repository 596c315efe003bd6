/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in a directory, and what a path really is. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/call/stream.h"
#include "appliance/agent/guest/content.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "ops-listing.h"

static bool
is_dots(const char *name)
{
    return str_equal(name, ".") || str_equal(name, "..");
}

/* The next entry; *ret is NULL at the end. */
static int
next_entry(struct call *c, DIR *dir, const char *path, struct dirent **ret)
{
    errno = 0;
    *ret = readdir(dir);
    if (!*ret && errno != 0)
        return call_fail(c, errno, "%s", path);
    return 0;
}

static DIR *
open_directory(struct call *c, const char *path)
{
    int fd = path_open(c, path, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return NULL;

    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        call_fail(c, errno, "%s", path);
    }
    return dir;
}

int
op_ls(struct call *c, const struct api_ls_args *args, struct api_ls_ret *ret)
{
    struct strings names = {0};
    struct dirent *d;
    cleanup_closedir DIR *dir = open_directory(c, args->directory);
    if (!dir)
        return -1;

    for (;;) {
        if (next_entry(c, dir, args->directory, &d) < 0)
            return -1;
        if (!d)
            break;
        if (!is_dots(d->d_name) &&
            strings_add(c, &names, d->d_name, strlen(d->d_name)) < 0)
            return -1;
    }
    list_sort_strings(&names.list);
    RETURN_STRINGS(ret, &names.list);
    return 0;
}

int
op_ls0(struct call *c, const struct api_ls0_args *args)
{
    char buffer[16384];
    size_t used = 0;
    struct dirent *d;
    cleanup_closedir DIR *dir = open_directory(c, args->dir);
    if (!dir)
        return -1;

    for (;;) {
        if (next_entry(c, dir, args->dir, &d) < 0)
            return -1;
        if (!d)
            return stream_write(c, buffer, used);
        size_t n = strlen(d->d_name) + 1;
        if (is_dots(d->d_name))
            continue;
        if (used + n > sizeof buffer) {
            if (stream_write(c, buffer, used) < 0)
                return -1;
            used = 0;
        }
        memcpy(buffer + used, d->d_name, n);
        used += n;
    }
}

/* By number: the guest's names are not known here. */
static int
list_long(
    struct call *c, const char *directory, const char *flags, const char **ret)
{
    cleanup_close int fd = path_open(c, directory, O_PATH, 0);
    if (fd < 0)
        return -1;

    struct stat st;
    if (fstat(fd, &st) < 0)
        return call_fail(c, errno, "%s", directory);
    /* The directory itself, not the link of /proc to it. */
    const char *path = S_ISDIR(st.st_mode) ? call_printf(c, "/proc/%d/fd/%d/.",
                                                 (int)getpid(), fd)
                                           : tool_path(c, directory);
    if (!path)
        return -1;
    const char *argv[] = {"ls", flags, path, NULL};
    struct run run = {.argv = argv, .output_max = CONTENT_MAX};
    struct run_result result;
    if (run_command(c, &run, &result) < 0)
        return -1;
    if (result.status != 0)
        return call_error(c, ENOTDIR, "%s: %s", directory,
            tool_words(c, result.errors, path, directory));
    *ret = result.output;
    return 0;
}

int
op_ll(struct call *c, const struct api_ll_args *args, struct api_ll_ret *ret)
{
    return list_long(c, args->directory, "-lan", &ret->value);
}

int
op_llz(struct call *c, const struct api_llz_args *args, struct api_llz_ret *ret)
{
    return list_long(c, args->directory, "-lanZ", &ret->value);
}

/* The letter of a file type, as a string that lives for ever. */
static char *
type_letter(unsigned char type)
{
    static char letters[][2] = {"b", "c", "d", "f", "l", "r", "s", "u", "?"};
    static const unsigned char types[] = {
        DT_BLK, DT_CHR, DT_DIR, DT_FIFO, DT_LNK, DT_REG, DT_SOCK, DT_UNKNOWN};
    size_t i = 0;

    while (i < N_ELEMENTS(types) && types[i] != type)
        i++;
    return letters[i];
}

int
op_readdir(struct call *c, const struct api_readdir_args *args,
    struct api_readdir_ret *ret)
{
    struct list result = {0};
    size_t bytes = 0;
    struct dirent *d;
    cleanup_closedir DIR *dir = open_directory(c, args->dir);
    if (!dir)
        return -1;

    for (;;) {
        if (next_entry(c, dir, args->dir, &d) < 0)
            return -1;
        if (!d)
            break;
        bytes += strlen(d->d_name) + 17;
        if (bytes > CONTENT_MAX)
            return call_error(c, EFBIG, "%s: too many names", args->dir);
        struct mayfly_dirent *e = list_add(c, &result, struct mayfly_dirent);
        e->ino = (int64_t)d->d_ino;
        e->ftyp = type_letter(d->d_type);
        e->name = call_strdup(c, d->d_name);
    }
    ret->value = result.items;
    ret->n_value = result.n;
    return 0;
}

int
op_fill_dir(struct call *c, const struct api_fill_dir_args *args)
{
    cleanup_close int dir = path_open(c, args->dir, O_PATH | O_DIRECTORY, 0);
    if (dir < 0)
        return -1;

    for (int i = 0; i < args->nr; i++) {
        char name[16];
        snprintf(name, sizeof name, "%08d", i);
        int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
        if (fd < 0 || close(fd) < 0)
            return call_fail(c, errno, "%s/%s", args->dir, name);
        if (i % 256 == 0) {
            call_progress(c, (uint64_t)i, (uint64_t)args->nr);
            if (call_cancelled(c))
                return call_fail(c, ECANCELED, "%s", args->dir);
        }
    }
    return 0;
}

int
op_realpath(struct call *c, const struct api_realpath_args *args,
    struct api_realpath_ret *ret)
{
    ret->value = path_real(c, args->path);
    return ret->value ? 0 : -1;
}

/* The name in the directory FOLDER that is NAME, whatever its case; NAME
 * itself if that exists; NULL if none.  Several: an error. */
static int
find_name(
    struct call *c, const char *folder, const char *name, const char **ret)
{
    struct dirent *d;
    cleanup_closedir DIR *dir = open_directory(c, folder);

    *ret = NULL;
    if (!dir)
        return -1;
    for (;;) {
        if (next_entry(c, dir, folder, &d) < 0)
            return -1;
        if (!d)
            return 0;
        if (str_equal(d->d_name, name)) {
            *ret = name;
            return 0;
        }
        if (strcasecmp(d->d_name, name) != 0)
            continue;
        if (*ret)
            return call_error(c, EINVAL,
                "%s/%s: several names differ only in case", folder, name);
        *ret = call_strdup(c, d->d_name);
    }
}

int
op_case_sensitive_path(struct call *c,
    const struct api_case_sensitive_path_args *args,
    struct api_case_sensitive_path_ret *ret)
{
    const char *found = "", *p = args->path, *name, *real;

    if (*p != '/')
        return call_error(
            c, EINVAL, "%s: the path must start with a / character", p);
    while (*(p += strspn(p, "/")) != 0) {
        size_t n = strcspn(p, "/");
        name = call_strndup(c, p, n);
        p += n;
        if (str_equal(name, ".") || str_equal(name, ".."))
            return call_error(c, EINVAL, "%s: the path may not have '%s' in it",
                args->path, name);
        if (find_name(c, *found ? found : "/", name, &real) < 0)
            return -1;
        if (!real && p[strspn(p, "/")] != 0)
            return call_fail(c, ENOENT, "%s: no %s in %s", args->path, name,
                *found ? found : "/");
        found = call_printf(c, "%s/%s", found, real ? real : name);
        /* A slash after it says that it is a directory. */
        if (*p && real) {
            cleanup_close int fd = path_open(c, found, O_PATH | O_DIRECTORY, 0);
            if (fd < 0)
                return -1;
        }
    }
    ret->value = *found ? found : "/";
    return 0;
}
