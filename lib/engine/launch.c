/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ways to a running appliance, best first:
 *
 *     resume under KVM, if KVM is known to be good
 *     resume under TCG
 *     boot it, save it, resume that
 *     boot it                     (no cache, or someone else is saving)
 *
 * While nothing is known about KVM, a boot under KVM and one under TCG run side
 * by side; the first whose agent is ready wins, and that is the verdict on KVM.
 * Where an appliance is saved under TCG, KVM is tried alone, once.  If a way
 * fails, the next one is tried (decide.h); the debug lines say why. */
#include <config.h>

#include <errno.h>
#include <json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/resource.h>

#include "lib/disk/disk.h"
#include "lib/engine/accel.h"
#include "lib/engine/engine-internal.h"
#include "lib/engine/plug.h"
#include "lib/handle/handle.h"
#include "lib/known/cache.h"
#include "lib/known/layers.h"
#include "lib/network/network.h"
#include "lib/qemu/find.h"
#include "lib/qemu/qemu_secret.h"

enum {
    FILES_LEAST = 64, /* open at once in QEMU with one disk: 48 */
};

/* --- resume --- */

/* The first disk, if it fits the slot: its size is known before QEMU runs, and
 * what the guest remembers of the slot holds for it. */
static struct disk *
slot_disk(const struct mayfly *g)
{
    struct disk *d = g->n_disks > 0 ? g->disks[0] : NULL;

    if (!d || disk_is_remote(d) || d->label ||
        (d->block_size != 0 && d->block_size != 512))
        return NULL;
    return d;
}

static int
plug_nothing(struct engine *e, struct error *err)
{
    struct json_object *node = qmp_strings(
        "driver", QEMU_SLOT_DRIVER, "node-name", QEMU_SLOT_NODE, NULL);

    if (!node)
        return error_no_memory(err);
    json_object_object_add(node, "size", json_object_new_int(QEMU_SLOT_SIZE));
    json_object_object_add(node, "read-zeroes", json_object_new_boolean(true));
    if (qmp_command(e->vm.qmp, "blockdev-add", node, NULL, err) < 0)
        return -1;
    return engine_plug(e, QEMU_SLOT_NODE, 0, 0, NULL, err);
}

/* A failure caused by the disk alone would recur in any other QEMU. */
static int
fill_slot(struct launch *l, struct engine *e, struct error *err)
{
    struct disk *d = slot_disk(l->g);

    l->g->disk_failed = false;
    e->slot = d ? SLOT_TAKEN : SLOT_EMPTY;
    e->slot_keys = 0;
    if (!d)
        return plug_nothing(e, err);
    if (plug_disk_begin(e, d, 0, err) == 0)
        return 0;
    l->g->disk_failed = true;
    l->hopeless = err->code != EPIPE && err->code != ETIMEDOUT;
    return -1;
}

static int
load(struct launch *l, struct engine *e, struct error *err)
{
    bool added = false;

    if (fill_slot(l, e, err) == 0 &&
        vm_load(l, &e->template, &e->vm, &added, err) == 0 &&
        qemu_secrets_remove(e->vm.qmp, e->slot_keys, err) == 0)
        return 0;
    if (added && e->slot == SLOT_TAKEN) {
        plug_explain(l->g->disks[0], err);
        l->g->disk_failed = true;
        l->hopeless = true;
    }
    if (err->code == EPIPE)
        vm_lost(l, &e->vm, err);
    vm_kill(&e->vm);
    e->slot = SLOT_NONE;
    return -1;
}

/* While QEMU starts. */
static int
verify(struct launch *l, struct engine *e, struct error *err)
{
    double begin = monotonic_seconds();

    if (!e->template.unverified)
        return 0;
    if (template_verify(&e->template, err) < 0) {
        vm_kill(&e->vm);
        return -1;
    }
    handle_debug(l->g, "engine: saved appliance read and compared in %.3f s",
        monotonic_seconds() - begin);
    return 0;
}

static int
resume(
    struct launch *l, enum accelerator a, struct engine *e, struct error *err)
{
    cleanup_free char *key = vm_key(l, a);

    if (!key)
        return error_no_memory(err);
    if (l->cache < 0)
        return error_set(err, ENOENT, "no cache folder");
    if (template_open(l->cache, key, &e->template, err) < 0)
        return -1;
    if (vm_await(l, a, &e->template, &e->vm, err) < 0 ||
        verify(l, e, err) < 0 || load(l, e, err) < 0) {
        bool kept =
            err->code == ECANCELED || l->hopeless ||
            (a == ACCEL_KVM && kvm_keeps_saved(&l->kvm,
                                   kvm_outcome(err->code, error_text(err))));
        if (!kept)
            template_discard(l->cache, &e->template);
        template_close(&e->template);
        return -1;
    }
    e->resumed = true;
    return 0;
}

/* --- boot --- */

struct racer {
    struct new_template made; /* memory -1: it is not saved */
    char *command_line;
};

static int
start_racer(struct launch *l, enum accelerator a, struct racer *c,
    struct vm *vm, struct error *err)
{
    c->made = (struct new_template){.cache = -1, .folder = -1, .memory = -1};
    if (l->lock >= 0) {
        cleanup_error struct error why = {0};

        if (template_make(l->cache, (uint64_t)l->memory << 20, l->user,
                &c->made, &why) < 0)
            handle_debug(l->g, "engine: not saved: %s", error_text(&why));
    }
    bool save = c->made.memory >= 0;
    c->command_line = vm_command_line(l, a, save ? NULL : l->g->run_id);
    if (!c->command_line)
        return error_no_memory(err);
    struct qemu_machine m = vm_machine(
        l, a, save ? QEMU_RAM_SHARED : QEMU_RAM_ANONYMOUS, c->command_line);
    return vm_spawn(l, &m, c->made.memory, vm, err);
}

static void
clear_racer(struct racer *c)
{
    if (c->made.memory >= 0 || c->made.name)
        template_drop(&c->made);
    free(c->command_line);
    c->command_line = NULL;
}

/* Stop the booted VM, keep it as the template, and resume that. */
static int
save_and_resume(struct launch *l, struct vm *vm, struct racer *c,
    struct engine *e, struct error *err)
{
    cleanup_free char *key = vm_key(l, vm->accelerator);
    cleanup_free void *state = NULL;
    enum accelerator a = vm->accelerator;
    size_t size = 0;
    double begin = monotonic_seconds();

    if (!key)
        return error_no_memory(err);
    int result = vm_save(l, vm, &state, &size, err);
    char version[32];
    strcpy(version, qmp_version(vm->qmp));
    vm_kill(vm);
    if (result < 0 ||
        template_commit(&c->made, key, version, state, size, err) < 0)
        return -1;
    handle_step(l->g, "the appliance is saved");
    handle_debug(
        l->g, "engine: appliance saved in %.3f s", monotonic_seconds() - begin);
    e->fresh = true;
    return resume(l, a, e, err);
}

/* Boot under each of the N accelerators.  The first whose agent is ready stays;
 * *accelerators becomes its own and *n becomes 1. */
static int
race(struct launch *l, enum accelerator *accelerators, int *n, struct vm *ret,
    struct racer *ret_racer, struct error *err)
{
    struct racer racers[2] = {0};
    struct vm vms[2];
    int winner = -1, started = 0;
    double begin = monotonic_seconds();
    double limit = handle_patience(l->g, vm_limits(l, accelerators[0])->boot);

    l->late = false;
    while (started < *n && start_racer(l, accelerators[started],
                               &racers[started], &vms[started], err) == 0)
        started++;
    if (started < *n)
        clear_racer(&racers[started]);
    if (started > 0)
        winner = vm_wait_ready(l, vms, started, begin + limit, err);
    for (int i = 0; i < started; i++) {
        if (i != winner) {
            vm_kill(&vms[i]);
            clear_racer(&racers[i]);
        }
    }
    if (winner < 0) {
        l->late = started > 0 && err->code == ETIMEDOUT;
        return l->late ? error_set(err, ETIMEDOUT,
                             "the appliance has not started within %.0f s; "
                             "MAYFLY_PATIENCE=10 waits ten times as long, "
                             "MAYFLY_DEBUG=1 shows its console",
                             limit)
                       : -1;
    }

    enum accelerator a = vms[winner].accelerator;
    handle_step(l->g, "the appliance has booted");
    handle_debug(l->g, "engine: booted under %s in %.3f s", accelerator_name(a),
        monotonic_seconds() - begin);
    if (started == 2)
        kvm_record(l,
            a == ACCEL_KVM ? KVM_WORKED
            : err->code    ? kvm_outcome(err->code, error_text(err))
                           : KVM_SLOW,
            err->code ? error_text(err)
                      : "the appliance started sooner without it");
    error_clear(err);
    accelerators[0] = a;
    *n = 1;
    *ret = vms[winner];
    *ret_racer = racers[winner];
    return 0;
}

static int
boot(struct launch *l, enum accelerator *accelerators, int *n, struct engine *e,
    struct error *err)
{
    struct racer winner;
    struct vm vm;
    int result;

    if (race(l, accelerators, n, &vm, &winner, err) < 0)
        return -1;
    if (qmp_command(vm.qmp, "qmp_capabilities", NULL, NULL, err) < 0) {
        vm_kill(&vm);
        result = -1;
    } else if (winner.made.memory >= 0) {
        result = save_and_resume(l, &vm, &winner, e, err);
    } else {
        e->vm = vm;
        result = 0;
    }
    clear_racer(&winner);
    return result;
}

/* --- choosing --- */

static bool
final(const struct launch *l, const struct error *err)
{
    return l->hopeless || err->code == ECANCELED || err->code == ENOMEM;
}

static void
log_failure(struct launch *l, const char *what, struct error *err)
{
    handle_debug(l->g, "engine: %s: %s", what, error_text(err));
    error_clear(err);
}

/* Try to become the process that saves. */
static void
take_lock(struct launch *l, enum accelerator a)
{
    cleanup_error struct error why = {0};
    cleanup_free char *key = vm_key(l, a);

    if (l->cache >= 0 && l->lock < 0 && key &&
        template_lock(l->cache, key, &l->lock, &why) < 0)
        log_failure(l, "not saved", &why);
}

static void
release_lock(struct launch *l)
{
    if (l->lock >= 0)
        close(l->lock);
    l->lock = -1;
}

static int
start_under(struct launch *l, const enum accelerator *wanted, int n,
    struct engine *e, struct error *err)
{
    cleanup_error struct error why = {0};
    enum accelerator accelerators[2];

    for (int i = 0; i < n; i++) {
        accelerators[i] = wanted[i];
        if (resume(l, wanted[i], e, &why) == 0)
            return 0;
        if (final(l, &why) ||
            (why.code == ETIMEDOUT && wanted[i] == ACCEL_KVM &&
                l->kvm.verdict != KVM_FORCED))
            return error_move(err, &why);
        snprintf(l->reason, sizeof l->reason, "%s", error_text(&why));
        log_failure(l, "no saved appliance", &why);
    }
    take_lock(l, wanted[0]);
    if (boot(l, accelerators, &n, e, err) == 0)
        return 0;
    if (final(l, err) || l->lock < 0 || l->late)
        return -1;
    /* Perhaps saving caused the failure. */
    log_failure(l, "cannot save", err);
    release_lock(l);
    return boot(l, accelerators, &n, e, err);
}

/* Only whether it is there: that it is good shows when it is used. */
static bool
has_saved(const struct launch *l, enum accelerator a)
{
    cleanup_error struct error ignored = {0};
    cleanup_free char *key = vm_key(l, a);
    struct saved_appliance t;

    if (l->cache < 0 || !key || template_open(l->cache, key, &t, &ignored) < 0)
        return false;
    template_close(&t);
    return true;
}

static int
start_any(struct launch *l, struct engine *e, struct error *err)
{
    static const enum accelerator both[] = {ACCEL_TCG, ACCEL_KVM};
    static const struct {
        const enum accelerator *accelerators;
        int n;
    } under[] = {[WAY_KVM] = {&both[1], 1},
        [WAY_TCG] = {both, 1},
        [WAY_RACE] = {both, 2}};
    enum kvm_verdict verdict = l->kvm.verdict;
    enum way ways[WAYS];

    if (verdict == KVM_BAD || verdict == KVM_ABSENT)
        handle_debug(l->g, "engine: without kvm: %s", l->kvm.reason);
    kvm_ways(verdict, verdict == KVM_UNKNOWN && has_saved(l, ACCEL_TCG), ways);
    for (const enum way *way = ways;; way++) {
        if (start_under(l, under[*way].accelerators, under[*way].n, e, err) ==
            0)
            return 0;
        if (final(l, err))
            return -1;
        if (verdict == KVM_FORCED)
            return kvm_blame_force(err);
        if (way[1] == WAY_END)
            return -1;
        kvm_record(l, kvm_outcome(err->code, error_text(err)), error_text(err));
        l->g->kvm_failed = true;
        error_clear(err);
        release_lock(l);
    }
}

/* An old QEMU fails in many ways; report the one cause that matters. */
static int
blame_version(struct launch *l, struct error *err)
{
    cleanup_error struct error why = {0};
    cleanup_free char *version =
        final(l, err) ? NULL : qemu_ask_version(l->qemu, NULL, &why);

    if (version &&
        !qemu_at_least(version, QEMU_OLDEST_MAJOR, QEMU_OLDEST_MINOR))
        return error_set(err, ENOTSUP,
            "%s is QEMU %s; " QEMU_OLDEST " or newer is needed", l->qemu,
            version);
    return -1;
}

static int
start(struct launch *l, struct engine *e, struct error *err)
{
    if (start_any(l, e, err) == 0)
        return 0;
    return blame_version(l, err);
}

/* passt gets ready while QEMU starts. */
static int
start_with_network(struct launch *l, struct engine *e, struct error *err)
{
    if (l->network != QEMU_NETWORK_SOCKET)
        return start(l, e, err);
    if (network_start(l->g, &e->network, err) < 0 || start(l, e, err) < 0)
        return -1;
    error_clear(err);
    if (network_connect(e->network, e->vm.network, err) == 0) {
        close(e->vm.network);
        e->vm.network = -1;
        return 0;
    }
    vm_kill(&e->vm);
    template_close(&e->template);
    return -1;
}

static void
report(struct engine *e)
{
    struct launch *l = &e->launch;
    cleanup_error struct error why = {0};

    qemu_process_started(&e->vm.process, l->qemu, &why);
    layers_complete(&e->vm.process, &l->needs);
    cleanup_free char *cage = cage_text(&e->vm.process.cage);
    handle_debug(l->g, "engine: %s under %s, QEMU %s, %d MiB: %.3f s",
        e->resumed ? "resumed" : "booted", accelerator_name(e->vm.accelerator),
        qmp_version(e->vm.qmp), l->memory, monotonic_seconds() - l->begin);
    handle_debug(l->g, "engine: cage: %s", cage ? cage : "?");
    layers_warn(l->g, l->cache, &e->vm.process);
}

/* With fewer files than it needs, QEMU fails in the middle of a resume, and all
 * other ways are tried for a minute. */
static int
check_open_files(struct error *err)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < FILES_LEAST)
        return error_errno(
            err, EMFILE, "an appliance needs %d open files", FILES_LEAST);
    return 0;
}

int
engine_start(struct mayfly *g, struct engine **ret, struct error *err)
{
    struct engine *e = calloc(1, sizeof *e);

    if (!e)
        return error_no_memory(err);
    e->template.memory = e->template.folder = -1;
    if (check_open_files(err) < 0 || launch_prepare(g, &e->launch, err) < 0) {
        free(e);
        return -1;
    }
    int result = kvm_judge(&e->launch, &e->launch.kvm, err);
    if (result == 0) {
        struct launch *l = &e->launch;

        layers_judge(l->g, l->cache, l->qemu, l->qemu_identity, &l->needs);
        result = start_with_network(&e->launch, e, err);
    }
    if (result < 0) {
        network_free(e->network);
        engine_forget_disks(e);
        launch_clear(&e->launch);
        free(e);
        return -1;
    }
    appliance_image_close(&e->launch.image);
    release_lock(&e->launch);
    error_clear(err);
    report(e);
    *ret = e;
    return 0;
}
