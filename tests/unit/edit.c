/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The edits of well-known files, tested on their text. */
#include <config.h>

#include <errno.h>

#include "customize/edit.h"

#include "tests/unit/test.h"

static void
append(const char *text, const char *line, const char *want)
{
    cleanup_error struct error err = {0};
    char *got = edit_append_line(text, strlen(text), line, &err);

    CHECK_STR(got, want);
    free(got);
}

TEST(append_line)
{
    append("", "x", "x\n");
    append("a\n", "x", "a\nx\n");
    append("a", "x", "a\nx\n");
    append("a\r\nb\r\n", "x", "a\r\nb\r\nx\r\n");
    append("a\r\nb", "x", "a\r\nb\r\nx\r\n");
    append("a\rb\r", "x", "a\rb\rx\r");
    append("a\n\n", "x", "a\n\nx\n");
}

static const char shadow[] = "root:*:19000:0:99999:7:::\n"
                             "rooted:!:19000:0:99999:7:::\n"
                             "me:$6$x$y:19000::::::\n"
                             "last:";

static void
set(const char *user, const char *hash, const char *want)
{
    cleanup_error struct error err = {0};
    char *got = edit_shadow(shadow, user, hash, &err);

    CHECK_STR(got, want);
    free(got);
}

TEST(shadow_field)
{
    set("root", "$y$z",
        "root:$y$z:19000:0:99999:7:::\nrooted:!:19000:0:99999:7:::\n"
        "me:$6$x$y:19000::::::\nlast:");
    set("me", "!!*",
        "root:*:19000:0:99999:7:::\nrooted:!:19000:0:99999:7:::\n"
        "me:!!*:19000::::::\nlast:");
    set("last", "q",
        "root:*:19000:0:99999:7:::\nrooted:!:19000:0:99999:7:::\n"
        "me:$6$x$y:19000::::::\nlast:q");

    cleanup_error struct error err = {0};
    char *field = edit_shadow_field(shadow, "me", &err);
    CHECK_STR(field, "$6$x$y");
    free(field);
}

TEST(shadow_without_user)
{
    static const char *const users[] = {"roo", "nobody", "", "x:*", "oot"};

    for (size_t i = 0; i < 5; i++) {
        cleanup_error struct error err = {0};

        CHECK(!edit_shadow(shadow, users[i], "x", &err));
        CHECK(err.code == ENOENT);
        CHECK(strstr(error_text(&err), "no user"));
    }
}

static void
hosts(const char *text, const char *old, const char *name, const char *want)
{
    cleanup_error struct error err = {0};
    char *got = edit_hosts(text, old, name, &err);

    CHECK_STR(got, want);
    free(got);
}

TEST(hosts_names)
{
    hosts("127.0.0.1\tlocalhost\n127.0.1.1\tdebian\n", "debian", "new",
        "127.0.0.1\tlocalhost\n127.0.1.1\tnew\n");
    hosts("127.0.1.1 debian debian-x xdebian\n", "debian", "new",
        "127.0.1.1 new debian-x xdebian\n");
    hosts("127.0.1.1 debian # debian\n", "debian", "new",
        "127.0.1.1 new # debian\n");
    hosts("# debian\n", "debian", "new", "# debian\n");
    hosts("127.0.1.1 old.example.com old\n", "old.example.com", "n.x.org",
        "127.0.1.1 n.x.org n\n");
    hosts("127.0.1.1 old\n", "old", "n.x.org", "127.0.1.1 n.x.org n\n");
    hosts("127.0.1.1 old", "old", "new", "127.0.1.1 new");
    hosts("", "old", "new", "");
    /* An address is not a name. */
    hosts("fe00 fe00\n", "fe00", "new", "fe00 new\n");
}

static void
assign(const char *text, const char *want)
{
    cleanup_error struct error err = {0};
    char *got = edit_assignment(text, "A", "x y", &err);

    CHECK_STR(got, want);
    free(got);
}

TEST(assignment)
{
    assign("", "A=x y\n");
    assign("A=1\n", "A=x y\n");
    assign("B=1\nA=1\nAB=2", "B=1\nA=x y\nAB=2");
    assign("B=1", "B=1\nA=x y\n");
    assign("#A=1\n", "#A=1\nA=x y\n");
}
