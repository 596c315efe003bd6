/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine: one appliance VM, running and ready.
 *
 * engine_start picks the quickest way that is safe: resume the saved appliance;
 * else boot it, save it and resume that; else just boot it.  Only the debug
 * lines show which way it was. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct mayfly;
struct qmp;
struct engine;

enum { ENGINE_TARGETS = 255 }; /* SCSI targets: disks at once */

/* Start the appliance of a handle.  On success the VM runs and the agent waits
 * for the HELLO frame.  The handle's first disk may already be plugged in:
 * engine_has_first. */
int engine_start(struct mayfly *g, struct engine **ret, struct error *err);
bool engine_has_first(const struct engine *e);

/* The socket to the agent; the engine keeps it. */
int engine_channel(struct engine *e);

/* The file of the bulk area (wire/frame.h); the engine keeps it. */
int engine_bulk(struct engine *e);

/* The socket to which the appliance's console writes; poll it along with the
 * channel and call engine_pump when it is readable. -1 when it is closed. */
int engine_console(struct engine *e);

/* Read what the console has written: whole lines go to handle_console. */
void engine_pump(struct engine *e);

/* The agent has this many seconds to answer the HELLO frame. */
double engine_hello_timeout(const struct engine *e);

/* It has: what it was started from is good. */
void engine_confirm(struct engine *e);

/* It did not, for the reason in ERR: distrust what it was started from, KVM or
 * the saved appliance.  True if another engine_start may succeed.  The engine
 * itself must still be killed. */
bool engine_condemn(struct engine *e, struct error *err);

struct qmp *engine_qmp(struct engine *e);

/* QEMU's own process; 0 if it has ended. */
pid_t engine_pid(const struct engine *e);

/* Hand an open file to QEMU; it is /dev/fdset/SET there.  The caller keeps FD
 * and may close it.  Several files with different access (read-only,
 * read-write) may form one set: give the same SET again; -1 makes a new one.
 * Returns the set's number, or -1. */
int engine_add_fd(struct engine *e, int fd, int set, struct error *err);
int engine_remove_fd(struct engine *e, int set, struct error *err);

/* Remove whatever holds the place, before a disk is plugged in there. */
int engine_clear_target(struct engine *e, unsigned target, struct error *err);

/* Plug the block node into the SCSI bus as TARGET, lun 0; or take it out
 * again and wait until it is gone (the node can be removed after that).
 * BLOCK_SIZE is 512 or 4096; 0: 512.  SERIAL may be NULL. */
int engine_plug(struct engine *e, const char *node, unsigned target,
    unsigned block_size, const char *serial, struct error *err);
int engine_unplug(struct engine *e, unsigned target, struct error *err);

/* The end begins, of a VM with or without REMOTE disks: from now on it has to
 * show that it writes.  Ask it every engine_end_interval seconds while it is
 * silent; false: it is not worth waiting for. */
void engine_begin_end(struct engine *e, bool remote);
int engine_end_interval(const struct engine *e);
bool engine_is_writing(struct engine *e);

/* The bytes that its disks have read and written so far; 0: QEMU does not say
 * it. */
uint64_t engine_moved(struct engine *e);

/* End the VM cleanly: QEMU flushes and closes the images.  Frees the engine
 * also on failure. */
int engine_stop(struct engine *e, struct error *err);

/* End the VM at once and free the engine.  Fails, as engine_stop does, if the
 * saved appliance was changed while it ran. */
int engine_kill(struct engine *e, struct error *err);

/* Why the appliance has died, in one line: the first line of its kernel's
 * panic, else the last line QEMU printed; NULL if there is neither.  The caller
 * frees it. */
char *engine_diagnose(struct engine *e);
