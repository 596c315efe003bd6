/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attacks on the saved appliance, by whoever may write to the cache.  Each one
 * is either noticed (the appliance is booted again) or harmless (what is used
 * is what was saved), and none reaches a file outside of the cache.
 *
 * FLIPS=N in the environment: so many single bytes are changed. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "lib/engine/memory.h"
#include "lib/engine/template.h"
#include "lib/known/cache.h"
#include "tests/unit/test.h"

enum { RAM = 3 << 20, STATE = 5000, FLIPS = 300 };

static const char key[] = "0123456789abcdef0123456789abcdef";
static const char other[] = "00112233445566778899aabbccddeeff";

/* What is attacked; paths are relative to the cache, and it is the current
 * folder. */
struct site {
    char cache[64], victim[64];
    int fd;
    char state[STATE];
    char *memory; /* its hash */
};

static void
save(struct site *s, const char *name)
{
    struct error err = {0};
    struct new_template n;
    int lock;

    for (size_t i = 0; i < STATE; i++)
        s->state[i] = (char)(i * 7 + (size_t)name[1]);
    CHECK(template_lock(s->fd, name, &lock, &err) == 0);
    CHECK(template_make(s->fd, RAM, geteuid(), &n, &err) == 0);
    for (off_t at = 0; at < RAM; at += 300000)
        CHECK(pwrite(n.memory, name, 32, at) == 32);
    if (name == key) {
        free(s->memory);
        s->memory = memory_hash(n.memory, &err);
        CHECK(s->memory);
    }
    CHECK(template_commit(&n, name, "7.2.22", s->state, STATE, &err) == 0);
    template_drop(&n);
    close(lock);
}

static struct site
make_site(void)
{
    struct site s = {0};

    snprintf(s.cache, sizeof s.cache, "/var/tmp/mayfly-test.XXXXXX");
    snprintf(s.victim, sizeof s.victim, "/var/tmp/mayfly-test.XXXXXX");
    CHECK(mkdtemp(s.cache));
    int fd = mkstemp(s.victim);
    CHECK(fd >= 0 && write(fd, "victim", 6) == 6 && fchmod(fd, 0640) == 0);
    close(fd);
    s.fd = open(s.cache, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(s.fd >= 0 && fchdir(s.fd) == 0);
    return s;
}

static void
drop_site(struct site *s)
{
    struct error err = {0};
    struct stat st;
    char *text = read_file(s->victim, 64, NULL, &err);

    CHECK(text && str_equal(text, "victim"));
    CHECK(stat(s->victim, &st) == 0 && (st.st_mode & 07777) == 0640);
    CHECK(st.st_uid == geteuid() && st.st_nlink == 1);
    free(text);
    free(s->memory);
    close(s->fd);
    CHECK(chdir("/") == 0 && unlink(s->victim) == 0);
    CHECK(remove_tree(AT_FDCWD, s->cache) == 0);
}

enum verdict { NOTICED, HARMLESS, ACCEPTED };

/* As an engine does. */
static enum verdict
start(struct site *s)
{
    struct saved_appliance t;
    struct error err = {0};

    if (template_open(s->fd, key, &t, &err) < 0) {
        error_clear(&err);
        return NOTICED;
    }
    if (t.unverified && template_verify(&t, &err) < 0) {
        error_clear(&err);
        template_discard(s->fd, &t);
        template_close(&t);
        return NOTICED;
    }
    char *memory = memory_hash(t.memory, &err);
    bool same = memory && str_equal(memory, s->memory) &&
                t.state_size == STATE &&
                memcmp(t.state, s->state, STATE) == 0 &&
                str_equal(t.record.qemu, "7.2.22") && !template_changed(&t);
    free(memory);
    template_close(&t);
    return same ? HARMLESS : ACCEPTED;
}

/* --- the attacks on one file --- */

static int
open_for_writing(const char *path)
{
    struct stat st;

    CHECK(stat(path, &st) == 0 && chmod(path, 0600) == 0);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0 && fchmod(fd, st.st_mode & 07777) == 0);
    return fd;
}

static void
resize(const char *path, off_t by)
{
    struct stat st;
    int fd = open_for_writing(path);

    CHECK(fstat(fd, &st) == 0);
    CHECK(ftruncate(fd, by < -st.st_size ? 0 : st.st_size + by) == 0);
    close(fd);
}

static void
copy(const char *from, const char *to)
{
    struct error err = {0};
    struct stat st;
    size_t size;
    char *data = read_file(from, 64 << 20, &size, &err);

    CHECK(data && stat(from, &st) == 0);
    int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && write_all(fd, data, size) == 0);
    CHECK(fchmod(fd, st.st_mode & 07777) == 0);
    close(fd);
    free(data);
}

static void
remove_it(struct site *s, const char *path)
{
    (void)s;
    CHECK(unlink(path) == 0);
}

static void
all_may_write(struct site *s, const char *path)
{
    (void)s;
    CHECK(chmod(path, 0666) == 0);
}

static void
group_may_write(struct site *s, const char *path)
{
    (void)s;
    CHECK(chmod(path, 0620) == 0);
}

static void
set_user_id(struct site *s, const char *path)
{
    (void)s;
    CHECK(chmod(path, 04755) == 0);
}

static void
no_mode(struct site *s, const char *path)
{
    (void)s;
    CHECK(chmod(path, 0) == 0);
}

static void
owner_may_write(struct site *s, const char *path)
{
    (void)s;
    CHECK(chmod(path, 0600) == 0);
}

static void
another_owner(struct site *s, const char *path)
{
    (void)s;
    if (geteuid() == 0)
        CHECK(chown(path, 12345, 12345) == 0);
}

static void
link_to_victim(struct site *s, const char *path)
{
    remove_it(s, path);
    CHECK(symlink(s->victim, path) == 0);
}

static void
link_to_copy(struct site *s, const char *path)
{
    (void)s;
    CHECK(rename(path, "away") == 0);
    CHECK(symlink("../away", path) == 0);
}

static void
link_to_nothing(struct site *s, const char *path)
{
    remove_it(s, path);
    CHECK(symlink("/nonexistent/file", path) == 0);
}

static void
link_to_zeroes(struct site *s, const char *path)
{
    remove_it(s, path);
    CHECK(symlink("/dev/zero", path) == 0);
}

static void
second_name(struct site *s, const char *path)
{
    (void)s;
    CHECK(link(path, "second") == 0);
}

static void
fifo(struct site *s, const char *path)
{
    remove_it(s, path);
    CHECK(mkfifo(path, 0400) == 0);
}

static void
folder(struct site *s, const char *path)
{
    remove_it(s, path);
    CHECK(mkdir(path, 0700) == 0);
}

static void
socket_file(struct site *s, const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    remove_it(s, path);
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0);
    close(fd);
}

static void
device(struct site *s, const char *path)
{
    remove_it(s, path);
    if (mknod(path, S_IFCHR | 0400, makedev(1, 5)) < 0)
        CHECK(errno == EPERM);
}

static void
empty(struct site *s, const char *path)
{
    (void)s;
    resize(path, -(1LL << 40));
}

static void
one_byte_less(struct site *s, const char *path)
{
    (void)s;
    resize(path, -1);
}

static void
one_byte_more(struct site *s, const char *path)
{
    (void)s;
    resize(path, 1);
}

static void
huge(struct site *s, const char *path)
{
    (void)s;
    resize(path, 1LL << 33);
}

static void
nothing_but_zeroes(struct site *s, const char *path)
{
    struct stat st;

    (void)s;
    CHECK(stat(path, &st) == 0);
    resize(path, -(1LL << 40));
    resize(path, st.st_size);
}

static void
that_of_another(struct site *s, const char *path)
{
    char from[128];

    save(s, other);
    save(s, key);
    snprintf(from, sizeof from, "%s%s", other, strchr(path, '/'));
    CHECK(rename(from, path) == 0);
}

static void
copy_of_itself(struct site *s, const char *path)
{
    (void)s;
    copy(path, "copy");
    CHECK(rename("copy", path) == 0);
}

static void
that_of_before(struct site *s, const char *path)
{
    copy(path, "before");
    save(s, key);
    CHECK(rename("before", path) == 0);
}

static const struct {
    const char *name;
    void (*run)(struct site *s, const char *path);
} on_file[] = {
    {"removed", remove_it},
    {"mode 0666", all_may_write},
    {"mode 0620", group_may_write},
    {"mode 04755", set_user_id},
    {"mode 0", no_mode},
    {"mode 0600", owner_may_write},
    {"another owner", another_owner},
    {"link to a victim", link_to_victim},
    {"link to a copy", link_to_copy},
    {"link to nothing", link_to_nothing},
    {"link to /dev/zero", link_to_zeroes},
    {"second name", second_name},
    {"FIFO", fifo},
    {"folder", folder},
    {"socket", socket_file},
    {"device", device},
    {"empty", empty},
    {"a byte less", one_byte_less},
    {"a byte more", one_byte_more},
    {"huge", huge},
    {"zeroes", nothing_but_zeroes},
    {"that of another key", that_of_another},
    {"a copy", copy_of_itself},
    {"that of before", that_of_before},
};

static const char *const files[] = {"memory", "state", "record", "checked"};

/* After each attack another one can be saved and used. */
static enum verdict
finish(struct site *s)
{
    enum verdict v = start(s);

    CHECK(v != ACCEPTED);
    save(s, key);
    CHECK(start(s) == HARMLESS);
    return v;
}

TEST(files)
{
    unsigned count[2] = {0};

    for (size_t i = 0; i < N_ELEMENTS(on_file); i++) {
        for (size_t j = 0; j < N_ELEMENTS(files); j++) {
            struct site s = make_site();
            char path[64];

            save(&s, key);
            snprintf(path, sizeof path, "%s/%s", key, files[j]);
            /* A file system whose times are no proof has none. */
            if (access(path, F_OK) < 0)
                copy("lock", path);
            on_file[i].run(&s, path);
            enum verdict v = start(&s);
            if (v == ACCEPTED) {
                fprintf(stderr, "%s: %s\n", files[j], on_file[i].name);
                exit(1);
            }
            count[v]++;
            finish(&s);
            drop_site(&s);
        }
    }
    printf("# %u attacks on files: %u noticed, %u harmless\n",
        count[0] + count[1], count[NOTICED], count[HARMLESS]);
}

/* --- on the folders --- */

static void
folder_for_all(struct site *s)
{
    (void)s;
    CHECK(chmod(key, 0777) == 0);
}

static void
folder_of_another_user(struct site *s)
{
    (void)s;
    if (geteuid() == 0)
        CHECK(chown(key, 12345, 12345) == 0);
}

static void
folder_is_link(struct site *s)
{
    (void)s;
    CHECK(rename(key, "away") == 0 && symlink("away", key) == 0);
}

static void
folder_is_link_to_root(struct site *s)
{
    (void)s;
    CHECK(rename(key, "away") == 0 && symlink("/", key) == 0);
}

static void
folder_is_file(struct site *s)
{
    CHECK(rename(key, "away") == 0);
    copy(s->victim, key);
}

static void
folder_is_fifo(struct site *s)
{
    (void)s;
    CHECK(rename(key, "away") == 0 && mkfifo(key, 0600) == 0);
}

static void
folder_is_empty(struct site *s)
{
    (void)s;
    CHECK(rename(key, "away") == 0 && mkdir(key, 0700) == 0);
}

static void
folder_of_another_key(struct site *s)
{
    save(s, other);
    save(s, key);
    CHECK(rename(key, "away") == 0 && rename(other, key) == 0);
}

static void
folder_copied(struct site *s)
{
    char from[64], to[64];

    (void)s;
    CHECK(rename(key, "away") == 0 && mkdir(key, 0700) == 0);
    for (size_t i = 0; i < N_ELEMENTS(files); i++) {
        snprintf(from, sizeof from, "away/%s", files[i]);
        snprintf(to, sizeof to, "%s/%s", key, files[i]);
        if (access(from, F_OK) == 0)
            copy(from, to);
    }
}

static void
more_files(struct site *s)
{
    char path[64];

    snprintf(path, sizeof path, "%s/more", key);
    CHECK(symlink(s->victim, path) == 0);
    CHECK(symlink(s->victim, ".new-victim") == 0);
    CHECK(mkdir(".new-folder", 0700) == 0);
    CHECK(symlink("/", ".new-folder/root") == 0);
}

static void
lock_is_link(struct site *s)
{
    CHECK(unlink("lock") == 0 && symlink(s->victim, "lock") == 0);
}

static void
names_that_look_like_keys(struct site *s)
{
    CHECK(symlink(s->victim, other) == 0);
    CHECK(mkfifo("ffffffffffffffffffffffffffffffff", 0600) == 0);
    CHECK(mkdir("eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", 0) == 0);
}

TEST(folders)
{
    static void (*const attacks[])(struct site *) = {folder_for_all,
        folder_of_another_user, folder_is_link, folder_is_link_to_root,
        folder_is_file, folder_is_fifo, folder_is_empty, folder_of_another_key,
        folder_copied, more_files, names_that_look_like_keys};
    unsigned count[2] = {0};

    for (size_t i = 0; i < N_ELEMENTS(attacks); i++) {
        struct site s = make_site();

        save(&s, key);
        attacks[i](&s);
        count[finish(&s)]++;
        template_evict(s.fd, 0, key);
        CHECK(start(&s) == HARMLESS);
        drop_site(&s);
    }
    printf("# %u attacks on folders: %u noticed, %u harmless\n",
        count[0] + count[1], count[NOTICED], count[HARMLESS]);
}

/* Without its lock nothing is saved, and nothing else happens. */
TEST(lock)
{
    struct site s = make_site();
    struct error err = {0};
    int lock;

    save(&s, key);
    lock_is_link(&s);
    CHECK(template_lock(s.fd, key, &lock, &err) < 0);
    error_clear(&err);
    CHECK(unlink("lock") == 0 && mkdir("lock", 0700) == 0);
    CHECK(template_lock(s.fd, key, &lock, &err) < 0);
    error_clear(&err);
    CHECK(start(&s) == HARMLESS);
    drop_site(&s);
}

/* --- flips --- */

/* As if the time of change had not moved: the disk was changed while this
 * machine was off. */
static void
hide(struct site *s)
{
    struct error err = {0};
    struct record r;
    struct stat st;
    char path[64];
    int at = openat(s->fd, key, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char *text = read_file_at(at, "record", 4096, NULL, &err);

    CHECK(text && record_parse(text, key, &r, &err) == 0);
    CHECK(fstatat(at, "memory", &st, 0) == 0);
    record_memory(&r, &st);
    free(text);
    text = record_text(&r, key);
    CHECK(engine_cache_write(at, "record", text, strlen(text), &err) == 0);
    free(text);
    close(at);
    snprintf(path, sizeof path, "%s/checked", key);
    unlink(path);
}

TEST(flips)
{
    const char *text = getenv("FLIPS");
    int flips = text ? atoi(text) : FLIPS;
    unsigned seed = (unsigned)time(NULL), count[2] = {0};
    struct site s = make_site();

    alarm(0);
    printf("# seed %u\n", seed);
    for (int i = 0; i < flips; i++) {
        const char *name = files[i % 4];
        char path[64];
        struct stat st;
        unsigned char byte;

        save(&s, key);
        snprintf(path, sizeof path, "%s/%s", key, name);
        if (access(path, F_OK) < 0)
            continue;
        int fd = open_for_writing(path);
        CHECK(fstat(fd, &st) == 0);
        off_t at = rand_r(&seed) % st.st_size;
        CHECK(pread(fd, &byte, 1, at) == 1);
        byte ^= (unsigned char)(1 + rand_r(&seed) % 255);
        CHECK(pwrite(fd, &byte, 1, at) == 1);
        close(fd);
        bool hidden = i % 4 == 0 && rand_r(&seed) % 2;
        if (hidden)
            hide(&s);
        enum verdict v = start(&s);
        if (v == ACCEPTED || (v == HARMLESS && i % 4 != 3)) {
            fprintf(stderr, "%s: byte %lld not noticed%s\n", name,
                (long long)at, hidden ? " (hidden)" : "");
            exit(1);
        }
        count[v]++;
    }
    printf("# %u flips: %u noticed, %u harmless\n", count[0] + count[1],
        count[NOTICED], count[HARMLESS]);
    drop_site(&s);
}
