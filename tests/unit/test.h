/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A unit test is a program of TEST(name) { ... } blocks that registers
 * itself; each runs in a child, so one crash is one failure, and must close
 * every file it opened.  Include it once, in the file with the tests. */
#pragma once
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* gcc and clang each have their own name for it. */
#if defined __SANITIZE_ADDRESS__
#define UNDER_ASAN 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN 0
#endif

struct test {
    const char *name;
    void (*function)(void);
    struct test *next;
};

static struct test *test_list, **test_tail = &test_list;

#define TEST(id)                                                               \
    static void test_##id(void);                                               \
    __attribute__((constructor)) static void register_##id(void)               \
    {                                                                          \
        static struct test t = {#id, test_##id, NULL};                         \
        *test_tail = &t;                                                       \
        test_tail = &t.next;                                                   \
    }                                                                          \
    static void test_##id(void)

#define CHECK(condition)                                                       \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__,         \
                #condition);                                                   \
            exit(1);                                                           \
        }                                                                      \
    } while (0)

#define CHECK_STR(a, b)                                                        \
    do {                                                                       \
        const char *a_ = (a), *b_ = (b);                                       \
        if (!a_ || !b_ || strcmp(a_, b_) != 0) {                               \
            fprintf(stderr, "%s:%d: '%s' is not '%s'\n", __FILE__, __LINE__,   \
                a_ ? a_ : "(null)", b_ ? b_ : "(null)");                       \
            exit(1);                                                           \
        }                                                                      \
    } while (0)

static int
test_open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;

    while (dir && readdir(dir))
        n++;
    if (dir)
        closedir(dir);
    return n;
}

int
main(void)
{
    int failed = 0, n = 0;

    for (struct test *t = test_list; t; t = t->next) {
        int status = -1;

        fflush(NULL);
        pid_t pid = fork();
        if (pid == 0) {
            alarm(120);
            int before = test_open_files();
            t->function();
            if (test_open_files() != before) {
                fprintf(stderr, "%s: files left open\n", t->name);
                exit(1);
            }
            exit(0);
        }
        waitpid(pid, &status, 0);
        bool ok = status == 0;
        printf("%s %d - %s\n", ok ? "ok" : "not ok", ++n, t->name);
        failed += !ok;
    }
    printf("1..%d\n", n);
    return failed > 0 || n == 0;
}
