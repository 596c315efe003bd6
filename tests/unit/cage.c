/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A shell in QEMU's place: what it can do in the cage, and whether it can
 * outlive the program that started it. */
#include <config.h>

#include "lib/qemu/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "lib/handle/handle.h"
#include "tests/unit/test.h"

enum { PATIENCE = 20 };

/* Start SCRIPT in the cage; what it writes comes back from *ret_out. */
static struct qemu_process
start(const char *script, int *ret_out, int file)
{
    struct error err = {0};
    struct cage_file files[] = {{file, false}};
    struct cage cage = {.binary = "/bin/sh", .files = files, .n_files = 1};
    struct qemu_process p = {0};
    char **argv = NULL, **env = NULL;
    int ends[2];

    CHECK(strv_append(&argv, "/bin/sh") == 0 && strv_append(&argv, "-c") == 0);
    CHECK(strv_append(&argv, script) == 0);
    CHECK(strv_append(&env, "PATH=/usr/bin:/bin") == 0);
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    CHECK(cage_prepare(&cage, &err) == 0);
    struct qemu_process_spec spec = {.argv = argv,
        .environment = env,
        .cage = &cage,
        .files = {-1, file},
        .n_files = 2,
        .output = ends[1]};
    CHECK(qemu_process_spawn(&spec, &p, &err) == 0);
    cage_clear(&cage);
    close(ends[1]);
    strv_free(argv);
    strv_free(env);
    *ret_out = ends[0];
    return p;
}

/* Run it to its end; its exit status. */
static int
run(const char *script, int file, char *text, size_t size,
    struct cage_report *report)
{
    struct error err = {0};
    size_t used = 0;
    ssize_t n;
    int out;

    struct qemu_process p = start(script, &out, file);
    while ((n = read(out, text + used, size - 1 - used)) > 0)
        used += (size_t)n;
    text[used] = 0;
    close(out);
    CHECK(qemu_process_wait(&p, PATIENCE));
    CHECK(qemu_process_started(&p, "/bin/sh", &err) == 0);
    int status = p.status;
    *report = p.cage;
    qemu_process_clear(&p);
    return status;
}

static bool
holds(const struct cage_report *r, enum cage_layer layer, const char *what)
{
    if (r->layers & layer)
        return true;
    printf("# this machine does not allow: %s\n", what);
    return false;
}

TEST(status_and_output_come_back)
{
    struct cage_report r;
    char text[256];

    CHECK(run("echo hello; exit 7", -1, text, sizeof text, &r) == 7);
    CHECK_STR(text, "hello\n");
    CHECK(run("kill -SEGV $$; sleep 9", -1, text, sizeof text, &r) ==
              128 + SIGSEGV ||
          (r.layers & CAGE_PID_NS));
}

TEST(always_there)
{
    struct cage_report r;
    char text[256];

    CHECK(run("ulimit -c", -1, text, sizeof text, &r) == 0);
    CHECK_STR(text, "0\n");
    CHECK(r.layers & CAGE_NO_NEW_PRIVS);
    CHECK(r.layers & CAGE_LIMITS);
    CHECK(r.layers & CAGE_FILES);
    char *words = cage_text(&r);
    CHECK(words && strstr(words, "no new privileges"));
    free(words);
}

TEST(holds_only_the_files_it_was_given)
{
    struct cage_report r;
    char text[256];
    int leaked = fcntl(2, F_DUPFD, 20); /* not close-on-exec */
    int given = open("/dev/null", O_RDONLY | O_CLOEXEC);

    CHECK(leaked >= 20 && given >= 0);
    CHECK(run("i=3; while [ $i -lt 64 ]; do [ -e /proc/self/fd/$i ] && "
              "echo $i; i=$((i+1)); done; true",
              given, text, sizeof text, &r) == 0);
    CHECK_STR(text, "4\n");
    close(leaked);
    close(given);
}

TEST(root_is_left)
{
    struct cage_report r;
    char text[256];

    if (geteuid() != 0) {
        printf("# not root: nothing to leave\n");
        return;
    }
    CHECK(run("id -u", -1, text, sizeof text, &r) == 0);
    CHECK((uid_t)atoi(text) == cage_user());
    CHECK(cage_user() != 0 && (r.layers & CAGE_UID));
    CHECK(run("cat /etc/shadow", -1, text, sizeof text, &r) != 0);
    CHECK_STR(text, "");
}

TEST(other_files_are_out_of_reach)
{
    struct cage_report r;
    char text[256], path[] = "/var/tmp/mayfly-test.XXXXXX", script[128];
    int fd = mkstemp(path);

    CHECK(fd >= 0 && fchmod(fd, 0666) == 0 && write(fd, "secret", 6) == 6);
    snprintf(script, sizeof script, "cat %s; echo x > %s", path, path);
    int status = run(script, -1, text, sizeof text, &r);
    if (holds(&r, CAGE_LANDLOCK, "landlock")) {
        CHECK(status != 0);
        CHECK_STR(text, "");
        /* The Landlock rule allows reading it, not writing. */
        snprintf(script, sizeof script, "cat %s", path);
        CHECK(run(script, fd, text, sizeof text, &r) == 0);
        CHECK_STR(text, "secret");
        snprintf(script, sizeof script, "echo x > %s", path);
        CHECK(run(script, fd, text, sizeof text, &r) != 0);
    }
    unlink(path);
    close(fd);
}

TEST(other_processes_are_out_of_reach)
{
    struct cage_report r;
    char text[256], script[128];

    snprintf(script, sizeof script, "kill -0 %d", (int)getpid());
    int status = run(script, -1, text, sizeof text, &r);
    if (holds(&r, CAGE_PID_NS, "a process namespace"))
        CHECK(status != 0);
}

TEST(there_is_no_network)
{
    struct cage_report r;
    struct stat ours, theirs;
    char text[256];
    int out;

    struct qemu_process p = start("echo up; sleep 30", &out, -1);
    CHECK(read(out, text, sizeof text) > 0);
    struct error err = {0};
    CHECK(qemu_process_started(&p, "/bin/sh", &err) == 0);
    r = p.cage;
    if (holds(&r, CAGE_NET_NS, "a network namespace")) {
        /* The keeper has already entered it. */
        snprintf(text, sizeof text, "/proc/%d/ns/net", (int)p.keeper);
        CHECK(stat("/proc/self/ns/net", &ours) == 0);
        if (stat(text, &theirs) == 0)
            CHECK(ours.st_ino != theirs.st_ino);
    }
    qemu_process_clear(&p);
    close(out);
}

TEST(missing_program_is_told)
{
    struct error err = {0};
    struct cage cage = {.binary = "/bin/sh"};
    char **argv = NULL;
    struct qemu_process p;

    CHECK(strv_append(&argv, "/nonexistent/qemu") == 0);
    CHECK(cage_prepare(&cage, &err) == 0);
    struct qemu_process_spec spec = {
        .argv = argv, .environment = argv, .cage = &cage, .output = -1};
    CHECK(qemu_process_spawn(&spec, &p, &err) == 0);
    cage_clear(&cage);
    CHECK(qemu_process_started(&p, argv[0], &err) < 0);
    CHECK(strstr(error_text(&err), "cannot run /nonexistent/qemu"));
    qemu_process_clear(&p);
    error_clear(&err);
    strv_free(argv);
}

/* --- the end --- */

/* True when the pipe's other end, held by the caged shell, is closed. */
static bool
ended(int out)
{
    char byte;

    alarm(PATIENCE);
    while (read(out, &byte, 1) > 0)
        ;
    alarm(120);
    return true;
}

TEST(killed_at_once)
{
    int out;
    struct qemu_process p = start("trap '' TERM; sleep 1000", &out, -1);

    qemu_process_kill(&p);
    CHECK(p.keeper == 0 && p.status == 128 + SIGKILL);
    CHECK(ended(out));
    qemu_process_clear(&p);
    close(out);
}

TEST(dies_with_the_keeper)
{
    char byte;
    int out;
    struct qemu_process p = start("echo; exec sleep 1000", &out, -1);

    CHECK(read(out, &byte, 1) == 1);
    CHECK(kill(p.keeper, SIGKILL) == 0);
    CHECK(ended(out));
    qemu_process_clear(&p);
    close(out);
}

/* The program is killed while a child of its own still holds its files. */
TEST(dies_with_the_program)
{
    int out[2];

    CHECK(pipe2(out, O_CLOEXEC) == 0);
    pid_t program = fork();
    if (program == 0) {
        char byte;
        int shell;

        struct qemu_process p = start("echo; exec sleep 1000", &shell, -1);
        CHECK(read(shell, &byte, 1) == 1);
        if (fork() == 0) {
            sleep(3);
            _exit(0);
        }
        dup2(shell, 0);
        (void)p;
        CHECK(write(out[1], &p.keeper, sizeof p.keeper) == sizeof p.keeper);
        pause();
    }
    pid_t keeper;
    CHECK(read(out[0], &keeper, sizeof keeper) == sizeof keeper);
    CHECK(kill(program, SIGKILL) == 0);
    waitpid(program, NULL, 0);
    double begin = monotonic_seconds();
    while (kill(keeper, 0) == 0 && monotonic_seconds() < begin + 2.5)
        usleep(10000);
    CHECK(kill(keeper, 0) < 0 && errno == ESRCH);
    close(out[0]);
    close(out[1]);
}
