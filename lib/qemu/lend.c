/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/qemu/lend.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#if defined __x86_64__
#define NATIVE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define NATIVE AUDIT_ARCH_AARCH64
#endif

/* --- the filter --- */

#if defined NATIVE && defined SECCOMP_IOCTL_NOTIF_ADDFD

/* What O_LARGEFILE is to the kernel; to glibc it is 0. */
enum { LARGE_FILE = 0100000 };

/* A newer kernel's structures may be longer. */
enum { ROOM = 512 };

union question {
    struct seccomp_notif notif;
    char room[ROOM];
};

union answer {
    struct seccomp_notif_resp resp;
    char room[ROOM];
};

/* Older kernels have the filter, but no way to put a file into QEMU, and the
 * filter would then be there for nothing. */
static bool
kernel_puts_files(void)
{
    enum { MAJOR = 5, MINOR = 9 };
    struct utsname u;
    char *end;

    if (uname(&u) < 0)
        return false;
    long major = strtol(u.release, &end, 10);
    long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
    return major > MAJOR || (major == MAJOR && minor >= MINOR);
}

/* Of QEMU's opens, the first with these flags is that of the RAM; the one of
 * /dev/null, for which kind of locks there is, comes later. */
static int
listen_to_open(void)
{
#define FLAGS(argument)                                                        \
    (offsetof(struct seccomp_data, args) + (argument) * sizeof(uint64_t))
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 0, 8),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef SYS_open
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_open, 3, 0),
#else
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#endif
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 5),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FLAGS(2)),
        BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FLAGS(1)),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~(uint32_t)LARGE_FILE),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, O_RDWR, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    };
    struct sock_fprog whole = {
        .len = sizeof program / sizeof program[0],
        .filter = program,
    };

    if (!kernel_puts_files() || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
        SECCOMP_FILTER_FLAG_NEW_LISTENER, &whole);
}

/* True once QEMU has the file: a signal may have ended its call first. */
static bool
answer(const struct lend *l)
{
    union question q = {0};
    union answer a = {0};

    if (ioctl(l->listener, SECCOMP_IOCTL_NOTIF_RECV, &q) < 0)
        return false;
    struct seccomp_notif_addfd file = {
        .id = q.notif.id,
        .srcfd = (uint32_t)l->file,
        .newfd_flags = O_CLOEXEC,
    };
    int fd = ioctl(l->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &file);
    a.resp.id = q.notif.id;
    a.resp.val = fd;
    if (fd < 0) {
        a.resp.val = 0;
        a.resp.error = -EACCES;
    }
    return ioctl(l->listener, SECCOMP_IOCTL_NOTIF_SEND, &a) == 0;
}

void
lend_pass(int listener)
{
    union question q = {0};
    union answer a = {0};

    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &q) < 0)
        return;
    a.resp.id = q.notif.id;
    a.resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &a);
}

#else

void
lend_pass(int listener)
{
    (void)listener;
}

static int
listen_to_open(void)
{
    return -1;
}

static bool
answer(const struct lend *l)
{
    (void)l;
    return true;
}

#endif

/* --- the copy --- */

static bool
copy_data(int from, int to)
{
    off_t data, at = 0;

    while ((data = lseek(from, at, SEEK_DATA)) >= 0) {
        off_t end = lseek(from, data, SEEK_HOLE);

        if (end < 0 || lseek(to, data, SEEK_SET) < 0)
            return false;
        for (at = data; at < end;) {
            if (sendfile(to, from, &at, (size_t)(end - at)) <= 0)
                return false;
        }
    }
    return errno == ENXIO;
}

static int
sealed_copy(int from)
{
    struct stat st;
    int fd = memfd_create("mayfly-ram", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd >= 0 && fstat(from, &st) == 0 && ftruncate(fd, st.st_size) == 0 &&
        copy_data(from, fd) &&
        fcntl(fd, F_ADD_SEALS,
            F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* --- both --- */

struct lend
lend_start(int file)
{
    struct lend l = {.file = file, .listener = listen_to_open()};

    if (l.listener < 0)
        l.file = sealed_copy(file);
    return l;
}

void
lend_answer(struct lend *l, int pidfd, const int *stop, size_t n)
{
    enum { MOST = 8 };
    struct pollfd p[MOST] = {
        {.fd = l->listener, .events = POLLIN},
        {.fd = pidfd, .events = POLLIN},
    };

    for (size_t i = 0; i < n && i + 2 < MOST; i++)
        p[i + 2] = (struct pollfd){.fd = stop[i], .events = POLLIN};
    while (l->listener >= 0) {
        int ready = poll(p, MOST < n + 2 ? MOST : (nfds_t)(n + 2), -1);
        bool ended = ready < 0 && errno != EINTR;

        for (size_t i = 1; ready > 0 && i < n + 2 && i < MOST; i++)
            ended = ended || p[i].revents;
        if (ended) {
            close(l->listener);
            l->listener = -1;
        } else if (ready > 0 && p[0].revents && answer(l)) {
            break;
        }
    }
}
