/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a taken-over QEMU would try, one attempt a line: "NAME: done" or "NAME:
 * ERRNO".  tests/unit/cage.c runs it in the cage, where nothing may be done,
 * and outside of it, where those that a user may do must be.
 *
 * usage: attempts FOLDER [-]PID FILE-DESCRIPTOR
 *
 * FOLDER has a file `file` and a listening socket `socket`, which everyone may
 * use.  PID is a process of the same user.  The descriptor is of a writable
 * file.  With -PID only what a user may do on any machine is tried. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* Numbers that are the same everywhere, for older headers. */
enum {
    CALL_OPEN_TREE = 428,
    CALL_MOVE_MOUNT = 429,
    CALL_FSOPEN = 430,
    CALL_IO_URING_SETUP = 425,
    CALL_PIDFD_OPEN = 434,
    CALL_CLONE3 = 435,
    CALL_PIDFD_GETFD = 438,
    CALL_MEMFD_SECRET = 447,
    FAMILY_VSOCK = 40,
    FAMILY_ALG = 38,
};

static const char *file, *socket_path;
static pid_t other;
static int writable;
static char buffer[4096];

static long
try_open(void)
{
    return open(file, O_RDONLY | O_CLOEXEC);
}

static long
try_stat(void)
{
    struct stat st;

    return stat(file, &st);
}

static long
try_create(void)
{
    snprintf(buffer, sizeof buffer, "%s.new", file);
    return open(buffer, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static long
try_create_in_root(void)
{
    return open("/mayfly-new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static long
try_unlink(void)
{
    snprintf(buffer, sizeof buffer, "%s.new", file);
    return unlink(buffer);
}

static long
try_truncate(void)
{
    return truncate(file, 1);
}

static long
try_chmod(void)
{
    return chmod(file, 0666);
}

static long
try_fchmod(void)
{
    return fchmod(writable, 0600);
}

static long
try_chown(void)
{
    return chown(file, geteuid(), getegid());
}

static long
try_utimensat(void)
{
    return utimensat(AT_FDCWD, file, NULL, 0);
}

static long
try_setxattr(void)
{
    return syscall(SYS_setxattr, file, "user.x", "1", 1, 0);
}

static long
try_fsetxattr(void)
{
    return syscall(SYS_fsetxattr, writable, "user.x", "1", 1, 0);
}

static long
try_connect(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(a.sun_path, sizeof a.sun_path, "%s", socket_path);
    return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&a, sizeof a);
}

#define SOCKET(name, family, type)                                             \
    static long try_socket_##name(void)                                        \
    {                                                                          \
        return socket(family, type, 0);                                        \
    }
SOCKET(unix, AF_UNIX, SOCK_STREAM)
SOCKET(inet, AF_INET, SOCK_STREAM)
SOCKET(inet6, AF_INET6, SOCK_STREAM)
SOCKET(netlink, AF_NETLINK, SOCK_RAW)
SOCKET(packet, AF_PACKET, SOCK_RAW)
SOCKET(vsock, FAMILY_VSOCK, SOCK_STREAM)
SOCKET(alg, FAMILY_ALG, SOCK_SEQPACKET)

static long
try_socketpair(void)
{
    int ends[2];

    return socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
}

static long
try_keyctl(void)
{
    return syscall(SYS_keyctl, 0 /* GET_KEYRING_ID */, -3, 1);
}

static long
try_add_key(void)
{
    return syscall(SYS_add_key, "user", "mayfly-test", "x", 1, -3);
}

static long
try_request_key(void)
{
    return syscall(SYS_request_key, "user", "mayfly-test", NULL, -3);
}

static long
try_ptrace(void)
{
    return ptrace(PTRACE_SEIZE, other, NULL, NULL);
}

static long
try_traceme(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static long
try_read_memory(void)
{
    struct iovec to = {buffer, 1}, from = {(void *)(uintptr_t)buffer, 1};

    return process_vm_readv(other, &to, 1, &from, 1, 0);
}

static long
try_write_memory(void)
{
    struct iovec to = {buffer, 1}, from = {(void *)(uintptr_t)buffer, 1};

    return process_vm_writev(other, &to, 1, &from, 1, 0);
}

static long
try_kill(void)
{
    return kill(other, 0);
}

static long
try_kill_all(void)
{
    return kill(-1, 0);
}

static long
try_pidfd_open(void)
{
    return syscall(CALL_PIDFD_OPEN, other, 0);
}

static long
try_pidfd_getfd(void)
{
    return syscall(CALL_PIDFD_GETFD, writable, 0, 0);
}

static long
try_userfaultfd(void)
{
    return syscall(SYS_userfaultfd, 1 /* user mode only */);
}

static long
try_bpf(void)
{
    union bpf_attr a = {.map_type = BPF_MAP_TYPE_ARRAY,
        .key_size = 4,
        .value_size = 4,
        .max_entries = 1};

    return syscall(SYS_bpf, BPF_MAP_CREATE, &a, sizeof a);
}

static long
try_perf_event_open(void)
{
    struct perf_event_attr a = {.type = PERF_TYPE_SOFTWARE,
        .size = sizeof a,
        .config = PERF_COUNT_SW_TASK_CLOCK,
        .exclude_kernel = 1};

    return syscall(SYS_perf_event_open, &a, 0, -1, -1, 0);
}

static long
try_io_uring(void)
{
    memset(buffer, 0, 120);
    return syscall(CALL_IO_URING_SETUP, 4, buffer);
}

static long
try_memfd_secret(void)
{
    return syscall(CALL_MEMFD_SECRET, 0);
}

static long
try_mount(void)
{
    return mount("none", "/", "tmpfs", 0, NULL);
}

static long
try_umount(void)
{
    return umount2("/proc", MNT_DETACH);
}

static long
try_pivot_root(void)
{
    return syscall(SYS_pivot_root, "/", "/");
}

static long
try_chroot(void)
{
    return chroot("/usr");
}

static long
try_fsopen(void)
{
    return syscall(CALL_FSOPEN, "tmpfs", 0);
}

static long
try_open_tree(void)
{
    return syscall(CALL_OPEN_TREE, AT_FDCWD, "/", 1 /* a copy */);
}

static long
try_move_mount(void)
{
    return syscall(CALL_MOVE_MOUNT, AT_FDCWD, "/usr", AT_FDCWD, "/", 0);
}

static long
try_unshare_user(void)
{
    return unshare(CLONE_NEWUSER);
}

static long
try_unshare_mounts(void)
{
    return unshare(CLONE_NEWNS);
}

static long
try_setns(void)
{
    int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

    return fd < 0 ? -1 : setns(fd, 0);
}

static long
try_fork(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return pid;
}

static long
try_clone_user(void)
{
    return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
}

static long
try_clone3(void)
{
    uint64_t arguments[8] = {[4] = SIGCHLD};
    long pid = syscall(CALL_CLONE3, arguments, sizeof arguments);

    if (pid == 0)
        _exit(0);
    return pid;
}

/* Only if it is refused do we get here at all. */
static long
try_execve(void)
{
    static char *const none[] = {NULL};

    return execve("/usr/bin/true", none, none);
}

static long
try_open_by_handle(void)
{
    struct {
        struct file_handle h;
        char space[128];
    } handle = {.h.handle_bytes = 128};
    int id;

    return name_to_handle_at(AT_FDCWD, "/usr", &handle.h, &id, 0);
}

static long
try_other_process(void)
{
    struct stat st;

    snprintf(buffer, sizeof buffer, "/proc/%d/cmdline", (int)other);
    return stat(buffer, &st);
}

/* In a /proc of its own, process 1 is this one. */
static long
try_first_process(void)
{
    struct stat first, own;

    if (stat("/proc/1", &first) < 0 || stat("/proc/self", &own) < 0)
        return -1;
    errno = ESRCH;
    return first.st_ino == own.st_ino ? -1 : 0;
}

static long
try_sysctl(void)
{
    return open("/proc/sys/kernel/hostname", O_RDONLY | O_CLOEXEC);
}

static long
try_large_file(void)
{
    return fallocate(writable, 0, 0, 1 << 30);
}

static long
try_write_far(void)
{
    return pwrite(writable, "x", 1, 1 << 30);
}

static long
try_raise_limit(void)
{
    struct rlimit r = {RLIM_INFINITY, RLIM_INFINITY};

    return setrlimit(RLIMIT_FSIZE, &r);
}

static long
try_personality(void)
{
    return syscall(SYS_personality, 0x0040000 /* no randomisation */);
}

static long
try_setuid(void)
{
    return setuid(geteuid());
}

static long
try_ioctl_attributes(void)
{
    int flags = 0;

    return ioctl(writable, _IOW('f', 2, long) /* FS_IOC_SETFLAGS */, &flags);
}

static long
try_dumpable(void)
{
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static long
try_memfd(void)
{
    return memfd_create("x", 0);
}

static const struct {
    const char *name;
    long (*run)(void);
    bool of_user; /* a user may do it outside of the cage, on any machine */
} attempts[] = {
    {"open a file of the host", try_open, true},
    {"stat a file of the host", try_stat, true},
    {"create a file of the host", try_create, true},
    {"unlink a file of the host", try_unlink, true},
    {"create a file", try_create_in_root, false},
    {"truncate", try_truncate, true},
    {"chmod", try_chmod, true},
    {"fchmod of its own file", try_fchmod, true},
    {"chown", try_chown, true},
    {"utimensat", try_utimensat, true},
    {"setxattr", try_setxattr, false},
    {"fsetxattr of its own file", try_fsetxattr, false},
    {"set attributes of its own file", try_ioctl_attributes, false},
    {"connect to a socket file", try_connect, true},
    {"socket: unix", try_socket_unix, true},
    {"socket: inet", try_socket_inet, false},
    {"socket: inet6", try_socket_inet6, false},
    {"socket: netlink", try_socket_netlink, true},
    {"socket: packet", try_socket_packet, false},
    {"socket: vsock", try_socket_vsock, false},
    {"socket: alg", try_socket_alg, false},
    {"socketpair", try_socketpair, true},
    {"keyctl", try_keyctl, false},
    {"add_key", try_add_key, false},
    {"request_key", try_request_key, false},
    {"ptrace another process", try_ptrace, false},
    {"ptrace: trace me", try_traceme, false},
    {"process_vm_readv", try_read_memory, false},
    {"process_vm_writev", try_write_memory, false},
    {"kill another process", try_kill, true},
    {"kill all processes", try_kill_all, false},
    {"pidfd_open", try_pidfd_open, false},
    {"pidfd_getfd", try_pidfd_getfd, false},
    {"userfaultfd", try_userfaultfd, false},
    {"bpf", try_bpf, false},
    {"perf_event_open", try_perf_event_open, false},
    {"io_uring_setup", try_io_uring, false},
    {"memfd_create", try_memfd, true},
    {"memfd_secret", try_memfd_secret, false},
    {"mount", try_mount, false},
    {"umount", try_umount, false},
    {"pivot_root", try_pivot_root, false},
    {"chroot", try_chroot, false},
    {"fsopen", try_fsopen, false},
    {"open_tree", try_open_tree, false},
    {"move_mount", try_move_mount, false},
    {"unshare: user namespace", try_unshare_user, false},
    {"unshare: mount namespace", try_unshare_mounts, false},
    {"setns", try_setns, false},
    {"clone: user namespace", try_clone_user, false},
    {"clone3", try_clone3, false},
    {"fork", try_fork, true},
    {"name_to_handle_at", try_open_by_handle, false},
    {"stat another process", try_other_process, true},
    {"see process 1", try_first_process, true},
    {"open /proc/sys", try_sysctl, true},
    {"allocate a large file", try_large_file, true},
    {"write far into a file", try_write_far, true},
    {"raise a limit", try_raise_limit, false},
    {"personality", try_personality, false},
    {"setuid", try_setuid, true},
    {"prctl: dumpable", try_dumpable, true},
    {"execve", try_execve, false},
};

int
main(int argc, char **argv)
{
    static char first[4096], second[4096];

    if (argc != 4)
        return 2;
    bool harmless = argv[2][0] == '-';
    snprintf(first, sizeof first, "%s/file", argv[1]);
    snprintf(second, sizeof second, "%s/socket", argv[1]);
    file = first;
    socket_path = second;
    other = atoi(argv[2] + harmless);
    writable = atoi(argv[3]);
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        if (harmless && !attempts[i].of_user)
            continue;
        errno = 0;
        bool done = attempts[i].run() >= 0;
        printf("%s: %s\n", attempts[i].name, done ? "done" : strerror(errno));
        fflush(stdout);
    }
    return 0;
}
