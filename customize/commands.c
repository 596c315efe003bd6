/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands and scripts in the guest. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "customize/operations.h"
#include "tool/signals.h"

/* This much of a log is shown after a failure. */
enum { LOG_TAIL = 16 << 10 };

int
check_script(const struct step *step, struct error *err)
{
    struct stat st;

    if (check_host_file(step->value, err) < 0)
        return -1;
    if (stat(step->value, &st) == 0 && !S_ISREG(st.st_mode))
        return error_set(err, EINVAL, "%s is not a regular file", step->value);
    return 0;
}

static void
show_log(struct job *job)
{
    cleanup_error struct error ignored = {0};
    size_t size = 0;
    cleanup_free char *text = job_read(job, job->log, &size, &ignored);
    const char *from = text;

    if (!text || size == 0)
        return;
    if (size > LOG_TAIL) {
        from = text + size - LOG_TAIL;
        from += strcspn(from, "\n");
    }
    job_say(job, true, "%s", from);
}

/* The command runs in a subshell, so that "exit" in it ends no more than that;
 * its output goes to the log in the guest. */
int
job_shell(struct job *job, const char *command, struct error *err)
{
    cleanup_free char *wrapped = text_printf(
        "exec >> %s 2>&1\n"
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
        "export PATH\n"
        "(\n%s\n)\n",
        job->log, command);
    cleanup_free char *output = NULL;

    if (!wrapped)
        return error_no_memory(err);
    job->log_used = true;
    if (mayfly_sh(job->g, wrapped, &output) == 0)
        return 0;
    if (mayfly_last_errno(job->g) == ECANCELED)
        return job_fail(job, err);

    /* Reading the log overwrites the error in the handle. */
    const char *last = mayfly_last_error(job->g);
    cleanup_free char *text = strdup(last ? last : "");
    if (!text)
        return error_no_memory(err);
    show_log(job);
    return error_set(
        err, EIO, "the command failed%s%s", *text ? ": " : "", text);
}

int
run_run_command(struct job *job, const struct step *step, struct error *err)
{
    job_say(job, false, "Running: %s", step->value);
    return job_shell(job, step->value, err);
}

int
run_run(struct job *job, const struct step *step, struct error *err)
{
    cleanup_free char *folder = NULL, *script = NULL, *command = NULL;
    int r = 0;

    job_say(job, false, "Running: %s", step->value);
    if (mayfly_mkdtemp(job->g, "/tmp/mayfly.XXXXXX", &folder) < 0)
        return job_fail(job, err);
    script = text_printf("%s/script", folder);
    if (!script)
        return error_no_memory(err);
    if (mayfly_upload(job->g, step->value, script) < 0 ||
        mayfly_chmod(job->g, 0755, script) < 0)
        r = job_fail(job, err);
    if (r == 0)
        r = job_shell(job, script, err);
    tool_signals_hold(job->g, true);
    if (mayfly_rm_rf(job->g, folder) < 0 && r == 0)
        r = job_fail(job, err);
    tool_signals_hold(job->g, false);
    return r;
}
