/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QMP: the JSON lines by which QEMU is told what to do. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct json_object;
struct qmp;

/* Speak QMP over the connected socket FD, which stays the caller's.  Nothing
 * is read or written yet.  CANCEL_FD: readable means give up (ECANCELED); -1:
 * none.  NULL without memory. */
struct qmp *qmp_new(int fd, int cancel_fd);
void qmp_free(struct qmp *q);

/* Send a command without waiting, so that several are on their way at once.
 * ARGUMENTS (NULL: none) is taken over.  PASS_FD goes along, if not -1.
 * Returns the number to ask for the reply with, or -1. */
int64_t qmp_send(struct qmp *q, const char *command,
    struct json_object *arguments, int pass_fd, struct error *err);

/* Wait until DEADLINE (monotonic_seconds) for the reply.  RET (may be NULL)
 * becomes what the command returned, to be json_object_put by the caller. */
int qmp_reply(struct qmp *q, int64_t id, double deadline,
    struct json_object **ret, struct error *err);

/* Both, with a generous deadline. */
int qmp_command(struct qmp *q, const char *command,
    struct json_object *arguments, struct json_object **ret, struct error *err);

/* A command that a file goes along with. */
int qmp_command_fd(struct qmp *q, const char *command,
    struct json_object *arguments, int pass_fd, struct error *err);

/* From qmp_batch to qmp_gather a command whose value nobody wants is only
 * sent.  qmp_gather waits for all of them, until DEADLINE (0: a generous
 * one), and fails as the first of them that did; those behind it were tried,
 * too.  EIO: QEMU refused it. */
void qmp_batch(struct qmp *q);
int qmp_gather(struct qmp *q, double deadline, struct error *err);

/* Wait for the event NAME; if KEY is not NULL its data must hold the string
 * VALUE there.  Events that come meanwhile are kept, up to a limit, the
 * newest.  qmp_forget_events drops what was kept. */
int qmp_wait_event(struct qmp *q, const char *name, const char *key,
    const char *value, double deadline, struct error *err);
void qmp_forget_events(struct qmp *q);

/* The oldest event NAME among those kept, which the caller puts; NULL: none.
 * Does not wait: what QEMU said before its last reply is here. */
struct json_object *qmp_take_event(struct qmp *q, const char *name);

/* "7.2.22", known once the greeting was read; else "". */
const char *qmp_version(const struct qmp *q);

/* An object of strings, for arguments: pairs of name and value, ended by
 * NULL.  NULL without memory. */
struct json_object *qmp_strings(const char *name, ...)
    __attribute__((sentinel));
