/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: passt makes the guest's connections as this host, and
 * nothing that the kernel offers to an ordinary user keeps a process from some
 * addresses.  So the frames are looked at before passt gets them, by a process
 * that can do nothing else.  What decides lies at fixed places: the type of the
 * frame, the version and the destination of the packet.  Everything but ARP and
 * IPv4 is dropped: IPv6, VLAN tags and frames that are too short, too.
 *
 * Each direction has one buffer, which is filled only while it is empty, but
 * for the start of a frame whose rest has not arrived.
 *
 * Older versions of passt lose their place where what they receive ends inside
 * a frame, and take the guest's bytes for frames from there on, unseen by us.
 * So each send to passt is of whole frames, and so small that the kernel keeps
 * it in one piece: SEND_MOST is less than what a Unix socket puts into one
 * (UNIX_SKB_FRAGS_SZ, 32 KiB, and the rest of a page), and passt's buffer of 8
 * MiB holds more of them than the socket does (SOCKET_MOST). */
#include <config.h>

#include "lib/network/gate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/strv.h"

enum {
    LENGTH = 4,                  /* bytes before a frame */
    FRAME_MOST = 14 + 4 + 65535, /* bytes */
    BUFFER = 2 * (LENGTH + FRAME_MOST),
    SEND_MOST = 32 << 10,
    SOCKET_MOST = 128 << 10, /* doubled by the kernel */
};

struct rule {
    uint32_t address, mask;
};

/* Bytes [start, ready) are to be sent, [ready, end) is a part of a frame. */
struct way {
    int from, to;
    bool checked;
    size_t start, ready, end;
    uint8_t bytes[BUFFER];
};

struct gate {
    struct rule *rules;
    size_t n_rules;
    struct way out, in; /* of the guest; to the guest */
};

#define IP(a, b, c, d)                                                         \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

static const struct rule always[] = {
    {IP(0, 0, 0, 0), IP(255, 0, 0, 0)},        /* this host */
    {IP(127, 0, 0, 0), IP(255, 0, 0, 0)},      /* loopback */
    {IP(169, 254, 0, 0), IP(255, 255, 0, 0)},  /* link-local, metadata */
    {IP(224, 0, 0, 0), IP(224, 0, 0, 0)},      /* multicast, broadcast */
    {IP(10, 0, 2, 2), IP(255, 255, 255, 255)}, /* the guest's gateway */
    /* What clouds have elsewhere: Alibaba, Oracle, Azure. */
    {IP(100, 100, 100, 200), IP(255, 255, 255, 255)},
    {IP(192, 0, 0, 192), IP(255, 255, 255, 255)},
    {IP(168, 63, 129, 16), IP(255, 255, 255, 255)},
};

int
gate_bound(int passt, struct error *err)
{
    const int size = SOCKET_MOST;

    if (setsockopt(passt, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) < 0)
        return error_errno(err, errno, "cannot limit a socket");
    return 0;
}

int
gate_deny(struct gate *g, uint32_t address, uint32_t mask, struct error *err)
{
    struct rule *bigger =
        reallocarray(g->rules, g->n_rules + 1, sizeof *bigger);

    if (!bigger)
        return error_no_memory(err);
    g->rules = bigger;
    g->rules[g->n_rules++] = (struct rule){address & mask, mask};
    return 0;
}

static uint32_t
ipv4_of(const struct sockaddr *a)
{
    struct sockaddr_in in;

    memcpy(&in, a, sizeof in);
    return ntohl(in.sin_addr.s_addr);
}

/* All addresses in the network of a loopback device are this host's. */
static int
deny_own(struct gate *g, struct error *err)
{
    struct ifaddrs *list;
    int result = 0;

    if (getifaddrs(&list) < 0)
        return error_errno(
            err, errno, "cannot list the addresses of this host");
    for (const struct ifaddrs *a = list; a && result == 0; a = a->ifa_next) {
        bool whole = (a->ifa_flags & IFF_LOOPBACK) && a->ifa_netmask;

        if (a->ifa_addr && a->ifa_addr->sa_family == AF_INET)
            result = gate_deny(g, ipv4_of(a->ifa_addr),
                whole ? ipv4_of(a->ifa_netmask) : UINT32_MAX, err);
    }
    freeifaddrs(list);
    return result;
}

int
gate_new(struct gate **ret, struct error *err)
{
    cleanup_gate struct gate *g = calloc(1, sizeof *g);

    if (!g)
        return error_no_memory(err);
    g->out.from = g->in.to = GATE_FD_QEMU;
    g->out.to = g->in.from = GATE_FD_PASST;
    g->out.checked = true;
    for (size_t i = 0; i < N_ELEMENTS(always); i++) {
        if (gate_deny(g, always[i].address, always[i].mask, err) < 0)
            return -1;
    }
    if (deny_own(g, err) < 0)
        return -1;
    *ret = steal_pointer(&g);
    return 0;
}

void
gate_free(struct gate *g)
{
    if (!g)
        return;
    free(g->rules);
    free(g);
}

static uint32_t
get_32(const uint8_t *p)
{
    return IP(p[0], p[1], p[2], p[3]);
}

bool
gate_allows(const struct gate *g, const uint8_t *frame, size_t size)
{
    enum { ETHERNET = 14, ARP = 0x0806, IPV4 = 0x0800 };
    enum { ARP_SIZE = 28, IPV4_SIZE = 20, DESTINATION = 16 };

    if (size < ETHERNET || size > SEND_MOST - LENGTH)
        return false;
    unsigned type = (unsigned)frame[12] << 8 | frame[13];
    if (type == ARP)
        return size >= ETHERNET + ARP_SIZE;
    if (type != IPV4 || size < ETHERNET + IPV4_SIZE ||
        frame[ETHERNET] >> 4 != 4)
        return false;
    uint32_t to = get_32(frame + ETHERNET + DESTINATION);
    for (size_t i = 0; i < g->n_rules; i++) {
        if ((to & g->rules[i].mask) == g->rules[i].address)
            return false;
    }
    return true;
}

/* --- in the cage --- */

/* Keep those of the frames that have arrived that may pass.  False: the bytes
 * are no frames. */
static bool
judge(const struct gate *g, struct way *w)
{
    size_t in = w->ready, out = w->ready;

    if (!w->checked) {
        w->ready = w->end;
        return true;
    }
    while (w->end - in >= LENGTH) {
        uint32_t size = get_32(w->bytes + in);

        if (size > FRAME_MOST)
            return false;
        if (w->end - in - LENGTH < size)
            break;
        if (gate_allows(g, w->bytes + in + LENGTH, size)) {
            memmove(w->bytes + out, w->bytes + in, LENGTH + size);
            out += LENGTH + size;
        }
        in += LENGTH + size;
    }
    memmove(w->bytes + out, w->bytes + in, w->end - in);
    w->ready = out;
    w->end = out + (w->end - in);
    return true;
}

static bool
may_retry(void)
{
    return errno == EAGAIN || errno == EINTR;
}

static bool
receive(const struct gate *g, struct way *w)
{
    ssize_t n = recv(
        w->from, w->bytes + w->end, sizeof w->bytes - w->end, MSG_DONTWAIT);

    if (n <= 0)
        return n < 0 && may_retry();
    w->end += (size_t)n;
    return judge(g, w);
}

/* How much of it is sent at once. */
static size_t
next_part(const struct way *w)
{
    size_t all = w->ready - w->start, part = 0;

    if (!w->checked)
        return all;
    while (part < all) {
        size_t frame = LENGTH + get_32(w->bytes + w->start + part);

        if (part + frame > SEND_MOST)
            break;
        part += frame;
    }
    return part;
}

static bool
send_on(struct way *w)
{
    size_t part = next_part(w);
    ssize_t n =
        send(w->to, w->bytes + w->start, part, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n < 0)
        return may_retry();
    /* Half a frame would be the start of what the guest likes. */
    if (w->checked && (size_t)n != part)
        return false;
    w->start += (size_t)n;
    if (w->start == w->ready) {
        memmove(w->bytes, w->bytes + w->ready, w->end - w->ready);
        w->end -= w->ready;
        w->start = w->ready = 0;
    }
    return true;
}

static bool
move(const struct gate *g, struct way *w)
{
    if (w->start == w->ready && !receive(g, w))
        return false;
    return w->start == w->ready || send_on(w);
}

/* What each way waits for. */
static short
wanted(const struct way *w, int fd)
{
    bool full = w->start < w->ready;

    if (fd == w->from)
        return full ? 0 : POLLIN;
    return full ? POLLOUT : 0;
}

void
gate_run(void *gate)
{
    struct gate *g = gate;

    for (;;) {
        struct pollfd p[2] = {{.fd = GATE_FD_QEMU}, {.fd = GATE_FD_PASST}};

        for (int i = 0; i < 2; i++)
            p[i].events =
                (short)(wanted(&g->out, p[i].fd) | wanted(&g->in, p[i].fd));
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            return;
        /* Its last frames would have no answer. */
        if ((p[0].revents | p[1].revents) & (POLLHUP | POLLERR | POLLNVAL))
            return;
        if (!move(g, &g->out) || !move(g, &g->in))
            return;
    }
}
