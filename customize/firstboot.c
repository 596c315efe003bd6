/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scripts that the guest runs once, when it boots for the first time.
 *
 * Each is a file of /usr/lib/mayfly-firstboot/scripts, run in order by one
 * service.  A script is moved to done/ before it runs, so that one that
 * reboots the guest does not do so for ever.  Its exit code is kept in
 * /var/lib/mayfly-firstboot/status, its output in the log, and the service
 * fails if one of them did. */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "customize/init.h"
#include "customize/operations.h"

enum { MAX_SCRIPT = 8 << 20 };

#define HOME "/usr/lib/mayfly-firstboot"

static const char runner[] =
    "#!/bin/sh\n"
    "# Run each script once; see " HOME "/scripts.\n"
    "home=" HOME "\n"
    "state=/var/lib/mayfly-firstboot\n"
    "log=/var/log/mayfly-firstboot.log\n"
    "mkdir -p \"$home/done\" \"$state\"\n"
    "failed=0\n"
    "for script in \"$home\"/scripts/*; do\n"
    "    [ -f \"$script\" ] || continue\n"
    "    name=${script##*/}\n"
    "    mv \"$script\" \"$home/done/$name\" || continue\n"
    "    echo \"=== $name: start $(date)\" >> \"$log\"\n"
    "    \"$home/done/$name\" >> \"$log\" 2>&1\n"
    "    code=$?\n"
    "    echo \"=== $name: exit code $code\" >> \"$log\"\n"
    "    echo \"$name $code\" >> \"$state/status\"\n"
    "    [ \"$code\" -eq 0 ] || failed=1\n"
    "done\n"
    "exit $failed\n";

static int
install_runner(struct job *job, struct error *err)
{
    if (mayfly_mkdir_p(job->g, HOME "/scripts") < 0)
        return job_fail(job, err);
    if (job_write(job, HOME "/firstboot.sh", runner, err) < 0)
        return -1;
    if (mayfly_chmod(job->g, 0755, HOME "/firstboot.sh") < 0)
        return job_fail(job, err);
    return init_run_at_start(job, HOME "/firstboot.sh", err);
}

/* NAME is for people: its unusual characters are replaced by "-". */
static int
install_script(struct job *job, const char *name, const char *text, size_t size,
    struct error *err)
{
    char plain[33] = "";

    if (job->n_firstboot == 0 && install_runner(job, err) < 0)
        return -1;
    for (char *to = plain; *name && to < plain + sizeof plain - 1; name++)
        *to++ = (char)(isalnum((unsigned char)*name) ? *name : '-');

    cleanup_free char *path = NULL;
    /* Another program may have left scripts of its own: do not replace. */
    do {
        free(path);
        path = text_printf(HOME "/scripts/%04d-%s", ++job->n_firstboot, plain);
        if (!path)
            return error_no_memory(err);
    } while (job_exists(job, path));
    if (job_write_bytes(job, path, text, size, err) < 0)
        return -1;
    if (mayfly_chmod(job->g, 0755, path) < 0)
        return job_fail(job, err);
    return 0;
}

int
run_firstboot(struct job *job, const struct step *step, struct error *err)
{
    const char *slash = strrchr(step->value, '/');
    size_t size;
    cleanup_free char *text = read_file(step->value, MAX_SCRIPT, &size, err);

    job_say(job, false, "Installing firstboot script: %s", step->value);
    if (!text)
        return -1;
    return install_script(
        job, slash ? slash + 1 : step->value, text, size, err);
}

int
run_firstboot_command(
    struct job *job, const struct step *step, struct error *err)
{
    cleanup_free char *text = text_printf("#!/bin/sh\n%s\n", step->value);

    job_say(job, false, "Installing firstboot command: %s", step->value);
    if (!text)
        return error_no_memory(err);
    return install_script(job, step->value, text, strlen(text), err);
}

/* The network may come up later than the service starts. */
int
run_firstboot_install(
    struct job *job, const struct step *step, struct error *err)
{
    cleanup_free char *command = NULL, *text = NULL;

    job_say(
        job, false, "Installing packages at the first boot: %s", step->value);
    if (packages_install_command(job, step->value, &command, err) < 0)
        return -1;
    text = text_printf("#!/bin/sh\n"
                       "for try in 1 2 3 4 5 6; do\n"
                       "    ( %s ) && exit 0\n"
                       "    sleep 10\n"
                       "done\n"
                       "exit 1\n",
        command);
    if (!text)
        return error_no_memory(err);
    return install_script(job, "install", text, strlen(text), err);
}
