/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The handle, and what every file of the library may use of it. */
#pragma once
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/strv.h"
#include "lib/mayfly.h"

/* CONFIG -> READY -> DEAD.  The only ways out of DEAD are mayfly_close and
 * mayfly_shutdown (back to CONFIG, with the disks still added). */
enum handle_state { HANDLE_CONFIG, HANDLE_READY, HANDLE_DEAD };

struct secret;       /* lib/handle/secret.h */
struct disk;         /* lib/disk/disk.h */
struct engine;       /* lib/engine/engine.h */
struct channel;      /* lib/rpc/channel.h */
struct block_export; /* lib/blocks/export.c */
struct local_mount;  /* lib/mount_local/operations.h */

/* Who wants the running call to end: the program, or the library itself. */
enum cancel { CANCEL_USER = 1, CANCEL_OWN = 2 };

/* A key of encrypted images. */
struct image_key {
    char *image; /* the only one, or NULL */
    struct secret *secret;
};

struct event_slot {
    mayfly_event_callback callback; /* NULL: free */
    uint32_t mask;
    void *opaque;
};

struct mayfly {
    enum handle_state state;
    struct error error; /* the last error, for mayfly_last_error */

    /* Settings; those that shape the VM only count before launch. */
    bool verbose;       /* engine's debug lines: MAYFLY_DEBUG */
    bool trace;         /* one line per call: MAYFLY_TRACE */
    bool timing;        /* where the time goes: MAYFLY_DEBUG=timing */
    double made, step;  /* when it was made, and when its last step ended */
    bool autosync;      /* sync and unmount before the VM stops; default on */
    bool network;       /* a network card; default off */
    bool recovery_proc; /* the VM ends with the process that launched it */
    bool read_only;     /* calls that write are refused by the agent */
    int memsize;        /* MiB of RAM; 0: the template's size */
    int smp;            /* virtual CPUs; default 1 */
    int timeout;        /* seconds without a sign of life; 0: per call */
    int patience;       /* multiplies the engine's times: MAYFLY_PATIENCE */
    char *run_id;       /* in every trace line and on the kernel command line */
    char *cachedir;     /* NULL: $XDG_CACHE_HOME/mayfly */
    char *tmpdir;       /* NULL: $TMPDIR, else /var/tmp */

    /* Disks in the order they were added: index i is SCSI target i and
     * /dev/sd<i>.  A removed disk leaves a NULL. */
    struct disk **disks;
    size_t n_disks;
    bool disk_failed; /* the error at hand is that of a disk: handle_blame */

    struct image_key *keys; /* none is removed: disks refer to them */
    size_t n_keys;

    /* The running appliance, from launch to shutdown. */
    struct engine *engine;
    bool kvm_failed; /* in this launch: it is not tried again */
    struct channel *channel;
    struct local_mount *local; /* NULL: not mounted on the host */

    struct block_export **exports; /* disks that are exported over NBD */
    size_t n_exports;

    struct event_slot *events;
    size_t n_events;

    atomic_uint
        cancelled; /* enum cancel, or-ed; until a call has reported it */
    const volatile sig_atomic_t *cancel_flag; /* of the program; NULL: none */
    bool ending;        /* mayfly_shutdown runs: the flag does not count */
    int cancel_pipe[2]; /* wakes a waiting poll */
};

/* Fail the handle's call: moves ERR into the handle; always -1. */
int handle_fail(struct mayfly *g, struct error *err);

/* If g->disk_failed, ERR becomes ENOMEDIUM, so that a program can know a bad
 * disk from a bad appliance; not if the cause is not the disk's.  Always -1. */
int handle_blame(const struct mayfly *g, struct error *err);

/* A call begins: if a cancel waits, it is for this call, since no earlier one
 * has reported it.  Sets the handle's error and returns -1 then. */
int handle_take_cancel(struct mayfly *g, const char *call);

/* A cancel was reported, or there is nothing left to cancel: clear the mark and
 * the pipe. */
void handle_forget_cancel(struct mayfly *g, enum cancel who);

/* From a thread of the library: end the running call.  The caller forgets it
 * when the call has ended. */
void handle_cancel_own(struct mayfly *g);

/* How long to wait on this machine for what usually takes less than SECONDS. */
static inline double
handle_patience(const struct mayfly *g, double seconds)
{
    return g->patience > 1 ? seconds * g->patience : seconds;
}

/* Events. handle_debug costs nothing if no one listens. */
void handle_debug(struct mayfly *g, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A step of the engine, or a call, has ended just now. */
void handle_step(struct mayfly *g, const char *step);
void handle_warning(struct mayfly *g, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* For the user, of something that takes long: a debug line if no one
 * listens. */
void handle_notice(struct mayfly *g, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void handle_trace(struct mayfly *g, const char *text);
void handle_console(struct mayfly *g, const char *line);
void handle_progress(struct mayfly *g, uint64_t done, uint64_t total);
void handle_event(struct mayfly *g, enum mayfly_event event);

/* True if anyone listens to any event in MASK (or MAYFLY_DEBUG asks). */
bool handle_listens(const struct mayfly *g, uint32_t mask);

/* The folder of saved appliances (the caller frees it) and the folder of
 * temporary files. */
char *handle_cachedir(const struct mayfly *g, struct error *err);
const char *handle_tmpdir(const struct mayfly *g);

/* A name for a socket there that nothing has; the caller frees it. */
char *handle_socket_path(const struct mayfly *g, struct error *err);

#define MAYFLY_PUBLIC __attribute__((visibility("default")))
