/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lists were made by tracing QEMU while it booted, saved and resumed, with
 * images of all formats, block jobs, an NBD server and KVM; calls of the same
 * kind that other versions of glibc make instead are there as well.  A call
 * that this architecture does not have is left out by libseccomp.
 *
 * What is refused gives EPERM, which QEMU reports; ENOSYS where its absence
 * makes glibc or QEMU take another call. */
#include <config.h>

#include "lib/qemu/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"

#ifndef SECCOMP_SET_MODE_FILTER
#define SECCOMP_SET_MODE_FILTER 1
#endif

/* For an older libseccomp; the numbers are the same everywhere. */
#ifndef __SNR_close_range
#define __SNR_close_range 436
#endif
#ifndef __SNR_faccessat2
#define __SNR_faccessat2 439
#endif
#ifndef __SNR_epoll_pwait2
#define __SNR_epoll_pwait2 441
#endif
#ifndef __SNR_futex_waitv
#define __SNR_futex_waitv 449
#endif

#define CALL(name) SCMP_SYS(name)

static const int allowed[] = {
    /* files that are open, or that the cage has */
    CALL(access),
    CALL(close),
    CALL(close_range),
    CALL(copy_file_range),
    CALL(dup),
    CALL(dup2),
    CALL(dup3),
    CALL(faccessat),
    CALL(faccessat2),
    CALL(fadvise64),
    CALL(fallocate),
    CALL(fcntl),
    CALL(fdatasync),
    CALL(flock),
    CALL(fstat),
    CALL(fstatfs),
    CALL(fsync),
    CALL(ftruncate),
    CALL(getcwd),
    CALL(getdents64),
    CALL(lseek),
    CALL(lstat),
    CALL(newfstatat),
    CALL(open),
    CALL(openat),
    CALL(pread64),
    CALL(preadv),
    CALL(preadv2),
    CALL(pwrite64),
    CALL(pwritev),
    CALL(pwritev2),
    CALL(read),
    CALL(readlink),
    CALL(readlinkat),
    CALL(readv),
    CALL(stat),
    CALL(statfs),
    CALL(statx),
    CALL(sync_file_range),
    CALL(write),
    CALL(writev),
    /* sockets and pipes that are open */
    CALL(getpeername),
    CALL(getsockname),
    CALL(getsockopt),
    CALL(pipe),
    CALL(pipe2),
    CALL(recvfrom),
    CALL(recvmmsg),
    CALL(recvmsg),
    CALL(sendmmsg),
    CALL(sendmsg),
    CALL(sendto),
    CALL(shutdown),
    /* waiting */
    CALL(epoll_create),
    CALL(epoll_create1),
    CALL(epoll_ctl),
    CALL(epoll_pwait),
    CALL(epoll_pwait2),
    CALL(epoll_wait),
    CALL(eventfd),
    CALL(eventfd2),
    CALL(poll),
    CALL(ppoll),
    CALL(pselect6),
    CALL(select),
    CALL(signalfd),
    CALL(signalfd4),
    CALL(timerfd_create),
    CALL(timerfd_gettime),
    CALL(timerfd_settime),
    /* memory */
    CALL(brk),
    CALL(madvise),
    CALL(mincore),
    CALL(mmap),
    CALL(mprotect),
    CALL(mremap),
    CALL(msync),
    CALL(munmap),
    /* threads and signals, of its own process only */
    CALL(exit),
    CALL(exit_group),
    CALL(futex),
    CALL(futex_waitv),
    CALL(get_robust_list),
    CALL(membarrier),
    CALL(restart_syscall),
    CALL(rseq),
    CALL(rt_sigaction),
    CALL(rt_sigpending),
    CALL(rt_sigprocmask),
    CALL(rt_sigreturn),
    CALL(rt_sigsuspend),
    CALL(rt_sigtimedwait),
    CALL(sched_getaffinity),
    CALL(sched_getparam),
    CALL(sched_getscheduler),
    CALL(sched_yield),
    CALL(set_robust_list),
    CALL(set_tid_address),
    CALL(sigaltstack),
    CALL(tgkill),
    /* time */
    CALL(clock_getres),
    CALL(clock_gettime),
    CALL(clock_nanosleep),
    CALL(gettimeofday),
    CALL(nanosleep),
    CALL(time),
    CALL(timer_create),
    CALL(timer_delete),
    CALL(timer_getoverrun),
    CALL(timer_gettime),
    CALL(timer_settime),
    /* what it may know about itself and the machine */
    CALL(arch_prctl),
    CALL(getcpu),
    CALL(getegid),
    CALL(geteuid),
    CALL(getgid),
    CALL(getgroups),
    CALL(getpgrp),
    CALL(getpid),
    CALL(getppid),
    CALL(getrandom),
    CALL(getresgid),
    CALL(getresuid),
    CALL(getrlimit),
    CALL(getrusage),
    CALL(gettid),
    CALL(getuid),
    CALL(sysinfo),
    CALL(times),
    CALL(uname),
    /* further filters */
    CALL(seccomp),
};

static const int of_qemu[] = {
    CALL(accept), CALL(accept4), CALL(listen), CALL(setsockopt)};

/* A script: a shell and what it starts. */
static const int of_programs[] = {CALL(chdir), CALL(clone), CALL(execve),
    CALL(fork), CALL(getpgid), CALL(getsid), CALL(kill), CALL(setpgid),
    CALL(umask), CALL(vfork), CALL(wait4), CALL(waitid)};

static const int of_network[] = {CALL(bind), CALL(connect), CALL(socketpair)};

static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

/* passt makes a cage of its own.  It is in ours already, so these calls do
 * nothing and succeed. */
static const int pretended[] = {CALL(capset), CALL(chdir), CALL(mount),
    CALL(pivot_root), CALL(setgid), CALL(setgroups), CALL(setuid),
    CALL(umount2), CALL(unshare)};

/* bind: of UDP sockets, and to ask whether an address is this host's. */
static const int of_passt[] = {CALL(bind), CALL(capget), CALL(connect)};

static const int passt_families[] = {AF_INET, AF_NETLINK};

static const int of_gate[] = {CALL(close), CALL(exit), CALL(exit_group),
    CALL(poll), CALL(ppoll), CALL(recvfrom), CALL(restart_syscall),
    CALL(rt_sigreturn), CALL(sendto), CALL(write)};

/* QEMU and glibc do without. */
static const int absent[] = {CALL(io_uring_setup), CALL(io_uring_enter),
    CALL(io_uring_register), CALL(openat2), CALL(clone3), CALL(get_mempolicy)};

/* The names and timers of threads, the filters, and what QEMU asks for at its
 * start. */
static const int prctls[] = {
    PR_SET_NAME,
    PR_GET_NAME,
    PR_SET_TIMERSLACK,
    PR_SET_NO_NEW_PRIVS,
    PR_GET_SECCOMP,
    PR_SET_SECCOMP,
    PR_MCE_KILL,
};

/* Of files, disks, cd-roms and Linux's file systems; not those of terminals
 * (0x54..) but two, nor those that change the attributes of a file. */
static const unsigned ioctls[] = {
    0x5401, /* TCGETS: is it a terminal? */
    0x5421, /* FIONBIO */
    0x541b, /* FIONREAD */
    0x0301, /* HDIO_GETGEO */
    0x125e, /* BLKROGET */
    0x1260, /* BLKGETSIZE */
    0x1261, /* BLKFLSBUF */
    0x1267, /* BLKSECTGET */
    0x1268, /* BLKSSZGET */
    0x1277, /* BLKDISCARD */
    0x1278, /* BLKIOMIN */
    0x1279, /* BLKIOOPT */
    0x127a, /* BLKALIGNOFF */
    0x127b, /* BLKPBSZGET */
    0x127c, /* BLKDISCARDZEROES */
    0x127e, /* BLKROTATIONAL */
    0x127f, /* BLKZEROOUT */
    0x2282, /* SG_GET_VERSION_NUM */
};

static const unsigned sized_ioctls[] = {
    _IOR(0x12, 112, size_t), /* BLKBSZGET */
    _IOR(0x12, 114, size_t), /* BLKGETSIZE64 */
    _IOR('X', 30, int[3]),   /* XFS_IOC_DIOINFO */
    _IOWR('f', 11, int[8]),  /* FS_IOC_FIEMAP */
};

enum { KVM_IOCTLS = 0xae00, IOCTL_TYPE = 0xff00 };

/* The flags of clone that make namespaces. */
enum {
    NEW_NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                     CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET,
};

static bool
allow_all(scmp_filter_ctx c, const int *calls, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (calls[i] != __NR_SCMP_ERROR &&
            seccomp_rule_add(c, SCMP_ACT_ALLOW, calls[i], 0) < 0)
            return false;
    }
    return true;
}

/* ARGUMENT is equal, in all bits, to VALUE. */
static bool
allow_value(scmp_filter_ctx c, int call, unsigned argument, uint64_t value)
{
    return seccomp_rule_add(c, SCMP_ACT_ALLOW, call, 1,
               SCMP_CMP64(argument, SCMP_CMP_EQ, value, 0)) == 0;
}

/* Commands of 32 bits: the kernel ignores what is above. */
static bool
allow_command(scmp_filter_ctx c, int call, unsigned argument, uint32_t mask,
    uint32_t value)
{
    return seccomp_rule_add(c, SCMP_ACT_ALLOW, call, 1,
               SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, mask, value)) == 0;
}

static bool
allow_sockets(scmp_filter_ctx c, const int *of_families, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!allow_command(c, CALL(socket), 0, ~0u, (uint32_t)of_families[i]))
            return false;
    }
    return true;
}

static bool
allow_ioctls(scmp_filter_ctx c, bool kvm)
{
    for (size_t i = 0; i < N_ELEMENTS(ioctls); i++) {
        if (!allow_command(c, CALL(ioctl), 1, ~0u, ioctls[i]))
            return false;
    }
    for (size_t i = 0; i < N_ELEMENTS(sized_ioctls); i++) {
        if (!allow_command(c, CALL(ioctl), 1, ~0u, sized_ioctls[i]))
            return false;
    }
    return !kvm || allow_command(c, CALL(ioctl), 1, IOCTL_TYPE, KVM_IOCTLS);
}

/* Calls that are allowed with some arguments only: threads, but no processes;
 * limits to read, not to set. */
static bool
allow_some(scmp_filter_ctx c, const struct filter_request *r)
{
    for (size_t i = 0; i < N_ELEMENTS(prctls); i++) {
        if (!allow_command(c, CALL(prctl), 0, ~0u, (uint32_t)prctls[i]))
            return false;
    }
    if (r->network && !allow_sockets(c, families, N_ELEMENTS(families)))
        return false;
    if (r->parent &&
        seccomp_rule_add(c, SCMP_ACT_ALLOW, CALL(prctl), 2,
            SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, ~0u, PR_SET_PDEATHSIG),
            SCMP_CMP64(1, SCMP_CMP_EQ, SIGTERM, 0)) < 0)
        return false;
    if (r->program && !allow_value(c, CALL(execve), 0, (uintptr_t)r->program))
        return false;
    uint32_t threads = r->program ? CLONE_THREAD : 0;
    if (!allow_command(c, CALL(clone), 0, NEW_NAMESPACES | threads, threads))
        return false;
    return allow_ioctls(c, r->kvm) && allow_value(c, CALL(prlimit64), 2, 0);
}

static bool
add_option(scmp_filter_ctx c, uint32_t action, int option)
{
    /* The kernel takes both as int, whatever the upper halves are. */
    return seccomp_rule_add(c, action, CALL(setsockopt), 2,
               SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, ~0u, SOL_SOCKET),
               SCMP_CMP64(2, SCMP_CMP_MASKED_EQ, ~0u, (uint32_t)option)) == 0;
}

/* With SO_REUSEADDR, which is ignored, or SO_REUSEPORT, a guest could take the
 * datagrams of a port that another program has. */
static bool
allow_options(scmp_filter_ctx c)
{
    static const int options[] = {
        SO_BINDTODEVICE, SO_LINGER, SO_PEEK_OFF, SO_RCVBUF, SO_SNDBUF};
    static const int levels[] = {
        IPPROTO_IP, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, SOL_NETLINK};

    for (size_t i = 0; i < N_ELEMENTS(options); i++)
        if (!add_option(c, SCMP_ACT_ALLOW, options[i]))
            return false;
    for (size_t i = 0; i < N_ELEMENTS(levels); i++)
        if (!allow_command(c, CALL(setsockopt), 1, ~0u, (uint32_t)levels[i]))
            return false;
    return add_option(c, SCMP_ACT_ERRNO(0), SO_REUSEADDR);
}

static bool
add_passt_rules(scmp_filter_ctx c)
{
    for (size_t i = 0; i < N_ELEMENTS(pretended); i++) {
        if (pretended[i] != __NR_SCMP_ERROR &&
            seccomp_rule_add(c, SCMP_ACT_ERRNO(0), pretended[i], 0) < 0)
            return false;
    }
    /* It raises its own limit of files, which is at its end. */
    return seccomp_rule_add(c, SCMP_ACT_ERRNO(0), CALL(prlimit64), 1,
               SCMP_CMP64(2, SCMP_CMP_NE, 0, 0)) == 0 &&
           allow_options(c) && allow_all(c, of_passt, N_ELEMENTS(of_passt)) &&
           seccomp_rule_add(c, SCMP_ACT_ALLOW, CALL(prctl), 2,
               SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, ~0u, PR_SET_DUMPABLE),
               SCMP_CMP64(1, SCMP_CMP_EQ, 0, 0)) == 0 &&
           /* the number of a network interface */
           allow_command(c, CALL(ioctl), 1, ~0u, SIOCGIFINDEX) &&
           allow_sockets(c, passt_families, N_ELEMENTS(passt_families));
}

static bool
add_rules(scmp_filter_ctx c, const struct filter_request *r)
{
    if (r->what == CAGED_GATE)
        return allow_all(c, of_gate, N_ELEMENTS(of_gate));
    if (r->what == CAGED_PASST ? !add_passt_rules(c)
                               : !allow_all(c, of_qemu, N_ELEMENTS(of_qemu)))
        return false;
    for (size_t i = 0; i < N_ELEMENTS(absent); i++) {
        if (absent[i] != __NR_SCMP_ERROR &&
            seccomp_rule_add(c, SCMP_ACT_ERRNO(ENOSYS), absent[i], 0) < 0)
            return false;
    }
    return allow_all(c, allowed, N_ELEMENTS(allowed)) && allow_some(c, r) &&
           (r->program || allow_all(c, of_programs, N_ELEMENTS(of_programs))) &&
           (!r->network || allow_all(c, of_network, N_ELEMENTS(of_network)));
}

/* libseccomp writes the program to a file. */
static int export(scmp_filter_ctx c, struct sock_fprog **ret, struct error *err)
{
    cleanup_close int fd = memfd_create("mayfly-filter", MFD_CLOEXEC);
    off_t size = 0;
    int code = fd < 0 ? -errno : seccomp_export_bpf(c, fd);

    if (code < 0)
        return error_errno(
            err, -code, "cannot make the filter of system calls");
    if ((size = lseek(fd, 0, SEEK_END)) <= 0 || lseek(fd, 0, SEEK_SET) < 0)
        return error_errno(
            err, errno, "cannot seek in the filter of system calls");
    cleanup_free struct sock_fprog *f = malloc(sizeof *f + (size_t)size);
    if (!f)
        return error_no_memory(err);
    f->len = (unsigned short)((size_t)size / sizeof(struct sock_filter));
    f->filter = (struct sock_filter *)(f + 1);
    if (read_all(fd, f->filter, (size_t)size) < 0)
        return error_errno(
            err, errno, "cannot read the filter of system calls");
    *ret = steal_pointer(&f);
    return 0;
}

int
filter_make(
    const struct filter_request *r, struct sock_fprog **ret, struct error *err)
{
    scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(EPERM));

    if (!c)
        return error_no_memory(err);
    /* A sorted tree; an older libseccomp makes a chain instead. */
    seccomp_attr_set(c, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    int code = add_rules(c, r) ? export(c, ret, err)
                               : error_set(err, ENOMEM,
                                     "cannot make the filter of system calls");
    seccomp_release(c);
    return code;
}

void
filter_free(struct sock_fprog *filter)
{
    free(filter);
}

bool
filter_enter(const struct sock_fprog *filter)
{
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter) == 0;
}
