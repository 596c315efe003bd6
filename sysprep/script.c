/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the guest is mounted in a folder of the host by FUSE,
 * which this thread serves.  Another one runs the scripts there, waits for them
 * and unmounts the folder, which ends the service. */
#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "sysprep/operations.h"

struct session {
    struct mayfly *g;
    const char *folder;
    char *commands;
    int status;
};

static _Noreturn void
run_shell(const struct session *s)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (chdir(s->folder) == 0)
        execl("/bin/sh", "sh", "-c", s->commands, NULL);
    _exit(127);
}

/* What it has left running keeps the folder in use. */
static void
unmount(struct session *s)
{
    struct mayfly_umount_local_options options = {
        .set = MAYFLY_UMOUNT_LOCAL_RETRY,
        .retry = true,
    };
    pid_t child;

    if (mayfly_umount_local(s->g, &options) == 0 || (child = fork()) < 0)
        return;
    if (child == 0) {
        execlp("fusermount3", "fusermount3", "-u", "-z", s->folder, NULL);
        _exit(127);
    }
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
}

static void *
run_scripts(void *opaque)
{
    struct session *s = opaque;
    pid_t child = fork();

    if (child == 0)
        run_shell(s);
    s->status = -1;
    if (child > 0)
        while (waitpid(child, &s->status, 0) < 0 && errno == EINTR)
            ;
    unmount(s);
    return NULL;
}

/* The first that fails ends it. */
static char *
join(char *const *scripts)
{
    char *text = strdup("set -e");

    for (; text && *scripts; scripts++) {
        char *longer = text_printf("%s\n%s", text, *scripts);

        free(text);
        text = longer;
    }
    return text;
}

static int
serve(struct work *w, struct session *s, struct error *err)
{
    pthread_t thread;

    if (mayfly_mount_local(w->job.g, s->folder, NULL) < 0)
        return job_fail(&w->job, err);
    int code = pthread_create(&thread, NULL, run_scripts, s);
    if (code != 0) {
        mayfly_umount_local(w->job.g, NULL);
        return error_errno(err, code, "cannot start a thread");
    }
    int r = mayfly_mount_local_run(w->job.g) < 0 ? job_fail(&w->job, err) : 0;
    pthread_join(thread, NULL);
    if (r < 0)
        return -1;
    if (WIFSIGNALED(s->status))
        return error_set(
            err, EIO, "a script was killed by signal %d", WTERMSIG(s->status));
    if (s->status != 0)
        return error_set(err, EIO, "a script failed with exit status %d",
            WEXITSTATUS(s->status));
    return 0;
}

int
run_script(struct work *w, struct error *err)
{
    const struct sysprep_settings *settings = w->settings;
    const char *parent = getenv("TMPDIR");
    cleanup_free char *folder = text_printf(
        "%s/mayfly-sysprep.XXXXXX", parent && *parent == '/' ? parent : "/tmp");
    struct session s = {.g = w->job.g, .folder = settings->script_folder};

    if (!settings->scripts)
        return 0;
    cleanup_free char *commands = join(settings->scripts);
    if (!folder || !commands)
        return error_no_memory(err);
    s.commands = commands;
    if (!s.folder) {
        if (!mkdtemp(folder))
            return error_errno(err, errno, "cannot make a temporary folder");
        s.folder = folder;
    }
    int r = serve(w, &s, err);
    if (s.folder == folder)
        rmdir(folder);
    for (size_t i = 0; r == 0 && settings->scripts[i]; i++)
        job_say(&w->job, false, "script: ran %s", settings->scripts[i]);
    return r;
}
