/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builtins that move files between guest and host. */
#include <config.h>

#include <stdlib.h>

#include "base/cleanup.h"
#include "fish/builtin.h"
#include "fish/workplace.h"

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

static int
edit_with(struct shell *sh, const char *editor, const char *path)
{
    cleanup_workplace struct workplace w = {0};
    cleanup_free char *real = NULL;
    bool changed;

    if (mayfly_realpath(sh->g, path, &real) < 0)
        return shell_call_failed(sh);
    if (workplace_download(sh, real, &w) < 0 ||
        workplace_edit(sh, &w, editor, &changed) < 0)
        return -1;
    return changed ? workplace_replace(sh, w.file, real) : 0;
}

int
builtin_edit(struct shell *sh, char **argv, size_t n)
{
    (void)n;
    return edit_with(sh, workplace_program(getenv("EDITOR"), "vi"), argv[0]);
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
