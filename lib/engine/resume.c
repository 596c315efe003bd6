/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The warm start.  All commands are sent at once, before QEMU is even up; it
 * opens the first disk, reads the state, maps the RAM and runs. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <json.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "lib/engine/vm.h"
#include "lib/handle/handle.h"
#include "lib/qemu/find.h"

/* A file with the state that no one can change any more: a pipe if it can hold
 * the whole state. */
static int
state_file(const struct saved_appliance *t, struct error *err)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_errno(err, errno, "cannot make a pipe");
    cleanup_close int in = ends[1], out = ends[0];
    if (fcntl(in, F_SETPIPE_SZ, t->state_size) >= (int)t->state_size) {
        if (write_all(in, t->state, t->state_size) < 0)
            return error_errno(err, errno, "cannot write to a pipe");
        return steal_fd(&out);
    }
    cleanup_close int fd =
        memfd_create("mayfly-state", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0 || write_all(fd, t->state, t->state_size) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK) <
            0 ||
        lseek(fd, 0, SEEK_SET) < 0)
        return error_errno(err, errno, "cannot copy the state");
    return steal_fd(&fd);
}

struct json_object *
vm_ignore_shared(void)
{
    struct json_object *x = json_object_new_object();
    struct json_object *list = json_object_new_array();
    struct json_object *capabilities = json_object_new_object();

    json_object_object_add(
        x, "capability", json_object_new_string("x-ignore-shared"));
    json_object_object_add(x, "state", json_object_new_boolean(true));
    json_object_array_add(list, x);
    json_object_object_add(capabilities, "capabilities", list);
    return capabilities;
}

int
vm_await(struct launch *l, enum accelerator a, const struct saved_appliance *t,
    struct vm *ret, struct error *err)
{
    enum qemu_ram ram = qemu_at_least(t->record.qemu, 8, 2) ? QEMU_RAM_READ_ONLY
                                                            : QEMU_RAM_PRIVATE;
    struct qemu_machine m = vm_machine(l, a, ram, NULL);

    if (vm_spawn(l, &m, t->memory, ret, err) < 0)
        return -1;
    qmp_batch(ret->qmp);
    if (qmp_command(ret->qmp, "qmp_capabilities", NULL, NULL, err) == 0)
        return 0;
    vm_kill(ret);
    return -1;
}

int
vm_load(struct launch *l, const struct saved_appliance *t, struct vm *vm,
    bool *ret_added, struct error *err)
{
    double deadline =
        monotonic_seconds() +
        handle_patience(l->g, vm_limits(l, vm->accelerator)->resume);
    struct qmp *q = vm->qmp;
    cleanup_close int state = state_file(t, err);
    int64_t ids[3];

    if (state < 0 ||
        (ids[0] = qmp_send(
             q, "migrate-set-capabilities", vm_ignore_shared(), -1, err)) < 0 ||
        (ids[1] = qmp_send(q, "getfd", qmp_strings("fdname", "state", NULL),
             state, err)) < 0 ||
        (ids[2] = qmp_send(q, "migrate-incoming",
             qmp_strings("uri", "fd:state", NULL), -1, err)) < 0)
        return -1;
    if (qmp_gather(q, deadline, err) < 0) {
        *ret_added = err->code == EIO;
        return -1;
    }
    double up = monotonic_seconds();
    handle_step(l->g, "QEMU is up");
    for (int i = 0; i < 3; i++) {
        if (qmp_reply(q, ids[i], deadline, NULL, err) < 0)
            return -1;
    }
    if (qmp_wait_event(q, "RESUME", NULL, NULL, deadline, err) < 0)
        return -1;
    qmp_forget_events(q);
    handle_step(l->g, "the state is loaded");
    handle_debug(l->g, "engine: qemu up %.3f s, state loaded %.3f s",
        up - vm->born, monotonic_seconds() - vm->born);
    return 0;
}
