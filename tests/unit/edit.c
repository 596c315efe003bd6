/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The edits of well-known files, tested on their text. */
#include <config.h>

#include <errno.h>

#include "base/cleanup.h"
#include "base/strv.h"
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

static void
day(const char *line, const char *want)
{
    cleanup_error struct error err = {0};
    cleanup_free char *text = text_printf("x:*:1::\na:%s\nb:*:0:0:1:\n", line);
    cleanup_free char *all = text_printf("x:*:1::\na:%s\nb:*:0:0:1:\n", want);
    char *got = edit_shadow_day(text, "a", 20000, &err);

    CHECK_STR(got, all);
    free(got);
}

TEST(shadow_day)
{
    day("$6$:19000:0:99999:7:::", "$6$:19000:0:99999:7:::");
    day("$6$:19000:0:90:7:::", "$6$:20000:0:90:7:::");
    day("$6$:19950:0:90:7:::", "$6$:19950:0:90:7:::");
    day("$6$:0:0:99999:7:::", "$6$:20000:0:99999:7:::");
    day("$6$:::::::", "$6$:::::::");
    day("$6$:19000:7:", "$6$:19000:7:");
    day("$6$:19000", "$6$:19000");
    day("$6$", "$6$");
    day("$6$:0", "$6$:20000");
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

/* The name with a domain that the machine's own line has. */
TEST(hosts_domain)
{
    hosts("127.0.1.1 debian.home debian\n", "debian", "web.example.com",
        "127.0.1.1 web.example.com web\n");
    hosts("127.0.1.1 debian.home debian\n", "debian", "web",
        "127.0.1.1 web.home web\n");
    hosts("10.0.0.1 debian.home gw\n127.0.1.1 debian\n", "debian", "web",
        "10.0.0.1 debian.home gw\n127.0.1.1 web\n");
    hosts("127.0.0.1 old.example.com old localhost\r\n", "old.example.com",
        "new", "127.0.0.1 new localhost\r\n");
    hosts("::1 Debian\n", "debian", "web", "::1 web\n");
}

static void
hosts_add(const char *text, const char *name, const char *want)
{
    cleanup_error struct error err = {0};
    char *got = edit_hosts_add(text, name, &err);

    CHECK_STR(got, want);
    free(got);
}

TEST(hosts_added)
{
    hosts_add("127.0.0.1\tlocalhost\n::1\tlocalhost\n", "web.example.com",
        "127.0.0.1\tlocalhost\n127.0.1.1\tweb.example.com web\n"
        "::1\tlocalhost\n");
    hosts_add(
        "127.0.0.1 localhost", "web", "127.0.0.1 localhost\n127.0.1.1\tweb\n");
    hosts_add("# none\r\n", "web", "# none\r\n127.0.1.1\tweb\r\n");
    hosts_add("", "web", "127.0.1.1\tweb\n");
    hosts_add("127.0.1.1 stale # old\n", "web.x.org",
        "127.0.1.1 web.x.org web stale # old\n");
    hosts_add("127.0.1.1 web\n", "web.x.org", "127.0.1.1 web.x.org web\n");
    hosts_add(
        "127.0.0.2 host.site host\n", "web", "127.0.0.2 web host.site host\n");
    /* There already, and a comment is not. */
    hosts_add("10.0.0.9 Web\n", "web", "10.0.0.9 Web\n");
    hosts_add(
        "10.0.0.9 x # web\n", "web", "10.0.0.9 x # web\n127.0.1.1\tweb\n");
}

static void
keys(const char *text, size_t n, const char *want)
{
    cleanup_error struct error err = {0};
    size_t found = 0;
    char *got = ssh_keys_read(text, strlen(text), &found, &err);

    CHECK_STR(got, want);
    CHECK(found == n);
    free(got);
}

TEST(ssh_keys)
{
    keys("ssh-ed25519 AAAA a\nssh-rsa AAAA== b", 2,
        "ssh-ed25519 AAAA a\nssh-rsa AAAA== b\n");
    keys("\xef\xbb\xbf# mine\r\n\r\n  ssh-ed25519 AAAA me  \r\n", 1,
        "ssh-ed25519 AAAA me\n");
    keys(
        "from=\"10.0.0.0/8, ::1\",command=\"say \\\"x y\\\"\" ssh-rsa AAAA z\n",
        1,
        "from=\"10.0.0.0/8, ::1\",command=\"say \\\"x y\\\"\" ssh-rsa AAAA "
        "z\n");
    keys("sk-ssh-ed25519@openssh.com AAAA\necdsa-sha2-nistp256\tAAAA\n", 2,
        "sk-ssh-ed25519@openssh.com AAAA\necdsa-sha2-nistp256\tAAAA\n");
    keys("ssh-rsa AAAA one\rssh-rsa BBBB two\r", 2,
        "ssh-rsa AAAA one\nssh-rsa BBBB two\n");
}

static void
no_keys(const char *text, size_t size, const char *reason)
{
    cleanup_error struct error err = {0};
    size_t n;

    CHECK(!ssh_keys_read(text, size, &n, &err));
    if (!strstr(error_text(&err), reason))
        fprintf(stderr, "# %s\n", error_text(&err));
    CHECK(strstr(error_text(&err), reason));
}

#define NO_KEYS(text, reason) no_keys((text), sizeof(text) - 1, (reason))

TEST(ssh_keys_refused)
{
    NO_KEYS("", "not a public SSH key");
    NO_KEYS("# nothing\n", "not a public SSH key");
    NO_KEYS("ssh-rsa AAAA a\nnonsense here\n", "line 2");
    NO_KEYS("ssh-rsa\n", "line 1");
    NO_KEYS("ssh-rsa $(x) a\n", "line 1");
    NO_KEYS("s\0s\0h\0", "not a text");
    NO_KEYS("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", "private");
    NO_KEYS("x\n-----BEGIN RSA PRIVATE KEY-----\n", "private");
    NO_KEYS("PuTTY-User-Key-File-3: ssh-rsa\n", "private");
    NO_KEYS("---- BEGIN SSH2 PUBLIC KEY ----\n", "RFC 4716");
    NO_KEYS("-----BEGIN PUBLIC KEY-----\n", "PKCS8");
}

TEST(selinux_config)
{
    CHECK(selinux_is_on("SELINUX=enforcing\n"));
    CHECK(selinux_is_on("# x\nSELINUX=Permissive"));
    CHECK(selinux_is_on("SELINUXTYPE=mls\r\nSELINUX=ENFORCING\r\n"));
    CHECK(selinux_is_on("SELINUX=odd\nSELINUX=permissive # x\n"));
    CHECK(!selinux_is_on("SELINUX=disabled\nSELINUX=enforcing\n"));
    CHECK(!selinux_is_on("#SELINUX=enforcing\n"));
    CHECK(!selinux_is_on("SELINUXTYPE=enforcing\n"));
    CHECK(!selinux_is_on(""));
}

static void
value(const char *text, const char *want)
{
    char *got = edit_value_of(text, "A");

    if (want)
        CHECK_STR(got, want);
    else
        CHECK(!got);
    free(got);
}

TEST(values_and_names)
{
    value("A=1\n", "1");
    value("B=2\n export A=\"x y\" # c\n", "x y");
    value("A=1 # c\nA='2'\n", "2");
    value("#A=1\nAA=1\n", NULL);
    value("A=\n", "");

    char *name = edit_hostname_of("# c\n \n\t web \r\n");
    CHECK_STR(name, "web");
    free(name);
    name = edit_hostname_of("# c");
    CHECK_STR(name, "");
    free(name);
}

static void
assign(const char *text, const char *want)
{
    cleanup_error struct error err = {0};
    char *got = edit_assignment(text, "A", "x y", &err);

    CHECK_STR(got, want);
    free(got);
}

TEST(uci_option)
{
    struct error err = {0};
    char *got = edit_uci_option("config system\n\toption hostname 'OpenWrt'\n"
                                "\toption hostname_x y\noption\thostname a\n"
                                "option timezone UTC",
        "hostname", "web", &err);

    CHECK_STR(got, "config system\n\toption hostname 'web'\n"
                   "\toption hostname_x y\noption\thostname 'web'\n"
                   "option timezone UTC");
    free(got);
}

TEST(assignment)
{
    assign("", "A=x y\n");
    assign("A=1\n", "A=x y\n");
    assign("B=1\nA=1\nAB=2", "B=1\nA=x y\nAB=2");
    assign("B=1", "B=1\nA=x y\n");
    assign("#A=1\n", "#A=1\nA=x y\n");
    assign(" export A=1\r\n", " export A=x y\r\n");
}
