/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: by our rules an image may only open the files of its own
 * folder, since its header may come from a guest.  But programs such as
 * virt-sparsify make an overlay themselves, in a temporary folder, over the
 * image that they were given, and then add it through another handle.  A
 * process may open a backing file that it named itself when it made an overlay;
 * so the newest OVERLAYS_MAX overlays of the process are remembered. */
#include <config.h>

#include <pthread.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "compat-own.h"
#include "compat/handle.h"

#define HAS(option) (o->bitmask & GUESTFS_DISK_CREATE_##option##_BITMASK)

enum { OVERLAYS_MAX = 64 };

static struct {
    pthread_mutex_t lock;
    struct {
        char *image, *backing; /* real paths */
    } overlays[OVERLAYS_MAX];
    size_t next;
} made = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* A relative name is relative to the image's folder. */
static char *
real_backing(const char *image, const char *backing)
{
    const char *slash = strrchr(image, '/');
    cleanup_free char *path =
        *backing == '/' || !slash
            ? strdup(backing)
            : text_printf("%.*s/%s", (int)(slash - image), image, backing);

    return path ? realpath(path, NULL) : NULL;
}

static void
remember(const char *filename, const char *backing)
{
    cleanup_free char *image = realpath(filename, NULL);
    cleanup_free char *real = image ? real_backing(image, backing) : NULL;

    if (!real)
        return;
    pthread_mutex_lock(&made.lock);
    size_t i = made.next++ % OVERLAYS_MAX;
    free(made.overlays[i].image);
    free(made.overlays[i].backing);
    made.overlays[i].image = steal_pointer(&image);
    made.overlays[i].backing = steal_pointer(&real);
    pthread_mutex_unlock(&made.lock);
}

char *
overlay_backing(const char *image)
{
    char *backing = NULL;

    pthread_mutex_lock(&made.lock);
    for (size_t i = 0; !backing && i < OVERLAYS_MAX; i++) {
        if (made.overlays[i].image && str_equal(made.overlays[i].image, image))
            backing = strdup(made.overlays[i].backing);
    }
    pthread_mutex_unlock(&made.lock);
    return backing;
}

int
own_disk_create(guestfs_h *g, const char *filename, const char *format,
    int64_t size, const struct guestfs_disk_create_argv *o)
{
    struct mayfly_disk_create_options options = {
        .set = (HAS(BACKINGFILE) ? MAYFLY_DISK_CREATE_BACKINGFILE : 0) |
               (HAS(BACKINGFORMAT) ? MAYFLY_DISK_CREATE_BACKINGFORMAT : 0) |
               (HAS(PREALLOCATION) ? MAYFLY_DISK_CREATE_PREALLOCATION : 0) |
               (HAS(COMPAT) ? MAYFLY_DISK_CREATE_COMPAT : 0) |
               (HAS(CLUSTERSIZE) ? MAYFLY_DISK_CREATE_CLUSTERSIZE : 0),
        .backingfile = o->backingfile,
        .backingformat = o->backingformat,
        .preallocation = o->preallocation,
        .compat = o->compat,
        .clustersize = o->clustersize,
    };

    if (mayfly_disk_create(g->m, filename, format, size, &options) < 0)
        return call_mayfly_error(g);
    if (HAS(BACKINGFILE))
        remember(filename, o->backingfile);
    return 0;
}
