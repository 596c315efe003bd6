/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/conversion.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

/* A file that is too large to be read is no reason to stop: it is reported, and
 * only once. */
static int
tell_large(struct conversion *c, const char *path, struct error *err)
{
    static const char text[] =
        "it was not looked at, since it is larger than 32 MiB";

    error_clear(err);
    for (size_t i = 0; i < c->report.n_findings; i++) {
        const struct finding *f = &c->report.findings[i];

        if (f->path && str_equal(f->path, path) && str_equal(f->what, text))
            return 0;
    }
    return report_add(&c->report, FINDING_REVIEW, path, text, NULL, err);
}

char *
conversion_read(
    struct conversion *c, const char *path, size_t *ret_size, struct error *err)
{
    char *text = job_is_file(&c->job, path)
                     ? job_read(&c->job, path, ret_size, err)
                     : NULL;

    if (!text && err->code == EFBIG)
        tell_large(c, path, err);
    return text;
}

static bool
is_link(struct conversion *c, const char *path)
{
    bool yes = false;

    return mayfly_is_symlink(c->job.g, path, &yes) == 0 && yes;
}

int
conversion_write(struct conversion *c, const char *path, const char *text,
    const char *what, const char *why, struct error *err)
{
    cleanup_undo struct undo undo = {.kind = UNDO_REMOVE};

    if (job_is_file(&c->job, path)) {
        undo.kind = UNDO_CONTENT;
        undo.before = job_read(&c->job, path, NULL, err);
        if (!undo.before)
            return err->code == EFBIG ? tell_large(c, path, err) : -1;
        if (str_equal(undo.before, text))
            return 0;
    }
    if (mayfly_write(c->job.g, path, text, strlen(text)) < 0)
        return job_fail(&c->job, err);
    return report_change(&c->report, path, what, why, &undo, err);
}

int
conversion_append(struct conversion *c, const char *path, const char *data,
    size_t size, const char *what, const char *why, struct error *err)
{
    cleanup_undo struct undo undo = {.kind = UNDO_TRUNCATE};
    int64_t before;

    if (mayfly_filesize(c->job.g, path, &before) < 0)
        return job_fail(&c->job, err);
    undo.size = (uint64_t)before;
    if (mayfly_write_append(c->job.g, path, data, size) < 0)
        return job_fail(&c->job, err);
    return report_change(&c->report, path, what, why, &undo, err);
}

int
conversion_remove(struct conversion *c, const char *path, const char *what,
    const char *why, struct error *err)
{
    cleanup_undo struct undo undo = {0};

    if (is_link(c, path)) {
        undo.kind = UNDO_LINK;
        if (mayfly_readlink(c->job.g, path, &undo.before) < 0)
            return job_fail(&c->job, err);
    } else if (job_is_file(&c->job, path)) {
        undo.kind = UNDO_CONTENT;
        undo.before = job_read(&c->job, path, NULL, err);
        if (!undo.before)
            return -1;
    } else {
        return 0;
    }
    if (mayfly_rm_f(c->job.g, path) < 0)
        return job_fail(&c->job, err);
    return report_change(&c->report, path, what, why, &undo, err);
}

int
conversion_link(struct conversion *c, const char *target, const char *path,
    const char *what, const char *why, struct error *err)
{
    cleanup_undo struct undo undo = {.kind = UNDO_REMOVE};

    if (is_link(c, path) || job_exists(&c->job, path))
        return 0;
    if (mayfly_ln_sf(c->job.g, target, path) < 0)
        return job_fail(&c->job, err);
    return report_change(&c->report, path, what, why, &undo, err);
}

char **
conversion_glob(struct conversion *c, const char *pattern, struct error *err)
{
    struct mayfly_glob_expand_options options = {
        .set = MAYFLY_GLOB_EXPAND_DIRECTORYSLASH,
        .directoryslash = false,
    };
    char **found;

    if (mayfly_glob_expand(c->job.g, pattern, &options, &found) < 0)
        return job_fail(&c->job, err), NULL;
    return found;
}

int
conversion_tell(struct conversion *c, enum finding_level level,
    const char *path, struct error *err, const char *format, ...)
{
    cleanup_free char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    if (!text)
        return error_no_memory(err);
    return report_add(&c->report, level, path, text, NULL, err);
}

void
conversion_clear(struct conversion *c)
{
    for (size_t i = 0; i < c->n_kernels; i++) {
        free(c->kernels[i].version);
        free(c->kernels[i].image);
        free(c->kernels[i].initrd);
        strv_free(c->kernels[i].modules);
    }
    free(c->kernels);
    volumes_free(c->volumes);
    free(c->root_device);
    strv_free(c->system_partitions);
    strv_free(c->own_mounts);
    report_clear(&c->report);
    *c = (struct conversion){0};
}
