/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader's rules, one by one; the encoded bytes; frames; hello. */
#include <config.h>

#include <stdint.h>

#include "base/cleanup.h"
#include "codec.h"
#include "tests/unit/test.h"
#include "wire/frame.h"
#include "wire/hello.h"
#include "wire/wire.h"

#define READER(...)                                                            \
    static const uint8_t bytes_[] = {__VA_ARGS__};                             \
    struct wire_arena arena = {.cap = 4096};                                   \
    struct wire_reader r = {bytes_, sizeof bytes_, false, &arena}

TEST(numbers)
{
    READER(0xfe, 0x34, 0x12, 0x78, 0x56, 0x34, 0x12, 0xef, 0xcd, 0xab, 0x89,
        0x67, 0x45, 0x23, 0x01, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 1, 0);

    CHECK(wire_get_u8(&r) == 0xfe);
    CHECK(wire_get_u16(&r) == 0x1234);
    CHECK(wire_get_u32(&r) == 0x12345678);
    CHECK(wire_get_u64(&r) == 0x0123456789abcdef);
    CHECK(wire_get_i32(&r) == -1);
    CHECK(wire_get_i64(&r) == -2);
    CHECK(wire_get_bool(&r));
    CHECK(!wire_get_bool(&r));
    CHECK(wire_finish(&r));
}

/* After the first fault nothing is consumed and every value is zero. */
TEST(bad_sticks)
{
    READER(1, 2, 3, 4, 5);
    uint32_t n = 7;

    CHECK(wire_get_u64(&r) == 0 && r.bad);
    CHECK(wire_get_u8(&r) == 0);
    CHECK(wire_get_u16(&r) == 0 && wire_get_u32(&r) == 0);
    CHECK(!wire_get_bool(&r) && wire_get_enum(&r, 9) == 0);
    CHECK(!wire_get_string(&r, 9));
    CHECK(!wire_get_bytes(&r, 9, &n) && n == 0);
    n = 7;
    CHECK(!wire_get_list(&r, 9, 1, 8, &n) && n == 0);
    CHECK(!wire_take(&r, 0) || r.bad);
    CHECK(!wire_finish(&r));
    wire_arena_free(&arena);
}

TEST(half_a_number_is_none)
{
    READER(1, 2, 3, 4, 5, 6, 7);

    CHECK(wire_get_u64(&r) == 0 && !wire_finish(&r));
}

TEST(bytes_left_over)
{
    READER(1, 2);

    CHECK(wire_get_u8(&r) == 1 && !r.bad);
    CHECK(!wire_finish(&r));
}

TEST(bools_are_0_or_1)
{
    READER(2);

    CHECK(!wire_get_bool(&r) && r.bad);
}

TEST(enums_in_range)
{
    READER(2, 0, 0, 0, 3, 0, 0, 0);

    CHECK(wire_get_enum(&r, 3) == 2 && !r.bad);
    CHECK(wire_get_enum(&r, 3) == 0 && r.bad);
}

TEST(ranges)
{
    READER(5, 0, 0, 0, 0xff, 0xff, 0xff, 0xff);

    CHECK(wire_get_i32_range(&r, 5, 5) == 5);
    CHECK(wire_get_i32_range(&r, 0, 5) == 0 && r.bad);
}

TEST(strings)
{
    READER(2, 0, 0, 0, 'h', 'i', 0, 0, 0, 0, 2, 0, 0, 0, 'h', 'i');

    CHECK_STR(wire_get_string(&r, 2), "hi");
    CHECK_STR(wire_get_string(&r, 0), "");
    CHECK(!wire_get_string(&r, 1) && r.bad);
    wire_arena_free(&arena);
}

TEST(strings_hold_no_nul)
{
    READER(3, 0, 0, 0, 'a', 0, 'b');

    CHECK(!wire_get_string(&r, 9) && r.bad);
}

TEST(lengths_cannot_lie)
{
    static const uint32_t lengths[] = {4, 5, 0x7fffffff, UINT32_MAX};

    for (size_t i = 0; i < N_ELEMENTS(lengths); i++) {
        uint8_t b[7] = {0};
        struct wire_arena arena = {.cap = SIZE_MAX / 4};
        struct wire_reader r = {b, sizeof b, false, &arena};
        uint32_t n;

        for (int k = 0; k < 4; k++)
            b[k] = (uint8_t)(lengths[i] >> (8 * k));
        CHECK(!wire_get_bytes(&r, UINT32_MAX, &n) && r.bad && n == 0);
        CHECK(arena.used == 0);
    }
}

/* A list allocates no more than the bytes actually present could hold. */
TEST(lists_must_be_paid)
{
    READER(3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0);
    uint32_t n;

    CHECK(!wire_get_list(&r, 100, 4, 8, &n) && r.bad && n == 0);
    CHECK(arena.used == 0);

    struct wire_reader again = {bytes_, sizeof bytes_, false, &arena};
    CHECK(wire_get_list(&again, 3, 2, 8, &n) && n == 3);
    struct wire_reader bound = {bytes_, sizeof bytes_, false, &arena};
    CHECK(!wire_get_list(&bound, 2, 2, 8, &n) && bound.bad);
    wire_arena_free(&arena);
}

TEST(arena_cap)
{
    struct wire_arena arena = {.cap = 128};
    uint8_t *p = wire_arena_alloc(&arena, 64);

    CHECK(p);
    for (int i = 0; i < 64; i++)
        CHECK(p[i] == 0);
    CHECK(!wire_arena_alloc(&arena, 65));
    CHECK(!wire_arena_alloc(&arena, SIZE_MAX));
    CHECK(!wire_arena_alloc(&arena, SIZE_MAX / 2));
    CHECK(wire_arena_alloc(&arena, 64));
    CHECK(!wire_arena_alloc(&arena, 1));
    wire_arena_free(&arena);
}

TEST(arena_cap_ends_reading)
{
    READER(6, 0, 0, 0, 'x', 'x', 'x', 'x', 'x', 'x');
    arena = (struct wire_arena){.cap = 5};
    (void)wire_get_string(&r, 100);
    CHECK(r.bad);
    wire_arena_free(&arena);
}

TEST(writer_cap)
{
    struct wire_writer w = {.cap = 6};

    wire_put_u32(&w, 1);
    CHECK(!w.bad && w.used == 4);
    wire_put_u32(&w, 1);
    CHECK(w.bad && w.used == 4);
    wire_put_u8(&w, 1);
    CHECK(w.used == 4);
    wire_writer_free(&w);
}

TEST(writer_refuses)
{
    struct wire_writer w = {.cap = 100};

    wire_put_string(&w, "abc", 2);
    CHECK(w.bad);
    w.bad = false;
    wire_put_string(&w, NULL, 2);
    CHECK(w.bad);
    w.bad = false;
    wire_put_enum(&w, 3, 3);
    CHECK(w.bad);
    w.bad = false;
    wire_put_count(&w, 3, 2);
    CHECK(w.bad);
    w.bad = false;
    wire_put_i32_range(&w, 3, 4, 5);
    CHECK(w.bad);
    wire_writer_free(&w);
}

/* --- golden bytes of the codec --- */

static void
check_bytes(struct wire_writer *w, const uint8_t *want, size_t n)
{
    CHECK(!w->bad);
    if (w->used != n || memcmp(w->p, want, n) != 0) {
        for (size_t i = 0; i < w->used; i++)
            fprintf(stderr, "0x%02x, ", w->p[i]);
        fprintf(stderr, "\n");
        exit(1);
    }
    wire_writer_free(w);
}

TEST(optional_arguments)
{
    static const uint8_t absent[] = {2, 0, 0, 0, '/', 'a', 0};
    static const uint8_t present[] = {2, 0, 0, 0, '/', 'a', 1, 0};
    struct api_is_file_args args = {.path = "/a"};
    struct wire_writer w = {.cap = 100};

    api_put_is_file_args(&w, &args);
    check_bytes(&w, absent, sizeof absent);
    args.has_followsymlinks = true;
    w = (struct wire_writer){.cap = 100};
    api_put_is_file_args(&w, &args);
    check_bytes(&w, present, sizeof present);
}

TEST(lists_and_structs)
{
    static const uint8_t want[] = {2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0,
        0, 'r', 1, 0, 0, 0, 'a', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        1, 0, 0, 0, 'd', 2, 0, 0, 0, 'b', 'c'};
    char r_[] = "r", a[] = "a", d[] = "d", bc[] = "bc";
    const struct mayfly_dirent entries[] = {{7, r_, a}, {-1, d, bc}};
    const struct api_readdir_ret ret = {.value = entries, .n_value = 2};
    struct wire_writer w = {.cap = 100};
    struct wire_arena arena = {.cap = 4096};
    struct wire_reader r = {want, sizeof want, false, &arena};
    struct api_readdir_ret back;

    api_put_readdir_ret(&w, &ret);
    check_bytes(&w, want, sizeof want);
    CHECK(api_get_readdir_ret(&r, &back) && back.n_value == 2);
    CHECK(back.value[0].ino == 7 && back.value[1].ino == -1);
    CHECK_STR(back.value[1].name, "bc");
    wire_arena_free(&arena);
}

TEST(blobs)
{
    static const uint8_t want[] = {3, 0, 0, 0, 0, 0xff, 10};
    static const uint8_t data[] = {0, 0xff, 10};
    const struct api_pread_ret ret = {.value = data, .n_value = 3};
    struct wire_writer w = {.cap = 100};

    api_put_pread_ret(&w, &ret);
    check_bytes(&w, want, sizeof want);
}

/* Every prefix of a good message is bad, and so is one with a byte more. */
TEST(every_length)
{
    char name[] = "name", type[] = "d";
    const struct mayfly_dirent entries[] = {{1, type, name}, {2, type, name}};
    const struct api_readdir_ret ret = {.value = entries, .n_value = 2};
    struct wire_writer w = {.cap = 1000};

    api_put_readdir_ret(&w, &ret);
    CHECK(!w.bad);
    for (size_t n = 0; n <= w.used + 1; n++) {
        /* An allocation of its own, so that the sanitizers see an overrun. */
        uint8_t *copy = malloc(n ? n : 1);
        struct wire_arena arena = {.cap = 65536};
        struct wire_reader r = {copy, n, false, &arena};
        struct api_readdir_ret back;

        memset(copy, 0, n);
        memcpy(copy, w.p, n < w.used ? n : w.used);
        CHECK(api_get_readdir_ret(&r, &back) == (n == w.used));
        wire_arena_free(&arena);
        free(copy);
    }
    wire_writer_free(&w);
}

/* --- frames --- */

TEST(frames)
{
    static const uint8_t want[FRAME_HEADER] = {
        0, 0, 16, 0, 3, 0, 0x34, 0x12, 0x78, 0x56, 0x34, 0x12};
    const struct frame f = {FRAME_MAX, FRAME_REPLY, 0x1234, 0x12345678};
    uint8_t b[FRAME_HEADER];
    struct frame back;

    frame_put(&f, b);
    CHECK(memcmp(b, want, sizeof want) == 0);
    CHECK(frame_get(b, &back) && memcmp(&f, &back, sizeof f) == 0);
    b[0] = 1; /* one byte too long */
    CHECK(!frame_get(b, &back));
    b[0] = 0;
    b[4] = 0;
    CHECK(!frame_get(b, &back));
    b[4] = FRAME_KIND_MAX + 1;
    CHECK(!frame_get(b, &back));
    b[4] = 1;
    b[5] = 1;
    CHECK(!frame_get(b, &back));
}

TEST(hello)
{
    struct hello h = {.nonce = "0123456789abcde",
        .seconds = -1,
        .nanoseconds = 999999999,
        .flags = 5,
        .run_id = "run"};
    struct wire_writer w = {.cap = 4096};
    struct wire_arena arena = {.cap = 4096};
    struct hello back;

    hello_put(&w, &h);
    CHECK(!w.bad);
    struct wire_reader r = {w.p, w.used, false, &arena};
    CHECK(hello_get(&r, &back));
    CHECK(memcmp(back.nonce, h.nonce, sizeof h.nonce) == 0);
    CHECK(back.seconds == -1 && back.flags == 5);
    CHECK_STR(back.run_id, "run");
    for (size_t n = 0; n < w.used; n++) {
        struct wire_reader cut = {w.p, n, false, &arena};
        CHECK(!hello_get(&cut, &back));
    }
    /* A nonce of another length. */
    w.p[0] = HELLO_NONCE - 1;
    struct wire_reader odd = {w.p, w.used, false, &arena};
    CHECK(!hello_get(&odd, &back));
    wire_arena_free(&arena);
    wire_writer_free(&w);
}
