/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of block nodes, as a fake QEMU played by the test prints them. */
#include <config.h>

#include "lib/qemu/nodes.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "lib/qemu/qmp.h"
#include "tests/unit/test.h"

/* What the check says of the list LIST, the inside of a JSON array: 0, or the
 * code of the error. */
static int
judge(const char *list, unsigned n_connections)
{
    cleanup_error struct error err = {0};
    cleanup_free char *answer = text_printf(
        "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 2, "
        "\"major\": 7}, \"package\": \"\"}, \"capabilities\": []}}\r\n"
        "{\"return\": %s, \"id\": 1}\r\n",
        list);
    int ends[2];

    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    CHECK(answer && write_all(ends[1], answer, strlen(answer)) == 0);
    struct qmp *q = qmp_new(ends[0], -1);
    int result = nodes_check(q, "/proc/self/fd/7", n_connections, &err);
    CHECK((result < 0) == (err.code != 0));
    qmp_free(q);
    close(ends[0]);
    close(ends[1]);
    return err.code;
}

#define NODE(driver, file)                                                     \
    "{\"node-name\": \"n\", \"drv\": \"" driver "\", \"file\": \"" file "\"}"
#define FILE_1 NODE("file", "/dev/fdset/1")
#define FILE_2 NODE("host_device", "/dev/fdset/22")
#define BULK   NODE("file", "/proc/self/fd/7")
#define QCOW2  NODE("qcow2", "/etc/passwd")
#define NBD    NODE("nbd", "nbd://")

TEST(what_was_given)
{
    CHECK(judge("[]", 0) == 0);
    CHECK(judge("[" FILE_1 ", " QCOW2 ", " FILE_2 ", " BULK "]", 0) == 0);
    CHECK(judge("[" NODE("raw", "") ", " NODE("null-co", "null-co://") "]",
              0) == 0);
    CHECK(judge("[" NBD ", " FILE_1 "]", 1) == 0);
    CHECK(judge("[" NBD ", " NODE("ssh", "ssh://h/f") "]", 2) == 0);
}

TEST(files_by_name)
{
    CHECK(judge("[" NODE("file", "/etc/passwd") "]", 9) == EIO);
    CHECK(judge("[" FILE_1 ", " NODE("host_device", "/dev/sda") "]", 9) == EIO);
    CHECK(judge("[" NODE("file", "/dev/fdset/") "]", 0) == EIO);
    CHECK(judge("[" NODE("file", "/dev/fdset/1/../../x") "]", 0) == EIO);
    CHECK(judge("[" NODE("file", "/dev/fdset/-1") "]", 0) == EIO);
    CHECK(judge("[" NODE("file", "/dev/fdset/+1") "]", 0) == EIO);
    CHECK(judge("[" NODE("file", "/dev/fdset/0x1") "]", 0) == EIO);
    CHECK(judge("[" NODE("file", "/dev/fdset/0") "]", 0) == 0);
    CHECK(judge("[" NODE("file", "/proc/self/fd/77") "]", 0) == EIO);
    CHECK(judge("[" NODE("file", "") "]", 0) == EIO);
}

TEST(a_file_twice)
{
    CHECK(judge("[" FILE_1 ", " FILE_2 ", " FILE_1 "]", 0) == EIO);
    CHECK(judge("[" FILE_1 ", " NODE("file", "/dev/fdset/0000000001") "]", 0) ==
          EIO);
    CHECK(judge("[" BULK ", " FILE_2 ", " BULK "]", 0) == EIO);
}

TEST(more_connections)
{
    CHECK(judge("[" NBD "]", 0) == EIO);
    CHECK(judge("[" NBD ", " NBD "]", 1) == EIO);
    CHECK(judge("[" NODE("vvfat", "/etc") "]", 0) == EIO);
    CHECK(judge("[" NODE("blkdebug", "x") ", " FILE_1 "]", 0) == EIO);
    CHECK(judge("[" NODE("", "") "]", 0) == EIO);
    CHECK(judge("[{}]", 0) == EIO);
    CHECK(judge("[1, null, []]", 0) == EIO);
}

TEST(no_list)
{
    CHECK(judge("{}", 0) == EPROTO);
    CHECK(judge("\"text\"", 0) == EPROTO);
}
