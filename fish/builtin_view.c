/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builtins that show a file of the guest with a program of the host, and
 * hexedit. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "fish/builtin.h"
#include "fish/convert.h"
#include "fish/host.h"
#include "fish/workplace.h"

/* Larger ones take a range: an editor of bytes loads them whole. */
enum { HEXEDIT_MAX = 16 << 20 };

static int
page_with(struct shell *sh, const char *pager, const char *path)
{
    cleanup_workplace struct workplace w = {0};

    if (workplace_download(sh, path, &w) < 0)
        return -1;
    cleanup_close int in = open(w.file, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return error_errno(&sh->error, errno, "cannot open %s", w.file);
    fflush(stdout);
    pid_t pid = host_start(pager, in, -1, &sh->error);
    return pid < 0 ? -1 : host_wait(pid, pager, &sh->error);
}

int
builtin_more(struct shell *sh, char **argv, size_t n)
{
    (void)n;
    return page_with(sh, workplace_program(getenv("PAGER"), "more"), argv[0]);
}

int
builtin_less(struct shell *sh, char **argv, size_t n)
{
    (void)n;
    return page_with(sh, "less", argv[0]);
}

int
builtin_display(struct shell *sh, char **argv, size_t n)
{
    cleanup_workplace struct workplace w = {0};
    bool changed;

    (void)n;
    if (workplace_download(sh, argv[0], &w) < 0)
        return -1;
    return workplace_edit(sh, &w,
        workplace_program(getenv("GUESTFISH_DISPLAY_IMAGE"), "display"),
        &changed);
}

struct range {
    int64_t start, size;
    bool whole; /* all of a file, which may then change its size */
};

/* [MAX], or START MAX. */
static int
find_range(struct shell *sh, const char *path, char **argv, size_t n,
    struct range *ret)
{
    bool device = str_after(path, "/dev/");
    int64_t there, max = INT64_MAX;
    struct range r = {.whole = n == 1 && !device};

    if (device ? mayfly_blockdev_getsize64(sh->g, path, &there) < 0
               : mayfly_filesize(sh->g, path, &there) < 0)
        return shell_call_failed(sh);
    if (n == 3 && convert_i64(sh, "start", argv[1], 0, INT64_MAX, &r.start) < 0)
        return -1;
    if (n >= 2 && convert_i64(sh, "max", argv[n - 1], 1, INT64_MAX, &max) < 0)
        return -1;
    if (r.start > there)
        return error_set(
            &sh->error, EINVAL, "%s has only %" PRId64 " bytes", path, there);
    r.size = there - r.start < max ? there - r.start : max;
    if (n == 1 && r.size > HEXEDIT_MAX)
        return error_set(&sh->error, EFBIG,
            "%s has %" PRId64 " bytes; give the part to edit, as in "
            "'hexedit %s 0 1M'",
            path, there, path);
    *ret = r;
    return 0;
}

int
builtin_hexedit(struct shell *sh, char **argv, size_t n)
{
    cleanup_workplace struct workplace w = {0};
    cleanup_free char *real = NULL;
    char *path = argv[0];
    struct range r = {0};
    struct stat st;
    bool changed;

    if (!str_after(argv[0], "/dev/")) {
        if (mayfly_realpath(sh->g, argv[0], &real) < 0)
            return shell_call_failed(sh);
        path = real;
    }
    if (find_range(sh, path, argv, n, &r) < 0 ||
        workplace_make(sh, path, &w) < 0)
        return -1;
    if (mayfly_download_offset(sh->g, path, w.file, r.start, r.size) < 0)
        return shell_call_failed(sh);
    if (workplace_edit(sh, &w,
            workplace_program(getenv("HEXEDITOR"), "hexedit"), &changed) < 0)
        return -1;
    if (!changed)
        return 0;
    if (r.whole)
        return workplace_replace(sh, w.file, path);
    if (stat(w.file, &st) < 0)
        return error_errno(&sh->error, errno, "%s", w.file);
    if (st.st_size != r.size)
        return error_set(&sh->error, EINVAL,
            "a part cannot change its size, from %" PRId64 " to %" PRId64
            " bytes; nothing is written",
            r.size, (int64_t)st.st_size);
    return mayfly_upload_offset(sh->g, w.file, path, r.start) < 0
               ? shell_call_failed(sh)
               : 0;
}
