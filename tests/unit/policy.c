/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening disks: which other files an image may open, and the errors for files
 * that cannot be used. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "lib/disk/disk.h"
#include "lib/disk/uri.h"
#include "tests/unit/images.h"
#include "tests/unit/test.h"

static char *work; /* a folder of this test's own, the current one */

static void
begin(void)
{
    work = strdup("/var/tmp/mayfly-test.XXXXXX");
    CHECK(work && mkdtemp(work) && chdir(work) == 0);
    CHECK(mkdir("a", 0755) == 0 && mkdir("b", 0755) == 0);
    unsetenv("MAYFLY_ALLOW_PATHS");
}

static void
end(void)
{
    CHECK(chdir("/") == 0 && remove_tree(AT_FDCWD, work) == 0);
    free(work);
}

static void
save(const char *path, struct bytes b)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    CHECK(fd >= 0 && write_all(fd, b.p, b.n) == 0);
    close(fd);
    free(b.p);
}

static void
save_text(const char *path, const char *text)
{
    struct bytes b = bytes_new(strlen(text));

    memcpy(b.p, text, b.n);
    save(path, b);
}

/* A qcow2 image on top of BACKING; FORMAT may be NULL. */
static void
save_overlay(const char *path, const char *backing, const char *format)
{
    struct bytes b = make_qcow2();
    size_t n = strlen(backing);

    if (format) {
        put_be(b.p + 104, 0xe2792aca, 4);
        put_be(b.p + 108, strlen(format), 4);
        memcpy(b.p + 112, format, strlen(format));
    }
    CHECK(200 + n <= 512);
    put_be(b.p + 8, 200, 8);
    put_be(b.p + 16, n, 4);
    memcpy(b.p + 200, backing, n);
    save(path, b);
}

static void
save_with_data(const char *path, const char *data, bool raw)
{
    struct bytes b = make_qcow2();

    put_be(b.p + 72, 4, 8);
    put_be(b.p + 88, raw ? 2 : 0, 8);
    if (data) {
        put_be(b.p + 104, 0x44415441, 4);
        put_be(b.p + 108, strlen(data), 4);
        memcpy(b.p + 112, data, strlen(data));
    }
    save(path, b);
}

static void
save_with_data_file(const char *path, const char *data)
{
    save_with_data(path, data, false);
}

static struct disk *
open_with(const char *path, const struct disk_options *o, struct error *err)
{
    struct disk *d = NULL;

    if (disk_open(path, o, &d, err) < 0)
        return NULL;
    return d;
}

static void
check_opens(const char *path, const struct disk_options *o, size_t files)
{
    cleanup_error struct error err = {0};
    struct disk *d = open_with(path, o, &err);
    size_t n = 0;

    if (!d) {
        fprintf(stderr, "%s\n", error_text(&err));
        exit(1);
    }
    for (struct disk_file *f = d->file; f; f = f->backing)
        n++;
    CHECK(n == files);
    disk_free(d);
}

static void
check_refused(const char *path, const struct disk_options *o, int code,
    const char *message)
{
    cleanup_error struct error err = {0};
    struct disk *d = open_with(path, o, &err);

    if (d) {
        fprintf(stderr, "opened, instead of '%s'\n", message);
        exit(1);
    }
    if (!strstr(error_text(&err), message)) {
        fprintf(stderr, "'%s' does not say '%s'\n", error_text(&err), message);
        exit(1);
    }
    CHECK(err.code == code);
    CHECK(str_after(error_text(&err), path));
    CHECK(!strchr(error_text(&err), '\n'));
}

static const struct disk_options ro = {.read_only = true};
static const struct disk_options rw = {0};

TEST(bad_files)
{
    begin();
    check_refused("missing.img", &ro, ENOENT, "No such file");
    check_refused("a", &ro, EISDIR, "it is a folder");
    CHECK(mkfifo("fifo", 0644) == 0);
    check_refused("fifo", &ro, EINVAL, "neither a file nor a block device");
    check_refused("/dev/null", &ro, EINVAL, "neither a file nor a block");
    save_text("empty.img", "");
    check_refused("empty.img", &ro, EINVAL, "empty");
    struct bytes b = make_qcow2();
    b.n = 1500;
    save("cut.qcow2", b);
    check_refused("cut.qcow2", &ro, EINVAL, "truncated");
    end();
}

TEST(bad_options)
{
    struct disk_options o = {.read_only = true, .format = "qcow3"};

    begin();
    save("a/x", make_qcow2());
    check_refused("a/x", &o, EINVAL, "unknown format 'qcow3'");
    o.format = "vmdk";
    check_refused("a/x", &o, EINVAL, "not a vmdk image: it looks like qcow2");
    o.format = NULL;
    o.block_size = 1024;
    check_refused("a/x", &o, EINVAL, "block size 1024");
    o.block_size = 4096;
    o.label = "a label";
    check_refused("a/x", &o, EINVAL, "bad label");
    o.label = "123456789012345678901";
    check_refused("a/x", &o, EINVAL, "bad label");
    o.label = "root";
    check_opens("a/x", &o, 1);
    end();
}

TEST(no_permission)
{
    begin();
    save("x", make_qcow2());
    CHECK(chmod("x", 0444) == 0);
    if (geteuid() == 0)
        CHECK(chmod(work, 0755) == 0 && seteuid(65534) == 0);
    check_opens("x", &ro, 1);
    check_refused("x", &rw, EACCES, "add it read-only");
    if (geteuid() != 0)
        CHECK(seteuid(0) == 0 || getuid() != 0);
    end();
}

TEST(same_folder)
{
    begin();
    save("a/base", make_qcow2());
    save_overlay("a/x.qcow2", "base", "qcow2");
    check_opens("a/x.qcow2", &ro, 2);
    check_opens("a/x.qcow2", &rw, 2);
    CHECK(chdir("a") == 0);
    check_opens("x.qcow2", &ro, 2);
    CHECK(chdir("..") == 0);
    /* Through a link to the image: the image's own folder counts, not the
     * link's. */
    CHECK(symlink("../a/x.qcow2", "b/link") == 0);
    check_opens("b/link", &ro, 2);
    cleanup_free char *absolute = text_printf("%s/a/base", work);
    save_overlay("a/x.qcow2", absolute, "qcow2");
    check_opens("b/link", &ro, 2);
    save_overlay("a/x.qcow2", "file:base", "qcow2");
    check_opens("a/x.qcow2", &ro, 2);
    end();
}

TEST(outside)
{
    begin();
    save("b/base", make_qcow2());
    save_overlay("a/x.qcow2", "../b/base", "qcow2");
    check_refused("a/x.qcow2", &ro, EPERM, "outside of the image's folder");
    check_refused("a/x.qcow2", &ro, EPERM, "--allow or MAYFLY_ALLOW_PATHS");
    save_overlay("a/x.qcow2", "/etc/shadow", "raw");
    check_refused("a/x.qcow2", &ro, EPERM, "/etc/shadow");
    /* A link beside the image does not help. */
    CHECK(symlink("../b/base", "a/inside") == 0);
    save_overlay("a/x.qcow2", "inside", "qcow2");
    check_refused("a/x.qcow2", &ro, EPERM, "outside");
    /* Nor does a folder whose name starts the same, nor a deeper one. */
    CHECK(mkdir("a/deep", 0755) == 0);
    save("a/deep/base", make_qcow2());
    save_overlay("a/x.qcow2", "deep/base", "qcow2");
    check_refused("a/x.qcow2", &ro, EPERM, "outside");
    end();
}

TEST(allowed)
{
    begin();
    save("b/base", make_qcow2());
    save_overlay("a/x.qcow2", "../b/base", "qcow2");

    const char *allow_file[] = {"b/base", NULL};
    const char *allow_folder[] = {"b", NULL};
    const char *allow_others[] = {"b/bas", "a", NULL};
    struct disk_options o = {.read_only = true, .allow = allow_file};
    check_opens("a/x.qcow2", &o, 2);
    o.allow = allow_folder;
    check_opens("a/x.qcow2", &o, 2);
    o.allow = allow_others;
    check_refused("a/x.qcow2", &o, EPERM, "outside");
    o.allow = NULL;
    o.policy = POLICY_ANY;
    check_opens("a/x.qcow2", &o, 2);
    o.policy = POLICY_NONE;
    check_refused("a/x.qcow2", &o, EPERM, "no other files are allowed");

    cleanup_free char *paths = text_printf("/nonexistent:%s/b:", work);
    setenv("MAYFLY_ALLOW_PATHS", paths, 1);
    check_opens("a/x.qcow2", &ro, 2);
    check_refused("a/x.qcow2", &o, EPERM, "no other files are allowed");
    setenv("MAYFLY_ALLOW_PATHS", "/", 1);
    check_opens("a/x.qcow2", &ro, 2);
    /* Allowing the backing file does not allow its backing file. */
    save("c", make_qcow2());
    save_overlay("b/base", "../c", "qcow2");
    cleanup_free char *only = text_printf("%s/b", work);
    setenv("MAYFLY_ALLOW_PATHS", only, 1);
    check_refused("a/x.qcow2", &ro, EPERM, "outside");
    end();
}

TEST(protocols)
{
    static const char *const names[] = {"nbd://localhost/x",
        "json:{\"driver\":\"file\",\"filename\":\"/etc/shadow\"}",
        "nbd:localhost:10809", "fat:/etc", "https://example.org/x",
        "host_device:/dev/sda", "file:nbd:x", "file:json:{}"};

    begin();
    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        struct disk_options o = {.read_only = true, .policy = POLICY_ANY};

        save_overlay("x.qcow2", names[i], "raw");
        check_refused("x.qcow2", &ro, EPERM, "not a plain file");
        check_refused("x.qcow2", &o, EPERM, "not a plain file");
    }
    end();
}

TEST(hostile_names)
{
    begin();
    save_overlay("x.qcow2", "a\x1b[2Jb", "raw");
    check_refused("x.qcow2", &ro, ENOENT, "a\\x1b[2Jb");
    save_overlay("x.qcow2", "a", "raw");
    check_refused("x.qcow2", &ro, EISDIR, "folder");
    save_overlay("x.qcow2", "base", "no\nsuch");
    save("base", make_qcow2());
    check_refused("x.qcow2", &ro, ENOTSUP, "unknown format 'no\\x0asuch'");
    end();
}

TEST(circles)
{
    begin();
    save_overlay("x.qcow2", "x.qcow2", "qcow2");
    check_refused("x.qcow2", &ro, ELOOP, "circle");
    save_overlay("x.qcow2", "y.qcow2", "qcow2");
    save_overlay("y.qcow2", "x.qcow2", "qcow2");
    check_refused("x.qcow2", &ro, ELOOP, "circle");
    /* The same file by another name. */
    unlink("y.qcow2");
    CHECK(link("x.qcow2", "y.qcow2") == 0);
    check_refused("x.qcow2", &ro, ELOOP, "circle");
    end();
}

TEST(long_chain)
{
    char name[32], below[32];

    begin();
    save("0.qcow2", make_qcow2());
    for (int i = 1; i <= DISK_CHAIN_MAX + 1; i++) {
        snprintf(name, sizeof name, "%d.qcow2", i);
        snprintf(below, sizeof below, "%d.qcow2", i - 1);
        save_overlay(name, below, "qcow2");
    }
    snprintf(name, sizeof name, "%d.qcow2", DISK_CHAIN_MAX);
    check_opens(name, &ro, DISK_CHAIN_MAX + 1);
    snprintf(name, sizeof name, "%d.qcow2", DISK_CHAIN_MAX + 1);
    check_refused(name, &ro, ELOOP, "more than 64 backing files");
    end();
}

/* The guest of a raw image can make it look like anything. */
TEST(backing_format_not_said)
{
    begin();
    save_text("base", "just bytes");
    save_overlay("x.qcow2", "base", NULL);
    check_opens("x.qcow2", &ro, 2);
    save("base", make_qcow2());
    check_opens("x.qcow2", &ro, 2);
    save("other", make_qcow2());
    save_overlay("base", "other", "qcow2");
    check_refused("x.qcow2", &ro, EPERM, "does not state the format");
    save_overlay("x.qcow2", "base", "qcow2");
    check_opens("x.qcow2", &ro, 3);
    save_overlay("x.qcow2", "base", "raw");
    check_opens("x.qcow2", &ro, 2);
    end();
}

TEST(faults_below)
{
    begin();
    struct bytes b = make_qcow2();
    b.n = 1500;
    save("base", b);
    save_overlay("x.qcow2", "base", "qcow2");
    check_refused("x.qcow2", &ro, EINVAL, "base: truncated");
    save_overlay("x.qcow2", "gone", "qcow2");
    check_refused("x.qcow2", &ro, ENOENT, "its backing file 'gone'");
    save_text("base", "text");
    save_overlay("x.qcow2", "base", "qcow2");
    check_refused("x.qcow2", &ro, EINVAL, "not a qcow2 image");
    end();
}

TEST(data_files)
{
    begin();
    save_text("a/data", "data");
    save_text("b/data", "data");
    save_with_data_file("a/x.qcow2", "data");
    check_opens("a/x.qcow2", &ro, 1);
    /* It could be any file of the user. */
    check_refused("a/x.qcow2", &rw, EPERM, "would be written to");
    const char *allow[] = {"a/data", NULL};
    struct disk_options allowed = {.allow = allow};
    check_opens("a/x.qcow2", &allowed, 1);
    save_text("a/x.data", "data");
    save_with_data_file("a/x.qcow2", "x.data");
    check_opens("a/x.qcow2", &rw, 1);
    save_with_data_file("a/x.qcow2", "../b/data");
    check_refused("a/x.qcow2", &ro, EPERM, "its data file");
    save_with_data_file("a/x.qcow2", "/etc/shadow");
    check_refused("a/x.qcow2", &rw, EPERM, "/etc/shadow");
    save_with_data_file("a/x.qcow2", NULL);
    check_refused("a/x.qcow2", &ro, EINVAL, "does not name it");
    save_with_data_file("a/x.qcow2", "x.qcow2");
    check_refused("a/x.qcow2", &ro, EINVAL, "its own data file");
    end();
}

#define VMDK                                                                   \
    "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\n"            \
    "createType=\"monolithicFlat\"\n"

TEST(extents)
{
    begin();
    struct bytes b = bytes_new(4096);
    save("a/flat", b);
    b = bytes_new(4096);
    save("b/flat", b);
    save_text("a/x.vmdk", VMDK "RW 8 FLAT \"flat\" 0\n");
    check_opens("a/x.vmdk", &ro, 1);
    check_refused("a/x.vmdk", &rw, EPERM, "would be written to");
    save("a/x-flat.vmdk", bytes_new(4096));
    save_text("a/x.vmdk", VMDK "RW 8 FLAT \"x-flat.vmdk\" 0\n");
    check_opens("a/x.vmdk", &rw, 1);
    save_text("a/x.vmdk", VMDK "RW 8 FLAT \"flat\" 1\n");
    check_refused("a/x.vmdk", &ro, EINVAL, "truncated");
    save_text("a/x.vmdk", VMDK "RW 8 FLAT \"../b/flat\" 0\n");
    check_refused("a/x.vmdk", &ro, EPERM, "its extent");
    save_text("a/x.vmdk", VMDK "RW 1 FLAT \"/etc/shadow\" 0\n");
    check_refused("a/x.vmdk", &ro, EPERM, "/etc/shadow");
    save_text("a/x.vmdk", VMDK "RW 1 SPARSE \"x.vmdk\"\n");
    check_refused("a/x.vmdk", &ro, EINVAL, "its own extent");
    end();
}

/* The guest of a raw disk can write a header to it. */
TEST(guesses)
{
    static const char *const names[] = {
        "x", "x.img", "x.raw", "x.vmdk", "x.qcow2.bak", ".qcow2", "qcow2"};

    begin();
    save("y", make_qcow2());
    save_text("x.data", "data");
    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        const char *const allow[] = {"y", "x.data", NULL};
        struct disk_options said = {.read_only = true, .format = "qcow2"};
        struct disk_options any = {.read_only = true, .policy = POLICY_ANY};
        struct disk_options allowed = {.read_only = true, .allow = allow};
        struct disk_options named = {.read_only = true, .policy = POLICY_NAMED};

        save_overlay(names[i], "y", "qcow2");
        check_refused(names[i], &ro, EPERM, "its format is only a guess");
        check_refused(names[i], &named, EPERM, "give its format (--format)");
        check_opens(names[i], &said, 2);
        check_opens(names[i], &any, 2);
        check_opens(names[i], &allowed, 2);
        save_with_data_file(names[i], "x.data");
        check_refused(names[i], &rw, EPERM, "names the data file 'x.data'");
        check_opens(names[i], &said, 1);
        save_text(names[i], VMDK "RW 1 FLAT \"y\" 0\n");
        if (!str_equal(names[i], "x.vmdk"))
            check_refused(names[i], &ro, EPERM, "names the extent 'y'");
        /* Alone it is welcome under any name. */
        save(names[i], make_qcow2());
        check_opens(names[i], &rw, 1);
    }
    save_overlay("X.QCOW2", "y", "qcow2");
    check_opens("X.QCOW2", &ro, 2);
    /* What counts is the image's name, not that of a link to it. */
    save_overlay("z", "y", "qcow2");
    CHECK(symlink("z", "z.qcow2") == 0);
    check_refused("z.qcow2", &ro, EPERM, "its format is only a guess");
    end();
}

TEST(names)
{
    static const struct {
        const char *file, *image;
        enum file_role role;
        bool belongs;
    } cases[] = {
        {"d-flat.vmdk", "d.vmdk", ROLE_EXTENT, true},
        {"/b/d-flat.vmdk", "/a/d.vmdk", ROLE_EXTENT, true},
        {"d-delta.vmdk", "d.vmdk", ROLE_EXTENT, true},
        {"d-sesparse.vmdk", "d.vmdk", ROLE_EXTENT, true},
        {"d-000001-delta.vmdk", "d-000001.vmdk", ROLE_EXTENT, true},
        {"d-s001.vmdk", "d.vmdk", ROLE_EXTENT, true},
        {"d-f001.vmdk", "d.vmdk", ROLE_EXTENT, true},
        {"d-s1000.vmdk", "d.vmdk", ROLE_EXTENT, true},
        {"d-flat.img", "d.img", ROLE_EXTENT, true},
        {"d-flat", "d", ROLE_EXTENT, true},
        {"d-flat.vmdk", "d", ROLE_EXTENT, true},
        {"d-flat.VMDK", "d.VMDK", ROLE_EXTENT, true},
        {"d-flat.raw", "d.vmdk", ROLE_EXTENT, false},
        {"d-flat.vmdk.bak", "d.vmdk", ROLE_EXTENT, false},
        {"d-flat2.vmdk", "d.vmdk", ROLE_EXTENT, false},
        {"d-s01.vmdk", "d.vmdk", ROLE_EXTENT, false},
        {"d-s001x.vmdk", "d.vmdk", ROLE_EXTENT, false},
        {"d-x001.vmdk", "d.vmdk", ROLE_EXTENT, false},
        {"d-000001.vmdk", "d.vmdk", ROLE_EXTENT, false},
        {"d2-flat.vmdk", "d.vmdk", ROLE_EXTENT, false},
        {"d2.vmdk", "d.vmdk", ROLE_EXTENT, false},
        {"vm10.img", "vm1.img", ROLE_EXTENT, false},
        {"vm10.img", "vm1.img", ROLE_DATA, false},
        {"vm1.img", "vm1.qcow2", ROLE_DATA, false},
        {"vm1", "vm1.qcow2", ROLE_DATA, false},
        {"vm1.raw", "vm1.qcow2", ROLE_DATA, true},
        {"vm1.data", "vm1.qcow2", ROLE_DATA, true},
        {"vm1-data", "vm1.qcow2", ROLE_DATA, true},
        {"vm1-data.raw", "vm1.qcow2", ROLE_DATA, true},
        {"vm1.data.raw", "vm1.qcow2", ROLE_DATA, true},
        {"vm1.qcow2.raw", "vm1.qcow2", ROLE_DATA, true},
        {"vm1.qcow2.data", "vm1.qcow2", ROLE_DATA, true},
        {"vm1.raw", "vm1", ROLE_DATA, true},
        {"s-neighbour.raw", "s.qcow2", ROLE_DATA, false},
        {"secret-neighbour.raw", "s.qcow2", ROLE_DATA, false},
        {"vm1.raw2", "vm1.qcow2", ROLE_DATA, false},
        {"vm1.qcow2", "vm1.qcow2", ROLE_DATA, false},
        {"d.vmdk", "d-000001.vmdk", ROLE_BACKING, true},
        {"d-000001.vmdk", "d-000002.vmdk", ROLE_BACKING, true},
        {"d-000003.vmdk", "d-000002.vmdk", ROLE_BACKING, true},
        {"d-000001.vmdk", "d.vmdk", ROLE_BACKING, false},
        {"d.vmdk", "d-00001.vmdk", ROLE_BACKING, false},
        {"d2.vmdk", "d-000001.vmdk", ROLE_BACKING, false},
        {"d.raw", "d-000001.vmdk", ROLE_BACKING, false},
        {"d.qcow2", "d-000001.qcow2", ROLE_BACKING, false},
        {"-000001.vmdk", "-000002.vmdk", ROLE_BACKING, false},
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        if (name_belongs(cases[i].file, cases[i].image, cases[i].role) ==
            cases[i].belongs)
            continue;
        fprintf(stderr, "%s, of %s\n", cases[i].file, cases[i].image);
        exit(1);
    }
}

#define SNAPSHOT                                                               \
    "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=1\n"                   \
    "createType=\"monolithicFlat\"\n"

/* Only the image's own parts, however many images they are. */
TEST(named)
{
    struct disk_options o = {.read_only = true, .policy = POLICY_NAMED};

    begin();
    save("a/x-flat.vmdk", bytes_new(4096));
    save("a/x-000001-delta.vmdk", bytes_new(4096));
    save("a/y", bytes_new(4096));
    save_text("a/x.vmdk", VMDK "RW 8 FLAT \"x-flat.vmdk\" 0\n");
    save_text("a/x-000001.vmdk",
        SNAPSHOT "RW 8 FLAT \"x-000001-delta.vmdk\" 0\n"
                 "parentFileNameHint=\"x.vmdk\"\n");
    check_opens("a/x.vmdk", &o, 1);
    check_opens("a/x-000001.vmdk", &o, 2);
    save_text("a/x-000001.vmdk",
        SNAPSHOT "RW 8 FLAT \"y\" 0\nparentFileNameHint=\"x.vmdk\"\n");
    check_refused(
        "a/x-000001.vmdk", &o, EPERM, "extent 'y' is not named after");
    check_opens("a/x-000001.vmdk", &ro, 2);
    save_text("a/x.vmdk", VMDK "RW 8 FLAT \"../b/x-flat.vmdk\" 0\n");
    save("b/x-flat.vmdk", bytes_new(4096));
    check_refused("a/x.vmdk", &o, EPERM, "outside of the image's folder");
    save_overlay("a/x.qcow2", "y", "raw");
    check_refused(
        "a/x.qcow2", &o, EPERM, "backing file 'y' is not named after");

    /* Below an image that is allowed, the same counts in its folder. */
    cleanup_free char *base = text_printf("%s/b/x.vmdk", work);
    const char *allow[] = {base, NULL};
    save_text("b/x.vmdk", VMDK "RW 8 FLAT \"x-flat.vmdk\" 0\n");
    save_overlay("a/x.qcow2", base, "vmdk");
    o.allow = allow;
    check_opens("a/x.qcow2", &o, 2);
    save_text("b/x.vmdk", VMDK "RW 8 FLAT \"y\" 0\n");
    save("b/y", bytes_new(4096));
    check_refused("a/x.qcow2", &o, EPERM, "extent 'y' is not named after");

    /* None: but for what is allowed by name. */
    o.policy = POLICY_NONE;
    save_overlay("a/x.qcow2", "y", "raw");
    check_refused("a/x.qcow2", &o, EPERM, "no other files are allowed");
    allow[0] = "a/y";
    check_opens("a/x.qcow2", &o, 2);
    end();
}

/* The bytes that a running QEMU locks. */
/* And, to be read, other images that are named as such. */
TEST(images)
{
    static const char *const yes[] = {"y.qcow2", "Y.VMDK", "x-1.qcow2"};
    static const char *const no[] = {
        "y", ".netrc", "y.raw", "y.img", "y.qcow2.txt", ".qcow2", "qcow2"};
    struct disk_options o = {.read_only = true, .policy = POLICY_IMAGES};

    begin();
    for (size_t i = 0; i < N_ELEMENTS(yes); i++) {
        save(yes[i], bytes_new(4096));
        save_overlay("x.qcow2", yes[i], "raw");
        check_opens("x.qcow2", &o, 2);
    }
    for (size_t i = 0; i < N_ELEMENTS(no); i++) {
        save(no[i], bytes_new(4096));
        save_overlay("x.qcow2", no[i], "raw");
        check_refused("x.qcow2", &o, EPERM, "is not named after it");
    }
    save_with_data_file("x.qcow2", "y.raw");
    check_refused("x.qcow2", &o, EPERM, "is not named after it");
    /* The plain disk, in a file of its size. */
    struct bytes b = make_qcow2();
    uint64_t size = get_be64(b.p + 24);
    free(b.p);
    for (int wrong = 0; wrong < 5; wrong++) {
        const char *name = wrong == 1 ? "y.data" : "y.raw";
        int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        CHECK(ftruncate(fd, (off_t)(size - (wrong == 2 ? 512 : 0))) == 0);
        CHECK(wrong != 4 || geteuid() != 0 || fchown(fd, 4711, 4711) == 0);
        close(fd);
        save_with_data("x.qcow2", name, wrong != 3);
        if (wrong == 0 || (wrong == 4 && geteuid() != 0))
            check_opens("x.qcow2", &o, 1);
        else
            check_refused("x.qcow2", &o, EPERM, "is not named after it");
        unlink(name);
    }
    struct disk_options write = {.policy = POLICY_IMAGES};
    save_with_data("x.qcow2", "y.raw", true);
    int data = open("y.raw", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    CHECK(ftruncate(data, (off_t)size) == 0);
    close(data);
    check_refused("x.qcow2", &write, EPERM, "is not named after it");
    save_with_data("x", "y.raw", true);
    check_refused("x", &o, EPERM, "its format is only a guess");
    save_text("x.vmdk", VMDK "RW 8 FLAT \"y.raw\" 0\n");
    check_refused("x.vmdk", &o, EPERM, "is not named after it");
    save("b/y.qcow2", bytes_new(4096));
    save_overlay("x.qcow2", "b/y.qcow2", "raw");
    check_refused("x.qcow2", &o, EPERM, "outside of the image's folder");
    save_overlay("x", "y.qcow2", "raw");
    check_refused("x", &o, EPERM, "its format is only a guess");
}

TEST(locked)
{
    begin();
    save("x", make_qcow2());
    int fd = open("x", O_RDWR | O_CLOEXEC);
    struct flock lock = {.l_type = F_RDLCK, .l_start = 201, .l_len = 1};
    CHECK(fd >= 0 && fcntl(fd, F_OFD_SETLK, &lock) == 0);
    check_opens("x", &ro, 1);
    check_refused("x", &rw, EBUSY, "locked");
    lock.l_type = F_UNLCK;
    CHECK(fcntl(fd, F_OFD_SETLK, &lock) == 0);
    check_opens("x", &rw, 1);
    lock = (struct flock){.l_type = F_RDLCK, .l_start = 101, .l_len = 1};
    CHECK(fcntl(fd, F_OFD_SETLK, &lock) == 0);
    check_refused("x", &rw, EBUSY, "locked");
    close(fd);
    check_opens("x", &rw, 1);
    end();
}

TEST(uris)
{
    static const struct {
        const char *text, *driver, *user, *host, *port, *path, *socket;
    } good[] = {
        {"nbd://h", "nbd", NULL, "h", "10809", "", NULL},
        {"nbd://h:1/e%20x", "nbd", NULL, "h", "1", "/e x", NULL},
        {"nbd://[::1]:7/", "nbd", NULL, "::1", "7", "/", NULL},
        {"nbd+unix:///e?socket=/a%2fb", "nbd", NULL, "", NULL, "/e", "/a/b"},
        {"nbd+unix://?socket=/a", "nbd", NULL, "", NULL, "", "/a"},
        {"nbd:unix:/a%20:b:exportname=c:d", "nbd", NULL, NULL, NULL, "c:d",
            "/a%20:b"},
        {"nbd:unix:/a", "nbd", NULL, NULL, NULL, "", "/a"},
        {"nbd:h:7", "nbd", NULL, "h", "7", "", NULL},
        {"nbd:[::1]:7:exportname=a", "nbd", NULL, "::1", "7", "a", NULL},
        {"nbd:::1:7:exportname=", "nbd", NULL, "::1", "7", "", NULL},
        {"ssh://u@h/p", "ssh", "u", "h", "22", "/p", NULL},
        {"https://h/p?q", "https", NULL, "h", NULL, "/p", NULL},
        {"ftp://u@h/p", "ftp", "u", "h", NULL, "/p", NULL},
        {"gluster://h/v/a/b", "gluster", NULL, "h", "24007", "/v/a/b", NULL},
        {"iscsi://h:1/iqn.2026-11.x:y/0", "iscsi", NULL, "h", "1",
            "/iqn.2026-11.x:y/0", NULL},
        {"rbd:///pool/image", "rbd", NULL, "", NULL, "/pool/image", NULL},
        {"rbd://u@h:7/p/i", "rbd", "u", "h", "7", "/p/i", NULL},
    };
    static const char *const bad[] = {"nbd://", "nbd://h:x", "nbd://h:/",
        "nbd://h/%0", "nbd://h/%00", "nbd://h/%zz", "nbd+unix:///e",
        "nbd+unix:///e?socket=", "ssh:///p", "nbd://h:1234567/",
        "nbd:", "nbd:unix:", "nbd:unix::exportname=x", "nbd:h", "nbd::7",
        "nbd:h:x", "nbd:h:", "nbd:h:1:exportname", "nbd:[]:7", "gluster://h/v",
        "gluster://h/v/", "gluster:///v/a", "iscsi://h/t", "iscsi://h/t/x",
        "iscsi://u@h/t/0", "rbd://h/p", "rbd:////i", "ftp:///x"};

    for (size_t i = 0; i < N_ELEMENTS(good); i++) {
        cleanup_error struct error err = {0};
        struct uri *u = uri_parse(good[i].text, &err);

        CHECK(u && uri_is(good[i].text));
        CHECK_STR(u->driver, good[i].driver);
        CHECK(!u->host == !good[i].host);
        if (u->host)
            CHECK_STR(u->host, good[i].host);
        CHECK_STR(u->path, good[i].path);
        CHECK(!u->user == !good[i].user && !u->port == !good[i].port);
        CHECK(!u->socket == !good[i].socket);
        if (u->user)
            CHECK_STR(u->user, good[i].user);
        if (u->port)
            CHECK_STR(u->port, good[i].port);
        if (u->socket)
            CHECK_STR(u->socket, good[i].socket);
        uri_free(u);
    }
    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        check_refused(bad[i], &ro, EINVAL, "malformed address");
    cleanup_free char *encoded = uri_encode("a b/\xc3\xa4%~", "/");
    CHECK_STR(encoded, "a%20b/%C3%A4%25~");
    CHECK(!uri_is("/a/b") && !uri_is("file:///x") && !uri_is("C:\\x"));

    cleanup_error struct error err = {0};
    CHECK(!open_with("ssh://u:p@h/x", &ro, &err) && err.code == EINVAL);
    CHECK(str_after(error_text(&err), "ssh://u:***@h/x: a password"));
    CHECK(!open_with("iscsi://u%p@h/t/0", &ro, &err) && err.code == EINVAL);
    CHECK(str_after(error_text(&err), "iscsi://u%***@h/t/0: malformed"));
    check_refused("nbds://h/x", &ro, ENOTSUP, "nbds:// are not");
    check_refused("sftp://h/x", &ro, ENOTSUP, "use ssh://");
    check_refused("x-y.z://h/x", &ro, ENOTSUP, "x-y.z:// are not");
    struct disk_options o = {.format = "qcow9"};
    check_refused("nbd://h/x", &o, EINVAL, "qcow9");
    o.format = "qcow2";
    check_refused("ftp://h/x", &o, EROFS, "can only be read");
    o.snapshot = "one";
    check_refused("nbd://h/x", &o, ENOTSUP, "can have snapshots");
}
