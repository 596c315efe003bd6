/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builtins that move files between guest and host. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/leftover.h"
#include "base/strv.h"
#include "fish/builtin.h"
#include "fish/host.h"

int
builtin_copy_in(struct shell *sh, char **argv, size_t n)
{
    for (size_t i = 0; i < n - 1; i++) {
        if (mayfly_copy_in(sh->g, argv[i], argv[n - 1]) < 0)
            return shell_call_failed(sh);
    }
    return 0;
}

int
builtin_copy_out(struct shell *sh, char **argv, size_t n)
{
    for (size_t i = 0; i < n - 1; i++) {
        if (mayfly_copy_out(sh->g, argv[i], argv[n - 1]) < 0)
            return shell_call_failed(sh);
    }
    return 0;
}

/* A folder of our own, with the guest's file in it under its own
 * name: editors choose their mode by the name. */
struct workplace {
    struct work_folder folder;
    char *file;
};

static void
workplace_remove(struct workplace *w)
{
    work_folder_remove(&w->folder);
    free(w->file);
}

static int
workplace_make(struct shell *sh, const char *path, struct workplace *w)
{
    const char *base = strrchr(path, '/');

    if (work_folder_make(&w->folder, NULL, &sh->error) < 0)
        return -1;
    w->file =
        text_printf("%s/%s", w->folder.path, base && base[1] ? base + 1 : "f");
    return w->file ? 0 : error_no_memory(&sh->error);
}

static char *
hash_file(struct shell *sh, const char *path)
{
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        error_errno(&sh->error, errno, "cannot open %s", path);
        return NULL;
    }
    return hash_fd(HASH_SHA256, fd, &sh->error);
}

/* Replace PATH by FILE: completely and with PATH's attributes, or not at
 * all. */
static int
replace_file(struct shell *sh, const char *file, const char *path)
{
    cleanup_free char *template = text_printf("%s.XXXXXX", path);
    cleanup_free char *fresh = NULL;
    struct mayfly_copy_attributes_options all = {
        .set = MAYFLY_COPY_ATTRIBUTES_ALL,
        .all = true,
    };

    if (!template)
        return error_no_memory(&sh->error);
    if (mayfly_mktemp(sh->g, template, NULL, &fresh) < 0)
        return shell_call_failed(sh);
    if (mayfly_upload(sh->g, file, fresh) < 0 ||
        mayfly_copy_attributes(sh->g, path, fresh, &all) < 0 ||
        mayfly_rename(sh->g, fresh, path) < 0) {
        shell_call_failed(sh);
        tool_signals_hold(sh->g, true);
        mayfly_rm_f(sh->g, fresh);
        tool_signals_hold(sh->g, false);
        return -1;
    }
    return 0;
}

static int
edit_with(struct shell *sh, const char *editor, const char *path)
{
    __attribute__((cleanup(workplace_remove))) struct workplace w = {0};
    cleanup_free char *real = NULL;

    if (mayfly_realpath(sh->g, path, &real) < 0)
        return shell_call_failed(sh);
    if (workplace_make(sh, real, &w) < 0)
        return -1;
    if (mayfly_download(sh->g, real, w.file) < 0)
        return shell_call_failed(sh);

    cleanup_free char *before = hash_file(sh, w.file);
    /* The name comes from the guest: passed as a variable, it is not parsed as
     * part of the command. */
    setenv("MAYFISH_EDITED", w.file, 1);
    cleanup_free char *command = text_printf("%s \"$MAYFISH_EDITED\"", editor);
    if (!before)
        return -1;
    if (!command)
        return error_no_memory(&sh->error);
    int result = host_run(command, &sh->error);
    unsetenv("MAYFISH_EDITED");
    if (result < 0)
        return -1;

    cleanup_free char *after = hash_file(sh, w.file);
    if (!after)
        return -1;
    return str_equal(before, after) ? 0 : replace_file(sh, w.file, real);
}

int
builtin_edit(struct shell *sh, char **argv, size_t n)
{
    const char *editor = getenv("EDITOR");

    (void)n;
    return edit_with(sh, editor && editor[0] ? editor : "vi", argv[0]);
}

int
builtin_vi(struct shell *sh, char **argv, size_t n)
{
    (void)n;
    return edit_with(sh, "vi", argv[0]);
}

int
builtin_emacs(struct shell *sh, char **argv, size_t n)
{
    (void)n;
    return edit_with(sh, "emacs -nw", argv[0]);
}

static int
page_with(struct shell *sh, const char *pager, const char *path)
{
    __attribute__((cleanup(workplace_remove))) struct workplace w = {0};

    if (workplace_make(sh, path, &w) < 0)
        return -1;
    if (mayfly_download(sh->g, path, w.file) < 0)
        return shell_call_failed(sh);
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
    const char *pager = getenv("PAGER");

    (void)n;
    return page_with(sh, pager && pager[0] ? pager : "more", argv[0]);
}

int
builtin_less(struct shell *sh, char **argv, size_t n)
{
    (void)n;
    return page_with(sh, "less", argv[0]);
}
