/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Archives that try to write outside the directory they are unpacked in. Each
 * test has a directory $T with "inside", where the archive goes, and "outside",
 * which must stay as it is. */
#include <config.h>

#include "lib/transfer/extract.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "tests/unit/test.h"

struct place {
    char top[64];
    int inside;
    int tar; /* a file in memory */
    struct archive *to;
};

static void
write_text(int dir, const char *name, const char *text)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    CHECK(fd >= 0 && write_all(fd, text, strlen(text)) == 0);
    close(fd);
}

static void
check_text(int dir, const char *name, const char *text)
{
    struct error err = {0};
    size_t size;
    char *have = read_file_at(dir, name, 4096, &size, &err);

    CHECK_STR(have, text);
    free(have);
}

static void
start(struct place *p)
{
    strcpy(p->top, "/tmp/mayfly-extract.XXXXXX");
    CHECK(mkdtemp(p->top));
    CHECK(chdir(p->top) == 0);
    CHECK(mkdir("inside", 0755) == 0 && mkdir("outside", 0755) == 0);
    write_text(AT_FDCWD, "outside/victim", "untouched");
    p->inside = open("inside", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    p->tar = memfd_create("tar", MFD_CLOEXEC);
    p->to = archive_write_new();
    archive_write_set_format_pax_restricted(p->to);
    CHECK(archive_write_open_fd(p->to, p->tar) == ARCHIVE_OK);
}

/* LINK: the target of a link; HARD: it is a hard link. */
static void
add(struct place *p, int type, int mode, const char *path, const char *text,
    bool hard)
{
    struct archive_entry *e = archive_entry_new();

    archive_entry_set_filetype(e, (unsigned)type);
    archive_entry_set_perm(e, (mode_t)mode);
    archive_entry_set_mtime(e, 1000000000, 0);
    archive_entry_copy_pathname(e, path);
    if (hard)
        archive_entry_copy_hardlink(e, text);
    else if (type == AE_IFLNK)
        archive_entry_copy_symlink(e, text);
    else if (type == AE_IFREG)
        archive_entry_set_size(e, (int64_t)strlen(text));
    CHECK(archive_write_header(p->to, e) >= ARCHIVE_WARN);
    if (type == AE_IFREG && !hard && *text)
        CHECK(archive_write_data(p->to, text, strlen(text)) > 0);
    archive_entry_free(e);
}

/* Unpack, check that "outside" is unchanged, and return the result. */
static int
finish(struct place *p, struct error *err)
{
    struct stat st;

    archive_write_free(p->to);
    CHECK(lseek(p->tar, 0, SEEK_SET) == 0);
    struct skipped skipped = {0};
    int r = extract_tar(p->tar, p->inside, &skipped, err);
    free(skipped.first);
    close(p->tar);
    check_text(AT_FDCWD, "outside/victim", "untouched");
    CHECK(stat("outside/victim", &st) == 0 && st.st_nlink == 1 &&
          (st.st_mode & 07777) == 0644);
    CHECK(access("outside/new", F_OK) < 0 && access("new", F_OK) < 0);
    return r;
}

static void
end(struct place *p)
{
    close(p->inside);
    CHECK(chdir("/") == 0);
    CHECK(remove_tree(AT_FDCWD, p->top) == 0);
}

/* The whole call fails and names the entry. */
static void
refused(struct place *p, const char *named)
{
    struct error err = {0};

    CHECK(finish(p, &err) < 0);
    if (!strstr(error_text(&err), named))
        fprintf(stderr, "error: %s\n", error_text(&err));
    CHECK(strstr(error_text(&err), named));
    error_clear(&err);
    end(p);
}

TEST(honest_tree)
{
    struct place p;
    struct stat st;
    struct error err = {0};
    char link[16] = "";

    start(&p);
    add(&p, AE_IFDIR, 0500, "./", "", false);
    add(&p, AE_IFDIR, 0555, "./d", "", false);
    add(&p, AE_IFREG, 04751, "./d/f", "text", false);
    add(&p, AE_IFREG, 0, "d/g", "d/f", true);
    add(&p, AE_IFLNK, 0777, "./l", "/nowhere", false);
    add(&p, AE_IFREG, 0640, "./a\nb\xff", "", false);
    add(&p, AE_IFIFO, 0644, "./pipe", "", false);
    CHECK(finish(&p, &err) == 0);
    check_text(p.inside, "d/g", "text");
    CHECK(fstatat(p.inside, "d/f", &st, 0) == 0 && st.st_nlink == 2 &&
          (st.st_mode & 07777) == 0751 && st.st_mtime == 1000000000 &&
          st.st_uid == geteuid());
    CHECK(fstatat(p.inside, "d", &st, 0) == 0 && (st.st_mode & 07777) == 0555 &&
          st.st_mtime == 1000000000);
    CHECK(fstatat(p.inside, "a\nb\xff", &st, 0) == 0 &&
          (st.st_mode & 07777) == 0640);
    CHECK(readlinkat(p.inside, "l", link, sizeof link) == 8);
    CHECK(fstatat(p.inside, "pipe", &st, 0) < 0);
    CHECK(fstat(p.inside, &st) == 0 && (st.st_mode & 07777) == 0500);
    CHECK(fchmod(p.inside, 0700) == 0 && fchmodat(p.inside, "d", 0700, 0) == 0);
    end(&p);
}

TEST(dotdot)
{
    struct place p;

    start(&p);
    add(&p, AE_IFREG, 0644, "../new", "evil", false);
    refused(&p, "../new");
}

TEST(dotdot_inside)
{
    struct place p;

    start(&p);
    add(&p, AE_IFDIR, 0755, "d", "", false);
    add(&p, AE_IFREG, 0644, "d/../../new", "evil", false);
    refused(&p, "d/../../new");
}

TEST(absolute)
{
    struct place p;
    char name[128];

    start(&p);
    snprintf(name, sizeof name, "%s/new", p.top);
    add(&p, AE_IFREG, 0644, name, "evil", false);
    refused(&p, "/new");
}

TEST(file_through_link)
{
    struct place p;

    start(&p);
    add(&p, AE_IFLNK, 0777, "l", "../outside", false);
    add(&p, AE_IFREG, 0644, "l/new", "evil", false);
    refused(&p, "l/new");
}

TEST(directory_through_link)
{
    struct place p;

    start(&p);
    add(&p, AE_IFLNK, 0777, "l", "../outside", false);
    add(&p, AE_IFDIR, 0700, "l", "", false);
    add(&p, AE_IFREG, 0644, "l/new", "evil", false);
    refused(&p, "l: Not a directory");
}

/* A directory that becomes a link after its first use. */
TEST(directory_swapped)
{
    struct place p;

    start(&p);
    add(&p, AE_IFDIR, 0755, "d", "", false);
    add(&p, AE_IFLNK, 0777, "d", "../outside", false);
    add(&p, AE_IFREG, 0644, "d/new", "evil", false);
    refused(&p, "d: File exists");
}

TEST(link_in_the_way)
{
    struct place p;
    struct error err = {0};

    start(&p);
    add(&p, AE_IFLNK, 0777, "l", "../outside/victim", false);
    add(&p, AE_IFREG, 0600, "l", "evil", false);
    CHECK(finish(&p, &err) == 0);
    check_text(p.inside, "l", "evil");
    end(&p);
}

TEST(hard_link_outside)
{
    struct place p;

    start(&p);
    add(&p, AE_IFREG, 0644, "h", "../outside/victim", true);
    refused(&p, "../outside/victim");
}

TEST(hard_link_through_link)
{
    struct place p;

    start(&p);
    add(&p, AE_IFLNK, 0777, "l", "../outside", false);
    add(&p, AE_IFREG, 0644, "h", "l/victim", true);
    refused(&p, "h");
}

/* A hard link to a link is that link, not what it points to. */
TEST(hard_link_to_link)
{
    struct place p;
    struct error err = {0};

    start(&p);
    add(&p, AE_IFLNK, 0777, "l", "../outside/victim", false);
    add(&p, AE_IFREG, 0644, "h", "l", true);
    add(&p, AE_IFREG, 0600, "h", "evil", false);
    CHECK(finish(&p, &err) == 0);
    check_text(p.inside, "h", "evil");
    end(&p);
}

/* Files that already exist there: a link to the outside, and a file that also
 * has a name outside. */
TEST(present_link_and_file)
{
    struct place p;
    struct error err = {0};

    start(&p);
    CHECK(symlink("../outside", "inside/present") == 0);
    add(&p, AE_IFREG, 0644, "present/new", "evil", false);
    refused(&p, "present/new");

    start(&p);
    write_text(AT_FDCWD, "mine", "mine");
    CHECK(link("mine", "inside/f") == 0);
    add(&p, AE_IFREG, 0600, "f", "theirs", false);
    CHECK(finish(&p, &err) == 0);
    check_text(AT_FDCWD, "mine", "mine");
    check_text(p.inside, "f", "theirs");
    end(&p);
}

TEST(device)
{
    struct place p;
    struct stat st;
    struct error err = {0};

    start(&p);
    add(&p, AE_IFBLK, 0666, "sda", "", false);
    add(&p, AE_IFCHR, 0666, "mem", "", false);
    CHECK(finish(&p, &err) == 0);
    CHECK(fstatat(p.inside, "sda", &st, AT_SYMLINK_NOFOLLOW) < 0);
    CHECK(fstatat(p.inside, "mem", &st, AT_SYMLINK_NOFOLLOW) < 0);
    end(&p);
}

TEST(no_parent)
{
    struct place p;

    start(&p);
    add(&p, AE_IFREG, 0644, "a/b/c", "text", false);
    refused(&p, "a/b/c");
}

TEST(garbage)
{
    struct place p;
    struct error err = {0};
    char noise[4096];

    start(&p);
    add(&p, AE_IFREG, 0644, "f", "text", false);
    archive_write_free(p.to);
    p.to = NULL;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)(i * 7919 >> 3);
    CHECK(pwrite(p.tar, noise, sizeof noise, 0) == sizeof noise);
    CHECK(lseek(p.tar, 0, SEEK_SET) == 0);
    struct skipped skipped = {0};
    CHECK(extract_tar(p.tar, p.inside, &skipped, &err) < 0);
    error_clear(&err);
    close(p.tar);
    end(&p);
}
