/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keeper and QEMU are forked by the bare system call, without an exit
 * signal: the program that uses the library gets no SIGCHLD and cannot reap
 * them by accident, and no handler of fork runs.  Until exec only system
 * calls happen there, since another thread may have held any lock. */
#include <config.h>

#include "lib/qemu/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "lib/handle/handle.h"
#include "lib/qemu/lend.h"

enum {
    POLL_WITHOUT_PIDFD = 50, /* milliseconds between looks */
    ERRORS_KEPT = 64 << 10,
    KILL_TIMEOUT = 10, /* seconds */
    LIMIT_RAISED = -1, /* from the keeper, where a status is never negative */
};

/* Everything the keeper and QEMU need, gathered before fork. */
struct spawn {
    const struct qemu_process_spec *spec;
    pid_t parent;
    int parent_pidfd; /* -1: the kernel has none */
    int life, report, errors, null;
    int go[2];
    struct lend lend;
};

static pid_t
bare_fork(void)
{
    return (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
}

static int
pidfd_of(pid_t pid)
{
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, pid, 0);
#else
    (void)pid;
    return -1;
#endif
}

/* --- in the keeper and in QEMU --- */

static void
close_from(int first)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, ~0u, 0) == 0)
        return;
#endif
    struct rlimit r;
    int n = getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < 1 << 20
                ? (int)r.rlim_cur
                : 1 << 20;

    for (int fd = first; fd < n; fd++)
        close(fd);
}

static void
reset_signals(void)
{
    struct sigaction default_action = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int i = 1; i < _NSIG; i++)
        sigaction(i, &default_action, NULL);
    /* Beyond the limit a write is to fail, not to kill. */
    default_action.sa_handler = SIG_IGN;
    sigaction(SIGXFSZ, &default_action, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
send_report(int fd, const struct cage_report *report)
{
    ssize_t n = write(fd, report, sizeof *report);

    (void)n;
}

static int
file_for_qemu(const struct spawn *s, int i)
{
    return s->spec->lent == 3 + i ? s->lend.file : s->spec->files[i];
}

/* Move the files to where QEMU expects them: first move all of them out of the
 * way.  Nothing else stays open but, until exec, the pipe of the report, whose
 * new number is returned; -1 on failure. */
static int
place_files(const struct spawn *s)
{
    const struct qemu_process_spec *spec = s->spec;
    const int away = 3 + spec->n_files + 1;
    int output = spec->output >= 0 ? spec->output : s->errors;
    int input = spec->input > 2 ? spec->input : s->null;
    int moved[PROCESS_FILES_MAX], n = spec->n_files;
    int report = fcntl(s->report, F_DUPFD_CLOEXEC, away);

    if (report < 0)
        return -1;
    for (int i = 0; i < n; i++) {
        moved[i] = fcntl(file_for_qemu(s, i), F_DUPFD_CLOEXEC, away);
        if (moved[i] < 0 && file_for_qemu(s, i) >= 0)
            return -1;
    }
    if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(s->errors, 2) < 0)
        return -1;
    for (int i = 0; i < n; i++) {
        if (file_for_qemu(s, i) < 0)
            close(3 + i);
        else if (dup2(moved[i], 3 + i) < 0)
            return -1;
    }
    report = dup3(report, 3 + n, O_CLOEXEC);
    close_from(3 + n + 1);
    return report;
}

static bool
keeper_is_gone(int go)
{
    struct pollfd p = {.fd = go, .events = POLLIN};

    return poll(&p, 1, 0) > 0 && (p.revents & POLLHUP);
}

static void __attribute__((noreturn))
run_qemu(const struct spawn *s, struct cage_report *report)
{
    const struct qemu_process_spec *spec = s->spec;
    char byte;

    close(s->go[1]);
    if (read(s->go[0], &byte, 1) != 1)
        _exit(127);
    cage_confine(spec->cage, report);
    /* From here on we die with the keeper (a change of the user would undo
     * that); if it died before, its end of `go` is closed. */
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (keeper_is_gone(s->go[0]))
        _exit(127);

    int report_fd = place_files(s);
    if (report_fd < 0) {
        /* EINVAL: the number is beyond the limit. */
        report->error = errno == EINVAL ? EMFILE : errno;
        send_report(s->report, report);
        _exit(127);
    }
    report->layers |= CAGE_FILES;
    if (spec->inside)
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    cage_limit(spec->cage, report);
    send_report(report_fd, report);
    if (spec->inside) {
        close(report_fd);
        spec->inside(spec->argument);
        _exit(0);
    }
    execve(spec->cage->binary, spec->argv, spec->environment);
    report->error = errno;
    send_report(report_fd, report);
    _exit(127);
}

static int
exit_code(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The program asks for larger files.  False: it has closed its end. */
static bool
serve(int life, pid_t qemu)
{
    static const int done = LIMIT_RAISED;
    uint64_t size;
    struct rlimit r;

    if (read(life, &size, sizeof size) != sizeof size)
        return false;
    if (prlimit(qemu, RLIMIT_FSIZE, NULL, &r) == 0) {
        if (size == 0 || size > r.rlim_max)
            size = r.rlim_max;
        if (size > r.rlim_cur) {
            r.rlim_cur = size;
            prlimit(qemu, RLIMIT_FSIZE, &r, NULL);
        }
    }
    return write(life, &done, sizeof done) == sizeof done;
}

/* Until one of the three ends. */
static int
keep(const struct spawn *s, pid_t qemu)
{
    int qemu_pidfd = pidfd_of(qemu), status = 0;
    struct pollfd p[4] = {
        {.fd = s->life, .events = POLLIN},
        {.fd = qemu_pidfd, .events = POLLIN},
        {.fd = s->parent_pidfd, .events = POLLIN},
        {.fd = s->lend.listener, .events = POLLIN},
    };

    for (;;) {
        poll(p, 4, qemu_pidfd >= 0 ? -1 : POLL_WITHOUT_PIDFD);
        if (p[3].revents == POLLIN)
            lend_pass(s->lend.listener);
        pid_t n = wait4(qemu, &status, WNOHANG | __WALL, NULL);
        if (n == qemu)
            return exit_code(status);
        if (p[0].revents == POLLIN && serve(s->life, qemu))
            continue;
        if (p[0].revents || p[2].revents || (n < 0 && errno == ECHILD))
            break;
    }
    kill(qemu, SIGKILL);
    while (wait4(qemu, &status, __WALL, NULL) < 0 && errno == EINTR)
        ;
    return exit_code(status);
}

/* Until then QEMU cannot go on, and there is nothing else to wait for but the
 * three ends. */
static void
answer_open(struct spawn *s, pid_t qemu)
{
    int pidfd = pidfd_of(qemu);
    int ends[] = {s->life, s->parent_pidfd};

    lend_answer(&s->lend, pidfd, ends, N_ELEMENTS(ends));
    if (pidfd >= 0)
        close(pidfd);
}

/* No number is left for a file that is waited for. */
static void __attribute__((noreturn))
give_up(const struct spawn *s, struct cage_report *report, pid_t qemu)
{
    report->error = EMFILE;
    kill(qemu, SIGKILL);
    while (wait4(qemu, NULL, __WALL, NULL) < 0 && errno == EINTR)
        ;
    send_report(s->report, report);
    _exit(127);
}

static void __attribute__((noreturn)) run_keeper(struct spawn *s)
{
    static const char name[] = "mayfly-keeper";
    struct cage_report report = {0};

    setsid();
    reset_signals();
    prctl(PR_SET_NAME, name, 0, 0, 0);
    cage_enter(s->spec->cage, &report);
    if (s->spec->lent)
        s->lend = lend_start(s->spec->files[s->spec->lent - 3]);
    pid_t qemu = bare_fork();
    if (qemu == 0)
        run_qemu(s, &report);
    if (qemu < 0) {
        report.error = errno;
        send_report(s->report, &report);
        _exit(127);
    }
    cage_settle(s->spec->cage, &report);
    /* QEMU must not read the program's memory. */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (write(s->go[1], "", 1) != 1)
        _exit(127);
    if (s->spec->lent)
        answer_open(s, qemu);

    /* Keep only the files that are waited for, and that QEMU sees close. */
    int life = fcntl(s->life, F_DUPFD, 4);
    int go = fcntl(s->go[1], F_DUPFD, 4);
    int lend = fcntl(s->lend.listener, F_DUPFD, 4);
    int parent = fcntl(s->parent_pidfd, F_DUPFD, 4);
    int kept = 2;
    if (life < 0 || go < 0 || (s->lend.listener >= 0 && lend < 0) ||
        (s->parent_pidfd >= 0 && parent < 0))
        give_up(s, &report, qemu);
    s->life = dup2(life, 0);
    dup2(go, 1);
    s->lend.listener = lend < 0 ? -1 : dup2(lend, kept++);
    s->parent_pidfd = parent < 0 ? -1 : dup2(parent, kept++);
    close_from(kept);

    int status = keep(s, qemu);
    ssize_t n = write(s->life, &status, sizeof status);
    (void)n;
    _exit(0);
}

/* --- in the calling program --- */

static int
open_ends(struct spawn *s, struct qemu_process *p, struct error *err)
{
    int life[2] = {-1, -1}, report[2] = {-1, -1}, errors[2] = {-1, -1};
    bool ok = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, life) == 0 &&
              pipe2(report, O_CLOEXEC) == 0 &&
              pipe2(errors, O_CLOEXEC | O_NONBLOCK) == 0 &&
              pipe2(s->go, O_CLOEXEC) == 0;
    int code = errno;

    p->life = life[0];
    s->life = life[1];
    p->report = report[0];
    s->report = report[1];
    p->errors = errors[0];
    s->errors = errors[1];
    s->null = open("/dev/null", O_RDWR | O_CLOEXEC);
    s->parent_pidfd = s->spec->detached ? -1 : pidfd_of(s->parent);
    if (!ok || s->null < 0)
        return error_errno(err, ok ? errno : code, "cannot start QEMU");
    return 0;
}

static void
close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void
close_spawn(struct spawn *s)
{
    close_fd(&s->parent_pidfd);
    close_fd(&s->life);
    close_fd(&s->report);
    close_fd(&s->errors);
    close_fd(&s->null);
    close_fd(&s->go[0]);
    close_fd(&s->go[1]);
}

int
qemu_process_spawn(const struct qemu_process_spec *spec,
    struct qemu_process *ret, struct error *err)
{
    struct spawn s = {
        .spec = spec,
        .parent = getpid(),
        .parent_pidfd = -1,
        .life = -1,
        .report = -1,
        .errors = -1,
        .null = -1,
        .go = {-1, -1},
        .lend = {-1, -1},
    };
    struct qemu_process p = {.life = -1, .report = -1, .errors = -1};
    int result = open_ends(&s, &p, err);

    if (result == 0) {
        pid_t keeper = bare_fork();

        if (keeper == 0)
            run_keeper(&s);
        if (keeper < 0)
            result = error_errno(err, errno, "cannot start QEMU");
        p.keeper = keeper;
    }
    close_spawn(&s);
    if (result < 0) {
        close_fd(&p.life);
        close_fd(&p.report);
        close_fd(&p.errors);
        return -1;
    }
    *ret = p;
    return 0;
}

int
qemu_process_started(
    struct qemu_process *p, const char *binary, struct error *err)
{
    struct cage_report report;

    if (p->report < 0)
        return 0;
    /* One report before exec; a second one only if exec failed. */
    for (;;) {
        ssize_t n = read(p->report, &report, sizeof report);

        if (n < 0 && errno == EINTR)
            continue;
        if (n != sizeof report)
            break;
        p->cage = report;
    }
    close_fd(&p->report);
    if (p->cage.error)
        return error_errno(err, p->cage.error, "cannot run %s", binary);
    if (!(p->cage.layers & CAGE_FILES))
        return error_set(err, EIO, "cannot run %s", binary);
    return 0;
}

static void
reap(struct qemu_process *p)
{
    while (waitpid(p->keeper, NULL, __WALL) < 0 && errno == EINTR)
        ;
    p->keeper = 0;
    close_fd(&p->life);
}

pid_t
qemu_process_child(const struct qemu_process *p)
{
    cleanup_free char *path = text_printf(
        "/proc/%d/task/%d/children", (int)p->keeper, (int)p->keeper);
    cleanup_error struct error err = {0};
    size_t size;
    cleanup_free char *text =
        p->keeper && path ? read_file(path, 64, &size, &err) : NULL;

    return text ? (pid_t)strtol(text, NULL, 10) : 0;
}

/* The keeper has written to `life`, or has ended: true if that is how QEMU
 * ended. */
static bool
read_life(struct qemu_process *p)
{
    int status;

    if (read(p->life, &status, sizeof status) != sizeof status)
        status = 128 + SIGKILL;
    if (status == LIMIT_RAISED)
        return false;
    p->status = status;
    reap(p);
    return true;
}

int
qemu_process_allow_file(
    struct qemu_process *p, uint64_t size, struct error *err)
{
    struct pollfd poll_life = {.fd = p->life, .events = POLLIN};

    if (!p->keeper || send(p->life, &size, sizeof size, MSG_NOSIGNAL) < 0 ||
        poll(&poll_life, 1, KILL_TIMEOUT * 1000) <= 0 || read_life(p))
        return error_set(err, EPIPE, "QEMU has ended");
    return 0;
}

bool
qemu_process_wait(struct qemu_process *p, double seconds)
{
    double deadline = monotonic_seconds() + seconds;

    while (p->keeper) {
        struct pollfd poll_life = {.fd = p->life, .events = POLLIN};
        double left = deadline - monotonic_seconds();
        int n = poll(&poll_life, 1, left > 0 ? (int)(left * 1e3) + 1 : 0);

        if (n > 0) {
            read_life(p);
        } else if (left <= 0) {
            return false;
        }
    }
    return true;
}

void
qemu_process_kill(struct qemu_process *p)
{
    if (!p->keeper)
        return;
    shutdown(p->life, SHUT_WR);
    if (qemu_process_wait(p, KILL_TIMEOUT))
        return;
    kill(p->keeper, SIGKILL);
    p->status = 128 + SIGKILL;
    reap(p);
}

void
qemu_process_clear(struct qemu_process *p)
{
    qemu_process_kill(p);
    close_fd(&p->report);
    close_fd(&p->errors);
}

char *
qemu_process_last_words(struct qemu_process *p)
{
    cleanup_free char *text = malloc(ERRORS_KEPT + 1);
    size_t size = 0;
    ssize_t n;

    if (!text || p->errors < 0)
        return NULL;
    while (size < ERRORS_KEPT &&
           (n = read(p->errors, text + size, ERRORS_KEPT - size)) > 0)
        size += (size_t)n;
    while (size > 0 && text[size - 1] == '\n')
        size--;
    text[size] = 0;
    if (size == 0)
        return NULL;

    char *line = strrchr(text, '\n');
    line = line ? line + 1 : text;
    /* "qemu-system-x86_64: the error" */
    const char *colon = strstr(line, ": ");
    return text_escape(str_after(line, "qemu") && colon ? colon + 2 : line);
}
