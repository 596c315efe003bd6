/* SPDX-License-Identifier: GPL-2.0-or-later */
/* usage: packets PORT ADDRESS...
 * In a guest: send a SYN and a datagram to PORT of each ADDRESS through the
 * network card, also where the kernel would not route them there: the packet
 * says ADDRESS, the kernel is told another one. */
#include <config.h>

#include <arpa/inet.h>
#include <err.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ME  "10.0.2.15"
#define WAY "192.0.2.77" /* by the default route */

struct packet {
    struct iphdr ip;
    union {
        struct tcphdr tcp;
        struct udphdr udp;
    } body;
};

/* Of the fields that TCP and UDP sum up besides their own. */
struct pseudo {
    uint32_t from, to;
    uint16_t protocol, length;
};

static uint32_t
sum(const void *data, size_t size)
{
    const uint8_t *p = data;
    uint32_t total = 0;

    for (size_t i = 0; i + 1 < size; i += 2)
        total += (uint32_t)p[i] << 8 | p[i + 1];
    return total;
}

static uint16_t
checksum(const struct packet *p, size_t size)
{
    struct pseudo pseudo = {
        p->ip.saddr, p->ip.daddr, htons(p->ip.protocol), htons((uint16_t)size)};
    uint32_t total = sum(&pseudo, sizeof pseudo) + sum(&p->body, size);

    while (total >> 16)
        total = (total & 0xffff) + (total >> 16);
    return htons((uint16_t)~total);
}

static void
send_packet(int fd, int protocol, const char *to, uint16_t port)
{
    struct sockaddr_in way = {.sin_family = AF_INET};
    struct packet p = {
        .ip = {
            .version = 4, .ihl = 5, .ttl = 64, .protocol = (uint8_t)protocol}};
    size_t size;

    if (inet_pton(AF_INET, WAY, &way.sin_addr) != 1 ||
        inet_pton(AF_INET, ME, &p.ip.saddr) != 1 ||
        inet_pton(AF_INET, to, &p.ip.daddr) != 1)
        errx(2, "%s is no address", to);
    if (protocol == IPPROTO_TCP) {
        size = sizeof p.body.tcp;
        p.body.tcp = (struct tcphdr){.source = htons(5000 + port % 1000),
            .dest = htons(port),
            .seq = htonl(1000),
            .doff = 5,
            .syn = 1,
            .window = htons(65535)};
        p.body.tcp.check = checksum(&p, size);
    } else {
        size = sizeof p.body.udp;
        p.body.udp = (struct udphdr){.source = htons(6000),
            .dest = htons(port),
            .len = htons((uint16_t)size)};
        p.body.udp.check = checksum(&p, size);
    }
    p.ip.tot_len = htons((uint16_t)(sizeof p.ip + size));
    if (sendto(fd, &p, sizeof p.ip + size, 0, (struct sockaddr *)&way,
            sizeof way) < 0)
        err(1, "cannot send to %s", to);
}

int
main(int argc, char **argv)
{
    int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);

    if (argc < 3)
        errx(2, "usage: packets PORT ADDRESS...");
    if (fd < 0)
        err(1, "no raw socket");
    for (int i = 2; i < argc; i++) {
        send_packet(fd, IPPROTO_TCP, argv[i], (uint16_t)atoi(argv[1]));
        send_packet(fd, IPPROTO_UDP, argv[i], (uint16_t)atoi(argv[1]));
    }
    return 0;
}
