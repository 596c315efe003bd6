/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/test.h"
#include "tool/keys.h"

static const char *
refused(const char *value)
{
    static struct error err;
    struct tool_keys k = {0};

    error_clear(&err);
    if (tool_keys_add(&k, value, &err) == 0) {
        tool_keys_free(&k);
        return "accepted";
    }
    CHECK(k.n_keys == 0);
    return error_text(&err);
}

TEST(strings)
{
    cleanup_error struct error err = {0};
    struct tool_keys k = {0};

    CHECK(tool_keys_add(&k, "/dev/sda2:key:a:b c", &err) == 0);
    CHECK(tool_keys_add(&k, "all:key:", &err) == 0);
    CHECK(k.n_keys == 2);
    CHECK_STR(k.keys[0].id, "/dev/sda2");
    CHECK_STR(k.keys[0].secret, "a:b c");
    CHECK(k.keys[0].size == 5 && k.keys[1].size == 0);
    tool_keys_free(&k);
    CHECK(k.n_keys == 0);
}

TEST(bad_values)
{
    CHECK(strstr(refused(""), "ID:key:STRING"));
    CHECK(strstr(refused("/dev/sda"), "ID:key:STRING"));
    CHECK(strstr(refused(":key:secret"), "ID:key:STRING"));
    CHECK(strstr(refused("a:nokey:secret"), "ID:key:STRING"));
    /* An error does not repeat what was meant as a secret. */
    CHECK(!strstr(refused("a:kye:secret"), "secret"));
    CHECK(strstr(refused("a:file:/nonexistent"), "No such file"));
}

/* The keys from a file with these bytes. */
static struct tool_keys
from_file(const char *bytes, size_t size)
{
    cleanup_error struct error err = {0};
    struct tool_keys k = {0};
    char path[] = "/tmp/mayfly-key.XXXXXX", value[64];
    int fd = mkstemp(path);

    CHECK(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    close(fd);
    snprintf(value, sizeof value, "all:file:%s", path);
    CHECK(tool_keys_add(&k, value, &err) == 0);
    unlink(path);
    return k;
}

TEST(files)
{
    struct tool_keys k = from_file("secret", 6);
    CHECK(k.n_keys == 1 && k.keys[0].size == 6);
    tool_keys_free(&k);

    /* With and without the newline. */
    k = from_file("secret\n", 7);
    CHECK(k.n_keys == 2 && k.keys[0].size == 6 && k.keys[1].size == 7);
    tool_keys_free(&k);

    k = from_file("a\0b", 3);
    CHECK(k.n_keys == 1 && memcmp(k.keys[0].secret, "a\0b", 4) == 0);
    tool_keys_free(&k);
}
