/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QMP: the JSON lines that control QEMU. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct json_object;
struct qmp;

/* Speak QMP over the connected socket FD, which the caller keeps.  Nothing is
 * read or written yet.  CANCEL_FD: readable means give up (ECANCELED); -1:
 * none.  NULL if out of memory. */
struct qmp *qmp_new(int fd, int cancel_fd);
void qmp_free(struct qmp *q);

/* Send a command without waiting, so that several can be on their way at once.
 * ARGUMENTS (NULL: none) is taken over.  PASS_FD is sent along, if not -1.
 * Returns the number to ask for the reply with, or -1. */
int64_t qmp_send(struct qmp *q, const char *command,
    struct json_object *arguments, int pass_fd, struct error *err);

/* Wait until DEADLINE (monotonic_seconds; 0: qmp_set_timeout) for the reply.
 * RET (may be NULL) becomes the command's return value; the caller releases it
 * with json_object_put. */
int qmp_reply(struct qmp *q, int64_t id, double deadline,
    struct json_object **ret, struct error *err);

/* How long the calls below wait that take no deadline; at first it is generous,
 * for the flush of a slow disk.  Returns what it was. */
int qmp_set_timeout(struct qmp *q, int seconds);

/* Both, with that deadline. */
int qmp_command(struct qmp *q, const char *command,
    struct json_object *arguments, struct json_object **ret, struct error *err);

/* A command with a file sent along. */
int qmp_command_fd(struct qmp *q, const char *command,
    struct json_object *arguments, int pass_fd, struct error *err);

/* A command whose arguments are JSON already, no copy of which is kept. */
int qmp_command_text(
    struct qmp *q, const char *command, char *arguments, struct error *err);

/* From qmp_batch to qmp_gather, a command whose value is not wanted is only
 * sent. qmp_gather waits for all of them, until DEADLINE (0: qmp_set_timeout),
 * and fails as the first of them that failed; those after it were tried as
 * well.  EIO: QEMU refused it. */
void qmp_batch(struct qmp *q);
int qmp_gather(struct qmp *q, double deadline, struct error *err);

/* Wait for the event NAME; if KEY is not NULL its data must hold the string
 * VALUE there.  Other events that arrive are kept, the newest of them up to a
 * limit. qmp_forget_events drops what was kept. */
int qmp_wait_event(struct qmp *q, const char *name, const char *key,
    const char *value, double deadline, struct error *err);
void qmp_forget_events(struct qmp *q);

/* The oldest event NAME among those kept, which the caller releases; NULL:
 * none.  Does not wait: everything QEMU sent before its last reply is here. */
struct json_object *qmp_take_event(struct qmp *q, const char *name);

/* "7.2.22", known once the greeting has been read; before that "". */
const char *qmp_version(const struct qmp *q);

/* The string KEY of an object that QEMU sent, or ""; O may be NULL. */
const char *qmp_text(struct json_object *o, const char *key);

/* An object of strings, for arguments: pairs of name and value, ended by NULL.
 * NULL if out of memory. */
struct json_object *qmp_strings(const char *name, ...)
    __attribute__((sentinel));
