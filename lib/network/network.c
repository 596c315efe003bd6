/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The guest's side of the network is the one of QEMU's own user network, since
 * the appliance has no DHCP: 10.0.2.15/24, gateway 10.0.2.2, name server
 * 10.0.2.3, which passt replaces by this host's first one.  A name server on
 * the loopback (systemd-resolved) is reached that way only.  passt reads the
 * list itself: --dns of older ones does not change where names are asked.  What
 * comes from the loopback is shown by passt as coming from the gateway, so
 * passt is given the name server as the gateway; to the guest's real one it
 * answers anyway.  The interface is only asked for what the other options say:
 * the loopback is there where this host has no default route.  Root of a
 * container may be the only user there, and stays it in the cage: passt would
 * look into /proc before it accepts that, unless it believes that it has become
 * another user. */
#include <config.h>

#include "lib/network/network.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/strv.h"
#include "lib/handle/handle.h"
#include "lib/known/layers.h"
#include "lib/network/gate.h"
#include "lib/qemu/environment.h"
#include "lib/qemu/find.h"
#include "lib/qemu/process.h"

#define PASST "passt"

enum { READY_TIMEOUT = 30 }; /* seconds, on a busy machine */

/* passt's tables, which are mostly untouched. */
#define PASST_ADDRESS_SPACE ((uint64_t)4 << 30)

struct network {
    struct mayfly *g;
    char *path; /* of passt */
    struct qemu_process passt, gate;
    int socket; /* passt's other end; -1 */
};

static char *
find_passt(struct error *err)
{
    cleanup_error struct error why = {0};
    char *path = program_find(PASST, PASST, &why);

    if (!path)
        error_set(err, ENOENT,
            "no " PASST " found, which a network needs; install the "
            "package " PASST ", or see MAYFLY_NETWORK in mayfly-security(7)");
    return path;
}

int
network_choose(
    const struct mayfly *g, enum qemu_network *ret, struct error *err)
{
    const char *wish = getenv("MAYFLY_NETWORK");

    *ret = QEMU_NETWORK_NONE;
    if (!g->network)
        return 0;
    if (wish && str_equal(wish, "qemu")) {
        *ret = QEMU_NETWORK_USER;
        return 0;
    }
    if (wish && *wish && !str_equal(wish, PASST))
        return error_set(err, EINVAL,
            "MAYFLY_NETWORK is '%s'; it can be passt (default) or qemu", wish);
    cleanup_free char *path = find_passt(err);
    if (!path)
        return -1;
    *ret = QEMU_NETWORK_SOCKET;
    return 0;
}

static char **
make_argv(const char *path)
{
    const char *const words[] = {path, "--foreground", "--stderr", "--quiet",
        "--fd", "3", "--ipv4-only", "--interface", "lo", "--address",
        "10.0.2.15", "--netmask", "24", "--gateway", "10.0.2.3", "--no-map-gw",
        "--mac-addr", "52:55:0a:00:02:02", "--tcp-ports", "none", "--udp-ports",
        "none", "--no-dhcp", "--no-dhcpv6", "--no-ndp", "--no-ra", "--search",
        "none", "--dns-forward", "10.0.2.3", "--runas", "65534:65534", NULL};
    cleanup_strv char **argv = NULL;

    if (strv_extend(&argv, words) < 0)
        return NULL;
    return steal_pointer(&argv);
}

/* Fork, and MAYFLY_REQUIRE_CAGE. */
static int
spawn(const struct network *n, struct qemu_process_spec *spec,
    struct qemu_process *ret, struct error *err)
{
    static const struct qemu_needs needs = {0};

    spec->output = -1;
    spec->detached = !n->g->recovery_proc;
    if (cage_prepare(spec->cage, err) < 0)
        return -1;
    int result = qemu_process_spawn(spec, ret, err);
    cage_clear(spec->cage);
    return result < 0 ? -1 : layers_demand(ret, PASST, &needs, err);
}

static int
spawn_passt(struct network *n, int socket, struct error *err)
{
    cleanup_strv char **argv = make_argv(n->path);
    cleanup_strv char **env = qemu_environment(false);
    struct cage cage = {
        .what = CAGED_PASST,
        .binary = n->path,
        .address_space = PASST_ADDRESS_SPACE,
    };
    struct qemu_process_spec spec = {
        .argv = argv,
        .environment = env,
        .cage = &cage,
        .files = {socket},
        .n_files = 1,
    };

    if (!argv || !env)
        return error_no_memory(err);
    return spawn(n, &spec, &n->passt, err);
}

static int
spawn_gate(struct network *n, int card, struct error *err)
{
    cleanup_gate struct gate *gate = NULL;
    struct cage cage = {.what = CAGED_GATE};
    struct qemu_process_spec spec = {
        .cage = &cage,
        .files = {[GATE_FD_QEMU - 3] = card, [GATE_FD_PASST - 3] = n->socket},
        .n_files = 2,
        .inside = gate_run,
    };

    if (gate_new(&gate, err) < 0 || gate_bound(n->socket, err) < 0)
        return -1;
    spec.argument = gate;
    return spawn(n, &spec, &n->gate, err);
}

int
network_start(struct mayfly *g, struct network **ret, struct error *err)
{
    struct network *n = calloc(1, sizeof *n);
    int ends[2];

    if (!n)
        return error_no_memory(err);
    *n = (struct network){
        .g = g,
        .passt = {.life = -1, .report = -1, .errors = -1},
        .gate = {.life = -1, .report = -1, .errors = -1},
        .socket = -1,
    };
    int result = -1;
    if (!(n->path = find_passt(err)))
        goto out;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        error_errno(err, errno, "cannot make a socket");
        goto out;
    }
    n->socket = ends[0];
    result = spawn_passt(n, ends[1], err);
    close(ends[1]);
out:
    if (result < 0)
        network_free(n);
    else
        *ret = n;
    return result;
}

/* --- is it ready? --- */

/* "Who has 10.0.2.2?", with its length before it. */
static const uint8_t question[] = {0, 0, 0, 42, /* Ethernet */ 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 8, 6, /* ARP */ 0, 1, 8,
    0, 6, 4, 0, 1, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 10, 0, 2, 15, 0, 0, 0, 0, 0,
    0, 10, 0, 2, 2};

static int
explain(struct network *n, struct error *err)
{
    if (qemu_process_started(&n->passt, n->path, err) < 0)
        return -1;
    cleanup_free char *words = qemu_process_last_words(&n->passt);
    return error_set(err, EIO,
        "passt, which makes the guest's connections, has ended: %s; see "
        "MAYFLY_NETWORK in mayfly-security(7)",
        words ? words : "it does not say why");
}

/* Its first answer, which has the same size. */
static int
await(struct network *n, struct error *err)
{
    uint8_t answer[sizeof question];
    double deadline =
        monotonic_seconds() + handle_patience(n->g, READY_TIMEOUT);
    size_t size = 0;

    if (send(n->socket, question, sizeof question, MSG_NOSIGNAL) !=
        sizeof question)
        return explain(n, err);
    while (size < sizeof answer) {
        struct pollfd p[2] = {{.fd = n->socket, .events = POLLIN},
            {.fd = n->g->cancel_pipe[0], .events = POLLIN}};
        double left = deadline - monotonic_seconds();

        if (left <= 0)
            return error_set(err, ETIMEDOUT, "passt does not answer");
        if (poll(p, 2, (int)(left * 1e3) + 1) < 0 && errno != EINTR)
            return error_errno(err, errno, "cannot wait for passt");
        if (p[1].revents)
            return error_set(err, ECANCELED, "cancelled");
        if (!p[0].revents)
            continue;
        ssize_t got =
            recv(n->socket, answer + size, sizeof answer - size, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
            qemu_process_wait(&n->passt, 2);
            return explain(n, err);
        }
        size += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

int
network_connect(struct network *n, int card, struct error *err)
{
    if (await(n, err) < 0 || spawn_gate(n, card, err) < 0 ||
        qemu_process_started(&n->passt, n->path, err) < 0 ||
        qemu_process_started(&n->gate, "the gate of the network", err) < 0)
        return -1;
    close(n->socket);
    n->socket = -1;
    cleanup_free char *passt = cage_text(&n->passt.cage);
    cleanup_free char *gate = cage_text(&n->gate.cage);
    handle_debug(n->g, "network: cage of passt: %s", passt ? passt : "?");
    handle_debug(n->g, "network: cage of the gate: %s", gate ? gate : "?");
    return 0;
}

void
network_free(struct network *n)
{
    if (!n)
        return;
    qemu_process_clear(&n->gate);
    qemu_process_clear(&n->passt);
    if (n->socket >= 0)
        close(n->socket);
    free(n->path);
    free(n);
}
