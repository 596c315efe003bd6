/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "fish/workplace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/strv.h"
#include "fish/host.h"
#include "fish/shell.h"

void
workplace_remove(struct workplace *w)
{
    work_folder_remove(&w->folder);
    free(w->file);
}

int
workplace_make(struct shell *sh, const char *path, struct workplace *w)
{
    const char *base = strrchr(path, '/');

    if (work_folder_make(&w->folder, NULL, &sh->error) < 0)
        return -1;
    w->file =
        text_printf("%s/%s", w->folder.path, base && base[1] ? base + 1 : "f");
    return w->file ? 0 : error_no_memory(&sh->error);
}

int
workplace_download(struct shell *sh, const char *path, struct workplace *w)
{
    if (workplace_make(sh, path, w) < 0)
        return -1;
    return mayfly_download(sh->g, path, w->file) < 0 ? shell_call_failed(sh)
                                                     : 0;
}

const char *
workplace_program(const char *value, const char *otherwise)
{
    return value && value[0] ? value : otherwise;
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

int
workplace_edit(struct shell *sh, const struct workplace *w, const char *editor,
    bool *ret_changed)
{
    cleanup_free char *before = hash_file(sh, w->file);
    /* The name comes from the guest: passed as a variable, it is not parsed as
     * part of the command. */
    setenv("MAYFISH_EDITED", w->file, 1);
    cleanup_free char *command = text_printf("%s \"$MAYFISH_EDITED\"", editor);
    if (!before)
        return -1;
    if (!command)
        return error_no_memory(&sh->error);
    int result = host_run(command, &sh->error);
    unsetenv("MAYFISH_EDITED");
    if (result < 0)
        return -1;

    cleanup_free char *after = hash_file(sh, w->file);
    if (!after)
        return -1;
    *ret_changed = !str_equal(before, after);
    return 0;
}

int
workplace_replace(struct shell *sh, const char *file, const char *path)
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
