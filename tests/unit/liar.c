/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An appliance that lies.  Whatever it does, a call must end soon, with one
 * clean line, in bounded memory; after a lie the handle is dead and sends it
 * nothing more. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "codec.h"
#include "lib/rpc/channel.h"
#include "tests/unit/fake-agent.h"
#include "tests/unit/liar.h"
#include "tests/unit/test.h"

/* --- 1: hello --- */

static void
check_hello(fake_script script, int code, const char *message)
{
    struct fake_session s;

    fake_start(&s, script);
    CHECK(fake_hello(&s, 0.5) < 0);
    check_clean(mayfly_last_error(s.g));
    if (!strstr(mayfly_last_error(s.g), message) ||
        mayfly_last_errno(s.g) != code) {
        fprintf(stderr, "'%s' (%d)\n", mayfly_last_error(s.g),
            mayfly_last_errno(s.g));
        exit(1);
    }
    fake_end(&s);
}

static void
wrong_nonce(struct fake_agent *a)
{
    struct hello h;

    fake_hear_hello(a, &h);
    h.nonce[HELLO_NONCE - 1] ^= 1;
    fake_answer_hello(a, h.nonce, API_HASH);
}

static void
wrong_hash(struct fake_agent *a)
{
    char hash[] = API_HASH;
    struct hello h;

    hash[0] ^= 1;
    fake_hear_hello(a, &h);
    fake_answer_hello(a, h.nonce, hash);
}

static void
no_hash(struct fake_agent *a)
{
    struct hello h;

    fake_hear_hello(a, &h);
    fake_answer_hello(a, h.nonce, "");
}

static void
silent(struct fake_agent *a)
{
    fake_hear(a);
}

static void
hangs_up(struct fake_agent *a)
{
    fake_hear(a);
    _exit(0);
}

static void
says_ready_again(struct fake_agent *a)
{
    fake_hear(a);
    fake_any_frame(a, 0, FRAME_HELLO, 0, 0);
}

static void
babbles(struct fake_agent *a)
{
    uint8_t noise[4096];

    memset(noise, 0xa5, sizeof noise);
    for (;;)
        fake_send(a, noise, sizeof noise);
}

static void
replies_to_hello(struct fake_agent *a)
{
    fake_hear(a);
    fake_frame(a, FRAME_REPLY, "\1", 1);
}

TEST(hello)
{
    check_hello(wrong_nonce, EPROTO, "another hello");
    check_hello(wrong_hash, EUCLEAN, "another build");
    check_hello(no_hash, EUCLEAN, "another build");
    check_hello(silent, ETIMEDOUT, "did not answer in time");
    check_hello(hangs_up, ECONNRESET, "has stopped");
    check_hello(says_ready_again, EPROTO, "an invalid answer");
    check_hello(babbles, EPROTO, "malformed frame");
    check_hello(replies_to_hello, EPROTO, "an invalid answer");
}

/* --- 2: frames --- */

static void
too_long(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_any_frame(a, FRAME_MAX + 1, FRAME_REPLY, a->last.call, a->last.serial);
}

static void
far_too_long(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_any_frame(a, UINT32_MAX, FRAME_REPLY, a->last.call, a->last.serial);
}

static void
unknown_kind(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_any_frame(a, 0, FRAME_KIND_MAX + 1, a->last.call, a->last.serial);
}

static void
kind_zero(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_any_frame(a, 0, 0, a->last.call, a->last.serial);
}

TEST(frames)
{
    check_lie(BOOL, too_long, EPROTO, "malformed frame");
    check_lie(BOOL, far_too_long, EPROTO, "malformed frame");
    check_lie(BOOL, unknown_kind, EPROTO, "malformed frame");
    check_lie(BOOL, kind_zero, EPROTO, "malformed frame");
}

/* --- 3: cut short --- */

static void
half_a_header(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_send(a, "\1\0\0\0", 4);
    _exit(0);
}

static void
half_a_frame(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_any_frame(a, 100, FRAME_REPLY, a->last.call, a->last.serial);
    fake_send(a, "half", 4);
    _exit(0);
}

/* Announces a megabyte and falls silent. */
static void
waits_in_a_frame(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_any_frame(a, FRAME_MAX, FRAME_REPLY, a->last.call, a->last.serial);
}

static void
empty_reply(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_REPLY, "", 0);
}

static void
half_a_number(struct fake_agent *a)
{
    static const uint8_t b[16 * 8 - 1];

    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_REPLY, b, 12 * 8 - 1);
}

TEST(cut_short)
{
    check_lie(BOOL, half_a_header, ECONNRESET, "has stopped");
    check_lie(BOOL, half_a_frame, ECONNRESET, "has stopped");
    check_lie_within(
        BOOL, waits_in_a_frame, ETIMEDOUT, "did not answer in time", 1);
    check_lie(BOOL, empty_reply, EPROTO, "malformed reply");
    check_lie(STRING, empty_reply, EPROTO, "malformed reply");
    check_lie(STRINGS, empty_reply, EPROTO, "malformed reply");
    check_lie(STRUCT, half_a_number, EPROTO, "malformed reply");
}

/* --- 4: answers to something else --- */

static void
wrong_serial(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_any_frame(a, 0, FRAME_REPLY, a->last.call, a->last.serial + 1);
}

static void
wrong_call(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_any_frame(
        a, 0, FRAME_REPLY, (uint16_t)(a->last.call + 1), a->last.serial);
}

/* Answers before it is asked. */
static void
foretells(struct fake_agent *a)
{
    fake_greet(a);
    fake_any_frame(a, 1, FRAME_REPLY, API_IS_DIR, 2);
    fake_send(a, "\1", 1);
}

static void
says_hello_again(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_HELLO, "", 0);
}

static void
calls_back(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_CALL, "", 0);
}

static void
sends_a_file(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_DATA_CHUNK, "data", 4);
}

TEST(out_of_turn)
{
    check_lie(BOOL, wrong_serial, EPROTO, "a call that was not made");
    check_lie(BOOL, wrong_call, EPROTO, "a call that was not made");
    check_lie(BOOL, foretells, EPROTO, "a call that was not made");
    check_lie(BOOL, says_hello_again, EPROTO, "out of turn");
    check_lie(BOOL, calls_back, EPROTO, "out of turn");
    check_lie(BOOL, sends_a_file, EPROTO, "out of turn");
    check_lie(UPLOAD, sends_a_file, EPROTO, "out of turn");
}

/* The answer comes twice: the second spoils the next call. */
static void
stutters(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_REPLY, "\1", 1);
    fake_frame(a, FRAME_REPLY, "\0", 1);
}

TEST(answers_twice)
{
    struct fake_session s;
    bool yes;

    fake_start(&s, stutters);
    CHECK(fake_hello(&s, SECONDS) == 0);
    CHECK(mayfly_is_dir(s.g, "/", NULL, &yes) == 0 && yes);
    CHECK(mayfly_is_dir(s.g, "/", NULL, &yes) < 0);
    check_dead(s.g, EPROTO, "a call that was not made");
    fake_end(&s);
}

/* --- 5: bytes left over --- */

static void
one_byte_more(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_REPLY, "\1\0", 2);
}

TEST(trailing_bytes)
{
    check_lie(BOOL, one_byte_more, EPROTO, "malformed reply");
    check_lie(NOTHING, one_byte_more, EPROTO, "malformed reply");
    check_lie(DOWNLOAD, one_byte_more, EPROTO, "malformed reply");
}

/* --- 6: values out of bounds --- */

static void
bool_is_two(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_REPLY, "\2", 1);
}

static void
long_string(struct fake_agent *a)
{
    static uint8_t b[4 + 8192] = {0, 0x20};

    memset(b + 4, 'a', sizeof b - 4);
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_REPLY, b, sizeof b);
}

static void
string_with_nul(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_REPLY, "\3\0\0\0a\0b", 7);
}

static void
string_beyond_the_end(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_REPLY,
        "\xff\xff\xff\xff"
        "ab",
        6);
}

static void
list_beyond_the_end(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_REPLY, "\xff\xff\xff\x1f\0\0\0\0", 8);
}

/* More elements than the definition allows, all of them there. */
static void
long_list(struct fake_agent *a)
{
    static uint8_t b[FRAME_MAX];
    uint32_t n = (sizeof b - 4) / 4;

    for (int i = 0; i < 4; i++)
        b[i] = (uint8_t)(n >> (8 * i));
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_REPLY, b, sizeof b);
}

TEST(out_of_bounds)
{
    check_lie(BOOL, bool_is_two, EPROTO, "malformed reply");
    check_lie(STRING, long_string, EPROTO, "malformed reply");
    check_lie(STRING, string_with_nul, EPROTO, "malformed reply");
    check_lie(STRING, string_beyond_the_end, EPROTO, "malformed reply");
    check_lie(STRINGS, list_beyond_the_end, EPROTO, "malformed reply");
    check_lie(STRUCTS, list_beyond_the_end, EPROTO, "malformed reply");
    check_lie(STRINGS, long_list, EPROTO, "malformed reply");
}

/* --- 7: without end --- */

static void
endless_progress(struct fake_agent *a)
{
    static const uint8_t progress[16];

    fake_greet(a);
    fake_hear_call(a);
    for (;;)
        fake_frame(a, FRAME_PROGRESS, progress, sizeof progress);
}

static void
endless_parts(struct fake_agent *a)
{
    static uint8_t part[FRAME_MAX];

    fake_greet(a);
    fake_hear_call(a);
    for (;;)
        fake_frame(a, FRAME_PART, part, sizeof part);
}

static void
endless_empty_parts(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    for (;;)
        fake_frame(a, FRAME_PART, "", 0);
}

static void
endless_empty_data(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    for (;;)
        fake_frame(a, FRAME_DATA_CHUNK, "", 0);
}

static void
falls_silent(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
}

/* Sends its answer byte by byte, never all of it. */
static void
drips(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_any_frame(a, FRAME_MAX, FRAME_REPLY, a->last.call, a->last.serial);
    for (;;) {
        fake_send(a, "", 1);
        usleep(100000);
    }
}

static void
dies(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    _exit(0);
}

TEST(endless)
{
    check_lie(BOOL, endless_progress, EPROTO, "bad progress");
    check_lie(BOOL, endless_parts, EPROTO, "too long");
    check_lie(BOOL, endless_empty_parts, EPROTO, "empty frame");
    check_lie(DOWNLOAD, endless_empty_data, EPROTO, "empty frame");
}

TEST(silent)
{
    check_lie_within(
        BOOL, falls_silent, ETIMEDOUT, "did not answer in time", 1);
    check_lie_within(
        DOWNLOAD, falls_silent, ETIMEDOUT, "did not answer in time", 1);
    /* Nor does it read the file, once the socket is full. */
    check_lie_within(
        UPLOAD, falls_silent, ETIMEDOUT, "did not answer in time", 1);
    check_lie_within(BOOL, drips, ETIMEDOUT, "did not answer in time", 1);
    check_lie(BOOL, dies, ECONNRESET, "has stopped");
    check_lie(DOWNLOAD, dies, ECONNRESET, "has stopped");
}

/* What an endless reply may cost. */
TEST(memory)
{
    struct fake_session s;

    fake_start(&s, endless_parts);
    CHECK(fake_hello(&s, SECONDS) == 0);
    CHECK(ask(s.g, BOOL) < 0);
    fake_end(&s);

    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    CHECK(usage.ru_maxrss < MEMORY);
}

/* --- 8: malformed errors and progress --- */

static void
send_error(
    const struct fake_agent *a, int32_t code, const char *text, uint32_t n)
{
    struct wire_writer w = {.cap = FRAME_MAX};

    wire_put_i32(&w, code);
    wire_put_bytes(&w, (const uint8_t *)text, n, UINT32_MAX);
    fake_frame(a, FRAME_ERROR, w.p, w.used);
    wire_writer_free(&w);
}

static void
error_zero(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    send_error(a, 0, "no error", 8);
}

static void
error_negative(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    send_error(a, -2, "text", 4);
}

static void
error_huge(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    send_error(a, 4096, "text", 4);
}

static void
error_with_nul(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    send_error(a, EIO, "te\0t", 4);
}

static void
error_too_long(struct fake_agent *a)
{
    static char text[FRAME_ERROR_MAX + 1];

    memset(text, 'a', sizeof text);
    fake_greet(a);
    fake_hear_call(a);
    send_error(a, EIO, text, sizeof text);
}

static void
error_empty(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_ERROR, "", 0);
}

static void
progress_short(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_PROGRESS, "1234567", 7);
}

static void
progress_long(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    fake_frame(a, FRAME_PROGRESS, "12345678123456789", 17);
}

TEST(false_errors)
{
    check_lie(BOOL, error_zero, EPROTO, "malformed error");
    check_lie(BOOL, error_negative, EPROTO, "malformed error");
    check_lie(BOOL, error_huge, EPROTO, "malformed error");
    check_lie(BOOL, error_with_nul, EPROTO, "malformed error");
    check_lie(BOOL, error_too_long, EPROTO, "malformed error");
    check_lie(BOOL, error_empty, EPROTO, "malformed error");
    check_lie(BOOL, progress_short, EPROTO, "bad progress");
    check_lie(BOOL, progress_long, EPROTO, "bad progress");
}

/* --- 9: text that acts as a terminal command --- */

static void
error_with_escapes(struct fake_agent *a)
{
    static const char text[] = "a\x1b]0;title\a\r\nroot# \xff\xc2\x9b"
                               "31m\x7f\t";

    fake_greet(a);
    for (;;) {
        fake_hear_call(a);
        send_error(a, EIO, text, sizeof text - 1);
    }
}

TEST(hostile_text)
{
    struct fake_session s;

    fake_start(&s, error_with_escapes);
    CHECK(fake_hello(&s, SECONDS) == 0);
    /* A well-formed error is not a lie: the handle stays usable. */
    for (int i = 0; i < 2; i++) {
        CHECK(ask(s.g, BOOL) < 0);
        check_clean(mayfly_last_error(s.g));
        CHECK(strstr(mayfly_last_error(s.g), "a\\x1b]0;title"));
        CHECK(!strstr(mayfly_last_error(s.g), "\xc2\x9b"));
        CHECK(mayfly_last_errno(s.g) == EIO);
        CHECK(s.g->state == HANDLE_READY);
    }
    fake_end(&s);
}

/* --- files --- */

/* Ends an upload early, which is allowed, then goes on with the next call. */
static void
refuses_upload(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    send_error(a, ENOSPC, "full", 4);
    for (;;) {
        fake_hear_call(a);
        fake_frame(a, FRAME_REPLY, "\1", 1);
    }
}

TEST(upload_refused)
{
    struct fake_session s;
    bool yes;

    fake_start(&s, refuses_upload);
    CHECK(fake_hello(&s, SECONDS) == 0);
    CHECK(ask(s.g, UPLOAD) < 0 && mayfly_last_errno(s.g) == ENOSPC);
    CHECK(mayfly_is_dir(s.g, "/", NULL, &yes) == 0 && yes);
    fake_end(&s);
}

/* Lies at random: any content, as long as it comes in frames. */
static void
improvises(struct fake_agent *a)
{
    static uint8_t b[4096];

    fake_greet(a);
    srandom((unsigned)getpid());
    for (;;) {
        size_t n = (size_t)random() % (random() % 3 ? 40 : sizeof b);

        fake_hear_call(a);
        for (size_t i = 0; i < n; i++)
            b[i] = (uint8_t)(random() % 3 ? 0 : random());
        fake_frame(a, random() % 4 ? FRAME_REPLY : FRAME_PART, b, n);
        fake_frame(a, FRAME_REPLY, b, n);
    }
}

TEST(improvised)
{
    for (int round = 0; round < 300; round++) {
        struct fake_session s;

        fake_start(&s, improvises);
        CHECK(fake_hello(&s, SECONDS) == 0);
        for (int i = 0; i < 5; i++) {
            if (ask(s.g, (enum question)((round + i) % (NOTHING + 1))) < 0)
                check_clean(mayfly_last_error(s.g));
        }
        fake_end(&s);
    }
}
