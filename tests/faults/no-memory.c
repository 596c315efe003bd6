/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each allocation of each subject fails once:
 *     no-memory SEEDS [SUBJECT]
 * The error says that there is no memory, all that was made is freed, all
 * files are closed, and nothing crashes.  Some allocations can be done
 * without; then the result is as without a failure. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "tests/faults/allocations.h"
#include "tests/faults/subjects.h"

enum { SEED_MAX = 1 << 20, SECONDS = 20 };

enum { GOOD, BAD, SPARED };

struct tally {
    long points, faults;
};

static int
open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;

    while (dir && readdir(dir))
        n++;
    if (dir)
        closedir(dir);
    return n;
}

/* In a process of its own.  EXPECTED: the code of the error without a failure,
 * or 0. */
static int
check(const struct subject *s, const char *data, size_t size, long n,
    int expected)
{
    struct error err = {0};
    int files = open_files();
    long before = allocations_alive();

    allocations_fail(n);
    int result = s->run(data, size, &err);
    allocations_fail(0);

    const char *text = error_text(&err);
    bool clean = result == 0 ? expected == 0 && err.code == 0
                             : err.code == ENOMEM || err.code == expected ||
                                   (s->excuse && err.code != 0);
    if (!clean)
        fprintf(stderr, "%s: allocation %ld: result %d, '%s'\n", s->name, n,
            result, text);
    if (err.code == ENOMEM && !strstr(text, "memory")) {
        fprintf(stderr, "%s: allocation %ld: does not name the cause: '%s'\n",
            s->name, n, text);
        clean = false;
    }
    error_clear(&err);
    long leak = allocations_alive() - before;
    if (leak != 0)
        fprintf(
            stderr, "%s: allocation %ld: %ld not freed\n", s->name, n, leak);
    if (open_files() != files)
        fprintf(stderr, "%s: allocation %ld: files left open\n", s->name, n);
    if (!clean || leak != 0 || open_files() != files)
        return BAD;
    return allocations_spared() ? SPARED : GOOD;
}

static int
outcome(const struct subject *s, const char *data, size_t size, long n,
    int expected)
{
    int status = -1;

    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        alarm(SECONDS);
        _exit(check(s, data, size, n, expected));
    }
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status))
        fprintf(stderr, "%s: allocation %ld: %s\n", s->name, n,
            strsignal(WTERMSIG(status)));
    return WIFEXITED(status) ? WEXITSTATUS(status) : BAD;
}

static void
try_each(const struct subject *s, const char *input, const char *data,
    size_t size, struct tally *all)
{
    cleanup_error struct error err = {0};
    long faults = 0, spared = 0, n;

    /* Twice: what libraries keep for ever is there after the first time. */
    s->run(data, size, &err);
    error_clear(&err);
    allocations_fail(0);
    s->run(data, size, &err);
    n = allocations_made();
    for (long i = 1; i <= n; i++) {
        int what = outcome(s, data, size, i, err.code);

        spared += what == SPARED;
        faults += what != SPARED && what != GOOD;
    }
    if (faults)
        fprintf(stderr, "%s, input %s: %ld of %ld points failed\n", s->name,
            input, faults, n);
    all->points += n - spared;
    all->faults += faults;
}

static int
try_seeds(const struct subject *s, const char *folder, struct tally *all)
{
    cleanup_error struct error err = {0};
    cleanup_free char *path = NULL;
    int n = 0;

    if (asprintf(&path, "%s/%s", folder, s->seeds) < 0)
        abort();
    cleanup_closedir DIR *dir = opendir(path);
    for (struct dirent *d; dir && (d = readdir(dir));) {
        size_t size = 0;

        if (d->d_name[0] == '.')
            continue;
        cleanup_free char *data =
            read_file_at(dirfd(dir), d->d_name, SEED_MAX, &size, &err);
        if (!data) {
            fprintf(stderr, "%s\n", error_text(&err));
            return 0;
        }
        if (size > 0)
            try_each(s, d->d_name, data, size, all);
        n++;
    }
    return n;
}

int
main(int argc, char **argv)
{
    struct tally all = {0};

    if (argc < 2) {
        fprintf(stderr, "usage: no-memory SEEDS [SUBJECT]\n");
        return 2;
    }
    for (size_t i = 0; i < n_subjects; i++) {
        const struct subject *s = &subjects[i];
        struct tally mine = {0};

        if (argc > 2 && strcmp(argv[2], s->name) != 0)
            continue;
        if (!s->seeds)
            try_each(s, "none", "", 0, &mine);
        else if (try_seeds(s, argv[1], &mine) == 0)
            return fprintf(stderr, "no seeds for %s\n", s->name), 1;
        printf("%-12s %6ld points, %ld bad%s%s\n", s->name, mine.points,
            mine.faults, s->excuse ? "; any error will do: " : "",
            s->excuse ? s->excuse : "");
        all.points += mine.points;
        all.faults += mine.faults;
    }
    printf("no-memory: %ld of %ld failed allocations end well\n",
        all.points - all.faults, all.points);
    return all.faults > 0 || all.points == 0;
}
