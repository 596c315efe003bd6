/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the operations share: errors, messages, reading small files of the
 * guest. */
#include <config.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "customize/operations.h"
#include "tool/session.h"

int
job_fail(struct job *job, struct error *err)
{
    return tool_handle_error(job->g, err);
}

void
job_say(struct job *job, bool password, const char *format, ...)
{
    cleanup_free char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    if (text)
        job->sayer->say(job->sayer->opaque, password, text);
}

char *
job_read(struct job *job, const char *path, size_t *ret_size, struct error *err)
{
    void *data;
    size_t size;

    if (mayfly_read_file(job->g, path, &data, &size) < 0)
        return job_fail(job, err), NULL;

    char *text = realloc(data, size + 1);
    if (!text) {
        free(data);
        return error_no_memory(err), NULL;
    }
    text[size] = 0;
    if (ret_size)
        *ret_size = size;
    return text;
}

bool
job_is_file(struct job *job, const char *path)
{
    struct mayfly_is_file_options options = {
        .set = MAYFLY_IS_FILE_FOLLOWSYMLINKS,
        .followsymlinks = true,
    };
    bool yes = false;

    return mayfly_is_file(job->g, path, &options, &yes) == 0 && yes;
}

bool
job_is_dir(struct job *job, const char *path)
{
    struct mayfly_is_dir_options options = {
        .set = MAYFLY_IS_DIR_FOLLOWSYMLINKS,
        .followsymlinks = true,
    };
    bool yes = false;

    return mayfly_is_dir(job->g, path, &options, &yes) == 0 && yes;
}

bool
job_exists(struct job *job, const char *path)
{
    bool yes = false;

    return mayfly_exists(job->g, path, &yes) == 0 && yes;
}

bool
job_is_distro(const struct job *job, const char *const *names)
{
    for (; *names; names++) {
        if (str_equal(job->root->distro, *names) ||
            str_equal(job->root->id, *names))
            return true;
        for (uint32_t i = 0; i < job->root->n_id_like; i++)
            if (str_equal(job->root->id_like[i], *names))
                return true;
    }
    return false;
}
