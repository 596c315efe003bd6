/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The saved appliance: which one is trusted, and which is not. */
#include <config.h>

#include "lib/engine/template.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "lib/handle/handle.h"
#include "lib/known/cache.h"
#include "tests/unit/test.h"

enum { RAM = 4 << 20 };

static const char key[] = "0123456789abcdef0123456789abcdef";
static const char state[] = "the state of the devices";

struct cache {
    char path[64];
    int fd;
};

static struct cache
make_cache(void)
{
    struct cache c;

    snprintf(c.path, sizeof c.path, "/var/tmp/mayfly-test.XXXXXX");
    CHECK(mkdtemp(c.path));
    c.fd = open(c.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(c.fd >= 0);
    return c;
}

static void
drop_cache(struct cache *c)
{
    close(c->fd);
    CHECK(remove_tree(AT_FDCWD, c->path) == 0);
}

/* A template as QEMU would leave it: a bit of RAM in use. */
static void
make_template(struct cache *c)
{
    struct error err = {0};
    struct new_template n;
    int lock;

    CHECK(template_lock(c->fd, key, &lock, &err) == 0);
    CHECK(template_make(c->fd, RAM, geteuid(), &n, &err) == 0);
    CHECK(pwrite(n.memory, "ram", 3, 1 << 20) == 3);
    CHECK(template_commit(&n, key, "7.2.22", state, sizeof state, &err) == 0);
    template_drop(&n);
    close(lock);
}

/* As an engine does. */
static int
use(int cache, struct saved_appliance *ret, struct error *err)
{
    struct saved_appliance t;

    if (template_open(cache, key, &t, err) < 0)
        return -1;
    if (t.unverified && template_verify(&t, err) < 0) {
        template_discard(cache, &t);
        template_close(&t);
        return -1;
    }
    *ret = t;
    return 0;
}

/* Check that it is refused for that reason, and then removed. */
static void
check_refused(struct cache *c, const char *reason)
{
    struct error err = {0};
    struct saved_appliance t;

    CHECK(use(c->fd, &t, &err) < 0);
    if (!strstr(error_text(&err), reason)) {
        fprintf(
            stderr, "refused for '%s', not '%s'\n", error_text(&err), reason);
        exit(1);
    }
    CHECK(use(c->fd, &t, &err) < 0);
    CHECK_STR(error_text(&err), "none has been made yet");
    error_clear(&err);
}

static char *
inside(struct cache *c, const char *name)
{
    static char path[256];

    snprintf(path, sizeof path, "%s/%s/%s", c->path, key, name);
    return path;
}

TEST(good_one_is_used)
{
    struct cache c = make_cache();
    struct error err = {0};
    struct saved_appliance t;
    struct stat st;

    make_template(&c);
    CHECK(use(c.fd, &t, &err) == 0);
    CHECK_STR(t.state, state);
    CHECK(t.state_size == sizeof state);
    CHECK_STR(t.record.qemu, "7.2.22");
    CHECK(!template_changed(&t));
    CHECK(fstat(t.memory, &st) == 0);
    CHECK(st.st_size == RAM);
    /* Unused memory takes no space. */
    CHECK(st.st_blocks * 512 < RAM / 8);
    template_close(&t);
    drop_cache(&c);
}

TEST(none_is_no_fault)
{
    struct cache c = make_cache();

    check_refused(&c, "none has been made yet");
    drop_cache(&c);
}

TEST(mode_of_a_file)
{
    static const char *const names[] = {"memory", "state", "record"};

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        struct cache c = make_cache();

        make_template(&c);
        CHECK(chmod(inside(&c, names[i]), 0640) == 0);
        check_refused(
            &c, i == 0 ? "can be written" : "is accessible to other users");
        drop_cache(&c);
    }
}

TEST(owner_of_a_file)
{
    if (geteuid() != 0) {
        printf("# not root: no file can be given away\n");
        return;
    }
    struct cache c = make_cache();
    make_template(&c);
    CHECK(chown(inside(&c, "state"), 12345, 12345) == 0);
    check_refused(&c, "belongs to another user");
    make_template(&c);
    CHECK(chown(inside(&c, ""), 12345, 12345) == 0);
    check_refused(&c, "belongs to user 12345");
    drop_cache(&c);
}

TEST(folder_that_others_can_write)
{
    struct cache c = make_cache();

    make_template(&c);
    CHECK(chmod(inside(&c, ""), 0777) == 0);
    check_refused(&c, "can be written by others");
    drop_cache(&c);
}

TEST(symbolic_links)
{
    static const char *const names[] = {"memory", "state", "record"};

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        struct cache c = make_cache();
        char away[128];

        make_template(&c);
        snprintf(away, sizeof away, "%s/away", c.path);
        CHECK(rename(inside(&c, names[i]), away) == 0);
        CHECK(symlink(away, inside(&c, names[i])) == 0);
        check_refused(&c, "Too many levels of symbolic links");
        drop_cache(&c);
    }
}

TEST(link_in_place_of_the_folder)
{
    struct cache c = make_cache();
    char from[128], away[128];
    struct error err = {0};
    struct saved_appliance t;

    make_template(&c);
    snprintf(from, sizeof from, "%s/%s", c.path, key);
    snprintf(away, sizeof away, "%s/away", c.path);
    CHECK(rename(from, away) == 0);
    CHECK(symlink(away, from) == 0);
    CHECK(use(c.fd, &t, &err) < 0);
    /* The link is removed, its target stays. */
    CHECK(access(away, F_OK) == 0);
    CHECK(access(from, F_OK) < 0);
    error_clear(&err);
    drop_cache(&c);
}

TEST(second_name)
{
    struct cache c = make_cache();
    char other[128];

    make_template(&c);
    snprintf(other, sizeof other, "%s/other", c.path);
    CHECK(link(inside(&c, "memory"), other) == 0);
    check_refused(&c, "has another hard link");
    drop_cache(&c);
}

TEST(fifo_does_not_hang)
{
    struct cache c = make_cache();

    make_template(&c);
    CHECK(unlink(inside(&c, "state")) == 0);
    CHECK(mkfifo(inside(&c, "state"), 0600) == 0);
    check_refused(&c, "is not a regular file");
    drop_cache(&c);
}

static void
set_back_time(const char *path, const struct stat *st)
{
    struct timespec times[2] = {st->st_atim, st->st_mtim};

    CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
}

/* What only the user can do: no one else gets past the mode. */
static int
open_for_writing(const char *path)
{
    CHECK(chmod(path, 0644) == 0);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0);
    CHECK(chmod(path, 0444) == 0);
    return fd;
}

/* Write, and hide the traces. */
TEST(written_memory)
{
    struct cache c = make_cache();
    struct stat st;

    make_template(&c);
    CHECK(stat(inside(&c, "memory"), &st) == 0);
    cleanup_close int fd = open_for_writing(inside(&c, "memory"));
    CHECK(pwrite(fd, "evil", 4, 0) == 4);
    close(steal_fd(&fd));
    set_back_time(inside(&c, "memory"), &st);
    check_refused(&c, "its memory file has been changed");
    drop_cache(&c);
}

TEST(write_during_a_run_is_noticed)
{
    struct cache c = make_cache();
    struct error err = {0};
    struct saved_appliance t;

    make_template(&c);
    CHECK(use(c.fd, &t, &err) == 0);
    cleanup_close int fd = open_for_writing(inside(&c, "memory"));
    char *map = mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(map != MAP_FAILED);
    usleep(20000);
    map[12345] = 1;
    munmap(map, RAM);
    close(steal_fd(&fd));
    CHECK(template_changed(&t));
    template_discard(c.fd, &t);
    template_close(&t);
    check_refused(&c, "none has been made yet");
    drop_cache(&c);
}

TEST(copy_on_write_is_no_write)
{
    struct cache c = make_cache();
    struct error err = {0};
    struct saved_appliance t;

    make_template(&c);
    CHECK(use(c.fd, &t, &err) == 0);
    char *map =
        mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE, t.memory, 0);
    CHECK(map != MAP_FAILED);
    map[12345] = 1;
    munmap(map, RAM);
    CHECK(!template_changed(&t));
    template_close(&t);
    drop_cache(&c);
}

TEST(one_discarded_by_others_is_not_discarded_again)
{
    struct cache c = make_cache();
    struct error err = {0};
    struct saved_appliance old, new;

    make_template(&c);
    CHECK(use(c.fd, &old, &err) == 0);
    make_template(&c);
    CHECK(!template_changed(&old));
    template_discard(c.fd, &old);
    CHECK(use(c.fd, &new, &err) == 0);
    template_close(&new);
    template_close(&old);
    drop_cache(&c);
}

static void
overwrite(const char *path, off_t offset, const char *text)
{
    cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);

    CHECK(fd >= 0);
    CHECK(pwrite(fd, text, strlen(text), offset) == (ssize_t)strlen(text));
}

TEST(damaged_state)
{
    struct cache c = make_cache();

    make_template(&c);
    overwrite(inside(&c, "state"), 4, "X");
    check_refused(&c, "its state file is damaged");
    drop_cache(&c);
}

TEST(damaged_record)
{
    struct cache c = make_cache();

    make_template(&c);
    overwrite(inside(&c, "record"), 0, "X");
    check_refused(&c, "its record is damaged");
    make_template(&c);
    CHECK(truncate(inside(&c, "record"), 20) == 0);
    check_refused(&c, "its record is damaged");
    make_template(&c);
    CHECK(truncate(inside(&c, "record"), 1 << 20) == 0);
    check_refused(&c, "is too large");
    drop_cache(&c);
}

/* Put a record there that says something else. */
static void
rewrite_record(struct cache *c, int64_t created, const struct stat *memory)
{
    cleanup_close int folder =
        open(inside(c, ""), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct error err = {0};
    struct record r;
    cleanup_free char *old = read_file(inside(c, "record"), 4096, NULL, &err);

    CHECK(old && record_parse(old, key, &r, &err) == 0);
    if (created)
        r.created = created;
    if (memory)
        record_memory(&r, memory);
    cleanup_free char *new = record_text(&r, key);
    CHECK(new);
    CHECK(engine_cache_write(folder, "record", new, strlen(new), &err) == 0);
}

TEST(too_old)
{
    struct cache c = make_cache();

    make_template(&c);
    rewrite_record(&c, time(NULL) - 40 * 86400, NULL);
    check_refused(&c, "it is too old");
    drop_cache(&c);
}

TEST(one_builder_at_a_time)
{
    struct cache c = make_cache();
    struct error err = {0};
    int first, second;

    CHECK(template_lock(c.fd, key, &first, &err) == 0);
    CHECK(template_lock(c.fd, key, &second, &err) < 0);
    CHECK(err.code == EBUSY);
    close(first);
    CHECK(template_lock(c.fd, key, &second, &err) == 0);
    close(second);
    error_clear(&err);
    drop_cache(&c);
}

TEST(what_a_dead_builder_left_is_removed)
{
    struct cache c = make_cache();
    struct error err = {0};
    struct new_template n;
    char path[128];
    int lock;

    CHECK(template_make(c.fd, RAM, geteuid(), &n, &err) == 0);
    snprintf(path, sizeof path, "%s/%s", c.path, n.name);
    /* While its maker lives it stays. */
    CHECK(template_lock(c.fd, key, &lock, &err) == 0);
    CHECK(access(path, F_OK) == 0);
    close(lock);
    close(n.memory);
    close(n.folder);
    CHECK(template_lock(c.fd, key, &lock, &err) == 0);
    CHECK(access(path, F_OK) < 0);
    close(lock);
    free(n.name);
    drop_cache(&c);
}

TEST(makers_of_different_ones_do_not_wait)
{
    static const char other[] = "fedcba9876543210fedcba9876543210";
    struct cache c = make_cache();
    struct error err = {0};
    int first, second;

    CHECK(template_lock(c.fd, key, &first, &err) == 0);
    CHECK(template_lock(c.fd, other, &second, &err) == 0);
    close(first);
    close(second);
    drop_cache(&c);
}

/* No one can open the RAM for writing by the descriptor that QEMU gets. */
TEST(memory_is_read_only)
{
    struct cache c = make_cache();
    struct error err = {0};
    struct saved_appliance t;
    struct stat st;

    make_template(&c);
    CHECK(use(c.fd, &t, &err) == 0);
    CHECK(fstat(t.memory, &st) == 0);
    CHECK((st.st_mode & 0777) == 0444 && st.st_uid == geteuid());
    CHECK((fcntl(t.memory, F_GETFL) & O_ACCMODE) == O_RDONLY);
    CHECK(mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_SHARED, t.memory, 0) ==
          MAP_FAILED);
    template_close(&t);
    drop_cache(&c);
}

/* A change that no time shows: what a disk does that is damaged, or changed
 * while this machine was off. */
TEST(damage_is_found_after_a_start_of_the_machine)
{
    struct cache c = make_cache();
    struct error err = {0};
    struct saved_appliance t;
    struct stat st;

    make_template(&c);
    CHECK(use(c.fd, &t, &err) == 0);
    CHECK(!t.unverified);
    template_close(&t);
    cleanup_close int fd = open_for_writing(inside(&c, "memory"));
    CHECK(pwrite(fd, "R", 1, 1 << 20) == 1);
    CHECK(fstat(fd, &st) == 0);
    /* As if the time had not moved. */
    rewrite_record(&c, 0, &st);
    check_refused(&c, "its memory file is damaged");
    drop_cache(&c);
}

static void
make_named(struct cache *c, const char *name, int seconds_ago)
{
    struct timespec times[2] = {{.tv_sec = time(NULL) - seconds_ago}};
    char path[128];

    make_template(c);
    snprintf(path, sizeof path, "%s/%s", c->path, name);
    CHECK(rename(inside(c, ""), path) == 0);
    times[1] = times[0];
    CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
}

static unsigned
count(struct cache *c)
{
    struct templates t;
    struct error err = {0};

    CHECK(template_count(c->fd, &t, &err) == 0);
    return t.count;
}

TEST(longest_unused_goes_first)
{
    static const char a[] = "a0000000000000000000000000000000";
    static const char b[] = "b0000000000000000000000000000000";
    struct cache c = make_cache();
    struct error err = {0};
    struct templates t;
    unsigned removed;

    make_named(&c, a, 300);
    make_named(&c, b, 200);
    make_template(&c);
    CHECK(template_count(c.fd, &t, &err) == 0);
    CHECK(t.count == 3 && t.size > 0 && t.size < 3 * RAM);
    template_evict(c.fd, t.size, key);
    CHECK(count(&c) == 3);
    template_evict(c.fd, t.size - 1, key);
    CHECK(count(&c) == 2);
    CHECK(faccessat(c.fd, a, F_OK, 0) < 0 && faccessat(c.fd, b, F_OK, 0) == 0);
    /* The one that is to stay does so even if it alone is too much. */
    template_evict(c.fd, 0, key);
    CHECK(count(&c) == 1 && faccessat(c.fd, key, F_OK, 0) == 0);
    make_named(&c, b, 10 * 86400);
    make_template(&c);
    CHECK(template_remove_unused(c.fd, 11, &removed, &err) == 0);
    CHECK(removed == 0 && count(&c) == 2);
    CHECK(template_remove_unused(c.fd, 9, &removed, &err) == 0);
    CHECK(removed == 1 && faccessat(c.fd, key, F_OK, 0) == 0);
    CHECK(template_remove_unused(c.fd, 0, &removed, &err) == 0);
    CHECK(removed == 1 && count(&c) == 0);
    drop_cache(&c);
}

TEST(quota)
{
    setenv("MAYFLY_CACHE_SIZE", "100", 1);
    CHECK(template_quota() == 100 << 20);
    setenv("MAYFLY_CACHE_SIZE", "-1", 1);
    CHECK(template_quota() == (uint64_t)4096 << 20);
    setenv("MAYFLY_CACHE_SIZE", "3x", 1);
    CHECK(template_quota() == (uint64_t)4096 << 20);
    unsetenv("MAYFLY_CACHE_SIZE");
}

TEST(no_room_is_an_error_and_leaves_nothing)
{
    struct cache c = make_cache();
    struct error err = {0};
    struct new_template n;

    /* More than any test's file system has. */
    CHECK(template_make(c.fd, (uint64_t)1 << 52, geteuid(), &n, &err) < 0);
    CHECK(err.code == ENOSPC || err.code == EFBIG);
    CHECK(strstr(error_text(&err), "memory file"));
    error_clear(&err);
    CHECK(rmdir(c.path) == 0);
    close(c.fd);
}
