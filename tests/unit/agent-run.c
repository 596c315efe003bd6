/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running programs: what is kept of their output, and that no process stays. */
#include <config.h>

#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <sys/time.h>
#include <unistd.h>

#include "appliance/agent/call/stream.h"
#include "appliance/agent/program/namespace.h"
#include "appliance/agent/program/run.h"
#include "tests/unit/call.h"
#include "tests/unit/test.h"
#include "base/clock.h"

/* The streams of a call, here two strings. */
static const char *input;
static size_t input_left;
static char *output;
static size_t output_size;

ssize_t
stream_read(struct call *c, void *data, size_t size)
{
    size_t n = size < input_left ? size : input_left;

    (void)c;
    if (n > 0)
        memcpy(data, input, n);
    input += n;
    input_left -= n;
    return (ssize_t)n;
}

int
stream_write(struct call *c, const void *data, size_t size)
{
    (void)c;
    output = realloc(output, output_size + size);
    CHECK(output);
    memcpy(output + output_size, data, size);
    output_size += size;
    return 0;
}

/* Nothing here runs in a guest; tests/appliance/guest.sh does. */
int
namespace_enter(struct namespace *g)
{
    (void)g;
    return -1;
}

void
namespace_kill_all(void)
{
}

void
namespace_leave(struct call *c, struct namespace *g)
{
    (void)c;
    (void)g;
}

void
process_kill(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

#define SHELL(text)                                                            \
    (const char *const[])                                                      \
    {                                                                          \
        "sh", "-c", text, NULL                                                 \
    }

static struct run_result
run(struct call *c, struct run r)
{
    struct run_result result = {0};

    if (run_command(c, &r, &result) < 0)
        fprintf(stderr, "%s\n", call_error_text(c));
    CHECK(call_errno(c) == 0);
    return result;
}

TEST(output_and_status)
{
    struct call *c = test_call_new();
    struct run_result r =
        run(c, (struct run){.argv = SHELL("echo out; echo err >&2; exit 3")});

    CHECK(r.status == 3);
    CHECK_STR(r.output, "out\n");
    CHECK(r.output_size == 4);
    CHECK_STR(r.errors, "err");
    test_call_free(c);
}

TEST(no_shell)
{
    struct call *c = test_call_new();
    struct run_result r =
        run(c, (struct run){
                   .argv = (const char *const[]){"echo", "$HOME;", "*", NULL}});

    CHECK_STR(r.output, "$HOME; *\n");
    test_call_free(c);
}

TEST(environment)
{
    struct call *c = test_call_new();
    struct run_result r =
        run(c, (struct run){.argv = SHELL("echo $LC_ALL $X"),
                   .environment = (const char *const[]){"X=1", NULL}});

    CHECK_STR(r.output, "C.UTF-8 1\n");
    r = run(c, (struct run){.argv = SHELL("env | grep ^LC_ALL"),
                   .environment = (const char *const[]){"LC_ALL=C", NULL}});
    CHECK_STR(r.output, "LC_ALL=C\n");
    test_call_free(c);
}

TEST(input)
{
    struct call *c = test_call_new();
    enum { SIZE = 3 << 20 };
    char *big = malloc(SIZE);

    CHECK(big);
    for (size_t i = 0; i < SIZE; i++)
        big[i] = (char)(i * 7);
    /* More than any pipe holds, both ways at once. */
    struct run_result r =
        run(c, (struct run){.argv = (const char *const[]){"cat", NULL},
                   .input = big,
                   .input_size = SIZE});
    CHECK(r.status == 0 && r.output_size == SIZE);
    CHECK(memcmp(r.output, big, SIZE) == 0);
    /* A program that does not read all of its input does not fail. */
    r = run(
        c, (struct run){.argv = (const char *const[]){"head", "-c", "2", NULL},
               .input = "abcdef",
               .input_size = 6});
    CHECK_STR(r.output, "ab");
    r = run(c, (struct run){.argv = SHELL("cat; echo end")});
    CHECK_STR(r.output, "end\n");
    free(big);
    test_call_free(c);
}

TEST(merged)
{
    struct call *c = test_call_new();
    struct run_result r =
        run(c, (struct run){
                   .argv = SHELL("echo a; echo b >&2; echo c"), .merge = true});

    CHECK_STR(r.output, "a\nb\nc\n");
    CHECK_STR(r.errors, "");
    test_call_free(c);
}

TEST(end_of_errors_is_kept)
{
    struct call *c = test_call_new();
    struct run_result r =
        run(c, (struct run){.argv = SHELL("yes noise | head -c 300000 >&2; "
                                          "echo the cause >&2; exit 1")});
    size_t n = strlen(r.errors);

    CHECK(r.status == 1 && n > 1000 && n <= 16384);
    CHECK_STR(r.errors + n - strlen("the cause"), "the cause");
    test_call_free(c);
}

TEST(output_is_bounded)
{
    struct call *c = test_call_new();
    struct run r = {.argv = SHELL("yes"), .output_max = 1 << 16};
    struct run_result result;

    CHECK(run_command(c, &r, &result) == -1);
    CHECK(call_errno(c) == E2BIG);
    CHECK_STR(call_error_text(c), "sh: more output than 65536 bytes");
    test_call_free(c);
}

TEST(timeout_kills_the_whole_session)
{
    struct call *c = test_call_new();
    char path[] = "/tmp/mayfly-run.XXXXXX", text[64] = "", script[256];
    int fd = mkstemp(path);
    struct run r = {.argv = SHELL(script), .timeout = 1};
    struct run_result result;
    double start = monotonic_seconds();

    CHECK(fd >= 0);
    snprintf(script, sizeof script,
        "sleep 100 & echo $! > %s; trap '' TERM; sleep 100", path);
    CHECK(run_command(c, &r, &result) == -1);
    CHECK(call_errno(c) == ETIMEDOUT);
    CHECK_STR(call_error_text(c), "sh: did not end within 1 seconds");
    CHECK(monotonic_seconds() - start < 5);
    CHECK(read(fd, text, sizeof text - 1) > 0);
    pid_t pid = atoi(text);
    CHECK(pid > 1);
    /* The process is gone, or a zombie that the real PID 1 would reap. */
    for (int i = 0; i < 100 && kill(pid, 0) == 0; i++) {
        char state[64] = "", name[64];
        snprintf(name, sizeof name, "/proc/%d/stat", pid);
        FILE *f = fopen(name, "r");
        if (!f)
            break;
        CHECK(fscanf(f, "%*d %*s %63s", state) == 1);
        fclose(f);
        if (state[0] == 'Z')
            break;
        CHECK(i < 99);
        usleep(10000);
    }
    close(fd);
    unlink(path);
    test_call_free(c);
}

static void
on_alarm(int number)
{
    (void)number;
    test_call_cancel();
}

TEST(cancel)
{
    struct call *c = test_call_new();
    struct itimerval soon = {.it_value = {.tv_usec = 300000}};
    struct run r = {.argv = SHELL("sleep 100")};
    struct run_result result;
    double start = monotonic_seconds();

    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &soon, NULL);
    CHECK(run_command(c, &r, &result) == -1);
    CHECK(call_errno(c) == ECANCELED);
    CHECK(monotonic_seconds() - start < 3);
    test_call_free(c);
}

/* The caller gets its answer when the program ends, not when its last
 * background process lets go of the pipe. */
TEST(background_is_not_waited_for)
{
    struct call *c = test_call_new();
    double start = monotonic_seconds();
    struct run_result r =
        run(c, (struct run){.argv = SHELL("sleep 100 & echo x")});

    CHECK_STR(r.output, "x\n");
    CHECK(monotonic_seconds() - start < 5);
    test_call_free(c);
}

TEST(signals_show)
{
    struct call *c = test_call_new();
    struct run_result r = run(c, (struct run){.argv = SHELL("kill -9 $$")});

    CHECK(r.status == 128 + SIGKILL);
    test_call_free(c);
}

TEST(no_such_program)
{
    struct call *c = test_call_new();
    struct run r = {.argv = (const char *const[]){"nosuch", NULL}};
    struct run_result result;

    /* A folder in the tester's PATH may not be readable for us. */
    setenv("PATH", "/usr/bin:/bin", 1);
    CHECK(run_command(c, &r, &result) == -1);
    CHECK_STR(call_error_text(c), "nosuch: No such file or directory");
    test_call_free(c);
}

TEST(tool)
{
    struct call *c = test_call_new();
    char *out = NULL;

    CHECK(run_tool(c, &out, "echo", "a", "b", NULL) == 0);
    CHECK_STR(out, "a b\n");
    CHECK(run_tool(c, &out, "sh", "-c", "echo no >&2; exit 1", NULL) == -1);
    CHECK_STR(call_error_text(c), "sh: no");
    CHECK(run_tool(c, &out, "sh", "-c", "exit 4", NULL) == -1);
    CHECK_STR(call_error_text(c), "sh: ended with status 4");
    CHECK(tool_exists("sh") && !tool_exists("nosuch"));
    CHECK(tool_exists("/bin/sh") && !tool_exists("/bin/nosuch"));
    test_call_free(c);
}

TEST(streams)
{
    struct call *c = test_call_new();
    enum { SIZE = 5 << 20 };
    char *big = malloc(SIZE);
    struct run r = {.argv = (const char *const[]){"cat", NULL},
        .stream_in = true,
        .stream_out = true};
    struct run_result result;

    CHECK(big);
    signal(SIGPIPE, SIG_IGN); /* as in the agent */
    for (size_t i = 0; i < SIZE; i++)
        big[i] = (char)(i * 13);
    input = big;
    input_left = SIZE;
    CHECK(run_command(c, &r, &result) == 0);
    CHECK(result.status == 0 && output_size == SIZE);
    CHECK(memcmp(output, big, SIZE) == 0);

    /* A program that stops reading: the rest of the stream is still taken,
     * because the library sends it. */
    input = big;
    input_left = SIZE;
    output_size = 0;
    r.argv = (const char *const[]){"head", "-c", "3", NULL};
    CHECK(run_command(c, &r, &result) == 0);
    CHECK(output_size == 3 && input_left == 0);
    test_call_free(c);
    free(output);
    free(big);
}

static int
parse_well(struct call *c, void *opaque, int fd)
{
    (void)c;
    return dprintf(fd, "%s", (const char *)opaque) < 0 ? -1 : 0;
}

static int
parse_badly(struct call *c, void *opaque, int fd)
{
    (void)opaque;
    (void)fd;
    return call_error(c, EBADMSG, "the database is damaged");
}

static int
parse_and_crash(struct call *c, void *opaque, int fd)
{
    (void)c;
    (void)opaque;
    (void)fd;
    /* A sanitizer has a handler of its own. */
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
    return 0;
}

static int
parse_for_ever(struct call *c, void *opaque, int fd)
{
    (void)c;
    (void)opaque;
    (void)fd;
    while (pause() < 0)
        ;
    return 0;
}

TEST(functions)
{
    struct call *c = test_call_new();
    char found[] = "found", *out = NULL;
    size_t size = 0;

    CHECK(run_function(c, parse_well, found, 10, &out, &size) == 0);
    CHECK_STR(out, "found");
    CHECK(size == 5);
    CHECK(run_function(c, parse_badly, NULL, 10, &out, &size) == -1);
    CHECK(call_errno(c) == EBADMSG);
    CHECK_STR(call_error_text(c), "the database is damaged");
    CHECK(run_function(c, parse_and_crash, NULL, 10, &out, &size) == -1);
    CHECK_STR(call_error_text(c), "the parser crashed (signal 11)");
    CHECK(run_function(c, parse_for_ever, NULL, 1, &out, &size) == -1);
    CHECK(call_errno(c) == ETIMEDOUT);
    test_call_free(c);
}

/* A handler that is left by a longjmp: the end of the call cleans up. */
TEST(nothing_stays)
{
    for (int i = 0; i < 50; i++) {
        struct call *c = test_call_new();

        run(c, (struct run){.argv = SHELL("sleep 100 & echo x")});
        test_call_free(c);
    }
    CHECK(run_quiet((const char *const[]){"false", NULL}) == 1);
    CHECK(run_quiet((const char *const[]){"true", NULL}) == 0);
    CHECK(run_quiet((const char *const[]){"nosuch", NULL}) == -1);
}
