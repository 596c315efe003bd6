/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Operations on a running engine. */
#include <config.h>

#include "lib/engine/engine.h"

#include <errno.h>
#include <json.h>
#include <stdlib.h>

#include "lib/blocks/reach.h"
#include "lib/engine/accel.h"
#include "lib/engine/engine-internal.h"
#include "lib/handle/handle.h"
#include "lib/network/network.h"
#include "lib/qemu/fdset.h"

enum { UNPLUG_TIMEOUT = 30 }; /* seconds for the guest to release a disk */

int
engine_channel(struct engine *e)
{
    return e->vm.channel;
}

int
engine_bulk(struct engine *e)
{
    return e->vm.bulk;
}

int
engine_console(struct engine *e)
{
    return e->vm.console.fd;
}

void
engine_pump(struct engine *e)
{
    console_pump(&e->vm.console, e->launch.g);
}

struct qmp *
engine_qmp(struct engine *e)
{
    return e->vm.qmp;
}

double
engine_hello_timeout(const struct engine *e)
{
    const struct limits *limits = vm_limits(&e->launch, e->vm.accelerator);

    return handle_patience(e->launch.g, limits->hello);
}

void
engine_confirm(struct engine *e)
{
    if (e->vm.accelerator == ACCEL_KVM)
        kvm_record(&e->launch, KVM_WORKED, NULL);
}

bool
engine_condemn(struct engine *e, struct error *err)
{
    struct launch *l = &e->launch;
    bool kvm = e->vm.accelerator == ACCEL_KVM;
    enum kvm_outcome outcome = kvm_outcome(err->code, error_text(err));

    if (e->resumed && !(kvm && kvm_keeps_saved(&l->kvm, outcome)))
        template_discard(l->cache, &e->template);
    if (!kvm)
        return e->resumed && !e->fresh;
    kvm_record(l, outcome, error_text(err));
    if (l->kvm.verdict == KVM_FORCED) {
        kvm_blame_force(err);
        return false;
    }
    l->g->kvm_failed = true;
    return true;
}

/* --- files and disks --- */

int
engine_add_fd(struct engine *e, int fd, int set, struct error *err)
{
    int number = set < 0 ? e->next_set : set;

    if (fdset_add(e->vm.qmp, fd, number, err) < 0)
        return -1;
    if (set < 0)
        e->next_set++;
    return number;
}

int
engine_remove_fd(struct engine *e, int set, struct error *err)
{
    return fdset_remove(e->vm.qmp, set, err);
}

bool
engine_has_first(const struct engine *e)
{
    return e->slot == SLOT_TAKEN;
}

int
engine_clear_target(struct engine *e, unsigned target, struct error *err)
{
    if (target != 0 || e->slot != SLOT_EMPTY)
        return 0;
    e->slot = SLOT_NONE;
    if (engine_unplug(e, target, err) < 0)
        return -1;
    return qmp_command(e->vm.qmp, "blockdev-del",
        qmp_strings("node-name", QEMU_SLOT_NODE, NULL), NULL, err);
}

int
engine_plug(struct engine *e, const char *node, unsigned target,
    unsigned block_size, const char *serial, struct error *err)
{
    char id[32];

    snprintf(id, sizeof id, "disk%u", target);
    /* An error (a full host) goes to the guest; by default QEMU would stop the
     * VM and wait for someone to make room. */
    struct json_object *args =
        qmp_strings("driver", "scsi-hd", "bus", "scsi0.0", "drive", node, "id",
            id, "werror", "report", "rerror", "report", NULL);
    json_object_object_add(
        args, "scsi-id", json_object_new_int64((int64_t)target));
    json_object_object_add(args, "lun", json_object_new_int(0));
    if (block_size) {
        json_object_object_add(
            args, "logical_block_size", json_object_new_int64(block_size));
        json_object_object_add(
            args, "physical_block_size", json_object_new_int64(block_size));
    }
    if (serial)
        json_object_object_add(args, "serial", json_object_new_string(serial));
    return qmp_command(e->vm.qmp, "device_add", args, NULL, err);
}

int
engine_unplug(struct engine *e, unsigned target, struct error *err)
{
    char id[32];

    if (target == 0)
        e->slot = SLOT_NONE;
    snprintf(id, sizeof id, "disk%u", target);
    if (qmp_command(e->vm.qmp, "device_del", qmp_strings("id", id, NULL), NULL,
            err) < 0)
        return -1;
    return qmp_wait_event(e->vm.qmp, "DEVICE_DELETED", "device", id,
        monotonic_seconds() + handle_patience(e->launch.g, UNPLUG_TIMEOUT),
        err);
}

pid_t
engine_pid(const struct engine *e)
{
    return qemu_process_child(&e->vm.process);
}

void
engine_forget_disk(struct engine *e, unsigned target)
{
    struct plugged *p = &e->plugged[target];

    free(p->sets);
    free(p->node);
    free(p->node_below);
    reached_end(p->reached);
    *p = (struct plugged){0};
}

void
engine_forget_disks(struct engine *e)
{
    for (unsigned i = 0; i < ENGINE_TARGETS; i++)
        engine_forget_disk(e, i);
}

/* --- the end --- */

/* The appliance may have run on pages that someone else has written: what it
 * answered, and what it wrote to its disks, cannot be trusted. */
static int
check_template(struct engine *e, struct error *err)
{
    if (!e->resumed || !template_changed(&e->template))
        return 0;
    template_discard(e->launch.cache, &e->template);
    return error_set(err, ESTALE,
        "the saved appliance was changed while it ran, so nothing that this "
        "run has printed or written can be trusted; it has been removed: run "
        "this again");
}

static int
free_engine(struct engine *e, struct error *err)
{
    vm_kill(&e->vm);
    network_free(e->network);
    int result = check_template(e, err);
    template_close(&e->template);
    engine_forget_disks(e);
    launch_clear(&e->launch);
    free(e);
    return result;
}

int
engine_stop(struct engine *e, struct error *err)
{
    cleanup_error struct error why = {0};
    int result = 0;

    if (qmp_send(e->vm.qmp, "quit", NULL, -1, err) < 0)
        result = -1;
    else if (!engine_wait_end(e))
        result = error_set(err, ETIMEDOUT,
            "QEMU does not stop and writes nothing; the last writes may be "
            "lost");
    else if (e->vm.process.status != 0)
        result = vm_lost(&e->launch, &e->vm, err);
    if (free_engine(e, &why) < 0)
        return error_move(err, &why);
    return result;
}

int
engine_kill(struct engine *e, struct error *err)
{
    return free_engine(e, err);
}

char *
engine_diagnose(struct engine *e)
{
    return vm_diagnose(&e->vm, e->launch.g);
}
