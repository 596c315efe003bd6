/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bulk area: which messages about it are accepted, also from an appliance
 * that lies; and the host's files at its ends. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/zeroes.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "lib/rpc/channel.h"
#include "lib/rpc/feed.h"
#include "lib/rpc/sink.h"
#include "tests/unit/fake-agent.h"
#include "tests/unit/test.h"

enum { SECONDS = 10, AREA = BULK_SLOT * BULK_SLOTS };

static bool
piece_is_good(uint32_t offset, uint32_t length, uint32_t last)
{
    struct bulk_piece b = {offset, length, last}, got;
    uint8_t data[BULK_PIECE];

    bulk_piece_put(&b, data);
    if (!bulk_piece_get(data, sizeof data, &got))
        return false;
    CHECK(got.offset == offset && got.length == length && got.last == last);
    return true;
}

TEST(pieces)
{
    uint8_t data[BULK_PIECE] = {0};
    struct bulk_piece b;

    CHECK(piece_is_good(0, 1, 0));
    CHECK(piece_is_good(BULK_SLOT, BULK_SLOT, 1));
    CHECK(piece_is_good(AREA - 1, 1, 1));
    CHECK(!piece_is_good(0, 0, 1));
    CHECK(!piece_is_good(0, BULK_SLOT + 1, 1));
    CHECK(!piece_is_good(1, BULK_SLOT, 1));
    CHECK(!piece_is_good(AREA, 1, 1));
    CHECK(!piece_is_good(AREA - 1, 2, 1));
    CHECK(!piece_is_good(UINT32_MAX, UINT32_MAX, 1));
    CHECK(!piece_is_good(0, 1, 2));
    CHECK(!bulk_piece_get(data, sizeof data - 1, &b));
}

TEST(holes)
{
    static const uint64_t good[] = {1, UINT32_MAX + 1ULL, INT64_MAX};
    static const uint64_t bad[] = {0, INT64_MAX + 1ULL, UINT64_MAX};
    uint8_t data[BULK_HOLE];
    uint64_t got;

    for (size_t i = 0; i < N_ELEMENTS(good); i++) {
        bulk_hole_put(good[i], data);
        CHECK(bulk_hole_get(data, sizeof data, &got) && got == good[i]);
        bulk_hole_put(bad[i], data);
        CHECK(!bulk_hole_get(data, sizeof data, &got));
    }
    CHECK(!bulk_hole_get(data, 7, &got));
}

/* --- the ends --- */

static int
temporary(void)
{
    int fd = open("/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0)
        fd = memfd_create("test", MFD_CLOEXEC);
    CHECK(fd >= 0);
    return fd;
}

static void
put_all(int fd, struct sink *s, const uint8_t *data)
{
    sink_open(s, fd);
    CHECK(sink_write(s, data, 100) == 0);
    CHECK(sink_hole(s, 1 << 20) == 0);
    CHECK(sink_write(s, data + 100, 2 * ZEROES_BLOCK) == 0);
    CHECK(sink_write(s, data, 7) == 0);
    CHECK(sink_hole(s, 5000) == 0);
    CHECK(sink_finish(s) == 0);
}

/* The bytes are the same with and without holes. */
TEST(sinks)
{
    enum { SIZE = 100 + (1 << 20) + 2 * ZEROES_BLOCK + 7 + 5000 };
    cleanup_close int sparse = temporary(), full = temporary();
    uint8_t *data = calloc(1, 4 * ZEROES_BLOCK);
    uint8_t *a = malloc(SIZE), *b = malloc(SIZE);
    struct stat st;
    struct sink s;

    CHECK(data && a && b);
    memset(data, 'x', 100);
    put_all(sparse, &s, data);
    CHECK(s.sparse);
    /* The file already has content, which has to be overwritten. */
    memset(b, 'y', SIZE);
    CHECK(pwrite(full, b, SIZE, 0) == SIZE);
    put_all(full, &s, data);
    CHECK(!s.sparse);
    CHECK(fstat(sparse, &st) == 0 && st.st_size == SIZE);
    CHECK(pread(sparse, a, SIZE, 0) == SIZE);
    CHECK(pread(full, b, SIZE, 0) == SIZE);
    CHECK(memcmp(a, b, SIZE) == 0);
    CHECK(a[0] == 'x' && a[99] == 'x' && a[100] == 0 && a[SIZE - 1] == 0);
    CHECK(a[SIZE - 5001] == 'x');
    free(data);
    free(a);
    free(b);
}

TEST(feeds)
{
    cleanup_close int fd = temporary();
    uint64_t hole, left = 0;
    char data[64];
    struct feed f;

    CHECK(pwrite(fd, "abc", 3, 0) == 3);
    CHECK(pwrite(fd, "def", 3, 1 << 20) == 3);
    CHECK(ftruncate(fd, 3 << 20) == 0);
    feed_open(&f, fd);
    CHECK(feed_read(&f, data, sizeof data, &hole) > 0 && hole == 0);
    CHECK(memcmp(data, "abc", 3) == 0);
    for (ssize_t n;
         (n = feed_read(&f, data, sizeof data, &hole)) > 0 || hole > 0;)
        left += hole + (uint64_t)n;
    CHECK(left == (3 << 20) - sizeof data);
}

/* --- an upload --- */

static int area_fd, taken_fd; /* the bulk area, and what was taken */

/* As the agent does: a slot is free again after its last piece. */
static void
take_piece(struct fake_agent *a)
{
    struct bulk_piece b;
    static char data[BULK_SLOT];

    if (!bulk_piece_get(a->data, a->last.length, &b) ||
        pread(area_fd, data, b.length, b.offset) != (ssize_t)b.length ||
        write_all(taken_fd, data, b.length) < 0)
        _exit(1);
    if (b.last)
        fake_frame(a, FRAME_TAKEN, NULL, 0);
}

static void
takes(struct fake_agent *a)
{
    uint64_t hole;

    fake_greet(a);
    for (fake_hear_call(a); a->last.kind != FRAME_END; fake_hear(a)) {
        if (a->last.kind == FRAME_BULK)
            take_piece(a);
        else if (a->last.kind == FRAME_HOLE &&
                 bulk_hole_get(a->data, a->last.length, &hole))
            lseek(taken_fd, (off_t)hole, SEEK_CUR);
        else if (a->last.kind == FRAME_DATA_CHUNK)
            write_all(taken_fd, a->data, a->last.length);
    }
    if (ftruncate(taken_fd, lseek(taken_fd, 0, SEEK_CUR)) == 0)
        fake_frame(a, FRAME_REPLY, "", 0);
}

/* Each slot several times over, with zeroes at its start, in it and at its end.
 */
TEST(upload)
{
    enum { SIZE = 3 * AREA + 12345 };
    cleanup_free char *sent = malloc(SIZE), *got = malloc(SIZE + 1);
    struct fake_session s;

    CHECK(sent && got);
    for (size_t i = 0; i < SIZE; i++)
        sent[i] = (char)(i / 7919 % 5 == 0 ? 0 : 1 + i % 251);
    area_fd = memfd_create("bulk", MFD_CLOEXEC);
    taken_fd = memfd_create("taken", MFD_CLOEXEC);
    int file = memfd_create("file", MFD_CLOEXEC);
    CHECK(area_fd >= 0 && taken_fd >= 0 && ftruncate(area_fd, AREA) == 0);
    CHECK(write_all(file, sent, SIZE) == 0);
    fake_start(&s, takes);
    CHECK(fake_hello(&s, SECONDS) == 0);
    channel_set_bulk(s.g->channel, area_fd);
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    CHECK(mayfly_upload(s.g, name, "/a") == 0);
    CHECK(pread(taken_fd, got, SIZE + 1, 0) == SIZE);
    CHECK(memcmp(sent, got, SIZE) == 0);
    fake_end(&s);
    close(area_fd);
    close(taken_fd);
    close(file);
}

/* --- lies --- */

static void
say(struct fake_agent *a, uint32_t offset, uint32_t length)
{
    struct bulk_piece b = {offset, length, 1};
    uint8_t data[BULK_PIECE];

    bulk_piece_put(&b, data);
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_BULK, data, sizeof data);
}

static void
says_behind_the_end(struct fake_agent *a)
{
    say(a, AREA, 4096);
}

static void
says_too_long(struct fake_agent *a)
{
    say(a, AREA - 4096, BULK_SLOT);
}

static void
says_slot(struct fake_agent *a)
{
    say(a, 0, BULK_SLOT);
    fake_hear(a);
}

static void
says_endless_hole(struct fake_agent *a)
{
    uint8_t data[BULK_HOLE];

    bulk_hole_put(UINT64_MAX, data);
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_HOLE, data, sizeof data);
}

static void
says_short_hole(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_HOLE, "1234567", 7);
}

static void
takes_too_much(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    for (int i = 0; i <= BULK_SLOTS; i++)
        fake_frame(a, FRAME_TAKEN, NULL, 0);
}

static void
check_lie(fake_script script, bool upload, bool area, const char *message)
{
    cleanup_close int bulk = memfd_create("bulk", MFD_CLOEXEC);
    struct fake_session s;

    CHECK(bulk >= 0 && ftruncate(bulk, AREA) == 0);
    fake_start(&s, script);
    CHECK(fake_hello(&s, SECONDS) == 0);
    channel_set_bulk(s.g->channel, area ? bulk : -1);
    s.g->timeout = SECONDS;
    CHECK((upload ? mayfly_upload(s.g, "/dev/zero", "/a")
                  : mayfly_download(s.g, "/a", "/dev/null")) < 0);
    if (!strstr(mayfly_last_error(s.g), message)) {
        fprintf(stderr, "'%s' is not '%s'\n", mayfly_last_error(s.g), message);
        exit(1);
    }
    CHECK(s.g->state == HANDLE_DEAD);
    fake_end(&s);
}

TEST(liars)
{
    check_lie(says_behind_the_end, false, true, "bad bulk frame");
    check_lie(says_too_long, false, true, "bad bulk frame");
    check_lie(says_slot, false, false, "bad bulk frame");
    check_lie(says_slot, true, true, "out of turn");
    check_lie(says_endless_hole, false, true, "bad hole");
    check_lie(says_short_hole, false, true, "bad hole");
    check_lie(says_endless_hole, true, true, "out of turn");
    check_lie(takes_too_much, true, true, "took data that was not sent");
    check_lie(takes_too_much, false, true, "out of turn");
}
