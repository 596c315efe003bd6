/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file lent to a process that opens it for writing: it can be mapped
 * copy-on-write, and in no way written to. */
#include <config.h>

#include "lib/qemu/lend.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "tests/unit/test.h"

enum { SIZE = 1 << 20, NUMBER = 100 };

struct ram {
    char path[64];
    int fd;
};

static struct ram
make_ram(void)
{
    struct ram r;

    snprintf(r.path, sizeof r.path, "/var/tmp/mayfly-test.XXXXXX");
    int fd = mkstemp(r.path);
    CHECK(fd >= 0 && ftruncate(fd, SIZE) == 0);
    CHECK(pwrite(fd, "page", 4, 0) == 4);
    CHECK(pwrite(fd, "last", 4, SIZE - 4) == 4);
    CHECK(fchmod(fd, 0444) == 0);
    close(fd);
    r.fd = open(r.path, O_RDONLY | O_CLOEXEC);
    CHECK(r.fd >= 0);
    return r;
}

static void
drop_ram(struct ram *r)
{
    char text[4];

    CHECK(pread(r->fd, text, 4, 0) == 4 && memcmp(text, "page", 4) == 0);
    CHECK(pread(r->fd, text, 4, SIZE - 4) == 4 && memcmp(text, "last", 4) == 0);
    close(r->fd);
    CHECK(unlink(r->path) == 0);
}

/* What QEMU does, and then what it must not do. */
static void
play_qemu(void)
{
    char path[32];

    snprintf(path, sizeof path, "/proc/self/fd/%d", NUMBER);
    int fd = open(path, O_RDWR);
    CHECK(fd >= 0);
    CHECK(lseek(fd, 0, SEEK_END) == SIZE);
    char *map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK(map != MAP_FAILED);
    CHECK(memcmp(map, "page", 4) == 0 && map[4] == 0);
    CHECK(memcmp(map + SIZE - 4, "last", 4) == 0);
    map[0] = 'm';

    for (int i = 0; i < 2; i++) {
        int file = i == 0 ? fd : NUMBER;

        CHECK(pwrite(file, "evil", 4, 0) < 0);
        CHECK(ftruncate(file, 0) < 0);
        CHECK(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                  4096) < 0);
        CHECK(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) ==
              MAP_FAILED);
        char *shared = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, file, 0);
        CHECK(shared == MAP_FAILED ||
              mprotect(shared, SIZE, PROT_READ | PROT_WRITE) < 0);
    }
    /* Later opens get what they ask for. */
    struct stat st;
    int null = open("/dev/null", O_RDWR);
    CHECK(null >= 0 && fstat(null, &st) == 0 && S_ISCHR(st.st_mode));
    CHECK(open("/dev/null", O_RDWR | O_CLOEXEC) >= 0);
}

/* Lend it to CHILD, in a process of its own: filters stay for ever.  The status
 * of the child. */
static int
lend(struct ram *r, void (*before)(void), void (*child)(void), bool *ret_copy)
{
    int status = 0, ends[2];
    bool copy;

    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    pid_t keeper = fork();
    if (keeper == 0) {
        if (before)
            before();
        struct lend l = lend_start(r->fd);
        copy = l.listener < 0;
        CHECK(l.file >= 0);
        CHECK(write_all(ends[1], &copy, sizeof copy) == 0);
        pid_t pid = fork();
        if (pid == 0) {
            close(l.listener);
            CHECK(dup2(l.file, NUMBER) == NUMBER);
            close(r->fd);
            child();
            _exit(0);
        }
        int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
        lend_answer(&l, pidfd, &pidfd, 1);
        if (l.listener >= 0)
            lend_pass(l.listener);
        CHECK(waitpid(pid, &status, 0) == pid);
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
    }
    CHECK(read_all(ends[0], ret_copy, sizeof *ret_copy) == 0);
    close(ends[0]);
    close(ends[1]);
    CHECK(waitpid(keeper, &status, 0) == keeper);
    CHECK(WIFEXITED(status));
    return WEXITSTATUS(status);
}

TEST(nothing_can_be_written)
{
    struct ram r = make_ram();
    bool copy;

    CHECK(lend(&r, NULL, play_qemu, &copy) == 0);
    if (copy)
        printf("# no filter with a listener can be made here: a copy\n");
    drop_ram(&r);
}

/* As in a container whose manager listens already. */
static void
refuse_listener(void)
{
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EBUSY),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog whole = {N_ELEMENTS(program), program};

    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole) == 0);
}

TEST(copy_where_no_filter_can_listen)
{
    struct ram r = make_ram();
    bool copy;

    CHECK(lend(&r, refuse_listener, play_qemu, &copy) == 0);
    CHECK(copy);
    drop_ram(&r);
}

static void
end_without_opening(void)
{
    _exit(7);
}

TEST(process_that_ends_without_opening)
{
    struct ram r = make_ram();
    bool copy;

    CHECK(lend(&r, NULL, end_without_opening, &copy) == 7);
    drop_ram(&r);
}
