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
#include "tests/unit/test.h"

enum { SECONDS = 10 }; /* that any lie may take */

/* The memory that any lie may cost, in KiB; ASan keeps what was freed. */
#ifdef __SANITIZE_ADDRESS__
enum { MEMORY = 1 << 20 };
#else
enum { MEMORY = 300 << 10 };
#endif

/* Printable, one line, not empty. */
static void
check_clean(const char *text)
{
    CHECK(text && *text && strlen(text) < 70000);
    for (const char *p = text; *p; p++)
        CHECK((unsigned char)*p >= 0x20 && (unsigned char)*p != 0x7f);
}

static void
check_dead(struct mayfly *g, int code, const char *message)
{
    const char *text = mayfly_last_error(g);
    bool yes;

    check_clean(text);
    if (!strstr(text, message) || mayfly_last_errno(g) != code) {
        fprintf(stderr, "'%s' (%d) is not '%s' (%d)\n", text,
            mayfly_last_errno(g), message, code);
        exit(1);
    }
    CHECK(g->state == HANDLE_DEAD);
    /* No second chance. */
    CHECK(mayfly_is_dir(g, "/", NULL, &yes) < 0);
    CHECK(mayfly_last_errno(g) == ESHUTDOWN);
    check_clean(mayfly_last_error(g));
}

/* Each lie answers one of these calls. */
enum question {
    BOOL,
    STRING,
    STRINGS,
    STRUCT,
    STRUCTS,
    NOTHING,
    DOWNLOAD,
    UPLOAD
};

static int
ask(struct mayfly *g, enum question question)
{
    bool yes;
    char *text, **texts;
    struct mayfly_file_status *status;
    struct mayfly_dirent_list *entries;
    int result;

    switch (question) {
    case BOOL:
        return mayfly_is_dir(g, "/", NULL, &yes);
    case STRING:
        result = mayfly_readlink(g, "/a", &text);
        if (result == 0)
            free(text);
        return result;
    case STRINGS:
        result = mayfly_list_devices(g, &texts);
        if (result == 0)
            free(texts);
        return result;
    case STRUCT:
        result = mayfly_stat(g, "/", &status);
        if (result == 0)
            mayfly_free_file_status(status);
        return result;
    case STRUCTS:
        result = mayfly_readdir(g, "/", &entries);
        if (result == 0)
            mayfly_free_dirent_list(entries);
        return result;
    case NOTHING:
        return mayfly_mkdir(g, "/a");
    case DOWNLOAD:
        return mayfly_download(g, "/a", "/dev/null");
    case UPLOAD:
        return mayfly_upload(g, "/dev/zero", "/a");
    }
    abort();
}

static void
check_lie_within(enum question question, fake_script script, int code,
    const char *message, int timeout)
{
    struct fake_session s;
    double start = monotonic_seconds();

    fake_start(&s, script);
    CHECK(fake_hello(&s, SECONDS) == 0);
    s.g->timeout = timeout;
    CHECK(ask(s.g, question) < 0);
    check_dead(s.g, code, message);
    CHECK(monotonic_seconds() - start < 6 * SECONDS);
    fake_end(&s);
}

static void
check_lie(
    enum question question, fake_script script, int code, const char *message)
{
    check_lie_within(question, script, code, message, 60);
}

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

/* --- a sign of life every time it is due, and nothing else --- */

enum { DRIP = 300000 }; /* microseconds: well within a timeout of 1 s */

static void
drips_parts(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    for (;;) {
        fake_frame(a, FRAME_PART, "", 1);
        usleep(DRIP);
    }
}

static void
drips_data(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    for (;;) {
        fake_frame(a, FRAME_DATA_CHUNK, "x", 1);
        usleep(DRIP);
    }
}

static void
send_progress(struct fake_agent *a, uint64_t done, uint64_t total)
{
    uint8_t b[16];

    for (int i = 0; i < 8; i++) {
        b[i] = (uint8_t)(done >> (8 * i));
        b[8 + i] = (uint8_t)(total >> (8 * i));
    }
    fake_frame(a, FRAME_PROGRESS, b, sizeof b);
}

/* Each is more than the one before. */
static void
drips_progress(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    for (uint64_t done = 1;; done++) {
        send_progress(a, done, UINT64_MAX);
        usleep(DRIP);
    }
}

/* Backwards and forwards again. */
static void
swings(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    for (uint64_t i = 0;; i++) {
        send_progress(a, i % 2, 100);
        usleep(DRIP);
    }
}

/* Honest, but longer than six timeouts: a download of 128 KiB a second, and a
 * progress of 5 % a second. */
static void
is_slow(struct fake_agent *a)
{
    static uint8_t data[64 << 10];

    fake_greet(a);
    fake_hear_call(a);
    for (int i = 0; i < 20; i++) {
        fake_frame(a, FRAME_DATA_CHUNK, data, sizeof data);
        usleep(500000);
    }
    fake_frame(a, FRAME_REPLY, "", 0);
}

static void
is_slow_with_progress(struct fake_agent *a)
{
    fake_greet(a);
    fake_hear_call(a);
    for (unsigned i = 1; i <= 20; i++) {
        send_progress(a, i, 20);
        usleep(500000);
    }
    fake_frame(a, FRAME_REPLY, "", 0);
}

static void
answers_at_once(struct fake_agent *a)
{
    static uint8_t data[64 << 10];

    fake_greet(a);
    fake_hear_call(a);
    for (int i = 0; i < 8; i++)
        fake_frame(a, FRAME_DATA_CHUNK, data, sizeof data);
    fake_frame(a, FRAME_REPLY, "", 0);
}

static void
check_honest(enum question question, fake_script script)
{
    struct fake_session s;

    fake_start(&s, script);
    CHECK(fake_hello(&s, SECONDS) == 0);
    s.g->timeout = 1;
    if (ask(s.g, question) < 0) {
        fprintf(stderr, "%s\n", mayfly_last_error(s.g));
        exit(1);
    }
    fake_end(&s);
}

/* The host's own pipe is what takes so long. */
static void
check_slow_reader(void)
{
    struct fake_session s;
    char stream[32];
    int ends[2];

    CHECK(pipe(ends) == 0);
    pid_t reader = fork();
    if (reader == 0) {
        char data[4096];

        close(ends[1]);
        sleep(3);
        while (read(ends[0], data, sizeof data) > 0)
            ;
        _exit(0);
    }
    close(ends[0]);
    fake_start(&s, answers_at_once);
    CHECK(fake_hello(&s, SECONDS) == 0);
    s.g->timeout = 1;
    snprintf(stream, sizeof stream, "/dev/fd/%d", ends[1]);
    if (mayfly_download(s.g, "/a", stream) < 0) {
        fprintf(stderr, "%s\n", mayfly_last_error(s.g));
        exit(1);
    }
    close(ends[1]);
    fake_end(&s);
    CHECK(waitpid(reader, NULL, 0) == reader);
}

/* Its disks are busy for a while, whatever it says. */
static uint64_t
busy_disks(void *opaque)
{
    int *times = opaque;

    return (uint64_t)(++*times < 3 ? *times : 2) << 20;
}

static void
check_work(void)
{
    cleanup_error struct error err = {0};
    struct fake_session s;
    uint8_t *reply;
    size_t size;
    int times = 0;
    const struct channel_call call = {.number = API_IS_DIR,
        .timeout = 1,
        .stream_out = true,
        .stream_fd = -1,
        .work = busy_disks,
        .opaque = &times};
    double start = monotonic_seconds();

    fake_start(&s, drips_data);
    CHECK(fake_hello(&s, SECONDS) == 0);
    CHECK(channel_call(s.g->channel, &call, &reply, &size, &err) ==
          CHANNEL_BROKEN);
    CHECK(err.code == ETIMEDOUT && times == 3);
    /* Six timeouts, and one for each time that they had worked. */
    CHECK(monotonic_seconds() - start > 7.9);
    fake_end(&s);
}

static void
check_progress(int i)
{
    static const char text[] = "too little progress";

    switch (i) {
    case 0:
        return check_lie_within(STRING, drips_parts, ETIMEDOUT, text, 1);
    case 1:
        return check_lie_within(DOWNLOAD, drips_data, ETIMEDOUT, text, 1);
    case 2:
        return check_lie_within(NOTHING, drips_progress, ETIMEDOUT, text, 1);
    case 3:
        return check_lie_within(NOTHING, swings, ETIMEDOUT, text, 1);
    case 4:
        return check_honest(DOWNLOAD, is_slow);
    case 5:
        return check_honest(NOTHING, is_slow_with_progress);
    case 6:
        return check_slow_reader();
    case 7:
        return check_work();
    }
}

/* All at once, since each takes some seconds. */
TEST(too_little_progress)
{
    enum { CASES = 8 };
    pid_t pids[CASES];

    for (int i = 0; i < CASES; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            check_progress(i);
            _exit(0);
        }
    }
    for (int i = 0; i < CASES; i++) {
        int status;

        CHECK(waitpid(pids[i], &status, 0) == pids[i]);
        if (status != 0)
            fprintf(stderr, "case %d\n", i);
        CHECK(status == 0);
    }
}

/* --- a cancel between two calls --- */

static void
answers_ten(struct fake_agent *a)
{
    fake_greet(a);
    for (int i = 0; i < 10; i++) {
        fake_hear_call(a);
        fake_frame(a, FRAME_REPLY, "\1", 1);
    }
}

static bool
call_works(struct mayfly *g)
{
    bool yes;
    int r = mayfly_is_dir(g, "/", NULL, &yes);

    CHECK(r == 0 || mayfly_last_errno(g) == ECANCELED);
    CHECK(g->state == HANDLE_READY);
    return r == 0;
}

TEST(cancel_is_kept_for_the_next_call)
{
    struct fake_session s;
    volatile sig_atomic_t flag = 0;

    fake_start(&s, answers_ten);
    CHECK(fake_hello(&s, SECONDS) == 0);
    CHECK(call_works(s.g));
    /* However often: one call reports it, and it is over. */
    mayfly_cancel(s.g);
    mayfly_cancel(s.g);
    CHECK(!call_works(s.g));
    CHECK(strstr(mayfly_last_error(s.g), "is_dir: cancelled"));
    CHECK(call_works(s.g));
    /* A call that fails by itself does not use it up. */
    mayfly_cancel(s.g);
    s.g->read_only = true;
    CHECK(mayfly_mkdir(s.g, "/a") < 0 && mayfly_last_errno(s.g) == EROFS);
    s.g->read_only = false;
    CHECK(!call_works(s.g) && call_works(s.g));

    mayfly_cancel(s.g);
    mayfly_forget_cancel(s.g);
    CHECK(call_works(s.g));

    mayfly_set_cancel_flag(s.g, &flag);
    CHECK(call_works(s.g));
    flag = SIGINT;
    CHECK(!call_works(s.g) && !call_works(s.g));
    flag = 0;
    CHECK(call_works(s.g));
    flag = SIGINT;
    mayfly_set_cancel_flag(s.g, NULL);
    CHECK(call_works(s.g));
    fake_end(&s);
}

static struct mayfly *volatile interrupted;
static volatile sig_atomic_t signals;

static void
on_alarm(int number)
{
    (void)number;
    signals++;
    mayfly_cancel(interrupted);
}

static void
answers_for_ever(struct fake_agent *a)
{
    fake_greet(a);
    for (;;) {
        fake_hear_call(a);
        fake_frame(a, FRAME_REPLY, "\1", 1);
    }
}

/* Signals at any moment of a row of quick calls: as many calls report them as
 * there were, if each waits for the one before. */
TEST(no_cancel_is_lost)
{
    struct fake_session s;
    int reported = 0;

    fake_start(&s, answers_for_ever);
    CHECK(fake_hello(&s, SECONDS) == 0);
    interrupted = s.g;
    signal(SIGALRM, on_alarm);
    srandom(1);
    for (int i = 0; i < 2000; i++) {
        struct itimerval soon = {
            .it_value.tv_usec = 1 + (suseconds_t)(random() % 200)};
        double end = monotonic_seconds() + SECONDS;

        CHECK(setitimer(ITIMER_REAL, &soon, NULL) == 0);
        while (call_works(s.g))
            CHECK(monotonic_seconds() < end);
        reported++;
        CHECK(signals == reported);
    }
    CHECK(call_works(s.g));
    fake_end(&s);
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
