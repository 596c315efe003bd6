/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A shell in QEMU's place, which may start programs: what it can do in the
 * cage, and whether it can outlive the program that started it.  And a program
 * that may not, as QEMU: all that it may try is refused. */
#include <config.h>

#include "lib/qemu/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

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
    struct cage_file files[] = {{file, false, false}};
    struct cage cage = {
        .binary = "/bin/sh", .programs = true, .files = files, .n_files = 1};
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
    enum { FIRST = 0x7b000000 };
    struct cage_report r;
    char text[256];

    if (geteuid() != 0) {
        printf("# not root: nothing to leave\n");
        return;
    }
    CHECK(run("id -u", -1, text, sizeof text, &r) == 0);
    CHECK(atoi(text) == r.uid && r.uid >= FIRST && (r.layers & CAGE_UID));
    CHECK(cage_user() != cage_user());
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
        CHECK(run("cat /proc/self/fd/4", fd, text, sizeof text, &r) == 0);
        CHECK_STR(text, "secret");
        CHECK(run("echo x > /proc/self/fd/4", fd, text, sizeof text, &r) != 0);
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

/* --- as QEMU --- */

static const uint32_t all_layers =
    CAGE_MOUNT_NS | CAGE_PID_NS | CAGE_PROC | CAGE_FILTER | CAGE_LANDLOCK;

/* Open `attempts`, which is in the folder of the test program. */
static int
open_attempts(void)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    CHECK(n > 0);
    self[n] = 0;
    *strrchr(self, '/') = 0;
    cleanup_free char *path = text_printf("%s/attempts", self);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0);
    return fd;
}

struct target {
    char folder[64];
    char program_folder[64], program[80];
    int listener, writable;
    pid_t other;
};

/* The build's folder may be closed to an ordinary user, and a program's own
 * folder is open to it in the cage. */
static void
copy_program(int from, struct target *t)
{
    struct stat st;

    strcpy(t->program_folder, "/var/tmp/mayfly-test.XXXXXX");
    CHECK(mkdtemp(t->program_folder) && chmod(t->program_folder, 0755) == 0);
    snprintf(t->program, sizeof t->program, "%s/attempts", t->program_folder);
    int to = open(t->program, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
    CHECK(to >= 0 && fchmod(to, 0755) == 0 && fstat(from, &st) == 0);
    CHECK(sendfile(to, from, NULL, (size_t)st.st_size) == st.st_size);
    close(to);
    close(from);
}

static void
make_target(struct target *t, int program)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    char path[80];

    strcpy(t->folder, "/var/tmp/mayfly-test.XXXXXX");
    CHECK(mkdtemp(t->folder) && chmod(t->folder, 0777) == 0);
    copy_program(program, t);
    snprintf(path, sizeof path, "%s/file", t->folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && fchmod(fd, 0666) == 0 && write(fd, "secret", 6) == 6);
    close(fd);
    snprintf(path, sizeof path, "%s/writable", t->folder);
    t->writable = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    snprintf(a.sun_path, sizeof a.sun_path, "%s/socket", t->folder);
    t->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(t->writable >= 0 && t->listener >= 0);
    CHECK(bind(t->listener, (struct sockaddr *)&a, sizeof a) == 0);
    CHECK(listen(t->listener, 5) == 0 && chmod(a.sun_path, 0666) == 0);
    t->other = fork();
    if (t->other == 0) {
        alarm(PATIENCE);
        pause();
        _exit(0);
    }
}

static void
remove_target(const struct target *t)
{
    static const char *const names[] = {
        "file", "file.new", "writable", "socket", ""};
    char path[80];

    kill(t->other, SIGKILL);
    waitpid(t->other, NULL, 0);
    close(t->listener);
    close(t->writable);
    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        snprintf(path, sizeof path, "%s/%s", t->folder, names[i]);
        remove(path);
    }
    unlink(t->program);
    rmdir(t->program_folder);
}

static void
read_lines(int fd, char *text, size_t size)
{
    size_t used = 0;
    ssize_t n;

    while ((n = read(fd, text + used, size - 1 - used)) > 0)
        used += (size_t)n;
    text[used] = 0;
    close(fd);
}

/* What the cage's process has tried. */
static void
attempt_caged(const struct target *t, enum caged what, char *text, size_t size,
    struct cage_report *report)
{
    struct error err = {0};
    const char *path = t->program;
    struct cage cage = {.what = what, .binary = path, .file_size = 1 << 20};
    cleanup_strv char **argv = NULL;
    struct qemu_process p = {0};
    int ends[2];

    CHECK(strv_append(&argv, path) == 0 && strv_append(&argv, t->folder) == 0);
    CHECK(strv_printf(&argv, "%d", (int)t->other) == 0);
    CHECK(strv_append(&argv, "3") == 0 && pipe2(ends, O_CLOEXEC) == 0);
    CHECK(cage_prepare(&cage, &err) == 0);
    struct qemu_process_spec spec = {.argv = argv,
        .environment = argv + 4,
        .cage = &cage,
        .files = {t->writable},
        .n_files = 1,
        .output = ends[1]};
    CHECK(qemu_process_spawn(&spec, &p, &err) == 0);
    cage_clear(&cage);
    close(ends[1]);
    read_lines(ends[0], text, size);
    CHECK(qemu_process_wait(&p, PATIENCE) && p.status == 0);
    CHECK(qemu_process_started(&p, path, &err) == 0);
    *report = p.cage;
    qemu_process_clear(&p);
}

/* The same without a cage, as far as any user may do it anywhere. */
static void
attempt_free(const struct target *t, char *text, size_t size)
{
    const char *path = t->program;
    char other[16], fd[16];
    int ends[2], status;

    snprintf(other, sizeof other, "-%d", (int)t->other);
    snprintf(fd, sizeof fd, "%d", t->writable);
    CHECK(pipe(ends) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], 1);
        fcntl(t->writable, F_SETFD, 0);
        execl(path, path, t->folder, other, fd, NULL);
        _exit(127);
    }
    close(ends[1]);
    read_lines(ends[0], text, size);
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

/* How many of the lines say "done"; the others are counted in *ret_refused. */
static int
count_done(const char *text, const char *print, int *ret_refused)
{
    int done = 0, refused = 0;

    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n");
        bool is_done = n > 6 && strncmp(line + n - 6, ": done", 6) == 0;

        if (is_done == (*print == 'd'))
            printf("# %.*s\n", (int)n, line);
        done += is_done;
        refused += !is_done;
        line += n + (line[n] == '\n');
    }
    *ret_refused = refused;
    return done;
}

static void
check_attempts(int program)
{
    enum { ATTEMPTS = 63, LARGE = 1 << 20 };
    struct cage_report r;
    struct target t;
    struct stat st;
    char text[8192];
    int refused;

    make_target(&t, program);
    attempt_caged(&t, CAGED_QEMU, text, sizeof text, &r);
    CHECK(fstat(t.writable, &st) == 0 && st.st_size <= LARGE);
    if ((r.layers & all_layers) == all_layers) {
        CHECK(count_done(text, "d", &refused) == 0);
        CHECK(refused == ATTEMPTS);
    } else {
        char *words = cage_text(&r);

        printf("# this machine does not allow all layers: %s\n", words);
        free(words);
    }
    attempt_free(&t, text, sizeof text);
    CHECK(count_done(text, "r", &refused) >= 20 && refused == 0);
    remove_target(&t);
}

TEST(all_attempts_are_refused)
{
    check_attempts(open_attempts());
}

/* passt has sockets for IPv4, and believes that it has made a cage. */
TEST(passt_may_do_little_more)
{
    static const char *const names[] = {"socket: inet", "socket: netlink",
        "mount", "umount", "pivot_root", "unshare: user namespace",
        "unshare: mount namespace", "raise a limit", "setuid",
        "prctl: dumpable"};
    struct cage_report r;
    struct target t;
    char text[8192], line[80];
    int refused;

    make_target(&t, open_attempts());
    attempt_caged(&t, CAGED_PASST, text, sizeof text, &r);
    remove_target(&t);
    if ((r.layers & all_layers) != all_layers)
        return;
    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        snprintf(line, sizeof line, "\n%s: done\n", names[i]);
        CHECK(strstr(text, line));
    }
    CHECK(count_done(text, "d", &refused) == (int)N_ELEMENTS(names));
}

TEST(all_attempts_of_an_ordinary_user_are_refused)
{
    enum { ORDINARY = 12345 };

    if (geteuid() != 0) {
        printf("# not root: the test before was for an ordinary user\n");
        return;
    }
    int program = open_attempts();
    CHECK(setgroups(0, NULL) == 0);
    CHECK(setresgid(ORDINARY, ORDINARY, ORDINARY) == 0);
    CHECK(setresuid(ORDINARY, ORDINARY, ORDINARY) == 0);
    /* As after exec. */
    CHECK(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
    check_attempts(program);
}

/* A write beyond the limit is an error, not the end; the limit can be raised.
 */
TEST(files_are_limited)
{
    static const char script[] =
        "for i in 1 2; do read x; head -c 9999999 /dev/zero "
        "2>&1 >> /proc/self/fd/4 | grep -o 'too large'; echo $?; done";
    struct error err = {0};
    struct cage_file files[] = {{-1, true, false}};
    struct cage cage = {.binary = "/bin/sh",
        .programs = true,
        .file_size = 1 << 20,
        .files = files,
        .n_files = 1};
    char *argv[] = {(char *)(uintptr_t) "/bin/sh", (char *)(uintptr_t) "-c",
        (char *)(uintptr_t)script, NULL};
    char *env[] = {(char *)(uintptr_t) "PATH=/usr/bin:/bin", NULL};
    char path[] = "/var/tmp/mayfly-test.XXXXXX", text[64];
    struct qemu_process p;
    int ends[2], input[2];

    files[0].fd = mkostemp(path, O_CLOEXEC);
    CHECK(files[0].fd >= 0 && fchmod(files[0].fd, 0666) == 0);
    unlink(path);
    CHECK(pipe2(ends, O_CLOEXEC) == 0 && pipe2(input, O_CLOEXEC) == 0);
    CHECK(cage_prepare(&cage, &err) == 0);
    struct qemu_process_spec spec = {.argv = argv,
        .environment = env,
        .cage = &cage,
        .files = {input[0], files[0].fd},
        .n_files = 2,
        .output = ends[1]};
    argv[2] = text_printf("exec <&3; %s", script);
    CHECK(qemu_process_spawn(&spec, &p, &err) == 0);
    free(argv[2]);
    cage_clear(&cage);
    close(ends[1]);
    close(input[0]);
    CHECK(write(input[1], "\n", 1) == 1);
    CHECK(
        read(ends[0], text, 10) == 10 && strncmp(text, "too large\n", 10) == 0);
    CHECK(read(ends[0], text, 2) == 2 && strncmp(text, "0\n", 2) == 0);
    CHECK(qemu_process_allow_file(&p, 20 << 20, &err) == 0);
    CHECK(write(input[1], "\n", 1) == 1);
    CHECK(read(ends[0], text, 2) == 2 && strncmp(text, "1\n", 2) == 0);
    CHECK(qemu_process_wait(&p, PATIENCE) && p.status == 0);
    CHECK(qemu_process_allow_file(&p, 20 << 20, &err) < 0);
    error_clear(&err);
    close(input[1]);
    close(ends[0]);
    close(files[0].fd);
    qemu_process_clear(&p);
}

TEST(missing_program_is_reported)
{
    struct error err = {0};
    struct cage cage = {.binary = "/nonexistent/qemu"};
    struct cage no_program = {.binary = "/usr/lib/os-release"};
    char *const none[] = {NULL};
    struct qemu_process p;

    CHECK(cage_prepare(&cage, &err) < 0);
    CHECK(strstr(error_text(&err), "cannot find /nonexistent/qemu"));
    error_clear(&err);
    CHECK(cage_prepare(&no_program, &err) == 0);
    struct qemu_process_spec spec = {
        .argv = none, .environment = none, .cage = &no_program, .output = -1};
    CHECK(qemu_process_spawn(&spec, &p, &err) == 0);
    cage_clear(&no_program);
    CHECK(qemu_process_started(&p, "/usr/lib/os-release", &err) < 0);
    CHECK(strstr(error_text(&err), "cannot run /usr/lib/os-release"));
    qemu_process_clear(&p);
    error_clear(&err);
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

/* Where no init waits for orphans, as in a container, it stays a zombie. */
static bool
has_ended(pid_t pid)
{
    char path[64], state = 'Z';

    if (kill(pid, 0) < 0)
        return errno == ESRCH;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "re");
    if (f) {
        CHECK(fscanf(f, "%*d (%*[^)]) %c", &state) == 1);
        fclose(f);
    }
    return state == 'Z';
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
    while (!has_ended(keeper) && monotonic_seconds() < begin + 2.5)
        usleep(10000);
    CHECK(has_ended(keeper));
    close(out[0]);
    close(out[1]);
}
