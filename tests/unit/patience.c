/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An agent that is slow: on purpose, or since its work takes long; and calls
 * that someone cancels. */
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
