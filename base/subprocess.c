/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: everything is prepared before fork, since the child may
 * only make system calls.  Two pipes lead back from it.  One closes at exec, or
 * carries the errno of what failed before: so a program that is not there is
 * known at once.  The other carries what it prints and closes with its end;
 * what does not fit is read and dropped, so that it never blocks. */
#include <config.h>

#include "base/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/strv.h"

enum {
    EXIT_NOT_STARTED = 127,
    FILES_MAX = 1 << 20,
    STRICT_SECONDS = 600,
    STRICT_FILES = 256,
    STRICT_RATE = 4 << 20, /* bytes a second, when it does the least */
    MORE = 64 << 20,       /* tables beside the content */
};

static const uint64_t strict_memory = (uint64_t)4 << 30;

struct subprocess_limits
subprocess_strict(uint64_t size)
{
    return (struct subprocess_limits){
        .memory = strict_memory,
        .cpu_seconds = STRICT_SECONDS + size / STRICT_RATE,
        .file_size = size + size / 8 + MORE,
        .files = STRICT_FILES,
    };
}

/* --- in the child, between fork and exec: system calls only --- */

/* What it needs, gathered before. */
struct child {
    const struct subprocess_spec *spec;
    struct subprocess_limits limits;
    char **environment;
    pid_t parent;
    int input, output, errors, status;
};

static void
limit(__rlimit_resource_t what, uint64_t n)
{
    /* The soft limit kills with a signal of its own name. */
    struct rlimit r = {n, what == RLIMIT_CPU ? n + 1 : n}, now;

    if (getrlimit(what, &now) == 0 && now.rlim_max < r.rlim_max) {
        r.rlim_max = now.rlim_max;
        r.rlim_cur = r.rlim_cur < r.rlim_max ? r.rlim_cur : r.rlim_max;
    }
    setrlimit(what, &r);
}

static void
limit_self(const struct child *c)
{
    const struct subprocess_limits *l = &c->limits;

    limit(RLIMIT_CORE, 0);
    if (l->memory)
        limit(RLIMIT_AS, l->memory);
    if (l->cpu_seconds)
        limit(RLIMIT_CPU, l->cpu_seconds);
    if (l->file_size)
        limit(RLIMIT_FSIZE, l->file_size);
    if (l->files)
        limit(RLIMIT_NOFILE, l->files);
    if (!c->spec->mounts)
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* All that is open is closed at exec, but for the standard three and those it
 * is to inherit. */
static bool
place_files(const struct child *c)
{
    /* Ours may have the numbers of the standard three. */
    int input = c->input < 0 ? STDIN_FILENO : fcntl(c->input, F_DUPFD, 3);
    int output = fcntl(c->output, F_DUPFD, 3);
    int errors = fcntl(c->errors, F_DUPFD, 3);
    struct rlimit r;
    int end = 0;

    if (input < 0 || output < 0 || errors < 0 ||
        (input > 0 && dup2(input, STDIN_FILENO) < 0) ||
        dup2(output, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0)
        return false;
#if defined SYS_close_range && defined CLOSE_RANGE_CLOEXEC
    if (syscall(SYS_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC) < 0)
#endif
        end = getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < FILES_MAX
                  ? (int)r.rlim_cur
                  : FILES_MAX;
    for (int fd = 3; fd < end; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    for (size_t i = 0; i < c->spec->n_inherit; i++)
        if (fcntl(c->spec->inherit[i], F_SETFD, 0) < 0)
            return false;
    return true;
}

static _Noreturn void
run_child(const struct child *c)
{
    sigset_t none;
    int code;

    /* The child must not outlive us. */
    prctl(PR_SET_PDEATHSIG, c->spec->mounts ? SIGTERM : SIGKILL);
    if (getppid() != c->parent)
        _exit(EXIT_NOT_STARTED);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (place_files(c)) {
        limit_self(c);
        /* It promises not to write to argv. */
        execvpe(c->spec->program, (char *const *)(uintptr_t)c->spec->argv,
            c->environment);
    }
    code = errno;
    ssize_t n = write(c->status, &code, sizeof code);
    (void)n;
    _exit(EXIT_NOT_STARTED);
}

/* --- here --- */

/* The C library keeps 64 MiB of addresses for each thread that allocates,
 * which would be all that it may have. */
static char **
limited_environment(void)
{
    cleanup_strv char **v = strv_copy(environ);

    return v && strv_append(&v, "MALLOC_ARENA_MAX=2") == 0 ? steal_pointer(&v)
                                                           : NULL;
}

/* 0, or the errno of what it failed at. */
static int
read_status(int fd)
{
    int code = 0;
    ssize_t n;

    while ((n = read(fd, &code, sizeof code)) < 0 && errno == EINTR)
        ;
    return n == sizeof code ? code : 0;
}

/* -1 with errno: the program that uses the library waits for all children, or
 * for none, and how this one ended is not known. */
static int
reap(struct subprocess *s, int *ret_status)
{
    int r;

    while ((r = waitpid(s->pid, ret_status, 0)) < 0 && errno == EINTR)
        ;
    int code = errno;
    s->pid = 0;
    close(s->output);
    s->output = -1;
    errno = code;
    return r < 0 ? -1 : 0;
}

static int
start(struct subprocess *s, struct child *c, struct error *err)
{
    cleanup_close int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int prints[2], started[2], status;
    pid_t pid;

    if (null < 0)
        return error_errno(err, errno, "cannot open /dev/null");
    if (pipe2(prints, O_CLOEXEC) < 0)
        return error_errno(err, errno, "cannot make a pipe");

    cleanup_close int output = prints[0], errors = prints[1];
    if (pipe2(started, O_CLOEXEC) < 0)
        return error_errno(err, errno, "cannot make a pipe");

    cleanup_close int report = started[0];
    c->input = c->spec->terminal ? -1 : null;
    c->errors = errors;
    c->output = c->spec->output ? *c->spec->output : errors;
    c->status = started[1];
    if ((pid = fork()) == 0)
        run_child(c);
    int code = errno;
    close(started[1]);
    if (pid < 0)
        return error_errno(err, code, "cannot start %s", c->spec->program);
    s->pid = pid;
    s->output = steal_fd(&output);
    if ((code = read_status(report)) == 0)
        return 0;
    reap(s, &status);
    return error_errno(err, code, "cannot run %s", c->spec->program);
}

int
subprocess_start(
    struct subprocess *s, const struct subprocess_spec *spec, struct error *err)
{
    cleanup_strv char **environment =
        spec->limits ? limited_environment() : NULL;
    struct child c = {
        .spec = spec,
        .environment = environment ? environment : environ,
        .parent = getpid(),
    };

    *s = (struct subprocess){.output = -1,
        .seconds = spec->seconds,
        .interrupted = spec->interrupted};
    if (spec->limits && !environment)
        return error_no_memory(err);
    if (spec->limits)
        s->limits = c.limits = *spec->limits;
    if (spec->seconds > 0)
        s->deadline = monotonic_seconds() + spec->seconds;
    return start(s, &c, err);
}

static bool
is_interrupted(const struct subprocess *s)
{
    return s->interrupted && s->interrupted();
}

static bool
is_late(const struct subprocess *s)
{
    return s->deadline > 0 && monotonic_seconds() >= s->deadline;
}

/* False: nothing is to be read yet, but it is time to look at the rest. */
static bool
wait_for_output(const struct subprocess *s)
{
    enum { LOOK = 1000 }; /* ms: a signal may come just before */
    struct pollfd p = {.fd = s->output, .events = POLLIN};
    double left = s->deadline - monotonic_seconds();
    int ms = s->interrupted ? LOOK : -1;

    if (s->deadline > 0 && (ms < 0 || left * 1000 < ms))
        ms = left > 0 ? (int)(left * 1000) + 1 : 0;
    return poll(&p, 1, ms) > 0;
}

/* Everything to its end, of which the start is kept. */
static void
collect(struct subprocess *s)
{
    for (;;) {
        char rest[256];
        size_t room = sizeof s->text - 1 - s->used;

        bool more = wait_for_output(s);
        if (is_late(s)) {
            kill(s->pid, SIGKILL);
            break;
        }
        if (is_interrupted(s))
            kill(s->pid, SIGTERM);
        if (!more)
            continue;
        ssize_t n = room ? read(s->output, s->text + s->used, room)
                         : read(s->output, rest, sizeof rest);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        s->used += room ? (size_t)n : 0;
    }
    s->text[s->used] = 0;
    s->text[strcspn(s->text, "\n")] = 0;
}

static int
killed(
    const struct subprocess *s, int number, const char *text, struct error *err)
{
    switch (number) {
    case SIGXCPU:
        return error_set(err, ETIMEDOUT,
            "it needs more than %llu seconds of CPU time",
            (unsigned long long)s->limits.cpu_seconds);
    case SIGXFSZ:
        return error_set(err, EFBIG, "it writes a file of more than %llu bytes",
            (unsigned long long)s->limits.file_size);
    }
    return error_set(
        err, EIO, "%s%skilled by signal %d", text, *text ? ": " : "", number);
}

int
subprocess_wait(struct subprocess *s, struct error *err)
{
    int status;

    collect(s);
    bool late = is_late(s);
    if (reap(s, &status) < 0)
        return error_errno(err, errno, "cannot wait for its end");
    if (is_interrupted(s))
        return error_set(err, EINTR, "interrupted");
    if (status == 0)
        return 0;

    cleanup_free char *text = text_escape(s->text);
    if (!text)
        return error_no_memory(err);
    if (late && WIFSIGNALED(status))
        return error_set(
            err, ETIMEDOUT, "it takes longer than %g seconds", s->seconds);
    if (WIFSIGNALED(status))
        return killed(s, WTERMSIG(status), text, err);
    return error_set(
        err, EIO, "%s", *text ? text : "it ended without a message");
}

int
subprocess_run(const struct subprocess_spec *spec, struct error *err)
{
    cleanup_subprocess struct subprocess s = {0};

    return subprocess_start(&s, spec, err) < 0 ? -1 : subprocess_wait(&s, err);
}

bool
subprocess_is_gone(const struct subprocess *s)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)s->pid, &info, WEXITED | WNOHANG | WNOWAIT) ==
               0 &&
           info.si_pid != 0;
}

/* A QEMU daemon that waits for a network does not end by itself. */
void
subprocess_stop(struct subprocess *s)
{
    enum { PATIENCE = 2000 }; /* ms */
    int status;

    if (s->pid <= 0)
        return;
    kill(s->pid, SIGTERM);

    cleanup_close int fd = (int)syscall(SYS_pidfd_open, s->pid, 0);
    struct pollfd end = {.fd = fd, .events = POLLIN};
    if (fd < 0 || poll(&end, 1, PATIENCE) <= 0)
        kill(s->pid, SIGKILL);
    reap(s, &status);
}
