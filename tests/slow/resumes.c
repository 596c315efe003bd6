/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resume the appliance many times in one process (the number is the
 * argument, 100 by default): every UUID it makes must be new, and no
 * process, file descriptor or file may be left. */
#include <dirent.h>
#include <err.h>
#include <mayfly.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
count_entries(const char *path)
{
    DIR *dir = opendir(path);
    int n = 0;

    if (!dir)
        err(1, "%s", path);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

static int
count_children(void)
{
    char path[64];
    int pid, n = 0;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *f = fopen(path, "r");
    if (!f)
        err(1, "%s", path);
    while (fscanf(f, "%d", &pid) == 1)
        n++;
    fclose(f);
    return n;
}

static int
compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static char *
one_resume(int number)
{
    struct mayfly *g = mayfly_create();
    char *uuid;

    if (!g)
        errx(1, "no memory");
    if (mayfly_add_drive_scratch(g, 1 << 20, NULL) < 0 ||
        mayfly_launch(g) < 0 || mayfly_mkswap(g, "/dev/sda", NULL) < 0 ||
        mayfly_vfs_uuid(g, "/dev/sda", &uuid) < 0)
        errx(1, "resume %d: %s", number, mayfly_last_error(g));
    mayfly_close(g);
    return uuid;
}

int
main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 100;
    const char *tmpdir = getenv("TMPDIR");
    void *seen = NULL;

    if (!tmpdir)
        errx(1, "TMPDIR must name a folder of the test's own");
    /* The first makes the template, loads libraries and opens files that stay
     * open. */
    free(one_resume(0));
    int files = count_entries("/proc/self/fd");
    int temporary = count_entries(tmpdir);
    for (int i = 1; i <= rounds; i++) {
        char *uuid = one_resume(i);
        char **found = tsearch(uuid, &seen, compare);

        if (!found || *found != uuid)
            errx(1, "resume %d made the UUID %s again", i, uuid);
    }
    if (count_entries("/proc/self/fd") != files)
        errx(1, "%d file descriptors, %d at first",
            count_entries("/proc/self/fd"), files);
    if (count_children() != 0)
        errx(1, "%d processes are left", count_children());
    if (count_entries(tmpdir) != temporary)
        errx(1, "files are left in %s", tmpdir);
    printf("%d resumes, %d different UUIDs\n", rounds, rounds);
    return 0;
}
