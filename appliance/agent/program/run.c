/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running programs: the only fork and exec of the agent.
 *
 * Theory of operation.  A job is one child in a session of its own, with
 * pipes for what is kept of it.  One loop feeds and empties the pipes and
 * waits for the end of the child, for the deadline and for a cancel; it ends
 * when the child has ended, and whatever of its session is left is killed.
 * All of a job that must be given back hangs on the call (call_defer), so a
 * handler that is left by a jump leaves no process and no open file.
 *
 * The child is started in our own memory (CLONE_VM | CLONE_VFORK): copying
 * the page tables of the agent would cost more than most tools take.  Hence
 * between clone and exec it only makes system calls.
 *
 * What a program of the guest finds around it is the work of namespace.c. */
#include <config.h>

#include "appliance/agent/program/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/call/stream.h"
#include "appliance/agent/program/namespace.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/strv.h"

enum {
    OUTPUT_MAX = 4 << 20,     /* bytes of stdout kept by default */
    FUNCTION_MAX = 256 << 20, /* bytes that run_function may give back */
    ERRORS_MAX = 16 << 10,    /* bytes of the end of stderr that are kept */
    CHUNK = 256 << 10,
    STACK = 64 << 10,
    CANCEL_POLL = 100,  /* milliseconds between two looks for a cancel */
    ARGUMENTS_MAX = 64, /* of run_tool */
    FUNCTION_MEMORY = 1 << 30,
};

struct job {
    struct run run;
    char *const *environment;
    pid_t pid; /* 0: ended and reaped, or never started */
    int pidfd;
    int in, out, err;                   /* our ends; -1: closed */
    int child_in, child_out, child_err; /* theirs */
    char *output;
    size_t output_used, output_room, output_max;
    char errors[ERRORS_MAX + 1];
    size_t n_errors;
    int exec_error; /* errno of what failed in the child, or 0 */
    struct namespace guest;
};

/* --- the end of a job --- */

static void
close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void
close_theirs(struct job *j)
{
    close_end(&j->child_in);
    close_end(&j->child_out);
    close_end(&j->child_err);
}

/* PID 1 inherits every orphan. */
static void
reap_orphans(void)
{
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

/* Deferred, hence also run when the handler was left by a jump. */
static void
job_end(void *opaque)
{
    struct job *j = opaque;

    if (j->pid > 0) {
        kill(-j->pid, SIGKILL);
        process_kill(j->pid);
        waitpid(j->pid, NULL, WNOHANG);
        j->pid = 0;
    }
    close_theirs(j);
    close_end(&j->in);
    close_end(&j->out);
    close_end(&j->err);
    close_end(&j->pidfd);
    free(j->output);
    j->output = NULL;
    if (j->run.in_guest)
        namespace_kill_all();
    j->run.in_guest = false;
    reap_orphans();
}

static struct job *
job_new(struct call *c, const struct run *run)
{
    struct job *j = call_alloc(c, sizeof *j);

    *j = (struct job){.run = *run,
        .pidfd = -1,
        .in = -1,
        .out = -1,
        .err = -1,
        .child_in = -1,
        .child_out = -1,
        .child_err = -1};
    call_defer(c, job_end, j);
    return j;
}

/* --- the child, up to exec: system calls only --- */

static int
child(void *opaque)
{
    struct job *j = opaque;
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setsid();
    if (dup2(j->child_in, 0) < 0 || dup2(j->child_out, 1) < 0 ||
        dup2(j->child_err, 2) < 0 ||
        (j->run.in_guest && namespace_enter(&j->guest) < 0)) {
        j->exec_error = errno;
        _exit(127);
    }
    execvpe(
        j->run.argv[0], (char *const *)(uintptr_t)j->run.argv, j->environment);
    j->exec_error = errno;
    _exit(127);
}

/* --- starting --- */

static int
make_pipe(struct call *c, int *ret_read, int *ret_write)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return call_fail(c, errno, "pipe");
    *ret_read = ends[0];
    *ret_write = ends[1];
    return 0;
}

static int
duplicate(struct call *c, int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

    return copy < 0 ? call_fail(c, errno, "duplicating a file") : copy;
}

static int
open_pipes(struct call *c, struct job *j)
{
    const struct run *run = &j->run;

    if (run->stream_in || run->input) {
        if (make_pipe(c, &j->child_in, &j->in) < 0)
            return -1;
        fcntl(j->in, F_SETFL, O_NONBLOCK);
    } else {
        j->child_in = run->input_fd > 0
                          ? duplicate(c, run->input_fd)
                          : open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    if (run->output_fd > 0)
        j->child_out = duplicate(c, run->output_fd);
    else if (make_pipe(c, &j->out, &j->child_out) < 0)
        return -1;
    if (run->merge)
        j->child_err = duplicate(c, j->child_out);
    else if (make_pipe(c, &j->err, &j->child_err) < 0)
        return -1;
    if (j->child_in < 0 || j->child_out < 0 || j->child_err < 0)
        return -1;
    if (j->out >= 0)
        fcntl(j->out, F_SETFL, O_NONBLOCK);
    if (j->err >= 0)
        fcntl(j->err, F_SETFL, O_NONBLOCK);
    return 0;
}

static bool
has_variable(const char *const *environment, const char *entry)
{
    size_t n = strcspn(entry, "=") + 1;

    for (size_t i = 0; environment && environment[i]; i++)
        if (strncmp(environment[i], entry, n) == 0)
            return true;
    return false;
}

static char *const *
make_environment(struct call *c, const struct run *run)
{
    /* An old guest does not know C.UTF-8 and would say so each time. */
    const char *const usual[] = {
        "PATH=" RUN_PATH,
        run->in_guest ? "LC_ALL=C" : "LC_ALL=C.UTF-8",
        "HOME=/root",
        "TERM=dumb",
        "LVM_SUPPRESS_FD_WARNINGS=1",
    };
    struct list l = {0};

    for (size_t i = 0; i < N_ELEMENTS(usual); i++)
        if (!has_variable(run->environment, usual[i]))
            list_add_string(c, &l, usual[i]);
    for (size_t i = 0; run->environment && run->environment[i]; i++)
        list_add_string(c, &l, run->environment[i]);
    return l.items;
}

static pid_t
start(int (*function)(void *), void *opaque, int flags, int *ret_pidfd)
{
    static _Alignas(64) char stack[STACK];

    return clone(function, stack + sizeof stack,
        flags | CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, opaque,
        ret_pidfd);
}

static int
job_start(struct call *c, struct job *j)
{
    int pidfd = -1;

    if (open_pipes(c, j) < 0)
        return -1;
    j->environment = make_environment(c, &j->run);
    pid_t pid = start(
        child, j, j->run.in_guest ? CLONE_NEWNS | CLONE_NEWUTS : 0, &pidfd);
    if (pid < 0)
        return call_fail(c, errno, "%s", j->run.argv[0]);
    j->pid = pid;
    j->pidfd = pidfd;
    close_theirs(j);
    if (j->exec_error)
        return call_fail(c, j->exec_error, "%s", j->run.argv[0]);
    return 0;
}

/* --- while it runs --- */

static int
keep_output(struct call *c, struct job *j, const char *data, size_t size)
{
    if (size > j->output_max - j->output_used)
        return call_error(c, E2BIG, "%s: more output than %zu bytes",
            j->run.argv ? j->run.argv[0] : "the parser", j->output_max);
    if (j->output_used + size > j->output_room) {
        size_t room = 2 * (j->output_used + size);
        char *bigger = realloc(j->output, room);

        if (!bigger)
            return call_fail(c, ENOMEM, "output of a program");
        j->output = bigger;
        j->output_room = room;
    }
    memcpy(j->output + j->output_used, data, size);
    j->output_used += size;
    return 0;
}

/* Only the end counts: it names the cause. */
static void
keep_errors(struct job *j, const char *data, size_t size)
{
    if (size > ERRORS_MAX) {
        data += size - ERRORS_MAX;
        size = ERRORS_MAX;
    }
    if (size > ERRORS_MAX - j->n_errors) {
        size_t drop = size - (ERRORS_MAX - j->n_errors);

        j->n_errors -= drop;
        memmove(j->errors, j->errors + drop, j->n_errors);
    }
    memcpy(j->errors + j->n_errors, data, size);
    j->n_errors += size;
}

/* Take what is there of a pipe: 1 if there was something. */
static int
empty_pipe(struct call *c, struct job *j, int *fd)
{
    static char data[CHUNK];
    ssize_t n = read(*fd, data, sizeof data);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0) {
        close_end(fd);
        return 0;
    }
    if (fd == &j->err)
        keep_errors(j, data, (size_t)n);
    else if (j->run.stream_out ? stream_write(c, data, (size_t)n) < 0
                               : keep_output(c, j, data, (size_t)n) < 0)
        return -1;
    return 1;
}

struct feed {
    const char *data;
    size_t left;
    bool end; /* nothing more will come */
};

/* Give the child more of its standard input, as much as it takes. */
static int
feed_input(struct call *c, struct job *j, struct feed *f)
{
    static char data[CHUNK];

    if (f->left == 0 && !f->end && j->run.stream_in) {
        ssize_t n = stream_read(c, data, sizeof data);
        if (n < 0)
            return -1;
        f->data = data;
        f->left = (size_t)n;
        f->end = n == 0;
    }
    if (f->left > 0) {
        ssize_t n = write(j->in, f->data, f->left);
        if (n > 0) {
            f->data += n;
            f->left -= (size_t)n;
        } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
            /* It has read enough (EPIPE); its status says why. */
            close_end(&j->in);
        }
    }
    if (f->left == 0 && (f->end || !j->run.stream_in))
        close_end(&j->in);
    return 0;
}

/* Until the child has ended and its pipes hold nothing more. */
static int
job_loop(struct call *c, struct job *j)
{
    struct feed feed = {j->run.input, j->run.input_size, false};
    double deadline =
        j->run.timeout > 0 ? monotonic_seconds() + j->run.timeout : 0;
    bool ended = false;

    for (;;) {
        struct pollfd p[] = {
            {.fd = j->pidfd, .events = POLLIN},
            {.fd = j->out, .events = POLLIN},
            {.fd = j->err, .events = POLLIN},
            {.fd = j->in, .events = POLLOUT},
        };
        int more = 0;

        if (poll(p, N_ELEMENTS(p), ended ? 0 : CANCEL_POLL) < 0 &&
            errno != EINTR)
            return call_fail(c, errno, "poll");
        if (p[1].revents && (more = empty_pipe(c, j, &j->out)) < 0)
            return -1;
        if (p[2].revents)
            more |= empty_pipe(c, j, &j->err);
        if (ended) {
            if (more)
                continue;
            return 0;
        }
        if (p[3].revents && feed_input(c, j, &feed) < 0)
            return -1;
        ended = p[0].revents;
        if (call_cancelled(c))
            return -1;
        if (deadline > 0 && monotonic_seconds() > deadline)
            return call_error(c, ETIMEDOUT, "%s: did not end within %d seconds",
                j->run.argv ? j->run.argv[0] : "the parser", j->run.timeout);
    }
}

/* The library goes on sending to the end, also to who no longer listens. */
static int
drain_stream(struct call *c)
{
    char data[4096];
    ssize_t n;

    while ((n = stream_read(c, data, sizeof data)) > 0)
        ;
    return (int)n;
}

/* Only the kernel sends SIGKILL to what is not given up. */
static const char *
killed_text(int number)
{
    return number == SIGKILL ? "killed: the appliance has not enough memory; "
                               "give it more with MAYFLY_MEMSIZE"
                             : strsignal(number);
}

/* Wait for the end, which has come if all went well, and take the result. */
static int
job_finish(struct call *c, struct job *j, struct run_result *ret)
{
    int status = 0;

    if (job_loop(c, j) < 0)
        return -1;
    if (!j->run.daemon)
        kill(-j->pid, SIGKILL);
    while (waitpid(j->pid, &status, 0) < 0 && errno == EINTR)
        ;
    j->pid = 0;

    while (j->n_errors > 0 && j->errors[j->n_errors - 1] == '\n')
        j->n_errors--;
    ret->status =
        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    ret->output = call_alloc(c, j->output_used + 1);
    if (j->output_used > 0)
        memcpy(ret->output, j->output, j->output_used);
    ret->output_size = j->output_used;
    ret->errors = call_strndup(c, j->errors, j->n_errors);
    if (WIFSIGNALED(status) && j->n_errors == 0)
        ret->errors = call_strdup(c, killed_text(WTERMSIG(status)));
    if (j->run.stream_in && ret->status == 0)
        return drain_stream(c);
    return 0;
}

/* --- what the handlers call --- */

int
run_command(struct call *c, const struct run *run, struct run_result *ret)
{
    struct job *j = job_new(c, run);

    j->guest.network = run->network;
    j->guest.hostname = run->hostname;
    j->output_max = run->output_max ? run->output_max : OUTPUT_MAX;
    int r = job_start(c, j);
    if (r == 0)
        r = job_finish(c, j, ret);
    job_end(j);
    namespace_leave(c, &j->guest);
    return r;
}

/* Many tools, not all, begin with their own name. */
static int
tool_failed(struct call *c, const char *tool, const struct run_result *r)
{
    const char *rest = str_after(r->errors, tool);

    if (!r->errors[0])
        return call_error(c, EIO, "%s: ended with status %d", tool, r->status);
    if (rest && *rest == ':')
        return call_error(c, EIO, "%s", r->errors);
    return call_error(c, EIO, "%s: %s", tool, r->errors);
}

int
run_tool_argv(struct call *c, char **ret_output, const char *const *argv)
{
    struct run_result result;
    struct run run = {.argv = argv};

    if (run_command(c, &run, &result) < 0)
        return -1;
    if (result.status != 0)
        return tool_failed(c, argv[0], &result);
    if (ret_output)
        *ret_output = result.output;
    return 0;
}

int
run_tool(struct call *c, char **ret_output, ...)
{
    const char *argv[ARGUMENTS_MAX + 1];
    size_t n = 0;
    va_list ap;

    va_start(ap, ret_output);
    while (n < ARGUMENTS_MAX && (argv[n] = va_arg(ap, const char *)))
        n++;
    va_end(ap);
    argv[n] = NULL;
    return run_tool_argv(c, ret_output, argv);
}

int
run_quiet(const char *const *argv)
{
    cleanup_close int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct run run = {.argv = argv};
    struct job j = {.run = run,
        .environment = environ,
        .child_in = null,
        .child_out = null,
        .child_err = 2};
    int status = -1, pidfd = -1;

    pid_t pid = start(child, &j, 0, &pidfd);
    if (pid < 0)
        return -1;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(pidfd);
    return WIFEXITED(status) && !j.exec_error ? WEXITSTATUS(status) : -1;
}

/* The child of run_function needs memory of its own, hence a real fork.  Its
 * error comes over the pipe of stderr: the code and the text. */
struct parser {
    struct call *c;
    int (*function)(struct call *c, void *opaque, int fd);
    void *opaque;
    int fd;
};

static void
run_parser(void *opaque)
{
    struct parser *p = opaque;

    p->function(p->c, p->opaque, p->fd);
}

int
run_function(struct call *c,
    int (*function)(struct call *c, void *opaque, int fd), void *opaque,
    int timeout, char **ret_output, size_t *ret_size)
{
    struct run run = {.timeout = timeout};
    struct job *j = job_new(c, &run);
    struct run_result result;

    j->output_max = FUNCTION_MAX;
    if (open_pipes(c, j) < 0)
        return -1;
    pid_t pid = fork();
    if (pid < 0)
        return call_fail(c, errno, "fork");
    if (pid == 0) {
        struct rlimit memory = {FUNCTION_MEMORY, FUNCTION_MEMORY};

        setsid();
        setrlimit(RLIMIT_AS, &memory);
        dup2(j->child_in, 0);
        struct parser p = {c, function, opaque, j->child_out};
        /* Without memory it must not go on as a second agent. */
        if (!call_guard(c, run_parser, &p))
            call_error(c, ENOMEM, "no memory left for the parser");
        if (call_errno(c)) {
            dprintf(j->child_err, "%d %s", call_errno(c), call_error_text(c));
            _exit(1);
        }
        _exit(0);
    }
    j->pid = pid;
    j->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    close_theirs(j);
    int r = j->pidfd < 0 ? call_fail(c, errno, "pidfd_open")
                         : job_finish(c, j, &result);
    job_end(j);
    if (r < 0)
        return -1;
    if (result.status > 128)
        return call_error(
            c, EIO, "the parser crashed (signal %d)", result.status - 128);
    if (result.status != 0) {
        char *rest;
        int code = (int)strtol(result.errors, &rest, 10);

        return call_error(c, code, "%s", *rest == ' ' ? rest + 1 : "it failed");
    }
    *ret_output = result.output;
    *ret_size = result.output_size;
    return 0;
}

bool
tool_exists(const char *tool)
{
    char path[512];

    if (strchr(tool, '/'))
        return access(tool, X_OK) == 0;
    for (const char *p = RUN_PATH; *p; p += strspn(p, ":")) {
        size_t n = strcspn(p, ":");

        snprintf(path, sizeof path, "%.*s/%s", (int)n, p, tool);
        if (access(path, X_OK) == 0)
            return true;
        p += n;
    }
    return false;
}
