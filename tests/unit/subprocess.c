/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The child is a shell that does what each limit is there against. */
#include <config.h>

#include "base/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/strv.h"
#include "tests/unit/test.h"

/* Run SCRIPT; 0 or the code of its error, with the text of that. */
static int
run(const char *script, struct subprocess_spec spec, char text[256])
{
    struct error err = {0};

    spec.program = "sh";
    spec.argv = (const char *const[]){"sh", "-c", script, NULL};
    int r = subprocess_run(&spec, &err);
    int code = r < 0 ? err.code : 0;
    snprintf(text, 256, "%s", r < 0 ? error_text(&err) : "");
    error_clear(&err);
    return code;
}

static int
run_limited(const char *script, struct subprocess_limits limits, char text[256])
{
    return run(script, (struct subprocess_spec){.limits = &limits}, text);
}

TEST(success_is_silent)
{
    char text[256];

    CHECK(run("echo noise; echo more >&2", (struct subprocess_spec){0}, text) ==
          0);
}

TEST(first_line_is_the_error)
{
    char text[256];

    CHECK(run("echo what is wrong; echo second >&2; exit 3",
              (struct subprocess_spec){0}, text) == EIO);
    CHECK_STR(text, "what is wrong");
    CHECK(run("exit 3", (struct subprocess_spec){0}, text) == EIO);
    CHECK_STR(text, "it ended without a message");
    CHECK(run("printf 'a\\033[2Jb'; exit 3", (struct subprocess_spec){0},
              text) == EIO);
    CHECK_STR(text, "a\\x1b[2Jb");
}

/* More than a pipe holds and than is kept: it neither blocks nor runs over. */
TEST(output_is_limited)
{
    struct subprocess s;
    struct error err = {0};
    const struct subprocess_spec spec = {
        .program = "/bin/sh",
        .argv = (const char *const[]){"sh", "-c",
            "head -c 1000000 /dev/zero | tr '\\0' x; exit 1", NULL},
    };

    CHECK(subprocess_start(&s, &spec, &err) == 0);
    CHECK(subprocess_wait(&s, &err) < 0);
    CHECK(strlen(s.text) == SUBPROCESS_TEXT_MAX - 1);
    CHECK(strspn(err.text, "x") == SUBPROCESS_TEXT_MAX - 1);
    error_clear(&err);
}

TEST(missing_program)
{
    struct error err = {0};
    const struct subprocess_spec spec = {.program = "/nowhere/tool",
        .argv = (const char *const[]){"tool", NULL}};
    struct subprocess s;

    CHECK(subprocess_start(&s, &spec, &err) < 0);
    CHECK(err.code == ENOENT && s.pid == 0);
    CHECK_STR(err.text, "cannot run /nowhere/tool: No such file or directory");
    error_clear(&err);

    const struct subprocess_spec folder = {
        .program = "/", .argv = (const char *const[]){"tool", NULL}};
    CHECK(subprocess_start(&s, &folder, &err) < 0);
    CHECK(err.code == EACCES);
    error_clear(&err);
}

TEST(signal_is_reported)
{
    char text[256];

    CHECK(run("kill -USR1 $$", (struct subprocess_spec){0}, text) == EIO);
    CHECK_STR(text, "killed by signal 10");
    CHECK(run("echo last words; kill -USR1 $$", (struct subprocess_spec){0},
              text) == EIO);
    CHECK_STR(text, "last words: killed by signal 10");
}

TEST(output_goes_to_a_file)
{
    char text[256];
    int fd = memfd_create("output", MFD_CLOEXEC);

    CHECK(run("echo printed; echo wrong >&2; exit 1",
              (struct subprocess_spec){.output = &fd}, text) == EIO);
    CHECK_STR(text, "wrong");
    CHECK(pread(fd, text, sizeof text, 0) == 8);
    CHECK(memcmp(text, "printed\n", 8) == 0);
    close(fd);
}

/* Only what it is given is open in it, under the same number. */
TEST(files_are_closed)
{
    char text[256];
    int given = memfd_create("given", MFD_CLOEXEC);
    int other = dup(given); /* without CLOEXEC: a careless program's */
    char script[128];

    snprintf(script, sizeof script,
        "for f in 3 4 5 6 7 8 9; do "
        "[ ! -e /proc/self/fd/$f ] || printf '%%s ' $f; done; exit 1");
    CHECK(given < 10 && other < 10);
    CHECK(
        run(script, (struct subprocess_spec){.inherit = &given, .n_inherit = 1},
            text) == EIO);
    char expected[8];
    snprintf(expected, sizeof expected, "%d ", given);
    CHECK_STR(text, expected);
    close(given);
    close(other);
}

TEST(input_is_empty)
{
    char text[256];
    int input[2];

    CHECK(pipe(input) == 0 && write(input[1], "secret\n", 7) == 7);
    CHECK(dup2(input[0], 0) == 0);
    close(input[0]);
    close(input[1]);
    CHECK(run("cat; exit 1", (struct subprocess_spec){0}, text) == EIO);
    CHECK_STR(text, "it ended without a message");
    CHECK(run("cat; exit 1", (struct subprocess_spec){.terminal = true},
              text) == EIO);
    CHECK_STR(text, "secret");
}

TEST(memory_is_limited)
{
    char text[256];
    const char *script = "x=$(head -c 200000000 /dev/zero | tr '\\0' x)";

    CHECK(run(script, (struct subprocess_spec){0}, text) == 0);
    CHECK(run_limited(script, (struct subprocess_limits){.memory = 100 << 20},
              text) != 0);
}

TEST(time_of_the_processor_is_limited)
{
    char text[256];

    CHECK(run_limited("while :; do :; done",
              (struct subprocess_limits){.cpu_seconds = 1}, text) == ETIMEDOUT);
    CHECK_STR(text, "it needs more than 1 seconds of CPU time");
}

TEST(files_are_limited)
{
    char name[] = "/tmp/mayfly-subprocess.XXXXXX", script[128], text[256];
    int fd = mkstemp(name);

    CHECK(fd >= 0);
    snprintf(script, sizeof script, "exec dd if=/dev/zero of=%s bs=1000", name);
    CHECK(run_limited(script, (struct subprocess_limits){.file_size = 100000},
              text) == EFBIG);
    CHECK_STR(text, "it writes a file of more than 100000 bytes");
    CHECK(lseek(fd, 0, SEEK_END) == 100000);
    unlink(name);
    close(fd);
    /* Its own libraries are files, too. */
    CHECK(run_limited("exit 0", (struct subprocess_limits){.files = 3}, text) ==
          EIO);
    CHECK(run_limited("exit 0", (struct subprocess_limits){.files = 9}, text) ==
          0);
}

TEST(no_core_no_privileges)
{
    char text[256];

    CHECK(run_limited("ulimit -c; exit 1", subprocess_strict(0), text) == EIO);
    CHECK_STR(text, "0");
    CHECK(run_limited("grep NoNewPrivs /proc/self/status; exit 1",
              subprocess_strict(0), text) == EIO);
    CHECK(strstr(text, "1"));
}

TEST(strict_grows_with_the_size)
{
    const uint64_t tib = (uint64_t)1 << 40;
    struct subprocess_limits none = subprocess_strict(0),
                             large = subprocess_strict(tib);

    CHECK(none.memory == (uint64_t)4 << 30 && large.memory == none.memory);
    CHECK(none.cpu_seconds == 600 && none.file_size == 64 << 20);
    CHECK(large.cpu_seconds == 600 + (1 << 18));
    CHECK(large.file_size > tib && none.files == large.files);
}

TEST(deadline)
{
    char text[256];
    double start = monotonic_seconds();

    CHECK(run("sleep 100", (struct subprocess_spec){.seconds = 0.2}, text) ==
          ETIMEDOUT);
    CHECK_STR(text, "it takes longer than 0.2 seconds");
    CHECK(monotonic_seconds() - start < 50);
    CHECK(run("exit 0", (struct subprocess_spec){.seconds = 50}, text) == 0);
}

static int
always(void)
{
    return 1;
}

TEST(interrupt)
{
    char text[256];

    CHECK(run("exec sleep 100", (struct subprocess_spec){.interrupted = always},
              text) == EINTR);
    CHECK_STR(text, "interrupted");
}

/* Not even if our signals are blocked or ignored. */
TEST(no_signal_of_ours_is_blocked)
{
    char text[256];
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    CHECK(run("grep SigBlk /proc/self/status; exit 1",
              (struct subprocess_spec){0}, text) == EIO);
    CHECK_STR(text, "SigBlk:\\x090000000000000000");
}

/* How it ended is not known then, which is not success. */
TEST(others_reap_it)
{
    struct subprocess s;
    struct error err = {0};
    const struct subprocess_spec spec = {.program = "sh",
        .argv = (const char *const[]){"sh", "-c", "exit 1", NULL}};

    signal(SIGCHLD, SIG_IGN);
    CHECK(subprocess_start(&s, &spec, &err) == 0);
    CHECK(subprocess_wait(&s, &err) < 0 && err.code == ECHILD);
    error_clear(&err);
}

TEST(is_gone_and_stop)
{
    struct subprocess s;
    struct error err = {0};
    const struct subprocess_spec sleeps = {.program = "sleep",
        .argv = (const char *const[]){"sleep", "100", NULL}};
    const struct subprocess_spec ends = {
        .program = "true", .argv = (const char *const[]){"true", NULL}};

    CHECK(subprocess_start(&s, &sleeps, &err) == 0);
    CHECK(!subprocess_is_gone(&s));
    subprocess_stop(&s);
    CHECK(s.pid == 0 && s.output == -1);
    subprocess_stop(&s);

    CHECK(subprocess_start(&s, &ends, &err) == 0);
    while (!subprocess_is_gone(&s))
        poll(NULL, 0, 1);
    CHECK(subprocess_wait(&s, &err) == 0);
}

/* A parent that is killed takes it along, also with what it cannot catch.  We
 * become the one that its orphan is left to. */
TEST(dies_with_its_parent)
{
    int numbers[2];
    pid_t grandchild = 0;
    int status = 0;

    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);
    CHECK(pipe(numbers) == 0);
    pid_t parent = fork();
    if (parent == 0) {
        const struct subprocess_spec spec = {.program = "sleep",
            .argv = (const char *const[]){"sleep", "100", NULL}};
        struct subprocess s;
        struct error err = {0};

        if (subprocess_start(&s, &spec, &err) < 0 ||
            write(numbers[1], &s.pid, sizeof s.pid) != sizeof s.pid)
            _exit(1);
        pause();
        _exit(1);
    }
    CHECK(
        read(numbers[0], &grandchild, sizeof grandchild) == sizeof grandchild);
    CHECK(kill(grandchild, 0) == 0);
    kill(parent, SIGKILL);
    CHECK(waitpid(parent, NULL, 0) == parent);
    CHECK(waitpid(grandchild, &status, 0) == grandchild);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    close(numbers[0]);
    close(numbers[1]);
}
