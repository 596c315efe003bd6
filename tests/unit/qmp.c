/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QMP against a fake QEMU played by the test, both correct and faulty. */
#include <config.h>

#include "lib/qemu/qmp.h"

#include <errno.h>
#include <fcntl.h>
#include <json.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "lib/handle/handle.h"
#include "tests/unit/test.h"

static const char greeting[] =
    "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, "
    "\"major\": 7}, \"package\": \"x\"}, \"capabilities\": [\"oob\"]}}\r\n";

struct play {
    int ours, qemu;
    struct qmp *q;
    struct error err;
};

static struct play
begin(void)
{
    struct play p = {0};
    int ends[2];

    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    p.ours = ends[0];
    p.qemu = ends[1];
    p.q = qmp_new(p.ours, -1);
    CHECK(p.q);
    return p;
}

static void
end(struct play *p)
{
    qmp_free(p->q);
    close(p->ours);
    if (p->qemu >= 0)
        close(p->qemu);
    error_clear(&p->err);
}

static void
say(struct play *p, const char *text)
{
    CHECK(write_all(p->qemu, text, strlen(text)) == 0);
}

static double
soon(void)
{
    return monotonic_seconds() + 5;
}

TEST(greeting_gives_the_version)
{
    struct play p = begin();

    int64_t id = qmp_send(p.q, "qmp_capabilities", NULL, -1, &p.err);
    CHECK(id == 1);
    CHECK_STR(qmp_version(p.q), "");
    say(&p, greeting);
    say(&p, "{\"return\": {}, \"id\": 1}\r\n");
    CHECK(qmp_reply(p.q, id, soon(), NULL, &p.err) == 0);
    CHECK_STR(qmp_version(p.q), "7.2.22");
    end(&p);
}

TEST(command_is_one_line_of_json)
{
    struct play p = begin();
    char line[256] = "";

    struct json_object *args = qmp_strings("node-name", "a\"b\n", NULL);
    CHECK(qmp_send(p.q, "blockdev-del", args, -1, &p.err) == 1);
    CHECK(read(p.qemu, line, sizeof line - 1) > 0);
    CHECK_STR(line, "{\"execute\":\"blockdev-del\",\"id\":1,\"arguments\":"
                    "{\"node-name\":\"a\\\"b\\n\"}}\n");
    end(&p);
}

TEST(replies_come_in_order_with_events_between)
{
    struct play p = begin();
    struct json_object *value = NULL;

    int64_t a = qmp_send(p.q, "one", NULL, -1, &p.err);
    int64_t b = qmp_send(p.q, "two", NULL, -1, &p.err);
    say(&p, greeting);
    say(&p, "{\"event\": \"STOP\"}\r\n{\"return\": 1, \"id\": 1}\r\n"
            "{\"event\": \"RESUME\"}\r\n{\"return\": {\"x\": 5}, \"id\": 2}"
            "\r\n");
    CHECK(qmp_reply(p.q, a, soon(), NULL, &p.err) == 0);
    CHECK(qmp_reply(p.q, b, soon(), &value, &p.err) == 0);
    CHECK(json_object_get_int(json_object_object_get(value, "x")) == 5);
    json_object_put(value);
    CHECK(qmp_wait_event(p.q, "RESUME", NULL, NULL, soon(), &p.err) == 0);
    CHECK(qmp_wait_event(p.q, "STOP", NULL, NULL, soon(), &p.err) == 0);
    end(&p);
}

TEST(reply_may_come_in_pieces)
{
    struct play p = begin();
    static const char reply[] = "{\"return\": \"long enough\", \"id\": 1}\n";

    int64_t id = qmp_send(p.q, "x", NULL, -1, &p.err);
    pid_t pid = fork();
    if (pid == 0) {
        for (const char *c = reply; *c; c++) {
            CHECK(write_all(p.qemu, c, 1) == 0);
            usleep(500);
        }
        _exit(0);
    }
    CHECK(qmp_reply(p.q, id, soon(), NULL, &p.err) == 0);
    waitpid(pid, NULL, 0);
    end(&p);
}

TEST(error_is_told_and_escaped)
{
    struct play p = begin();

    int64_t id = qmp_send(p.q, "x", NULL, -1, &p.err);
    say(&p, "{\"error\": {\"class\": \"GenericError\", \"desc\": "
            "\"no \\u001b[2J way\"}, \"id\": 1}\r\n");
    CHECK(qmp_reply(p.q, id, soon(), NULL, &p.err) < 0);
    CHECK_STR(error_text(&p.err), "no \\x1b[2J way");
    /* The command failed, not the connection. */
    id = qmp_send(p.q, "y", NULL, -1, &p.err);
    say(&p, "{\"return\": {}, \"id\": 2}\r\n");
    CHECK(qmp_reply(p.q, id, soon(), NULL, &p.err) == 0);
    end(&p);
}

TEST(event_of_another_device_does_not_count)
{
    struct play p = begin();

    say(&p, "{\"event\": \"DEVICE_DELETED\", \"data\": {\"path\": \"/x\"}}\n"
            "{\"event\": \"DEVICE_DELETED\", \"data\": {\"device\": \"disk1\"}"
            "}\n");
    CHECK(qmp_wait_event(p.q, "DEVICE_DELETED", "device", "disk0",
              monotonic_seconds() + 0.05, &p.err) < 0);
    CHECK(p.err.code == ETIMEDOUT);
    CHECK(qmp_wait_event(
              p.q, "DEVICE_DELETED", "device", "disk1", soon(), &p.err) == 0);
    end(&p);
}

TEST(silence_is_a_timeout_and_not_the_end)
{
    struct play p = begin();

    int64_t id = qmp_send(p.q, "x", NULL, -1, &p.err);
    CHECK(qmp_reply(p.q, id, monotonic_seconds() + 0.02, NULL, &p.err) < 0);
    CHECK(p.err.code == ETIMEDOUT);
    /* The late answer is not taken for the next command's. */
    say(&p, "{\"return\": 1, \"id\": 1}\n{\"return\": 2, \"id\": 2}\n");
    struct json_object *value = NULL;
    id = qmp_send(p.q, "y", NULL, -1, &p.err);
    CHECK(qmp_reply(p.q, id, soon(), &value, &p.err) == 0);
    CHECK(json_object_get_int(value) == 2);
    json_object_put(value);
    end(&p);
}

TEST(cancel_wakes_a_wait)
{
    struct play p = begin();
    int cancel[2];

    CHECK(pipe2(cancel, O_CLOEXEC) == 0);
    qmp_free(p.q);
    p.q = qmp_new(p.ours, cancel[0]);
    int64_t id = qmp_send(p.q, "x", NULL, -1, &p.err);
    CHECK(write(cancel[1], "", 1) == 1);
    CHECK(qmp_reply(p.q, id, soon(), NULL, &p.err) < 0);
    CHECK(p.err.code == ECANCELED);
    close(cancel[0]);
    close(cancel[1]);
    end(&p);
}

TEST(passed_file_arrives)
{
    struct play p = begin();
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    char text[256], byte = 0;
    struct iovec io = {text, sizeof text};
    struct msghdr m = {.msg_iov = &io,
        .msg_iovlen = 1,
        .msg_control = control.space,
        .msg_controllen = sizeof control.space};
    int fds[2], got;

    CHECK(pipe2(fds, O_CLOEXEC) == 0);
    CHECK(qmp_send(p.q, "add-fd", NULL, fds[0], &p.err) == 1);
    CHECK(recvmsg(p.qemu, &m, MSG_CMSG_CLOEXEC) > 0);
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    CHECK(c && c->cmsg_type == SCM_RIGHTS);
    memcpy(&got, CMSG_DATA(c), sizeof got);
    CHECK(write(fds[1], "z", 1) == 1);
    CHECK(read(got, &byte, 1) == 1 && byte == 'z');
    close(got);
    close(fds[0]);
    close(fds[1]);
    end(&p);
}

/* --- lies --- */

static void
lie(const char *text, size_t size, int code)
{
    struct play p = begin();

    int64_t id = qmp_send(p.q, "x", NULL, -1, &p.err);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGPIPE, SIG_DFL);
        write_all(p.qemu, text, size);
        _exit(0);
    }
    close(p.qemu);
    p.qemu = -1;
    CHECK(qmp_reply(p.q, id, soon(), NULL, &p.err) < 0);
    CHECK(p.err.code == code);
    /* Nothing works after that, and nothing hangs. */
    error_clear(&p.err);
    CHECK(qmp_send(p.q, "y", NULL, -1, &p.err) < 0);
    CHECK(p.err.code == EPIPE);
    /* Its remaining output would be lost. */
    shutdown(p.ours, SHUT_RDWR);
    waitpid(pid, NULL, 0);
    end(&p);
}

#define LIE(text, code) lie(text, sizeof(text) - 1, code)

TEST(end_in_the_middle)
{
    LIE("{\"return\": ", EPIPE);
    LIE("", EPIPE);
}

TEST(nonsense)
{
    LIE("hello\n", EPROTO);
    LIE("[1, 2]\n", EPROTO);
    LIE("\n", EPROTO);
    LIE("{\"a\": \0}\n", EPROTO);
    LIE("{\"neither\": 1, \"id\": 1}\n{\"return\": 1, \"id\": 1}\n", EPROTO);
}

TEST(answers_out_of_turn)
{
    LIE("{\"return\": {}, \"id\": 7}\n", EPROTO);
    LIE("{\"return\": {}}\n", EPROTO);
    LIE("{\"return\": {}, \"id\": -1}\n", EPROTO);
}

TEST(too_deep)
{
    enum { DEPTH = 10000 };
    static char text[DEPTH + 64];
    size_t n = 0;

    n += (size_t)sprintf(text, "{\"return\": ");
    memset(text + n, '[', DEPTH);
    n += DEPTH;
    text[n++] = '\n';
    lie(text, n, EPROTO);
}

TEST(too_long)
{
    enum { SIZE = 5 << 20 };
    char *text = malloc(SIZE);

    CHECK(text);
    memset(text, ' ', SIZE);
    lie(text, SIZE, ENOMEM);
    free(text);
}

TEST(flood_of_events_keeps_the_newest)
{
    struct play p = begin();
    enum { EVENTS = 1000 };
    char text[64];

    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < EVENTS; i++) {
            snprintf(text, sizeof text,
                "{\"event\": \"E\", \"data\": {\"n\": \"%d\"}}\n", i);
            say(&p, text);
        }
        say(&p, "{\"return\": {}, \"id\": 1}\n");
        _exit(0);
    }
    int64_t id = qmp_send(p.q, "x", NULL, -1, &p.err);
    CHECK(qmp_reply(p.q, id, soon(), NULL, &p.err) == 0);
    CHECK(qmp_wait_event(p.q, "E", "n", "999", soon(), &p.err) == 0);
    CHECK(qmp_wait_event(
              p.q, "E", "n", "0", monotonic_seconds() + 0.01, &p.err) < 0);
    waitpid(pid, NULL, 0);
    end(&p);
}
