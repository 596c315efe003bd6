/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Run a command under what the seccomp profiles of Docker and Podman refuse to
 * a container without privileges:
 *
 *     restrict COMMAND [ARGUMENT...]
 *
 * Namespaces, mounts, keys, io_uring and whatever needs CAP_SYS_ADMIN fail with
 * EPERM; clone3, whose flags a filter cannot see, with ENOSYS. */
#include <config.h>

#include <err.h>
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <unistd.h>

static const int refused[] = {
    SCMP_SYS(acct),
    SCMP_SYS(add_key),
    SCMP_SYS(bpf),
    SCMP_SYS(chroot),
    SCMP_SYS(delete_module),
    SCMP_SYS(fanotify_init),
    SCMP_SYS(finit_module),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount),
    SCMP_SYS(fsopen),
    SCMP_SYS(init_module),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(kexec_load),
    SCMP_SYS(keyctl),
    SCMP_SYS(mount),
    SCMP_SYS(mount_setattr),
    SCMP_SYS(move_mount),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(open_tree),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(pivot_root),
    SCMP_SYS(quotactl),
    SCMP_SYS(reboot),
    SCMP_SYS(request_key),
    SCMP_SYS(setdomainname),
    SCMP_SYS(sethostname),
    SCMP_SYS(setns),
    SCMP_SYS(swapoff),
    SCMP_SYS(swapon),
    SCMP_SYS(syslog),
    SCMP_SYS(umount2),
    SCMP_SYS(unshare),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(vhangup),
};

static const int namespaces[] = {CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET,
    CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, CLONE_NEWUTS};

int
main(int argc, char **argv)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int r = filter ? 0 : -1;

    if (argc < 2)
        errx(2, "usage: restrict COMMAND [ARGUMENT...]");
    for (size_t i = 0; r == 0 && i < sizeof refused / sizeof *refused; i++)
        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
    for (size_t i = 0; r == 0 && i < sizeof namespaces / sizeof *namespaces;
         i++) {
        scmp_datum_t bit = (scmp_datum_t)namespaces[i];

        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
            SCMP_A0(SCMP_CMP_MASKED_EQ, bit, bit));
    }
    if (r == 0)
        r = seccomp_rule_add(
            filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (r < 0 || seccomp_load(filter) < 0)
        errx(1, "cannot load the filter");
    seccomp_release(filter);
    execvp(argv[1], argv + 1);
    err(127, "%s", argv[1]);
}
