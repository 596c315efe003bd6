/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate between the guest's network card and passt: which frames pass, and
 * that what passes is unchanged, however the bytes are cut. */
#include <config.h>

#include "lib/network/gate.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/file.h"
#include "tests/unit/test.h"

enum { SIZE = 60 };

static struct gate *
make_gate(void)
{
    struct error err = {0};
    struct gate *g;

    CHECK(gate_new(&g, &err) == 0);
    CHECK(gate_deny(g, 0xcb007105, UINT32_MAX, &err) == 0); /* 203.0.113.5 */
    CHECK(gate_deny(g, 0xc6336480, 0xffffff80, &err) == 0);
    return g;
}

static void
put_ipv4(uint8_t frame[SIZE], const char *to)
{
    memset(frame, 0, SIZE);
    frame[12] = 8;
    frame[14] = 0x45;
    CHECK(inet_pton(AF_INET, to, frame + 30) == 1);
}

static bool
reaches(struct gate *g, const char *to)
{
    uint8_t frame[SIZE];

    put_ipv4(frame, to);
    return gate_allows(g, frame, sizeof frame);
}

TEST(addresses_of_this_host_are_out_of_reach)
{
    static const char *const never[] = {"127.0.0.1", "127.255.255.254",
        "127.0.0.53", "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1",
        "169.254.255.255", "10.0.2.2", "224.0.0.251", "239.255.255.250",
        "255.255.255.255", "240.0.0.1", "168.63.129.16", "100.100.100.200",
        "192.0.0.192", "203.0.113.5", "198.51.100.128", "198.51.100.255"};
    static const char *const fine[] = {"10.0.2.3", "10.0.2.1", "1.1.1.1",
        "126.255.255.255", "128.0.0.1", "169.253.255.255", "169.255.0.0",
        "223.255.255.255", "203.0.113.4", "203.0.113.6", "198.51.100.127",
        "168.63.129.15", "8.8.8.8"};
    struct gate *g = make_gate();

    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        CHECK(!reaches(g, never[i]));
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        CHECK(reaches(g, fine[i]));
    gate_free(g);
}

TEST(only_arp_and_ipv4)
{
    struct gate *g = make_gate();
    uint8_t frame[SIZE];

    for (unsigned type = 0; type < 0x10000; type++) {
        put_ipv4(frame, "1.1.1.1");
        frame[12] = (uint8_t)(type >> 8);
        frame[13] = (uint8_t)type;
        CHECK(
            gate_allows(g, frame, SIZE) == (type == 0x0800 || type == 0x0806));
    }
    /* IPv6 as IPv4, and what is too short to have a destination. */
    put_ipv4(frame, "1.1.1.1");
    for (unsigned version = 0; version < 16; version++) {
        frame[14] = (uint8_t)(version << 4 | 5);
        CHECK(gate_allows(g, frame, SIZE) == (version == 4));
    }
    frame[14] = 0x45;
    for (size_t n = 0; n < 34; n++)
        CHECK(!gate_allows(g, frame, n));
    CHECK(gate_allows(g, frame, 34));
    frame[13] = 6;
    CHECK(!gate_allows(g, frame, 41) && gate_allows(g, frame, 42));
    gate_free(g);
}

/* --- the stream --- */

struct ends {
    pid_t gate;
    int qemu, passt;
};

static struct ends
run_gate(void)
{
    int a[2], b[2];
    struct gate *g = make_gate();

    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, a) == 0);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, b) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        int qemu = dup(a[1]), passt = dup(b[1]);

        for (int i = 3; i < 64; i++) {
            if (i != qemu && i != passt)
                close(i);
        }
        qemu = fcntl(qemu, F_DUPFD, 10);
        passt = fcntl(passt, F_DUPFD, 10);
        dup2(qemu, GATE_FD_QEMU);
        dup2(passt, GATE_FD_PASST);
        for (int i = 5; i < 64; i++)
            close(i);
        gate_run(g);
        _exit(0);
    }
    CHECK(pid > 0);
    gate_free(g);
    close(a[1]);
    close(b[1]);
    return (struct ends){pid, a[0], b[0]};
}

static void
expect_end(const struct ends *e)
{
    int status;
    char byte;

    CHECK(read(e->passt, &byte, 1) == 0);
    CHECK(waitpid(e->gate, &status, 0) == e->gate && status == 0);
    close(e->passt);
}

/* Frames of all sizes, every third one to be dropped, written in pieces. */
struct feed {
    int to;
    uint8_t *bytes;
    size_t size;
};

static void *
feed(void *argument)
{
    struct feed *f = argument;

    for (size_t at = 0, piece = 1; at < f->size; piece = piece * 7 % 70001) {
        size_t n = piece < f->size - at ? piece : f->size - at;

        CHECK(write_all(f->to, f->bytes + at, n) == 0);
        at += n;
    }
    return NULL;
}

static size_t
put_frame(uint8_t *to, size_t size, unsigned number, const char *address)
{
    to[0] = 0;
    to[1] = (uint8_t)(size >> 16);
    to[2] = (uint8_t)(size >> 8);
    to[3] = (uint8_t)size;
    memset(to + 4, (int)number, size);
    to[4 + 12] = 8;
    to[4 + 13] = 0;
    to[4 + 14] = 0x45;
    CHECK(inet_pton(AF_INET, address, to + 4 + 30) == 1);
    return 4 + size;
}

TEST(frames_pass_whole_and_in_order)
{
    enum { FRAMES = 300, MOST = 4 + 65553, LARGEST = (32 << 10) - 4 };
    uint8_t *sent = malloc((size_t)FRAMES * MOST);
    uint8_t *want = malloc((size_t)FRAMES * MOST), *got;
    struct ends e = run_gate();
    struct feed f = {.to = e.qemu, .bytes = sent};
    size_t n_want = 0;
    pthread_t thread;

    CHECK(sent && want);
    for (unsigned i = 0; i < FRAMES; i++) {
        size_t size = i % 20 == 9    ? 65553
                      : i % 20 == 18 ? LARGEST + i / 20 % 2
                                     : 34 + i * 211 % 3000;

        f.size += put_frame(
            sent + f.size, size, i, i % 3 == 2 ? "127.0.0.1" : "192.0.2.9");
        if (i % 3 != 2 && size <= LARGEST)
            n_want += put_frame(want + n_want, size, i, "192.0.2.9");
    }
    CHECK((got = malloc(n_want)));
    CHECK(pthread_create(&thread, NULL, feed, &f) == 0);
    CHECK(read_all(e.passt, got, n_want) == 0);
    CHECK(memcmp(got, want, n_want) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    /* The other way nothing is looked at. */
    CHECK(write_all(e.passt, sent, 5000) == 0);
    CHECK(read_all(e.qemu, got, 5000) == 0 && memcmp(got, sent, 5000) == 0);
    close(e.qemu);
    expect_end(&e);
    free(sent);
    free(want);
    free(got);
}

/* passt of 2023 takes what follows the end of a receipt for a new frame, so a
 * frame must never be cut there: not even for a reader that lets them pile
 * up. */
TEST(each_receipt_ends_with_a_frame)
{
    enum { FRAMES = 4000, LENGTH = 4, SIZE_MOST = 1514, BUFFER = 8 << 20 };
    uint8_t *sent = malloc((size_t)FRAMES * (LENGTH + SIZE_MOST));
    uint8_t *got = malloc(BUFFER);
    struct ends e = run_gate();
    struct feed f = {.to = e.qemu, .bytes = sent};
    unsigned frames = 0;
    struct error err = {0};
    pthread_t thread;

    CHECK(sent && got);
    CHECK(gate_bound(e.passt, &err) == 0);
    for (unsigned i = 0; i < FRAMES; i++)
        /* 29 of 1260 bytes are 4 less than what the kernel keeps together. */
        f.size += put_frame(sent + f.size,
            i < FRAMES / 2 ? 1256 : 60 + i * 97 % 1450, i, "192.0.2.9");
    CHECK(pthread_create(&thread, NULL, feed, &f) == 0);
    while (frames < FRAMES) {
        usleep(frames % 7 * 300);
        ssize_t n = recv(e.passt, got, BUFFER, 0);
        ssize_t at = 0;

        CHECK(n > 0);
        for (; at < n; frames++) {
            CHECK(n - at > LENGTH && got[at] == 0 && got[at + 1] == 0);
            at += LENGTH + (got[at + 2] << 8 | got[at + 3]);
        }
        CHECK(at == n);
    }
    CHECK(pthread_join(thread, NULL) == 0);
    close(e.qemu);
    expect_end(&e);
    free(sent);
    free(got);
}

TEST(what_is_no_frame_ends_it)
{
    static const uint8_t lengths[][4] = {
        {0, 1, 0, 18}, {0xff, 0xff, 0xff, 0xff}, {0x80, 0, 0, 60}};

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct ends e = run_gate();

        CHECK(write_all(e.qemu, lengths[i], 4) == 0);
        expect_end(&e);
        close(e.qemu);
    }
}
