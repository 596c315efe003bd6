/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of a handle.
 *
 * CONFIG: disks and settings are gathered.  mayfly_launch starts the engine,
 * says hello, plugs the disks: READY.  mayfly_shutdown asks the agent to
 * unmount and flush, ends the VM: CONFIG again.  A broken channel leads to
 * DEAD: the VM is killed at once, since what answers is no longer our agent. */
#include <config.h>

#include "lib/lifetime.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "internal-calls.h"
#include "lib/blocks/export.h"
#include "lib/blocks/unlock.h"
#include "lib/disk/disk.h"
#include "lib/engine/engine.h"
#include "lib/engine/plug.h"
#include "lib/mount_local/mount_local.h"
#include "lib/rpc/channel.h"
#include "lib/rpc/lost.h"
#include "wire/hello.h"

/* --- create and close --- */

static bool
environment_flag(const char *name)
{
    const char *value = getenv(name);

    return value && *value && !str_equal(value, "0");
}

static bool
environment_is(const char *name, const char *wanted)
{
    const char *value = getenv(name);

    return value && str_equal(value, wanted);
}

static int
environment_number(const char *name, int low, int high)
{
    const char *value = getenv(name);
    char *end;

    if (!value || !isdigit((unsigned char)*value))
        return 0;
    errno = 0;
    long n = strtol(value, &end, 10);
    return errno || *end || n < low || n > high ? 0 : (int)n;
}

/* An identifier that distinguishes runs: it need not be secret. */
static char *
make_run_id(void)
{
    const char *given = getenv("MAYFLY_RUN_ID");
    unsigned random = 0;

    if (given && *given) {
        char *id = strndup(given, HELLO_RUN_ID_MAX);

        for (char *p = id; p && *p; p++) {
            if (!isalnum((unsigned char)*p) && !strchr("._-", *p))
                *p = '_';
        }
        return id;
    }
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
        random = (unsigned)time(NULL) ^ (unsigned)getpid();
    return text_printf("%08x", random);
}

MAYFLY_PUBLIC struct mayfly *
mayfly_create(void)
{
    struct mayfly *g = calloc(1, sizeof *g);

    if (!g)
        return NULL;
    g->run_id = make_run_id();
    if (!g->run_id || pipe2(g->cancel_pipe, O_CLOEXEC | O_NONBLOCK) < 0) {
        free(g->run_id);
        free(g);
        return NULL;
    }
    g->autosync = true;
    g->recovery_proc = true;
    g->smp = 1;
    g->timing = environment_is("MAYFLY_DEBUG", "timing");
    g->verbose = !g->timing && environment_flag("MAYFLY_DEBUG");
    g->made = g->step = monotonic_seconds();
    g->trace = environment_flag("MAYFLY_TRACE");
    g->memsize = environment_number("MAYFLY_MEMSIZE", 256, 65536);
    g->timeout = environment_number("MAYFLY_TIMEOUT", 1, 86400);
    g->patience = environment_number("MAYFLY_PATIENCE", 1, 1000);
    return g;
}

MAYFLY_PUBLIC void
mayfly_close(struct mayfly *g)
{
    if (!g)
        return;
    handle_unmount_local(g);
    exports_end(g);
    mayfly_shutdown(g);
    handle_event(g, MAYFLY_EVENT_CLOSE);
    for (size_t i = 0; i < g->n_disks; i++)
        disk_free(g->disks[i]);
    free(g->disks);
    keys_clear(g);
    free(g->events);
    free(g->run_id);
    free(g->cachedir);
    free(g->tmpdir);
    close(g->cancel_pipe[0]);
    close(g->cancel_pipe[1]);
    error_clear(&g->error);
    free(g);
}

/* --- launch and shutdown --- */

static int
console_file(void *opaque)
{
    return engine_console(opaque);
}

static void
console_pump(void *opaque)
{
    engine_pump(opaque);
}

static int
say_hello(struct mayfly *g, struct error *err)
{
    uint32_t flags = (g->read_only ? HELLO_READ_ONLY : 0) |
                     (g->network ? HELLO_NETWORK : 0) |
                     (g->verbose ? HELLO_DEBUG : 0);

    g->channel = channel_new(
        engine_channel(g->engine), g->cancel_pipe[0], &g->cancelled, err);
    if (!g->channel)
        return -1;
    channel_set_bulk(g->channel, engine_bulk(g->engine));
    channel_watch(g->channel, console_file, console_pump, g->engine);
    return channel_greet(g->channel, g->run_id, flags, err);
}

static int
plug_disks(struct mayfly *g, int64_t *ret_question, struct error *err)
{
    for (size_t i = engine_has_first(g->engine) ? 1 : 0; i < g->n_disks; i++) {
        if (g->disks[i] &&
            plug_disk(g->engine, g->disks[i], (unsigned)i, err) < 0) {
            g->disk_failed = true;
            return -1;
        }
    }
    return plug_ask_nodes(g->engine, ret_question, err);
}

/* A saved appliance or KVM can turn out bad only when it is used; the engine
 * then tries another way, until none is left. */
static int
start_engine(struct mayfly *g, struct error *err)
{
    for (;;) {
        int64_t question;

        if (engine_start(g, &g->engine, err) < 0)
            return -1;
        /* The agent prepares its answer while QEMU opens the disks. */
        if (say_hello(g, err) == 0) {
            if (plug_disks(g, &question, err) < 0)
                return -1;
            /* The answer says nothing of what the disks hold. */
            if (channel_hello(
                    g->channel, engine_hello_timeout(g->engine), err) == 0) {
                engine_confirm(g->engine);
                handle_step(g, "the agent has answered");
                return plug_judge_nodes(g->engine, question,
                    g->n_disks == 1 ? g->disks[0] : NULL, err);
            }
        }
        /* An appliance of another build is still one when saved again. */
        if (err->code == ECANCELED || err->code == EUCLEAN ||
            !engine_condemn(g->engine, err))
            return -1;
        handle_debug(g, "starting again: %s", error_text(err));
        handle_drop_engine(g);
    }
}

int
handle_tell_disks(struct mayfly *g)
{
    static const char *const none[] = {NULL};
    cleanup_strv char **targets = NULL;

    for (size_t i = 0; i < g->n_disks; i++) {
        if (g->disks[i] && strv_printf(&targets, "%zu", i) < 0)
            return error_no_memory(&g->error);
    }
    return mayfly_internal_disks(g,
        targets ? (const char *const *)targets : none,
        engine_has_first(g->engine));
}

static bool
has_disks(const struct mayfly *g)
{
    for (size_t i = 0; i < g->n_disks; i++)
        if (g->disks[i])
            return true;
    return false;
}

MAYFLY_PUBLIC int
mayfly_launch(struct mayfly *g)
{
    cleanup_error struct error err = {0};

    error_clear(&g->error);
    if (g->state != HANDLE_CONFIG)
        return error_set(&g->error, EBUSY, "launch: %s",
            g->state == HANDLE_READY ? "already launched"
                                     : "the appliance is gone; close the "
                                       "handle");
    if (handle_take_cancel(g, "launch") < 0)
        return -1;
    handle_step(g, "ready to launch");
    if (unlock_disks(g, &err) < 0) {
        handle_blame(g, &err);
        return handle_fail(g, &err);
    }
    double begin = monotonic_seconds();
    g->disk_failed = g->kvm_failed = false;
    if (start_engine(g, &err) < 0) {
        handle_blame(g, &err);
        cleanup_free char *why = g->engine ? engine_diagnose(g->engine) : NULL;
        handle_drop_engine(g);
        if (why)
            error_context(&err, "%s", why);
        error_context(&err, "launch");
        return handle_fail(g, &err);
    }
    g->state = HANDLE_READY;
    double heard = monotonic_seconds();
    if (has_disks(g) && handle_tell_disks(g) < 0) {
        handle_drop_engine(g);
        g->state = HANDLE_CONFIG;
        return error_context(&g->error, "launch");
    }
    handle_debug(g, "launch: engine %.3f s, disks %.3f s", heard - begin,
        monotonic_seconds() - heard);
    handle_event(g, MAYFLY_EVENT_LAUNCHED);
    return 0;
}

/* Has the appliance written, or may it still write, to anything that stays? */
static bool
has_lasting_disk(const struct mayfly *g)
{
    for (size_t i = 0; i < g->n_disks; i++) {
        if (g->disks[i] && !g->disks[i]->read_only)
            return true;
    }
    return false;
}

static bool
has_remote_disk(const struct mayfly *g)
{
    for (size_t i = 0; i < g->n_disks; i++)
        if (g->disks[i] && g->disks[i]->uri)
            return true;
    return false;
}

static int
shut_down(struct mayfly *g)
{
    cleanup_error struct error err = {0};
    int result = 0;

    if (g->state == HANDLE_READY && !has_lasting_disk(g)) {
        result = handle_end_engine(g, &err);
        handle_step(g, "no writes to keep, the appliance is gone");
        g->state = HANDLE_CONFIG;
        return result < 0 ? handle_fail(g, &err) : 0;
    }
    if (g->state == HANDLE_READY)
        engine_begin_end(g->engine, has_remote_disk(g));
    if (g->state == HANDLE_READY && g->autosync) {
        result = mayfly_internal_shutdown(g);
        if (result < 0)
            error_move(&err, &g->error);
    }
    if (g->state == HANDLE_READY && result == 0)
        result = plug_check_writes(g->engine, &err);
    if (g->state == HANDLE_READY) {
        struct error stop = {0};

        channel_free(steal_pointer(&g->channel));
        if (engine_stop(steal_pointer(&g->engine), &stop) < 0 && result == 0) {
            error_move(&err, &stop);
            result = -1;
        }
        error_clear(&stop);
    }
    handle_drop_engine(g);
    if (g->state == HANDLE_READY)
        handle_step(g, "the appliance has ended");
    g->state = HANDLE_CONFIG;
    if (result < 0)
        return handle_fail(g, &err);
    return 0;
}

/* What was written is to be kept, also by a program that was told to end. */
MAYFLY_PUBLIC int
mayfly_shutdown(struct mayfly *g)
{
    error_clear(&g->error);
    handle_forget_cancel(g, CANCEL_USER);
    g->ending = true;
    int result = shut_down(g);
    g->ending = false;
    return result;
}

MAYFLY_PUBLIC int
mayfly_kill_subprocess(struct mayfly *g)
{
    error_clear(&g->error);
    if (g->state != HANDLE_READY)
        return error_set(
            &g->error, EINVAL, "kill_subprocess: no appliance is running");
    handle_drop_engine(g);
    g->state = HANDLE_CONFIG;
    return 0;
}
