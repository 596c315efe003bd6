/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Removing files of the guest, each of which is noted. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "sysprep/operations.h"
#include "sysprep/where.h"
#include "tool/print.h"
#include "tool/signals.h"

/* What fits into one pattern. */
enum { MAX_PATTERN = 4000 };

void
work_note(struct work *w, enum change what, const char *path)
{
    static const char *const verbs[] = {"remove", "change", "make"};

    *(what == REMOVED     ? &w->n_removed
        : what == CHANGED ? &w->n_changed
                          : &w->n_made) += 1;
    if (w->list)
        job_say(&w->job, false, "%s: %s %s", w->name, verbs[what], path);
}

/* As where_is_own, of the folder that PATH is in. */
static int
is_in_place(struct work *w, const char *path, struct error *err)
{
    const char *slash = strrchr(path, '/');
    cleanup_free char *folder =
        slash > path ? strndup(path, (size_t)(slash - path)) : strdup("/");

    return folder ? where_is_own(w, folder, err) : error_no_memory(err);
}

int
remove_path(struct work *w, const char *path, struct error *err)
{
    if (tool_interrupted())
        return error_set(err, EINTR, "interrupted");
    if (!path[strspn(path, "/.")])
        return error_set(err, EINVAL, "%s is never removed", path);
    int own = is_in_place(w, path, err);
    if (own <= 0)
        return own;
    if (mayfly_rm_rf(w->job.g, path) < 0)
        return job_fail(&w->job, err);
    work_note(w, REMOVED, path);
    return 0;
}

/* A folder, and what has just gone with a link to it, is none. */
static int
remove_file(struct work *w, const char *path, struct error *err)
{
    if (tool_interrupted())
        return error_set(err, EINTR, "interrupted");
    int own = is_in_place(w, path, err);
    if (own <= 0)
        return own;
    if (mayfly_rm(w->job.g, path) == 0) {
        work_note(w, REMOVED, path);
        return 0;
    }
    return mayfly_last_errno(w->job.g) == EISDIR ||
                   mayfly_last_errno(w->job.g) == ENOENT
               ? 0
               : job_fail(&w->job, err);
}

char **
work_glob(struct work *w, const char *pattern, struct error *err)
{
    struct mayfly_glob_expand_options options = {
        .set = MAYFLY_GLOB_EXPAND_DIRECTORYSLASH,
        .directoryslash = false,
    };
    char **paths;

    if (mayfly_glob_expand(w->job.g, pattern, &options, &paths) < 0) {
        job_fail(&w->job, err);
        return NULL;
    }
    return paths;
}

static bool
is_listed(const char *const *list, const char *path)
{
    for (; list && *list; list++)
        if (str_equal(*list, path))
            return true;
    return false;
}

static int
remove_matches_of(struct work *w, const char *pattern,
    const char *const *except, bool only_files, struct error *err)
{
    cleanup_free char **paths = work_glob(w, pattern, err);

    if (!paths)
        return -1;
    for (size_t i = 0; paths[i]; i++) {
        if (is_listed(except, paths[i]))
            continue;
        if ((only_files ? remove_file(w, paths[i], err)
                        : remove_path(w, paths[i], err)) < 0)
            return -1;
    }
    return 0;
}

/* Many patterns are one of the form /{A,B,...}. */
int
remove_matches(struct work *w, const char *const *patterns,
    const char *const *except, bool only_files, struct error *err)
{
    while (*patterns) {
        char *all = NULL;
        size_t size = 0, length = 0;
        FILE *out = open_memstream(&all, &size);

        if (!out)
            return error_no_memory(err);
        for (; *patterns && length + strlen(*patterns) < MAX_PATTERN;
             patterns++) {
            length += (size_t)fprintf(
                out, "%s%s", length ? "," : "/{", *patterns + 1);
        }
        putc('}', out);
        cleanup_free char *pattern = fclose(out) == 0 ? all : (free(all), NULL);
        if (!pattern)
            return error_no_memory(err);
        if (remove_matches_of(w, pattern, except, only_files, err) < 0)
            return -1;
    }
    return 0;
}

int
remove_files_below(
    struct work *w, const char *folder, const char *spared, struct error *err)
{
    cleanup_free char **names = NULL;

    if (!job_is_dir(&w->job, folder))
        return 0;
    int own = where_is_own(w, folder, err);
    if (own <= 0)
        return own;
    if (mayfly_find(w->job.g, folder, &names) < 0)
        return job_fail(&w->job, err);
    for (size_t i = 0; names[i]; i++) {
        const char *slash = strrchr(names[i], '/');
        cleanup_free char *path =
            text_printf("%s/%s", folder, names[i] + strspn(names[i], "/"));

        if (!path)
            return error_no_memory(err);
        if (spared && str_equal(slash ? slash + 1 : names[i], spared))
            continue;
        if (remove_file(w, path, err) < 0)
            return -1;
    }
    return 0;
}

int
change_file(struct work *w, const char *path, const char *old, const char *text,
    struct error *err)
{
    if (str_equal(old, text))
        return 0;
    if (job_write(&w->job, path, text, err) < 0)
        return -1;
    work_note(w, CHANGED, path);
    return 0;
}

int
replace_file(struct work *w, const char *path, const char *old,
    const char *text, bool expected, struct error *err)
{
    cleanup_free char *real = where_really(w, path);

    if (!real)
        return error_no_memory(err);
    if (expected || where_is_usual(path, real))
        return change_file(w, path, old, text, err);
    tool_warning("%s: a link makes %s of %s, whose content is something else; "
                 "it stays",
        w->name, real, path);
    return 0;
}
