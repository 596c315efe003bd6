/* SPDX-License-Identifier: GPL-2.0-or-later */
/* threads exit|fail|close IMAGE THREADS: what programs do that work on several
 * images at once.  Each thread has a handle of its own and makes calls until
 * the program ends, which one thread brings about:
 *
 *     exit    by exit, in the midst of the calls of the others
 *     fail    by exit in the handler of an error
 *     close   by having every thread close and return */
#include <config.h>

#define GUESTFS_NO_WARN_DEPRECATED 1
#include <err.h>
#include <guestfs.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_THREADS 16

static const char *how, *image;
static atomic_int ready;
static atomic_bool enough;
static int n_threads;

static void
leave(guestfs_h *g, void *opaque, const char *text)
{
    (void)g;
    (void)opaque;
    (void)text;
    exit(7);
}

static void
quiet(guestfs_h *g)
{
    guestfs_set_error_handler(g, NULL, NULL);
}

/* Ends the program once all threads have been at work for a while. */
static void
finish(guestfs_h *g)
{
    while (atomic_load(&ready) < n_threads)
        usleep(1000);
    usleep((useconds_t)(getpid() % 20) * 1000);
    if (strcmp(how, "exit") == 0)
        exit(7);
    if (strcmp(how, "fail") == 0) {
        guestfs_set_error_handler(g, leave, NULL);
        free(guestfs_cat(g, "/nosuch"));
        errx(1, "the handler did not exit");
    }
    atomic_store(&enough, true);
}

static void *
work(void *number)
{
    guestfs_h *g = guestfs_create();

    if (!g)
        errx(1, "guestfs_create");
    quiet(g);
    if (guestfs_add_drive_ro(g, image) < 0 || guestfs_launch(g) < 0 ||
        guestfs_mount_ro(g, "/dev/sda2", "/") < 0)
        errx(1, "%s", guestfs_last_error(g));
    atomic_fetch_add(&ready, 1);
    if (*(int *)number == 0)
        finish(g);
    for (int i = 0; !atomic_load(&enough); i++) {
        char *text = i % 3 ? guestfs_cat(g, "/etc/sub/a")
                           : guestfs_checksum(g, "md5", "/big");

        /* Once the program exits, calls fail silently. */
        if (!text)
            usleep(1000);
        free(text);
    }
    guestfs_close(g);
    return NULL;
}

int
main(int argc, char **argv)
{
    pthread_t threads[MAX_THREADS];
    int numbers[MAX_THREADS];

    if (argc != 4)
        errx(2, "usage: threads exit|fail|close IMAGE THREADS");
    how = argv[1];
    image = argv[2];
    n_threads = atoi(argv[3]);
    if (n_threads < 1 || n_threads > MAX_THREADS)
        errx(2, "1 to %d threads", MAX_THREADS);
    for (int i = 0; i < n_threads; i++) {
        numbers[i] = i;
        if (pthread_create(&threads[i], NULL, work, &numbers[i]) != 0)
            errx(1, "pthread_create");
    }
    for (int i = 0; i < n_threads; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
