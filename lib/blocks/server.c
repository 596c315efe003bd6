/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: the machine "none" has no processor and no memory.  QEMU
 * is started in the same cage as for an appliance, with a QMP socket as its
 * only file; each image arrives as an open descriptor, in a tree of nodes that
 * says every format (lib/disk/node.h).  So there is no name to open and nothing
 * to guess. */
#include <config.h>

#include "lib/blocks/server.h"

#include <errno.h>
#include <json.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/disk/node.h"
#include "lib/handle/handle.h"
#include "lib/known/cache.h"
#include "lib/known/layers.h"
#include "lib/qemu/argv.h"
#include "lib/qemu/environment.h"
#include "lib/qemu/fdset.h"
#include "lib/qemu/find.h"
#include "lib/qemu/nodes.h"
#include "lib/qemu/process.h"
#include "lib/qemu/qemu_secret.h"
#include "lib/qemu/qmp.h"

enum {
    STOP_TIMEOUT = 600, /* seconds: a flush of a slow disk */
    JOB_POLL = 100,     /* milliseconds between looks at a job */
    UNIT = 64 << 10,    /* what a mirror copies at least, in bytes */
};

struct block_server {
    struct mayfly *g;
    char *binary;
    struct qemu_needs needs;
    struct qemu_process process;
    struct qmp *qmp;
    int qmp_fd;
    int next_set;           /* of files handed to QEMU */
    unsigned n_keys;        /* that QEMU has, for the node that is added */
    unsigned n_connections; /* nodes that have one, at most */
    int cache;              /* -1: none */
    void *owned;            /* block_server_own */
    void (*release)(void *owned);
};

static char **
make_argv(const char *binary, bool sandbox)
{
    const char *const words[] = {binary, "-nodefaults", "-no-user-config",
        "-display", "none", "-machine", "none", "-accel", "tcg,tb-size=1",
        "-chardev", "socket,id=qmp,fd=3", "-mon", "chardev=qmp,mode=control",
        sandbox ? "-sandbox" : NULL, QEMU_SANDBOX, NULL};
    cleanup_strv char **argv = NULL;

    return strv_extend(&argv, words) < 0 ? NULL : steal_pointer(&argv);
}

static int
spawn(struct block_server *s, enum block_server_kind kind, int qmp,
    struct error *err)
{
    struct cage cage = {
        .binary = s->binary,
        .network = kind != BLOCKS_HERE,
        .agent = kind == BLOCKS_SSH,
        .programs = s->needs.programs,
        .address_space = QEMU_ADDRESS_SPACE,
    };
    cleanup_strv char **argv = make_argv(s->binary, s->needs.sandbox);
    cleanup_strv char **env = qemu_environment(kind != BLOCKS_HERE);
    struct qemu_process_spec spec = {
        .argv = argv,
        .environment = env,
        .cage = &cage,
        .files = {qmp}, /* becomes 3, as in the arguments */
        .n_files = 1,
        .detached = kind != BLOCKS_HERE && !s->g->recovery_proc,
        .output = -1,
    };

    if (!argv || !env)
        return error_no_memory(err);
    if (cage_prepare(&cage, err) < 0)
        return -1;
    int result = qemu_process_spawn(&spec, &s->process, err);
    cage_clear(&cage);
    if (result < 0)
        return -1;
    return layers_demand(&s->process, s->binary, &s->needs, err);
}

/* Which layers it can have, as the appliance. */
static int
judge(struct block_server *s, struct error *err)
{
    cleanup_error struct error why = {0};
    cleanup_free char *identity = qemu_identity(s->binary, err);

    if (!identity)
        return -1;
    if (engine_cache_open(s->g, &s->cache, &why) < 0)
        handle_debug(s->g, "blocks: %s", error_text(&why));
    layers_judge(s->g, s->cache, s->binary, identity, &s->needs);
    return 0;
}

static int
start(struct block_server *s, enum block_server_kind kind, struct error *err)
{
    int ends[2];

    if (!(s->binary = qemu_find(err)) || judge(s, err) < 0)
        return -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return error_errno(err, errno, "cannot make a socket");
    s->qmp_fd = ends[0];
    cleanup_close int theirs = ends[1];
    if (!(s->qmp = qmp_new(s->qmp_fd, s->g->cancel_pipe[0])))
        return error_no_memory(err);
    if (spawn(s, kind, theirs, err) < 0)
        return -1;
    close(steal_fd(&theirs));
    if (qmp_command(s->qmp, "qmp_capabilities", NULL, NULL, err) < 0)
        return block_server_explain(s, err);
    if (qemu_process_started(&s->process, s->binary, err) < 0)
        return -1;
    layers_complete(&s->process, &s->needs);
    layers_warn(s->g, s->cache, &s->process);
    return 0;
}

int
block_server_start(struct mayfly *g, enum block_server_kind kind,
    struct block_server **ret, struct error *err)
{
    struct block_server *s = calloc(1, sizeof *s);

    if (!s)
        return error_no_memory(err);
    *s = (struct block_server){
        .g = g,
        .process = {.life = -1, .report = -1, .errors = -1},
        .qmp_fd = -1,
        .n_connections = kind != BLOCKS_HERE,
        .cache = -1,
    };
    if (start(s, kind, err) < 0) {
        block_server_kill(s);
        return -1;
    }
    *ret = s;
    return 0;
}

struct qmp *
block_server_qmp(struct block_server *s)
{
    return s->qmp;
}

int
block_server_explain(struct block_server *s, struct error *err)
{
    enum { GRACE = 2 };

    if (err->code != EPIPE || !qemu_process_wait(&s->process, GRACE))
        return -1;
    if (qemu_process_started(&s->process, s->binary, err) < 0)
        return -1;
    cleanup_free char *words = qemu_process_last_words(&s->process);
    return words ? error_set(err, EIO, "QEMU: %s", words) : -1;
}

/* --- nodes --- */

int
block_server_add_fd(void *server, int fd, struct error *err)
{
    struct block_server *s = server;

    return fdset_add(s->qmp, fd, s->next_set, err) < 0 ? -1 : s->next_set++;
}

int
block_server_add_key(void *server, const struct secret *key,
    char ret_name[NODE_KEY_NAME], struct error *err)
{
    struct block_server *s = server;

    if (qemu_secret_add(s->qmp, key, s->n_keys, err) < 0)
        return -1;
    qemu_secret_name(s->n_keys++, ret_name);
    return 0;
}

/* Once the node is there, QEMU needs them no more. */
static int
forget_keys(struct block_server *s, int result, struct error *err)
{
    cleanup_error struct error own = {0};
    unsigned n = s->n_keys;

    s->n_keys = 0;
    if (result < 0 && err->code == ETIMEDOUT)
        return -1; /* it is busy, and would not answer this either */
    if (qemu_secrets_remove(s->qmp, n, &own) < 0 && result == 0)
        return error_move(err, &own);
    return result;
}

static int
add_node(struct block_server *s, struct json_object *node, const char *name,
    struct error *err)
{
    struct json_object *text = node ? json_object_new_string(name) : NULL;

    if (!node)
        return -1;
    if (!text) {
        json_object_put(node);
        return error_no_memory(err);
    }
    json_object_object_add(node, "node-name", text);
    if (qmp_command(s->qmp, "blockdev-add", node, NULL, err) < 0)
        return block_explain(err);
    return nodes_check(s->qmp, NULL, s->n_connections, err);
}

int
block_server_add_node(struct block_server *s, struct json_object *node,
    const char *name, struct error *err)
{
    return forget_keys(s, add_node(s, node, name, err), err);
}

bool
block_server_try_key(struct block_server *s, const struct disk_file *f,
    const struct secret *key, struct error *err)
{
    const struct node_builder builder = {.add_fd = block_server_add_fd,
        .add_key = block_server_add_key,
        .opaque = s};

    return block_server_add_node(
               s, node_to_try(&builder, f, key, err), "try", err) == 0 &&
           qmp_command(s->qmp, "blockdev-del",
               qmp_strings("node-name", "try", NULL), NULL, err) == 0;
}

int
block_server_add_file(
    struct block_server *s, int fd, const char *name, struct error *err)
{
    const struct node_builder builder = {
        .add_fd = block_server_add_fd, .opaque = s};

    return block_server_add_node(s, node_of_file(&builder, fd, err), name, err);
}

void
block_server_own(struct block_server *s, void *owned, void (*release)(void *))
{
    s->owned = owned;
    s->release = release;
    s->n_connections++;
}

/* --- jobs --- */

/* Act on the state of the job.  1: it has ended; 0: not yet; -1. */
static int
look_at_job(struct block_server *s, struct json_object *job, const char *name,
    struct error *err)
{
    const char *status = qmp_text(job, "status"), *why = qmp_text(job, "error");

    handle_progress(s->g,
        json_object_get_uint64(json_object_object_get(job, "current-progress")),
        json_object_get_uint64(json_object_object_get(job, "total-progress")));
    if (str_equal(status, "ready"))
        return qmp_command(s->qmp, "block-job-cancel",
                   qmp_strings("device", name, NULL), NULL, err) < 0
                   ? -1
                   : 0;
    if (!str_equal(status, "concluded"))
        return 0;
    if (*why) {
        cleanup_free char *shown = text_escape(why);

        return error_set(err, strstr(why, strerror(ENOSPC)) ? ENOSPC : EIO,
            "%s", shown ? shown : "QEMU could not do it");
    }
    return qmp_command(s->qmp, "job-dismiss", qmp_strings("id", name, NULL),
               NULL, err) < 0
               ? -1
               : 1;
}

int
block_server_wait_job(
    struct block_server *s, const char *name, struct error *err)
{
    for (;;) {
        struct json_object *jobs = NULL;
        int r = 0;
        bool found = false;

        if (qmp_command(s->qmp, "query-jobs", NULL, &jobs, err) < 0)
            return block_server_explain(s, err);
        size_t n = json_object_is_type(jobs, json_type_array)
                       ? json_object_array_length(jobs)
                       : 0;
        for (size_t i = 0; i < n && !found; i++) {
            struct json_object *job = json_object_array_get_idx(jobs, i);

            if ((found = str_equal(qmp_text(job, "id"), name)))
                r = look_at_job(s, job, name, err);
        }
        json_object_put(jobs);
        if (!found)
            return error_set(err, EIO, "QEMU has lost its job");
        if (r != 0)
            return r < 0 ? -1 : 0;

        cleanup_error struct error why_not = {0};
        if (qmp_wait_event(s->qmp, "JOB_STATUS_CHANGE", "id", name,
                monotonic_seconds() + JOB_POLL / 1e3, &why_not) < 0 &&
            why_not.code != ETIMEDOUT)
            return error_move(err, &why_not);
    }
}

/* --- the end --- */

int
block_server_mirror(
    struct block_server *s, const char *sync, int buffer, struct error *err)
{
    struct json_object *args = qmp_strings("job-id", "mirror", "device",
        "source", "target", "destination", "sync", sync, "on-source-error",
        "report", "on-target-error", "report", NULL);

    if (!args)
        return error_no_memory(err);
    json_object_object_add(args, "buf-size", json_object_new_int(buffer));
    json_object_object_add(args, "granularity", json_object_new_int(UNIT));
    json_object_object_add(
        args, "auto-dismiss", json_object_new_boolean(false));
    if (qmp_command(s->qmp, "blockdev-mirror", args, NULL, err) < 0)
        return -1;
    return block_server_wait_job(s, "mirror", err);
}

int
block_server_wait(struct block_server *s, struct error *err)
{
    struct pollfd files[] = {
        {.fd = s->g->cancel_pipe[0], .events = POLLIN},
        {.fd = s->qmp_fd, .events = POLLRDHUP},
    };

    /* Its end of QMP is closed by nothing but its end. */
    while (files[1].revents == 0) {
        if (poll(files, N_ELEMENTS(files), -1) < 0 && errno != EINTR)
            return error_errno(err, errno, "cannot wait for QEMU");
        if (files[0].revents)
            return error_set(err, ECANCELED, "cancelled");
    }
    error_set(err, EPIPE, "QEMU has ended");
    if (block_server_explain(s, err) < 0)
        err->code = EIO;
    return -1;
}

int
block_server_stop(struct block_server *s, struct error *err)
{
    int result = 0;

    if (qmp_send(s->qmp, "quit", NULL, -1, err) < 0)
        result = -1;
    else if (!qemu_process_wait(&s->process, STOP_TIMEOUT))
        result = error_set(err, ETIMEDOUT, "QEMU does not stop");
    else if (s->process.status != 0)
        result =
            error_set(err, EIO, "QEMU ended with status %d", s->process.status);
    block_server_kill(s);
    return result;
}

void
block_server_kill(struct block_server *s)
{
    if (!s)
        return;
    qemu_process_clear(&s->process);
    if (s->release)
        s->release(s->owned);
    qmp_free(s->qmp);
    if (s->qmp_fd >= 0)
        close(s->qmp_fd);
    if (s->cache >= 0)
        close(s->cache);
    free(s->binary);
    free(s);
}
