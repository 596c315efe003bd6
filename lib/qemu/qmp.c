/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One JSON object a line, in both directions.  QEMU answers commands in the
 * order they came, with the number we gave them, and sends events in between.
 *
 * A guest may have taken QEMU over, so its answers are not trusted to be short
 * or shallow: the length of a line and the depth are limited, and only the
 * newest events are kept. */
#include <config.h>

#include "lib/qemu/qmp.h"

#include <errno.h>
#include <json.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "lib/handle/handle.h"

enum {
    LINE_MAX_BYTES = 4 << 20, /* query-blockstats of 255 disks fits */
    DEPTH_MAX = 48,
    EVENTS_MAX = 64,
    COMMAND_TIMEOUT = 600, /* seconds: a flush of a slow disk */
};

struct qmp {
    int fd, cancel_fd;
    int timeout; /* seconds, where the caller gives no deadline */
    bool broken; /* out of step: no further exchange is possible */
    char *line;  /* bytes read and not yet used */
    size_t used, room;
    int64_t next_id;
    int64_t answered; /* the highest number that was answered */
    struct json_object *events[EVENTS_MAX];
    size_t n_events;
    char version[32];
    bool batch;
    struct sent {
        const char *command; /* a literal */
        int64_t id;
    } * sent; /* commands in the batch */
    size_t n_sent;
};

static void
cleanup_json_fn(struct json_object **o)
{
    json_object_put(*o);
}

#define cleanup_json __attribute__((cleanup(cleanup_json_fn)))

struct qmp *
qmp_new(int fd, int cancel_fd)
{
    struct qmp *q = calloc(1, sizeof *q);

    if (!q)
        return NULL;
    q->fd = fd;
    q->cancel_fd = cancel_fd;
    q->next_id = 1;
    q->timeout = COMMAND_TIMEOUT;
    return q;
}

void
qmp_forget_events(struct qmp *q)
{
    for (size_t i = 0; i < q->n_events; i++)
        json_object_put(q->events[i]);
    q->n_events = 0;
}

void
qmp_free(struct qmp *q)
{
    if (!q)
        return;
    qmp_forget_events(q);
    free(q->sent);
    free(q->line);
    free(q);
}

int
qmp_set_timeout(struct qmp *q, int seconds)
{
    int before = q->timeout;

    q->timeout = seconds;
    return before;
}

const char *
qmp_version(const struct qmp *q)
{
    return q->version;
}

/* --- writing --- */

static int
wait_for(struct qmp *q, short events, double deadline, struct error *err)
{
    struct pollfd p[2] = {
        {.fd = q->fd, .events = events},
        {.fd = q->cancel_fd, .events = POLLIN},
    };

    for (;;) {
        double left = deadline - monotonic_seconds();
        int ms = left <= 0 ? 0 : left > 3600 ? 3600000 : (int)(left * 1e3) + 1;
        int n = poll(p, 2, ms);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_errno(err, errno, "cannot wait for QEMU");
        if (p[1].revents)
            return error_set(err, ECANCELED, "cancelled");
        if (p[0].revents)
            return 0;
        if (left <= 0)
            return error_set(err, ETIMEDOUT, "QEMU does not answer");
    }
}

/* A passed file travels with the first byte. */
static ssize_t
send_some(int fd, char *data, size_t size, int pass_fd)
{
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec io = {.iov_base = data, .iov_len = size};
    struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1};

    if (pass_fd >= 0) {
        message.msg_control = control.space;
        message.msg_controllen = sizeof control.space;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &pass_fd, sizeof(int));
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int
send_all(struct qmp *q, char *data, size_t size, int pass_fd, struct error *err)
{
    double deadline = monotonic_seconds() + q->timeout;

    while (size > 0) {
        ssize_t n = send_some(q->fd, data, size, pass_fd);

        if (n > 0) {
            data += n;
            size -= (size_t)n;
            pass_fd = -1;
        } else if (errno == EAGAIN) {
            if (wait_for(q, POLLOUT, deadline, err) < 0)
                return -1;
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return error_set(err, EPIPE, "QEMU has ended");
        } else if (errno != EINTR) {
            return error_errno(err, errno, "cannot send to QEMU");
        }
    }
    return 0;
}

/* Add VALUE, which is taken over; NULL: there was no memory for it.  Without
 * all of its arguments a command would mean something else. */
static int
put(struct json_object *o, const char *key, struct json_object *value)
{
    if (o && value && json_object_object_add(o, key, value) == 0)
        return 0;
    json_object_put(value);
    return -1;
}

static char *
command_text(const char *command, struct json_object *arguments, int64_t id)
{
    cleanup_json struct json_object *o = json_object_new_object();
    int result = put(o, "execute", json_object_new_string(command));

    if (put(o, "id", json_object_new_int64(id)) < 0)
        result = -1;
    if (arguments && put(o, "arguments", arguments) < 0)
        result = -1;
    if (result < 0)
        return NULL;
    const char *text =
        json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
    return text ? text_printf("%s\n", text) : NULL;
}

int64_t
qmp_send(struct qmp *q, const char *command, struct json_object *arguments,
    int pass_fd, struct error *err)
{
    int64_t id = q->next_id++;
    cleanup_free char *text = command_text(command, arguments, id);

    if (!text)
        return error_no_memory(err);
    if (q->broken)
        return error_set(err, EPIPE, "QEMU's answers are out of step");
    if (send_all(q, text, strlen(text), pass_fd, err) < 0) {
        q->broken = true;
        return error_context(err, "%s", command);
    }
    return id;
}

/* --- reading --- */

static int
fill(struct qmp *q, double deadline, struct error *err)
{
    if (q->used == q->room) {
        size_t room = q->room ? q->room * 2 : 4096;
        char *line;

        if (room > LINE_MAX_BYTES)
            return error_set(err, ENOMEM, "QEMU sent too long a line");
        if (!(line = realloc(q->line, room)))
            return error_no_memory(err);
        q->line = line;
        q->room = room;
    }
    for (;;) {
        ssize_t n =
            recv(q->fd, q->line + q->used, q->room - q->used, MSG_DONTWAIT);

        if (n > 0) {
            q->used += (size_t)n;
            return 0;
        }
        if (n == 0 || errno == ECONNRESET)
            return error_set(err, EPIPE, "QEMU has ended");
        if (errno == EAGAIN) {
            if (wait_for(q, POLLIN, deadline, err) < 0)
                return -1;
        } else if (errno != EINTR) {
            return error_errno(err, errno, "cannot read from QEMU");
        }
    }
}

static struct json_object *
parse(const char *text, size_t size, struct error *err)
{
    struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);

    if (!tokener)
        return error_no_memory(err), NULL;
    struct json_object *o = json_tokener_parse_ex(tokener, text, (int)size);
    json_tokener_free(tokener);
    if (json_object_is_type(o, json_type_object))
        return o;
    json_object_put(o);
    error_set(err, EPROTO, "QEMU sent an invalid message");
    return NULL;
}

/* The next object from QEMU. */
static struct json_object *
next_object(struct qmp *q, double deadline, struct error *err)
{
    size_t seen = 0;
    char *end;

    while (!(end = q->used > seen ? memchr(q->line + seen, '\n', q->used - seen)
                                  : NULL)) {
        seen = q->used;
        if (fill(q, deadline, err) < 0)
            return NULL;
    }
    size_t size = (size_t)(end + 1 - q->line);
    struct json_object *o = parse(q->line, size, err);
    memmove(q->line, q->line + size, q->used - size);
    q->used -= size;
    return o;
}

const char *
qmp_text(struct json_object *o, const char *key)
{
    struct json_object *value = json_object_object_get(o, key);

    return json_object_is_type(value, json_type_string)
               ? json_object_get_string(value)
               : "";
}

static void
take_greeting(struct qmp *q, struct json_object *qmp)
{
    struct json_object *version = json_object_object_get(qmp, "version");
    struct json_object *qemu = json_object_object_get(version, "qemu");

    snprintf(q->version, sizeof q->version, "%d.%d.%d",
        json_object_get_int(json_object_object_get(qemu, "major")),
        json_object_get_int(json_object_object_get(qemu, "minor")),
        json_object_get_int(json_object_object_get(qemu, "micro")));
}

static void
keep_event(struct qmp *q, struct json_object *event)
{
    if (q->n_events == EVENTS_MAX) {
        json_object_put(q->events[0]);
        memmove(
            q->events, q->events + 1, (EVENTS_MAX - 1) * sizeof q->events[0]);
        q->n_events--;
    }
    q->events[q->n_events++] = event;
}

/* Read one object.  A reply is returned; anything else is stored where it
 * belongs (*ret is NULL). */
static int
step(
    struct qmp *q, double deadline, struct json_object **ret, struct error *err)
{
    *ret = NULL;
    if (q->broken)
        return error_set(err, EPIPE, "QEMU's answers are out of step");

    cleanup_json struct json_object *o = next_object(q, deadline, err);
    struct json_object *greeting;
    if (!o) {
        q->broken = err->code != ETIMEDOUT && err->code != ECANCELED;
        return -1;
    }
    if (json_object_object_get_ex(o, "QMP", &greeting))
        take_greeting(q, greeting);
    else if (json_object_object_get_ex(o, "event", NULL))
        keep_event(q, steal_pointer(&o));
    else
        *ret = steal_pointer(&o);
    return 0;
}

/* The result in a reply: its value, or its error as a struct error. */
static int
judge(struct json_object *reply, struct json_object **ret, struct error *err)
{
    struct json_object *value;

    if (json_object_object_get_ex(reply, "error", &value)) {
        cleanup_free char *text = text_escape(qmp_text(value, "desc"));

        return error_of_program(
            err, EIO, text && *text ? text : "QEMU refused without a reason");
    }
    if (!json_object_object_get_ex(reply, "return", &value))
        return error_set(err, EPROTO, "QEMU sent an invalid message");
    if (ret)
        *ret = json_object_get(value);
    return 0;
}

int
qmp_reply(struct qmp *q, int64_t id, double deadline, struct json_object **ret,
    struct error *err)
{
    if (deadline <= 0)
        deadline = monotonic_seconds() + q->timeout;
    for (;;) {
        cleanup_json struct json_object *reply = NULL;

        if (step(q, deadline, &reply, err) < 0)
            return -1;
        if (!reply)
            continue;
        int64_t got =
            json_object_get_int64(json_object_object_get(reply, "id"));
        if (got == id) {
            q->answered = got;
            int result = judge(reply, ret, err);
            q->broken = result < 0 && err->code == EPROTO;
            return result;
        }
        /* The reply to a command that no one waits for any more. */
        if (got <= q->answered || got > id) {
            q->broken = true;
            return error_set(err, EPROTO, "QEMU answered out of order");
        }
        q->answered = got;
    }
}

/* --- commands --- */

static int
wait_reply(struct qmp *q, const char *command, int64_t id, double deadline,
    struct json_object **ret, struct error *err)
{
    if (qmp_reply(q, id, deadline, ret, err) < 0)
        return error_context(err, "%s", command);
    return 0;
}

static int
remember(struct qmp *q, const char *command, int64_t id, struct error *err)
{
    struct sent *more = realloc(q->sent, (q->n_sent + 1) * sizeof *more);

    if (!more)
        return error_no_memory(err);
    more[q->n_sent++] = (struct sent){command, id};
    q->sent = more;
    return 0;
}

void
qmp_batch(struct qmp *q)
{
    q->batch = true;
}

int
qmp_gather(struct qmp *q, double deadline, struct error *err)
{
    struct error first = {0}, later = {0};

    for (size_t i = 0; i < q->n_sent && !q->broken; i++) {
        struct error *e = first.code ? &later : &first;

        wait_reply(q, q->sent[i].command, q->sent[i].id, deadline, NULL, e);
        error_clear(&later);
    }
    q->batch = false;
    q->n_sent = 0;
    return first.code ? error_move(err, &first) : 0;
}

static int
command_with(struct qmp *q, const char *command, struct json_object *arguments,
    int pass_fd, struct json_object **ret, struct error *err)
{
    bool batch = q->batch;

    if (batch && ret) {
        if (qmp_gather(q, 0, err) < 0) {
            json_object_put(arguments);
            return -1;
        }
        q->batch = true;
    }
    int64_t id = qmp_send(q, command, arguments, pass_fd, err);
    if (id < 0)
        return -1;
    return batch && !ret ? remember(q, command, id, err)
                         : wait_reply(q, command, id, 0, ret, err);
}

int
qmp_command(struct qmp *q, const char *command, struct json_object *arguments,
    struct json_object **ret, struct error *err)
{
    return command_with(q, command, arguments, -1, ret, err);
}

int
qmp_command_fd(struct qmp *q, const char *command,
    struct json_object *arguments, int pass_fd, struct error *err)
{
    return command_with(q, command, arguments, pass_fd, NULL, err);
}

int
qmp_command_text(
    struct qmp *q, const char *command, char *arguments, struct error *err)
{
    int64_t id = q->next_id++;
    cleanup_free char *head =
        text_printf("{\"execute\":\"%s\",\"id\":%lld,\"arguments\":", command,
            (long long)id);
    char tail[] = "}\n";

    if (!head)
        return error_no_memory(err);
    if (q->broken)
        return error_set(err, EPIPE, "QEMU's answers are out of step");
    if (send_all(q, head, strlen(head), -1, err) < 0 ||
        send_all(q, arguments, strlen(arguments), -1, err) < 0 ||
        send_all(q, tail, strlen(tail), -1, err) < 0) {
        q->broken = true;
        return error_context(err, "%s", command);
    }
    return q->batch ? remember(q, command, id, err)
                    : wait_reply(q, command, id, 0, NULL, err);
}

/* --- events --- */

static bool
event_matches(struct json_object *event, const char *name, const char *key,
    const char *value)
{
    if (!str_equal(qmp_text(event, "event"), name))
        return false;
    return !key ||
           str_equal(
               qmp_text(json_object_object_get(event, "data"), key), value);
}

static struct json_object *
take_event(struct qmp *q, size_t i)
{
    struct json_object *event = q->events[i];

    q->n_events--;
    memmove(q->events + i, q->events + i + 1,
        (q->n_events - i) * sizeof q->events[0]);
    return event;
}

struct json_object *
qmp_take_event(struct qmp *q, const char *name)
{
    for (size_t i = 0; i < q->n_events; i++)
        if (event_matches(q->events[i], name, NULL, NULL))
            return take_event(q, i);
    return NULL;
}

int
qmp_wait_event(struct qmp *q, const char *name, const char *key,
    const char *value, double deadline, struct error *err)
{
    for (;;) {
        for (size_t i = 0; i < q->n_events; i++) {
            if (!event_matches(q->events[i], name, key, value))
                continue;
            json_object_put(take_event(q, i));
            return 0;
        }
        cleanup_json struct json_object *reply = NULL;
        if (step(q, deadline, &reply, err) < 0)
            return -1;
        if (reply)
            q->answered =
                json_object_get_int64(json_object_object_get(reply, "id"));
    }
}

struct json_object *
qmp_strings(const char *name, ...)
{
    struct json_object *o = json_object_new_object();
    va_list args;

    va_start(args, name);
    for (; o && name; name = va_arg(args, const char *)) {
        const char *value = va_arg(args, const char *);

        if (put(o, name, json_object_new_string(value)) == 0)
            continue;
        json_object_put(o);
        o = NULL;
    }
    va_end(args);
    return o;
}
