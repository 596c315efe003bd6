/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: the end of a VM may take long, since what was written
 * has to reach the disk, and a guest or a QEMU that was taken over may let it
 * take for ever.  What tells the two apart is that the host sees writes happen:
 * QEMU's counters move, or one of its threads is in the kernel, in a write or a
 * flush (state D), which a stopped or idle one is not.  Without any of that for
 * `patience` seconds nothing more is expected; and since a hostile QEMU can
 * pretend, there is an end to everything after LONGEST. */
#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "lib/engine/engine-internal.h"
#include "lib/handle/handle.h"
#include "lib/qemu/qmp.h"

enum {
    PATIENCE = 60,
    REMOTE_PATIENCE = 600, /* a server flushes; nothing shows that here */
    LONGEST = 3600,
    QUESTION = 10, /* seconds for an answer, where nothing presses */
    QUESTIONS = 3, /* for one patience: the first one only takes stock */
};

void
engine_begin_end(struct engine *e, bool remote)
{
    int given = e->launch.g->timeout;
    int usual = remote ? REMOTE_PATIENCE : PATIENCE;
    int patience = given ? given : (int)handle_patience(e->launch.g, usual);

    e->ending = (struct ending){
        .patience = patience, .longest = monotonic_seconds() + LONGEST};
    qmp_set_timeout(e->vm.qmp, patience);
}

int
engine_end_interval(const struct engine *e)
{
    int interval = e->ending.patience / QUESTIONS;

    return interval > 0 ? interval : 1;
}

/* /proc/PID/task/TID/stat: "TID (name) STATE ..."; a name may hold anything. */
static bool
is_in_kernel(int tasks, const char *task)
{
    char path[64], text[512];

    snprintf(path, sizeof path, "%.20s/stat", task);
    cleanup_close int fd = openat(tasks, path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (n <= 0)
        return false;
    text[n] = 0;
    const char *end = strrchr(text, ')');
    return end && end[1] == ' ' && end[2] == 'D';
}

static bool
has_busy_thread(const struct engine *e)
{
    pid_t pid = qemu_process_child(&e->vm.process);
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    cleanup_closedir DIR *dir = pid > 0 ? opendir(path) : NULL;

    for (struct dirent *d; dir && (d = readdir(dir));)
        if (d->d_name[0] != '.' && is_in_kernel(dirfd(dir), d->d_name))
            return true;
    return false;
}

/* The sum of these counters of all disks, which only grows. */
static int
count(struct engine *e, const char *const *counters, int seconds, uint64_t *ret)
{
    cleanup_error struct error ignored = {0};
    struct json_object *stats = NULL;
    uint64_t sum = 0;

    int before = qmp_set_timeout(e->vm.qmp, seconds);
    int r = qmp_command(e->vm.qmp, "query-blockstats", NULL, &stats, &ignored);
    qmp_set_timeout(e->vm.qmp, before);
    if (r < 0)
        return -1;
    size_t n = json_object_is_type(stats, json_type_array)
                   ? json_object_array_length(stats)
                   : 0;
    for (size_t i = 0; i < n; i++) {
        struct json_object *of = json_object_object_get(
            json_object_array_get_idx(stats, i), "stats");

        for (const char *const *c = counters; *c; c++)
            sum +=
                (uint64_t)json_object_get_int64(json_object_object_get(of, *c));
    }
    json_object_put(stats);
    *ret = sum;
    return 0;
}

uint64_t
engine_moved(struct engine *e)
{
    static const char *const counters[] = {"rd_bytes", "wr_bytes", NULL};
    uint64_t sum;

    return count(e, counters, QUESTION, &sum) < 0 ? 0 : sum;
}

bool
engine_is_writing(struct engine *e)
{
    static const char *const counters[] = {"wr_bytes", "wr_operations",
        "unmap_operations", "flush_operations", NULL};
    struct ending *end = &e->ending;
    uint64_t written;

    if (monotonic_seconds() > end->longest)
        return false;
    if (has_busy_thread(e)) {
        end->silent = 0;
        return true;
    }
    if (count(e, counters, engine_end_interval(e), &written) < 0)
        return false;
    end->silent = written != end->written ? 1 : end->silent + 1;
    end->written = written;
    return end->silent < QUESTIONS;
}

bool
engine_wait_end(struct engine *e)
{
    double silent_since = monotonic_seconds();

    for (;;) {
        if (qemu_process_wait(&e->vm.process, 0.25))
            return true;

        double now = monotonic_seconds();
        if (has_busy_thread(e))
            silent_since = now;
        if (now > e->ending.longest || now - silent_since > e->ending.patience)
            return false;
    }
}
