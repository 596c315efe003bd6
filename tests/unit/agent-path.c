/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every kind of link out of the guest; none may lead out. */
#include <config.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/guest/path.h"
#include "tests/unit/call.h"
#include "tests/unit/test.h"

static char root[64];
static char outside[64];

static void
put(const char *folder, const char *name, const char *text)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s%s", folder, name);
    FILE *f = fopen(path, "w");
    CHECK(f);
    fputs(text, f);
    fclose(f);
}

static void
folder(const char *name)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s%s", root, name);
    CHECK(mkdir(path, 0755) == 0);
}

static void
put_link(const char *target, const char *name)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s%s", root, name);
    CHECK(symlink(target, path) == 0);
}

static void
set_up(void)
{
    strcpy(root, "/tmp/mayfly-path.XXXXXX");
    CHECK(mkdtemp(root));
    strcpy(outside, "/tmp/mayfly-outside.XXXXXX");
    CHECK(mkdtemp(outside));
    put(outside, "/secret", "of the host");
    path_use_root(root);
    folder("/etc");
    folder("/etc/d");
    put(root, "/etc/name", "of the guest");
    put(root, "/top", "top");
}

static void
tear_down(struct call *c)
{
    char command[256];

    test_call_free(c);
    snprintf(command, sizeof command, "rm -rf %s %s", root, outside);
    CHECK(system(command) == 0);
}

/* The content of a path of the guest, or "!" and the errno. */
static const char *
content(struct call *c, const char *path)
{
    static char text[64];
    int fd = path_open(c, path, O_RDONLY, 0);

    if (fd < 0) {
        snprintf(text, sizeof text, "!%s", strerrorname_np(call_errno(c)));
        return text;
    }
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    CHECK(n >= 0);
    text[n] = '\0';
    return text;
}

TEST(plain)
{
    struct call *c = test_call_new();

    set_up();
    CHECK_STR(content(c, "/etc/name"), "of the guest");
    CHECK_STR(content(c, "//etc/./d/..//name"), "of the guest");
    CHECK_STR(content(c, "/nosuch"), "!ENOENT");
    CHECK_STR(call_error_text(c), "/nosuch: No such file or directory");
    CHECK_STR(content(c, "etc/name"), "!EINVAL");
    CHECK_STR(content(c, ""), "!EINVAL");
    CHECK_STR(content(c, "/etc/name/x"), "!ENOTDIR");
    tear_down(c);
}

TEST(dots_stay_inside)
{
    struct call *c = test_call_new();

    set_up();
    CHECK_STR(content(c, "/../../../../top"), "top");
    CHECK_STR(content(c, "/etc/d/../../../../top"), "top");
    tear_down(c);
}

TEST(links_stay_inside)
{
    struct call *c = test_call_new();
    char target[128];

    set_up();
    put_link("/etc/name", "/absolute");
    put_link("etc/../etc/name", "/relative");
    put_link("../../../../../../top", "/etc/up");
    put_link("/etc", "/folder");
    put_link("absolute", "/chain");
    snprintf(target, sizeof target, "%s/secret", outside);
    put_link(target, "/escape");
    snprintf(target, sizeof target, "..%s/secret", outside);
    put_link(target, "/escape2");
    put_link(outside, "/escape-folder");
    CHECK_STR(content(c, "/absolute"), "of the guest");
    CHECK_STR(content(c, "/relative"), "of the guest");
    CHECK_STR(content(c, "/etc/up"), "top");
    CHECK_STR(content(c, "/folder/name"), "of the guest");
    CHECK_STR(content(c, "/folder/../top"), "top");
    CHECK_STR(content(c, "/chain"), "of the guest");
    CHECK_STR(content(c, "/escape"), "!ENOENT");
    CHECK_STR(content(c, "/escape2"), "!ENOENT");
    CHECK_STR(content(c, "/escape-folder/secret"), "!ENOENT");
    tear_down(c);
}

TEST(loops_end)
{
    struct call *c = test_call_new();

    set_up();
    put_link("b", "/a");
    put_link("a", "/b");
    put_link("/self/self", "/self");
    CHECK_STR(content(c, "/a"), "!ELOOP");
    CHECK_STR(content(c, "/self/x"), "!ELOOP");
    tear_down(c);
}

/* A magic link of /proc can lead anywhere, and a guest may have a /proc. */
TEST(magic_links_are_refused)
{
    struct call *c = test_call_new();

    set_up();
    path_use_root("/proc/self");
    CHECK_STR(content(c, "/root/etc/passwd"), "!ELOOP");
    CHECK_STR(content(c, "/cwd/."), "!ELOOP");
    tear_down(c);
}

TEST(creating_through_a_link_stays_inside)
{
    struct call *c = test_call_new();
    char target[128];
    struct stat s;

    set_up();
    snprintf(target, sizeof target, "%s/new", outside);
    put_link(target, "/link");
    put_link("/etc/new", "/good");
    int fd = path_open(c, "/link", O_WRONLY | O_CREAT, 0644);
    CHECK(fd == -1 && call_errno(c) == ENOENT);
    CHECK(stat(target, &s) < 0);
    fd = path_open(c, "/good", O_WRONLY | O_CREAT, 0640);
    CHECK(fd >= 0);
    CHECK(fstat(fd, &s) == 0 && (s.st_mode & 07777) == 0640);
    close(fd);
    CHECK_STR(content(c, "/etc/new"), "");
    tear_down(c);
}

TEST(parents)
{
    struct call *c = test_call_new();
    char *name = NULL;
    struct stat s;
    static const struct {
        const char *path, *name;
    } cases[] = {
        {"/new", "new"},
        {"/etc/new", "new"},
        {"/etc/new///", "new"},
        {"/etc/up/new", "new"},
        {"/", "."},
        {"///", "."},
        {"/etc/..", "."},
        {"/etc/.", "."},
    };

    set_up();
    put_link("/etc/d", "/etc/up");
    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        int fd = path_open_parent(c, cases[i].path, &name);
        CHECK(fd >= 0);
        CHECK_STR(name, cases[i].name);
        CHECK(fstat(fd, &s) == 0 && S_ISDIR(s.st_mode));
        close(fd);
    }
    CHECK(path_open_parent(c, "/nosuch/new", &name) == -1);
    CHECK_STR(call_error_text(c), "/nosuch/new: No such file or directory");
    CHECK(path_open_parent(c, "/top/new", &name) == -1);
    CHECK(call_errno(c) == ENOTDIR);
    CHECK(path_open_parent(c, "new", &name) == -1);
    tear_down(c);
}

TEST(real_paths)
{
    struct call *c = test_call_new();

    set_up();
    put_link("/etc/../etc/d", "/link");
    put_link("/nosuch", "/dangling");
    CHECK_STR(path_real(c, "/link/../name"), "/etc/name");
    CHECK_STR(path_real(c, "/"), "/");
    CHECK_STR(path_real(c, "/../.."), "/");
    CHECK(!path_real(c, "/dangling"));
    CHECK(call_errno(c) == ENOENT);
    tear_down(c);
}

/* Names that only look like ways out. */
TEST(odd_names)
{
    struct call *c = test_call_new();
    char longer[300];

    set_up();
    put(root, "/..a", "dots");
    put(root, "/with\nnewline", "newline");
    put(root, "/\xff\xfe", "no text");
    CHECK_STR(content(c, "/..a"), "dots");
    CHECK_STR(content(c, "/with\nnewline"), "newline");
    CHECK_STR(content(c, "/\xff\xfe"), "no text");
    memset(longer, 'x', sizeof longer - 1);
    longer[0] = '/';
    longer[sizeof longer - 1] = '\0';
    CHECK_STR(content(c, longer), "!ENAMETOOLONG");
    tear_down(c);
}
