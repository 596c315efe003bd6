/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes system calls inside a live process, as code that has taken it over
 * would: "NAME: done" or "NAME: ERRNO" for each.  tests/cli/cage.sh runs it on
 * the QEMU of an appliance.  Exit 77 where it cannot be done.  Calls that
 * QEMU's own filter answers with death (mount, fork, execve, setuid) are only
 * in attempts.c.
 *
 * usage: inject PID FOLDER FILE-DESCRIPTOR
 *
 * FOLDER is as for attempts.c; the descriptor is a file that the process may
 * write to. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SKIP = 77 };

#ifdef __x86_64__

enum {
    SYSCALL_INSTRUCTION = 0x050f,
    SCRATCH = 32 << 10, /* below the stack pointer */
    HALF = 2048,
    CALL_OPEN_TREE = 428,
    CALL_FSOPEN = 430,
    CALL_PIDFD_OPEN = 434,
    CALL_CLONE3 = 435,
    CALL_IO_URING_SETUP = 425,
};

static pid_t victim;
static int memory;
static struct user_regs_struct saved;
static long saved_word;
static unsigned long scratch;

static int
stop(const char *what)
{
    perror(what);
    return SKIP;
}

static void
wait_for_stop(void)
{
    int status;

    if (waitpid(victim, &status, __WALL) != victim || !WIFSTOPPED(status)) {
        printf("the process has ended: status %x\n", (unsigned)status);
        exit(1);
    }
}

/* Text in the process; the second one is half a page further. */
static long
put(int which, const char *text)
{
    unsigned long at = scratch + (unsigned long)(which * HALF);

    if (pwrite(memory, text, strlen(text) + 1, (off_t)at) < 0)
        exit(stop("pwrite"));
    return (long)at;
}

static long
call(long number, long a, long b, long c, long d, long e)
{
    struct user_regs_struct r = saved;

    r.rax = (unsigned long long)number;
    r.orig_rax = ~0ull;
    r.rdi = (unsigned long long)a;
    r.rsi = (unsigned long long)b;
    r.rdx = (unsigned long long)c;
    r.r10 = (unsigned long long)d;
    r.r8 = (unsigned long long)e;
    r.r9 = 0;
    ptrace(PTRACE_SETREGS, victim, 0, &r);
    ptrace(PTRACE_SINGLESTEP, victim, 0, 0);
    wait_for_stop();
    ptrace(PTRACE_GETREGS, victim, 0, &r);
    return (long)r.rax;
}

static void
try(const char *name, long number, long a, long b, long c, long d, long e)
{
    long r = call(number, a, b, c, d, e);

    printf("%s: %s\n", name, r >= 0 ? "done" : strerror((int)-r));
    fflush(stdout);
}

static void
try_files(const char *folder, long fd)
{
    char path[300];

    snprintf(path, sizeof path, "%s/file", folder);
    long file = put(0, path);
    try("open", SYS_open, file, O_RDONLY, 0, 0, 0);
    try("open /etc/passwd", SYS_open, put(1, "/etc/passwd"), O_RDONLY, 0, 0, 0);
    try("open /dev/tty", SYS_open, put(1, "/dev/tty"), O_RDWR, 0, 0, 0);
    try("open /proc/1/environ", SYS_open, put(1, "/proc/1/environ"), 0, 0, 0,
        0);
    try("create in /tmp", SYS_open, put(1, "/tmp/new"), O_RDWR | O_CREAT, 0600,
        0, 0);
    try("create in /", SYS_open, put(1, "/new"), O_RDWR | O_CREAT, 0600, 0, 0);
    try("stat", SYS_stat, file, put(1, ""), 0, 0, 0);
    try("truncate", SYS_truncate, file, 0, 0, 0, 0);
    try("chmod", SYS_chmod, file, 0666, 0, 0, 0);
    try("fchmod", SYS_fchmod, fd, 0666, 0, 0, 0);
    try("chown", SYS_chown, file, -1, -1, 0, 0);
    try("utimensat", SYS_utimensat, AT_FDCWD, file, 0, 0, 0);
    try("setxattr", SYS_setxattr, file, put(1, "user.x"), file, 1, 0);
    try("unlink", SYS_unlink, file, 0, 0, 0, 0);
    snprintf(path, sizeof path, "%s/other", folder);
    try("rename", SYS_rename, file, put(1, path), 0, 0, 0);
    try("link", SYS_link, file, put(1, path), 0, 0, 0);
    try("symlink", SYS_symlink, file, put(1, path), 0, 0, 0);
    try("mkdir", SYS_mkdir, put(1, path), 0700, 0, 0, 0);
    try("mknod", SYS_mknod, put(1, path), 0600, 0, 0, 0);
    try("chdir /", SYS_chdir, put(1, "/"), 0, 0, 0, 0);
    try("allocate a large file", SYS_fallocate, fd, 0, 0, 1L << 40, 0);
}

static void
try_sockets(const char *folder)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    snprintf(a.sun_path, sizeof a.sun_path, "%s/socket", folder);
    long fd = call(SYS_socket, AF_UNIX, SOCK_STREAM, 0, 0, 0);
    if (pwrite(memory, &a, sizeof a, (off_t)scratch) < 0)
        exit(stop("pwrite"));
    try("connect", SYS_connect, fd, (long)scratch, sizeof a, 0, 0);
    try("socket: unix", SYS_socket, AF_UNIX, SOCK_STREAM, 0, 0, 0);
    try("socket: inet", SYS_socket, AF_INET, SOCK_STREAM, 0, 0, 0);
    try("socket: netlink", SYS_socket, AF_NETLINK, SOCK_RAW, 0, 0, 0);
    try("socket: vsock", SYS_socket, 40, SOCK_STREAM, 0, 0, 0);
    try("socketpair", SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, (long)scratch,
        0);
}

static void
try_kernel(void)
{
    long user = put(0, "user"), name = put(1, "mayfly-test");

    try("keyctl", SYS_keyctl, 0, -3, 0, 0, 0);
    try("keyctl: user keyring", SYS_keyctl, 0, -4, 0, 0, 0);
    try("add_key", SYS_add_key, user, name, user, 4, -3);
    try("request_key", SYS_request_key, user, name, 0, -3, 0);
    try("ptrace", SYS_ptrace, PTRACE_TRACEME, 0, 0, 0, 0);
    try("process_vm_readv", SYS_process_vm_readv, victim, 0, 0, 0, 0);
    try("bpf", SYS_bpf, 0, 0, 0, 0, 0);
    try("perf_event_open", SYS_perf_event_open, 0, 0, 0, 0, 0);
    try("userfaultfd", SYS_userfaultfd, 1, 0, 0, 0, 0);
    try("io_uring_setup", CALL_IO_URING_SETUP, 4, (long)scratch, 0, 0, 0);
    try("memfd_create", SYS_memfd_create, user, 0, 0, 0, 0);
    try("pivot_root", SYS_pivot_root, put(1, "/"), put(1, "/"), 0, 0, 0);
    try("chroot", SYS_chroot, put(1, "/usr"), 0, 0, 0, 0);
    try("fsopen", CALL_FSOPEN, put(1, "tmpfs"), 0, 0, 0, 0);
    try("open_tree", CALL_OPEN_TREE, AT_FDCWD, put(1, "/"), 1, 0, 0);
    try("clone3", CALL_CLONE3, (long)scratch, 64, 0, 0, 0);
    try("kill all", SYS_kill, -1, 0, 0, 0, 0);
    try("kill the group", SYS_kill, 0, 0, 0, 0, 0);
    try("pidfd_open", CALL_PIDFD_OPEN, 1, 0, 0, 0, 0);
    try("setrlimit", SYS_setrlimit, 1, (long)scratch, 0, 0, 0);
    try("personality", SYS_personality, 0x40000, 0, 0, 0, 0);
    try("init_module", SYS_init_module, 0, 0, 0, 0, 0);
}

int
main(int argc, char **argv)
{
    char path[32];

    if (argc != 4)
        return 2;
    victim = atoi(argv[1]);
    snprintf(path, sizeof path, "/proc/%d/mem", (int)victim);
    memory = open(path, O_RDWR | O_CLOEXEC);
    if (memory < 0)
        return stop(path);
    if (ptrace(PTRACE_SEIZE, victim, 0, 0) < 0 ||
        ptrace(PTRACE_INTERRUPT, victim, 0, 0) < 0)
        return stop("ptrace");
    wait_for_stop();
    ptrace(PTRACE_GETREGS, victim, 0, &saved);
    struct user_regs_struct original = saved;
    saved_word = ptrace(PTRACE_PEEKTEXT, victim, saved.rip, 0);
    ptrace(PTRACE_POKETEXT, victim, saved.rip,
        (saved_word & ~0xffffL) | SYSCALL_INSTRUCTION);
    scratch = (saved.rsp - SCRATCH) & ~0xfffull;

    /* The method itself works. */
    if (call(SYS_getpid, 0, 0, 0, 0, 0) < 0)
        return stop("getpid");
    try_files(argv[2], atoi(argv[3]));
    try_sockets(argv[2]);
    try_kernel();

    ptrace(PTRACE_POKETEXT, victim, saved.rip, saved_word);
    /* The call that was interrupted is not begun again. */
    if ((long)original.rax < 0 && (long)original.rax >= -516)
        original.rax = (unsigned long long)-EINTR;
    ptrace(PTRACE_SETREGS, victim, 0, &original);
    ptrace(PTRACE_DETACH, victim, 0, 0);
    return 0;
}

#else

int
main(void)
{
    fputs("inject: only for x86-64\n", stderr);
    return SKIP;
}

#endif
