/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/file: whole reads and writes, outputs that appear when whole, trees
 * of folders. */
#include <config.h>

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "base/cleanup.h"
#include "base/leftover.h"
#include "base/strv.h"
#include "tests/unit/tree.h"

/* A child that writes COUNT times SIZE bytes of 'x', with pauses, so that a
 * reader sees short counts. */
static pid_t
slow_writer(int fd, int count, size_t size)
{
    pid_t pid = fork();

    if (pid == 0) {
        char data[4096];

        memset(data, 'x', sizeof data);
        for (int i = 0; i < count; i++) {
            if (write(fd, data, size) != (ssize_t)size)
                _exit(1);
            usleep(1000);
        }
        _exit(0);
    }
    close(fd);
    return pid;
}

TEST(read_all_across_short_counts)
{
    int fds[2], status;
    char data[1500], more[2];

    CHECK(pipe(fds) == 0);
    pid_t pid = slow_writer(fds[1], 15, 100);
    CHECK(read_all(fds[0], data, sizeof data) == 0);
    for (size_t i = 0; i < sizeof data; i++)
        CHECK(data[i] == 'x');

    errno = 0;
    CHECK(read_all(fds[0], more, 1) == -1 && errno == ENODATA);
    CHECK(read_all(fds[0], more, 0) == 0);
    close(fds[0]);
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    CHECK(read_all(-1, more, 1) == -1 && errno == EBADF);
}

static void
on_alarm(int signal)
{
    (void)signal;
}

/* Signals interrupt each read and write; none is lost. */
TEST(read_and_write_across_signals)
{
    enum { SIZE = 1 << 20 };
    int fds[2], status;
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval often = {{0, 500}, {0, 500}}, never = {0};

    CHECK(pipe(fds) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        cleanup_free char *data = malloc(SIZE);
        char *in = data;

        close(fds[1]);
        for (int i = 0; in && i < SIZE; i += 4096) {
            if (i % 65536 == 0)
                usleep(2000);
            if (read_all(fds[0], in + i, 4096) < 0)
                _exit(1);
        }
        for (int i = 0; in && i < SIZE; i++) {
            if (in[i] != (char)(i >> 12))
                _exit(2);
        }
        _exit(in ? 0 : 3);
    }
    close(fds[0]);
    cleanup_free char *data = malloc(SIZE);
    CHECK(data);
    for (int i = 0; i < SIZE; i++)
        data[i] = (char)(i >> 12);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    CHECK(write_all(fds[1], data, SIZE) == 0);
    setitimer(ITIMER_REAL, &never, NULL);
    close(fds[1]);
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

TEST(write_all_reports_a_full_disk)
{
    cleanup_close int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct rlimit limit = {.rlim_cur = 100, .rlim_max = RLIM_INFINITY};
    struct test_tree t;

    CHECK(full >= 0);
    CHECK(write_all(full, "abc", 3) == -1 && errno == ENOSPC);
    CHECK(write_all(full, "abc", 0) == 0);
    CHECK(write_all(-1, "abc", 3) == -1 && errno == EBADF);

    /* Some of it fits: the rest is an error all the same. */
    tree_make(&t);
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    int fd = openat(t.root, "f", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    char data[150] = {0};
    CHECK(write_all(fd, data, sizeof data) == -1 && errno == EFBIG);
    CHECK(pwrite_all(fd, data, sizeof data, 50) == -1 && errno == EFBIG);
    close(fd);
    tree_remove(&t);
}

TEST(pread_all_and_pwrite_all)
{
    struct test_tree t;
    char data[8] = "";

    tree_make(&t);
    cleanup_close int fd =
        openat(t.root, "f", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    CHECK(pwrite_all(fd, "world", 5, 6) == 0);
    CHECK(pwrite_all(fd, "hello ", 6, 0) == 0);
    CHECK(lseek(fd, 0, SEEK_CUR) == 0);
    CHECK(pread_all(fd, data, 5, 6) == 0);
    CHECK_STR(data, "world");
    CHECK(pread_all(fd, data, 0, 100) == 0);
    CHECK(pread_all(fd, data, 6, 6) == -1 && errno == ENODATA);
    CHECK(pread_all(fd, data, 1, 11) == -1 && errno == ENODATA);
    CHECK(pread_all(fd, data, 1, -1) == -1 && errno == EINVAL);
    CHECK(pwrite_all(fd, data, 1, -1) == -1 && errno == EINVAL);
    tree_remove(&t);
}

/* The buffer of read_file starts with 4096 bytes and doubles. */
TEST(read_file_of_every_size)
{
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 8192, 100000};
    cleanup_error struct error err = {0};
    struct test_tree t;
    char *data = calloc(1, 100000);

    CHECK(data);
    memset(data, 'y', 100000);
    tree_make(&t);
    for (size_t i = 0; i < N_ELEMENTS(sizes); i++) {
        size_t size = 99;

        tree_bytes(&t, "f", data, sizes[i]);
        cleanup_free char *got =
            read_file_at(t.root, "f", sizes[i], &size, &err);
        CHECK(got && size == sizes[i] && strlen(got) == size);
        CHECK(memcmp(got, data, size) == 0);

        cleanup_free char *path = text_printf("%s/f", t.path);
        cleanup_free char *again = read_file(path, 1 << 20, NULL, &err);
        CHECK_STR(again, got);

        if (sizes[i] == 0)
            continue;
        size = 99;
        CHECK(!read_file_at(t.root, "f", sizes[i] - 1, &size, &err));
        CHECK(err.code == EFBIG && size == 99);
        cleanup_free char *want =
            text_printf("f is larger than %zu bytes", sizes[i] - 1);
        CHECK_STR(error_text(&err), want);
    }
    free(data);
    tree_remove(&t);
}

TEST(read_file_errors)
{
    cleanup_error struct error err = {0};

    CHECK(!read_file("/nonexistent/f", 1, NULL, &err) && err.code == ENOENT);
    CHECK_STR(error_text(&err),
        "cannot open /nonexistent/f: No such file or directory");
    CHECK(!read_file("/", 1, NULL, &err) && err.code == EISDIR);
    CHECK_STR(error_text(&err), "cannot read /: Is a directory");
    /* A file without an end. */
    CHECK(!read_file("/dev/zero", 1 << 20, NULL, &err) && err.code == EFBIG);
}

static int
entries(struct test_tree *t)
{
    cleanup_closedir DIR *dir = opendir(t->path);
    int n = 0;

    CHECK(dir);
    while (readdir(dir))
        n++;
    return n - 2;
}

TEST(output_appears_when_whole)
{
    cleanup_error struct error err = {0};
    struct test_tree t;

    tree_make(&t);
    cleanup_free char *path = text_printf("%s/f", t.path);
    tree_file(&t, "f", "old");
    for (int round = 0; round < 3; round++) {
        cleanup_output struct output out;

        CHECK(output_open(&out, path, 0640, &err) == 0 && out.pending);
        CHECK(write_all(out.fd, "new", 3) == 0);
        CHECK(entries(&t) == (out.temporary ? 2 : 1));
        cleanup_free char *before = read_file(path, 10, NULL, &err);
        CHECK_STR(before, round < 2 ? "old" : "new");
        if (round == 1)
            CHECK(output_commit(&out, &err) == 0 && !out.temporary);
        if (round == 2)
            CHECK(output_publish(&out, &err) == 0 && !out.temporary);
        CHECK(out.pending == (round == 0));
    }
    cleanup_free char *after = read_file(path, 10, NULL, &err);
    CHECK_STR(after, "new");
    CHECK(entries(&t) == 1);
    tree_remove(&t);
}

/* Without a name before, where the file system can. */
TEST(output_is_nameless)
{
    cleanup_error struct error err = {0};
    struct test_tree t;
    struct stat st;

    tree_make(&t);
    int probe = open(t.path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    cleanup_free char *path = text_printf("%s/f", t.path);
    cleanup_output struct output out;
    umask(022);
    CHECK(output_open(&out, path, 0666, &err) == 0);
    CHECK((probe >= 0) == !out.temporary);
    CHECK(entries(&t) == (probe >= 0 ? 0 : 1));
    CHECK(output_publish(&out, &err) == 0);
    CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0644);
    CHECK(st.st_nlink == 1 && entries(&t) == 1);
    if (probe >= 0)
        close(probe);
    tree_remove(&t);
}

/* --- what killed programs leave --- */

/* A program makes something in a folder, and is killed or waits to be. */
static pid_t
victim(const struct test_tree *t, bool folder)
{
    int ready[2];
    char c;

    CHECK(pipe2(ready, O_CLOEXEC) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        cleanup_free char *path = text_printf("%s/f", t->path);
        struct error err = {0};
        struct output out;
        struct work_folder work;

        bool made = folder ? work_folder_make(&work, t->path, &err) == 0
                           : output_open_named(&out, path, 0600, &err) == 0;
        if (made && folder) {
            cleanup_free char *inside = text_printf("%s/file", work.path);

            close(open(inside, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        }
        made = made && write(ready[1], "", 1) == 1;
        pause();
        _exit(!made);
    }
    close(ready[1]);
    CHECK(pid > 0 && read(ready[0], &c, 1) == 1);
    close(ready[0]);
    return pid;
}

static void
kill_9(pid_t pid)
{
    CHECK(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
}

TEST(killed_programs_leave_no_output)
{
    cleanup_error struct error err = {0};
    struct test_tree t;

    tree_make(&t);
    cleanup_free char *path = text_printf("%s/g", t.path);
    pid_t dead = victim(&t, false), alive = victim(&t, false);
    kill_9(dead);
    CHECK(entries(&t) == 2);
    {
        cleanup_output struct output out;

        /* The dead one's goes, the living one's stays. */
        CHECK(output_open_named(&out, path, 0600, &err) == 0);
        CHECK(out.temporary && access(out.temporary, F_OK) == 0);
        CHECK(entries(&t) == 2);
        kill_9(alive);
        CHECK(output_publish(&out, &err) == 0 && entries(&t) == 2);
    }
    leftover_sweep(path);
    CHECK(entries(&t) == 1 && access(path, F_OK) == 0);
    /* Also when a file is replaced, which needs a name for a moment. */
    kill_9(victim(&t, false));
    {
        cleanup_output struct output out;

        CHECK(output_open(&out, path, 0600, &err) == 0);
        CHECK(output_publish(&out, &err) == 0);
    }
    CHECK(entries(&t) == 1);
    tree_remove(&t);
}

TEST(killed_programs_leave_no_folder)
{
    cleanup_error struct error err = {0};
    struct test_tree t;
    struct work_folder work;
    struct stat st;

    tree_make(&t);
    pid_t dead = victim(&t, true), alive = victim(&t, true);
    kill_9(dead);
    CHECK(entries(&t) == 2);
    CHECK(work_folder_make(&work, t.path, &err) == 0);
    CHECK(stat(work.path, &st) == 0 && (st.st_mode & 07777) == 0700);
    CHECK(entries(&t) == 2);
    kill_9(alive);
    work_folder_remove(&work);
    CHECK(!work.path && entries(&t) == 1);
    CHECK(work_folder_make(&work, t.path, &err) == 0);
    work_folder_remove(&work);
    CHECK(entries(&t) == 0);
    tree_remove(&t);
}

/* Names that are not quite ours, and things that are not what they seem. */
TEST(sweeping_takes_only_leftovers)
{
    static const char *const others[] = {
        ".mayfly-0123456.partial",
        ".mayfly-012345678.partial",
        ".mayfly-0123456G.partial",
        ".mayfly-01234567.partially",
        "x.mayfly-01234567.partial",
        "f.01234567.partial",
        "mayfly-work.abcdef",
    };
    cleanup_error struct error err = {0};
    struct test_tree t;
    struct work_folder work;

    tree_make(&t);
    cleanup_free char *path = text_printf("%s/f", t.path);
    for (size_t i = 0; i < N_ELEMENTS(others); i++)
        tree_file(&t, others[i], "mine");
    tree_file(&t, "target", "mine");
    CHECK(symlinkat("target", t.root, ".mayfly-00000001.partial") == 0);
    CHECK(linkat(t.root, "target", t.root, ".mayfly-00000002.partial", 0) == 0);
    CHECK(mkfifoat(t.root, ".mayfly-00000003.partial", 0600) == 0);
    tree_folder(&t, ".mayfly-00000004.partial");
    tree_folder(&t, "mayfly-work.abcde");
    CHECK(symlinkat(".", t.root, "mayfly-work.ghijkl") == 0);
    int before = entries(&t);
    if (geteuid() == 0) {
        tree_file(&t, ".mayfly-00000005.partial", "another user's");
        CHECK(
            fchownat(t.root, ".mayfly-00000005.partial", 65099, 65099, 0) == 0);
        before++;
    }
    tree_file(&t, ".mayfly-00000006.partial", "left");
    leftover_sweep(path);
    CHECK(entries(&t) == before);
    CHECK(work_folder_make(&work, t.path, &err) == 0);
    work_folder_remove(&work);
    CHECK(entries(&t) == before);
    tree_remove(&t);
}

/* Many at once, some of them killed: none loses what it has made. */
TEST(sweepers_do_not_meet)
{
    cleanup_error struct error err = {0};
    struct test_tree t;
    pid_t pids[8];

    tree_make(&t);
    for (size_t i = 0; i < N_ELEMENTS(pids); i++) {
        pids[i] = fork();
        if (pids[i] > 0)
            continue;
        cleanup_free char *path = text_printf("%s/f%zu", t.path, i);
        struct output out;

        for (int round = 0; round < 200; round++) {
            if (output_open_named(&out, path, 0600, &err) < 0 ||
                output_publish(&out, &err) < 0)
                _exit(1);
            output_abort(&out);
        }
        _exit(0);
    }
    for (size_t i = 0; i < N_ELEMENTS(pids); i++) {
        int status;

        CHECK(waitpid(pids[i], &status, 0) == pids[i] && status == 0);
    }
    CHECK(entries(&t) == N_ELEMENTS(pids));
    tree_remove(&t);
}

TEST(output_errors_leave_nothing)
{
    cleanup_error struct error err = {0};
    struct test_tree t;

    tree_make(&t);
    cleanup_free char *lost = text_printf("%s/nosuch/f", t.path);
    cleanup_free char *folder = text_printf("%s/folder", t.path);
    cleanup_free char *want =
        text_printf("cannot create %s: No such file or directory", lost);
    {
        cleanup_output struct output out;

        CHECK(output_open(&out, lost, 0600, &err) == -1);
        CHECK(err.code == ENOENT && out.fd == -1);
        CHECK_STR(error_text(&err), want);
    }
    tree_folder(&t, "folder");
    {
        cleanup_output struct output out;
        cleanup_free char *text =
            text_printf("cannot rename to %s: Is a directory", folder);

        CHECK(output_open(&out, folder, 0600, &err) == 0);
        CHECK(output_commit(&out, &err) == -1 && err.code == EISDIR);
        CHECK_STR(error_text(&err), text);
    }
    CHECK(entries(&t) == 1);
    tree_remove(&t);
}

TEST(make_directories_like_mkdir_p)
{
    cleanup_error struct error err = {0};
    struct test_tree t;

    tree_make(&t);
    cleanup_free char *deep = text_printf("%s/a/b//c/", t.path);
    cleanup_free char *below = text_printf("%s/f/x", t.path);
    cleanup_free char *want =
        text_printf("cannot make folder %s: Not a directory", below);

    CHECK(make_directories(deep, 0700, &err) == 0);
    CHECK(make_directories(deep, 0700, &err) == 0);
    CHECK(faccessat(t.root, "a/b/c", F_OK, 0) == 0);
    CHECK(make_directories("/", 0700, &err) == 0);
    CHECK(make_directories("", 0700, &err) == -1 && err.code == ENOENT);

    tree_file(&t, "f", "");
    CHECK(make_directories(below, 0700, &err) == -1 && err.code == ENOTDIR);
    CHECK_STR(error_text(&err), want);
    tree_remove(&t);
}

TEST(remove_tree_follows_no_link)
{
    struct test_tree t, other;

    tree_make(&t);
    tree_make(&other);
    tree_file(&other, "folder/kept", "kept");
    tree_file(&t, "top/a/b/file", "text");
    tree_folder(&t, "top/empty");
    CHECK(symlinkat(other.path, t.root, "top/a/link") == 0);
    CHECK(symlinkat("nowhere", t.root, "top/dangling") == 0);
    CHECK(symlinkat(".", t.root, "top/a/loop") == 0);
    CHECK(symlinkat(other.path, t.root, "itself") == 0);

    CHECK(remove_tree(t.root, "top") == 0);
    CHECK(faccessat(t.root, "top", F_OK, AT_SYMLINK_NOFOLLOW) == -1);
    CHECK(remove_tree(t.root, "itself") == 0);
    CHECK(faccessat(other.root, "folder/kept", F_OK, 0) == 0);

    /* What is gone is removed. */
    CHECK(remove_tree(t.root, "top") == 0);
    tree_file(&t, "f", "");
    CHECK(remove_tree(t.root, "f") == 0 && entries(&t) == 0);
    CHECK(remove_tree(t.root, "") == 0);
    tree_remove(&t);
    tree_remove(&other);
}

/* 32 levels are removed; what is deeper fails without harm. */
TEST(remove_tree_has_a_depth)
{
    struct test_tree t;
    char name[256] = "d";

    tree_make(&t);
    for (int depth = 1; depth < 34; depth++) {
        tree_folder(&t, name);
        strcat(name, "/d");
    }
    CHECK(remove_tree(t.root, "d") == -1 && errno == ELOOP);
    CHECK(remove_tree(t.root, "d/d") == 0);
    CHECK(remove_tree(t.root, "d") == 0);
    tree_remove(&t);
}

TEST(xdg_directory_by_the_environment)
{
    cleanup_error struct error err = {0};

    setenv("HOME", "/home/x", 1);
    setenv("XDG_CACHE_HOME", "/cache", 1);
    cleanup_free char *set = xdg_directory("XDG_CACHE_HOME", ".cache", &err);
    CHECK_STR(set, "/cache/mayfly");

    /* The standard says to ignore one that is not absolute. */
    setenv("XDG_CACHE_HOME", "cache", 1);
    cleanup_free char *home = xdg_directory("XDG_CACHE_HOME", ".cache", &err);
    CHECK_STR(home, "/home/x/.cache/mayfly");

    setenv("HOME", "", 1);
    unsetenv("XDG_CACHE_HOME");
    CHECK(!xdg_directory("XDG_CACHE_HOME", ".cache", &err));
    CHECK(err.code == ENOENT);
    CHECK_STR(error_text(&err),
        "neither XDG_CACHE_HOME nor HOME is set to an absolute path; set one "
        "of them");
}
