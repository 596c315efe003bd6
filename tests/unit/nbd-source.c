/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a QEMU that was taken over can answer to the reader of headers. */
#include <config.h>

#include "lib/remote/nbd_source.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test.h"

static int ends[2] = {-1, -1};
static struct nbd_source source;

/* The server's answers are there before the questions. */
static void
begin(const void *answers, size_t n)
{
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    CHECK(write(ends[1], answers, n) == (ssize_t)n);
    CHECK(shutdown(ends[1], SHUT_WR) == 0);
    source = (struct nbd_source){.fd = ends[0], .cancel_fd = -1};
}

static void
end(void)
{
    close(ends[0]);
    close(ends[1]);
}

/* 18 bytes; then the size, 1000, and flags. */
#define GREETING "NBDMAGICIHAVEOPT\0\3"
#define SIZE     "\0\0\0\0\0\0\3\350\0\1"
#define OPENED   GREETING SIZE
/* Answers to a read of 4 bytes at 5. */
#define REPLY  "\x67\x44\x66\x98\0\0\0\0\0\0\0\0\0\0\0\5"
#define FAULT  "\x67\x44\x66\x98\0\0\0\5\0\0\0\0\0\0\0\5"
#define COOKIE "\x67\x44\x66\x98\0\0\0\0\0\0\0\0\0\0\0\6"
#define LEN(s) (sizeof(s) - 1)

TEST(reads)
{
    cleanup_error struct error err = {0};
    struct image_source src;
    char data[4];

    begin(OPENED REPLY "abcd", LEN(OPENED REPLY "abcd"));
    CHECK(nbd_source_open(&source, &src, &err) == 0);
    CHECK(src.size == 1000);
    CHECK(source_read(&src, data, 4, 5, "it", &err) == 0);
    CHECK(memcmp(data, "abcd", 4) == 0);
    /* Not asked for: it is beyond the end. */
    CHECK(source_read(&src, data, 4, 998, "it", &err) < 0);
    end();
}

TEST(refuses_other_servers)
{
    static const struct {
        const char *answer;
        size_t size;
        int code;
    } bad[] = {
        {"", 0, ECONNRESET},
        {"NBDMAG", 6, ECONNRESET},
        {"NBDMAGICxHAVEOPT\0\3", 18, EPROTO},
        {"xBDMAGICIHAVEOPT\0\3", 18, EPROTO},
        {"NBDMAGICIHAVEOPT\0\1", 18, EPROTO},
        {GREETING "\0\0\0", 21, ECONNRESET},
    };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        cleanup_error struct error err = {0};
        struct image_source src = {.size = 7};

        begin(bad[i].answer, bad[i].size);
        CHECK(nbd_source_open(&source, &src, &err) == -1);
        CHECK(err.code == bad[i].code);
        CHECK(src.size == 7);
        end();
    }
}

TEST(refuses_other_answers)
{
    static const struct {
        const char *answer;
        size_t size;
        int code;
    } bad[] = {
        {OPENED, LEN(OPENED), ECONNRESET},
        {OPENED FAULT, LEN(OPENED FAULT), EIO},
        {OPENED COOKIE "abcd", LEN(OPENED COOKIE "abcd"), EPROTO},
        {OPENED "xxxxxxxxxxxxxxxx", LEN(OPENED) + 16, EPROTO},
        {OPENED REPLY "abc", LEN(OPENED REPLY "abc"), ECONNRESET},
    };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        cleanup_error struct error err = {0};
        struct image_source src;
        char data[4];

        begin(bad[i].answer, bad[i].size);
        CHECK(nbd_source_open(&source, &src, &err) == 0);
        CHECK(source_read(&src, data, 4, 5, "it", &err) == -1);
        CHECK(err.code == bad[i].code);
        end();
    }
}

TEST(gives_up)
{
    cleanup_error struct error err = {0};
    struct image_source src;
    int cancel[2];

    begin(GREETING, LEN(GREETING));
    CHECK(pipe(cancel) == 0 && write(cancel[1], "", 1) == 1);
    source.cancel_fd = cancel[0];
    CHECK(nbd_source_open(&source, &src, &err) == -1);
    CHECK(err.code == ECANCELED);
    close(cancel[0]);
    close(cancel[1]);
    end();
}
