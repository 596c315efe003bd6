/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libmayfly: reach the file systems inside disk images.
 *
 * A handle stands for one throwaway appliance VM.  Add disks, launch, call:
 *
 *     struct mayfly *g = mayfly_create();
 *     char *text;
 *     if (mayfly_add_drive_ro(g, "disk.qcow2") < 0 ||
 *         mayfly_launch(g) < 0 ||
 *         mayfly_mount_ro(g, "/dev/sda1", "/") < 0 ||
 *         mayfly_cat(g, "/etc/hostname", &text) < 0)
 *         errx(1, "%s", mayfly_last_error(g));
 *     fputs(text, stdout);
 *     free(text);
 *     mayfly_close(g);
 *
 * Results: every call returns 0, or -1 with an error in the handle; results are
 * stored through the ret_ arguments, which stay untouched on failure.  Strings,
 * blobs and NULL-terminated lists of strings are one block each: free() them.
 * Structures are freed by mayfly_free_NAME.
 *
 * Threads: a handle may be used by one thread at a time; different handles may
 * be used by different threads at the same time.  mayfly_cancel alone may be
 * called from any thread and from a signal handler. */
#ifndef MAYFLY_H
#define MAYFLY_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mayfly;

/* A new handle, or NULL if out of memory.  Settings are read from the
 * environment: MAYFLY_TRACE, MAYFLY_DEBUG, MAYFLY_RUN_ID, MAYFLY_ACCEL,
 * MAYFLY_MEMSIZE, MAYFLY_TIMEOUT. */
struct mayfly *mayfly_create(void);

/* Stop the appliance and free the handle; NULL is fine.  Errors of the last
 * writes are lost here: to see them, call mayfly_shutdown first. */
void mayfly_close(struct mayfly *g);

/* The text and errno value of the last error of this handle, NULL and 0 if
 * there was none.  The text is one line without a newline; it belongs to the
 * handle and lives until the next call. */
const char *mayfly_last_error(const struct mayfly *g);
int mayfly_last_errno(const struct mayfly *g);

/* Make the running call fail with ECANCELED, as soon as it can; if none is
 * running, or it can no longer be stopped, the next one.  A cancel ends with
 * the call that reports it, and with mayfly_shutdown, which it does not stop
 * unless it comes while that runs.  Safe in a signal handler and from another
 * thread. */
void mayfly_cancel(struct mayfly *g);

/* Forget a cancel that no call has reported: for a program that goes on after
 * it. */
void mayfly_forget_cancel(struct mayfly *g);

/* While *FLAG is not 0, every call but mayfly_shutdown fails with ECANCELED
 * when it begins.  FLAG is a signal handler's and must outlive the handle, or
 * be replaced by NULL, which ends that. */
void mayfly_set_cancel_flag(
    struct mayfly *g, const volatile sig_atomic_t *flag);

/* Kinds of events, to be or-ed. */
enum mayfly_event {
    MAYFLY_EVENT_PROGRESS = 1 << 0,  /* numbers: done, total */
    MAYFLY_EVENT_TRACE = 1 << 1,     /* text: the call and its result */
    MAYFLY_EVENT_DEBUG = 1 << 2,     /* text: a line of the engine */
    MAYFLY_EVENT_APPLIANCE = 1 << 3, /* text: a line of its console */
    MAYFLY_EVENT_WARNING = 1 << 4,   /* text: for the user */
    MAYFLY_EVENT_LAUNCHED = 1 << 5,
    MAYFLY_EVENT_CLOSE = 1 << 6,
    MAYFLY_EVENT_DIED = 1 << 7,   /* the appliance has stopped by itself */
    MAYFLY_EVENT_NOTICE = 1 << 8, /* text: why something takes long */
    MAYFLY_EVENT_ALL = (1 << 9) - 1,
};

struct mayfly_event_data {
    enum mayfly_event event;
    const char *text; /* NULL if the event has none; no newline */
    uint64_t done, total;
};

typedef void (*mayfly_event_callback)(
    struct mayfly *g, void *opaque, const struct mayfly_event_data *data);

/* Have CALLBACK called for the events in MASK.  Returns a number for
 * mayfly_delete_event_callback, or -1.  The callback runs in the thread of the
 * call and must not use the handle, except for mayfly_cancel. */
int mayfly_set_event_callback(struct mayfly *g, mayfly_event_callback callback,
    uint32_t mask, void *opaque);
void mayfly_delete_event_callback(struct mayfly *g, int number);

#include <mayfly-calls.h>

#ifdef __cplusplus
}
#endif

#endif
