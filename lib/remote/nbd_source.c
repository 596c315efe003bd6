/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/remote/nbd_source.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

enum {
    PATIENCE = 60000, /* milliseconds without a byte */
    READ_MAX = 32 << 20,
    TABLES = 64 << 20, /* as of a file: image_source.c */
};

/* Of the protocol. */
#define MAGIC       0x4e42444d41474943u /* NBDMAGIC */
#define OPTION      0x49484156454f5054u /* IHAVEOPT */
#define REQUEST     0x25609513u
#define REPLY       0x67446698u
#define EXPORT_NAME 1u
#define FIXED       1u
#define NO_ZEROES   2u

struct __attribute__((packed)) greeting {
    uint64_t magic, option;
    uint16_t flags;
};

struct __attribute__((packed)) choice {
    uint32_t flags;
    uint64_t magic;
    uint32_t option, length;
};

struct __attribute__((packed)) description {
    uint64_t size;
    uint16_t flags;
};

struct __attribute__((packed)) request {
    uint32_t magic;
    uint16_t flags, type; /* 0: read */
    uint64_t cookie, offset;
    uint32_t length;
};

struct __attribute__((packed)) reply {
    uint32_t magic, error;
    uint64_t cookie;
};

/* 0, or -1 with errno. */
static int
await(const struct nbd_source *s, short events)
{
    struct pollfd files[] = {
        {.fd = s->fd, .events = events},
        {.fd = s->cancel_fd, .events = POLLIN},
    };
    int n;

    while ((n = poll(files, N_ELEMENTS(files), PATIENCE)) < 0)
        if (errno != EINTR)
            return -1;
    errno = n == 0 ? ETIMEDOUT : ECANCELED;
    return n == 0 || files[1].revents ? -1 : 0;
}

static int
receive(const struct nbd_source *s, void *data, size_t n)
{
    for (size_t used = 0; used < n;) {
        if (await(s, POLLIN) < 0)
            return -1;
        ssize_t got = recv(s->fd, (char *)data + used, n - used, MSG_DONTWAIT);
        if (got == 0)
            errno = ECONNRESET;
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return -1;
        used += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

static int
send_all(const struct nbd_source *s, const void *data, size_t n)
{
    for (size_t used = 0; used < n;) {
        if (await(s, POLLOUT) < 0)
            return -1;
        ssize_t got = send(s->fd, (const char *)data + used, n - used,
            MSG_DONTWAIT | MSG_NOSIGNAL);
        if (got < 0 && errno != EAGAIN && errno != EINTR)
            return -1;
        used += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

static int
read_piece(const struct nbd_source *s, void *data, uint32_t n, uint64_t offset)
{
    const struct request request = {
        .magic = htobe32(REQUEST),
        .cookie = htobe64(offset),
        .offset = htobe64(offset),
        .length = htobe32(n),
    };
    struct reply reply;

    if (send_all(s, &request, sizeof request) < 0 ||
        receive(s, &reply, sizeof reply) < 0)
        return -1;
    if (reply.magic != htobe32(REPLY) || reply.cookie != request.cookie)
        return errno = EPROTO, -1;
    if (reply.error)
        return errno = EIO, -1;
    return receive(s, data, n);
}

static int
pread_export(void *opaque, void *data, size_t n, uint64_t offset)
{
    for (size_t used = 0; used < n;) {
        size_t piece = n - used < READ_MAX ? n - used : READ_MAX;

        if (read_piece(opaque, (char *)data + used, (uint32_t)piece,
                offset + used) < 0)
            return -1;
        used += piece;
    }
    return 0;
}

static int
shake_hands(const struct nbd_source *s, struct description *ret)
{
    const struct choice choice = {
        .flags = htobe32(FIXED | NO_ZEROES),
        .magic = htobe64(OPTION),
        .option = htobe32(EXPORT_NAME),
    };
    struct greeting g;

    if (receive(s, &g, sizeof g) < 0)
        return -1;
    if (g.magic != htobe64(MAGIC) || g.option != htobe64(OPTION) ||
        !(g.flags & htobe16(NO_ZEROES)))
        return errno = EPROTO, -1;
    if (send_all(s, &choice, sizeof choice) < 0)
        return -1;
    return receive(s, ret, sizeof *ret);
}

int
nbd_source_open(
    struct nbd_source *s, struct image_source *ret, struct error *err)
{
    struct description d;

    if (shake_hands(s, &d) < 0)
        return error_errno(err, errno, "cannot read its start");
    *ret = (struct image_source){
        .size = be64toh(d.size),
        .pread = pread_export,
        .opaque = s,
        .budget = TABLES,
    };
    return 0;
}
