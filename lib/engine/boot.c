/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The cold start, and saving its result.
 *
 * The VM is saved while it runs: QEMU then stops it for the last step by itself
 * and records "running", so a resumed one needs no command to continue.  RAM is
 * in the shared file already and is left out of the stream. */
#include <config.h>

#include <errno.h>
#include <json.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "lib/engine/vm.h"
#include "lib/handle/handle.h"
#include "wire/frame.h"

enum {
    SAVE_TIMEOUT = 60,
    NOTICE_AFTER = 2, /* seconds of booting, then the user is told why */
};

/* --- waiting for an agent --- */

/* 1: the agent has said hello; 0: not yet; -1: it never will. */
static int
look(struct launch *l, struct vm *vm)
{
    uint8_t header[FRAME_HEADER];
    struct frame frame;
    ssize_t n =
        recv(vm->channel, header, sizeof header, MSG_DONTWAIT | MSG_PEEK);

    console_pump(&vm->console, l->g);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        return -1;
    if (n < (ssize_t)sizeof header)
        return 0;
    if (read_all(vm->channel, header, sizeof header) < 0 ||
        !frame_get(header, &frame) || frame.kind != FRAME_HELLO ||
        frame.length != 0)
        return -1;
    return 1;
}

static void
notice(struct launch *l)
{
    if (l->noticed)
        return;
    l->noticed = true;
    handle_notice(l->g, "booting the appliance%s%s; %s",
        *l->reason ? ", no saved one can be used: " : "", l->reason,
        l->lock >= 0 ? "it is saved for the next time"
                     : "it is not saved this time");
}

static int
wait_event(
    struct launch *l, struct vm *vms, int n, double deadline, struct error *err)
{
    struct pollfd p[5] = {{.fd = l->g->cancel_pipe[0], .events = POLLIN}};
    double left = deadline - monotonic_seconds();
    bool early = monotonic_seconds() < vms[0].born + NOTICE_AFTER;

    for (int i = 0; i < n; i++) {
        p[1 + 2 * i] = (struct pollfd){.fd = vms[i].channel, .events = POLLIN};
        p[2 + 2 * i] =
            (struct pollfd){.fd = vms[i].console.fd, .events = POLLIN};
    }
    if (left <= 0)
        return error_set(err, ETIMEDOUT, "it has not started in time");
    if (!early)
        notice(l);
    if (early && left > 0.5)
        left = 0.5;
    int ms = left > 60 ? 60000 : (int)(left * 1e3) + 1;
    if (poll(p, (nfds_t)(1 + 2 * n), ms) < 0 && errno != EINTR)
        return error_errno(err, errno, "cannot wait for QEMU");
    if (p[0].revents)
        return error_set(err, ECANCELED, "cancelled");
    return 0;
}

int
vm_wait_ready(
    struct launch *l, struct vm *vms, int n, double deadline, struct error *err)
{
    for (;;) {
        int alive = 0;

        for (int i = 0; i < n; i++) {
            if (vms[i].channel < 0)
                continue;
            int state = look(l, &vms[i]);
            if (state > 0)
                return i;
            if (state == 0) {
                alive++;
                continue;
            }
            vm_lost(l, &vms[i], err);
            handle_debug(l->g, "engine: %s: %s",
                accelerator_name(vms[i].accelerator), error_text(err));
            vm_kill(&vms[i]);
        }
        if (alive == 0)
            return -1;
        if (wait_event(l, vms, n, deadline, err) < 0)
            return -1;
    }
}

/* --- saving --- */

static int
start_saving(struct vm *vm, int pipe_end, double deadline, struct error *err)
{
    if (qmp_command(vm->qmp, "migrate-set-capabilities", vm_ignore_shared(),
            NULL, err) < 0)
        return -1;
    int64_t id = qmp_send(
        vm->qmp, "getfd", qmp_strings("fdname", "state", NULL), pipe_end, err);
    if (id < 0 || qmp_reply(vm->qmp, id, deadline, NULL, err) < 0)
        return -1;
    return qmp_command(
        vm->qmp, "migrate", qmp_strings("uri", "fd:state", NULL), NULL, err);
}

static int
read_state(int fd, double deadline, void **ret_state, size_t *ret_size,
    struct error *err)
{
    size_t size = 0, room = 1 << 20;
    cleanup_free char *state = malloc(room);

    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        double left = deadline - monotonic_seconds();

        if (!state)
            return error_no_memory(err);
        if (left <= 0 ||
            (poll(&p, 1, (int)(left * 1e3) + 1) < 0 && errno != EINTR))
            return error_set(err, ETIMEDOUT, "QEMU did not save its state");
        if (!p.revents)
            continue;
        ssize_t n = read(fd, state + size, room - size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_errno(err, errno, "cannot read QEMU's state");
        if (n == 0)
            break;
        size += (size_t)n;
        if (size > TEMPLATE_STATE_MAX)
            return error_set(err, EFBIG, "QEMU's state does not end");
        if (size == room) {
            char *bigger = realloc(state, room *= 2);
            if (!bigger)
                free(state);
            state = bigger;
        }
    }
    *ret_state = steal_pointer(&state);
    *ret_size = size;
    return 0;
}

/* The stream has ended; did saving succeed? */
static int
check_saved(struct vm *vm, double deadline, struct error *err)
{
    for (;;) {
        struct json_object *o = NULL, *status;

        if (qmp_command(vm->qmp, "query-migrate", NULL, &o, err) < 0)
            return -1;
        bool has = json_object_object_get_ex(o, "status", &status);
        const char *text = has ? json_object_get_string(status) : "none";
        bool done = str_equal(text, "completed");
        bool failed = str_equal(text, "failed") || str_equal(text, "none");
        json_object_put(o);
        if (done)
            return 0;
        if (failed || monotonic_seconds() > deadline)
            return error_set(err, EIO, "QEMU cannot save its state");
        usleep(1000);
    }
}

int
vm_save(const struct launch *l, struct vm *vm, void **ret_state,
    size_t *ret_size, struct error *err)
{
    double deadline = monotonic_seconds() + handle_patience(l->g, SAVE_TIMEOUT);
    cleanup_free void *state = NULL;
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return error_errno(err, errno, "cannot make a socket");
    cleanup_close int ours = ends[0];
    int result = start_saving(vm, ends[1], deadline, err);
    close(ends[1]);
    if (result < 0 || read_state(ours, deadline, &state, ret_size, err) < 0 ||
        check_saved(vm, deadline, err) < 0)
        return -1;
    *ret_state = steal_pointer(&state);
    return 0;
}
