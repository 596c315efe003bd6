/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The order matters.  Root first uses its rights to enter namespaces, then
 * becomes an unprivileged user; any other user gets the same namespaces through
 * a user namespace.  Landlock comes last, since the steps before write to
 * /proc.
 *
 * cage_enter and cage_limit run between fork and exec of a program with
 * threads: system calls only, and raw ones where glibc would act on threads
 * that do not exist there (set*id). */
#include <config.h>

#include "lib/qemu/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "lib/qemu/landlock.h"

/* Users that no package and no administrator makes by default. */
enum { FIRST_UNUSED_USER = 65100, LAST_UNUSED_USER = 65199 };

enum { OPEN_FILES = 4096 };

/* Does UID exist in this namespace?  A rootless container may have few. */
static bool
user_exists_here(uid_t uid)
{
    cleanup_fclose FILE *f = fopen("/proc/self/uid_map", "re");
    unsigned first, outside, count;

    while (f && fscanf(f, "%u %u %u", &first, &outside, &count) == 3) {
        if (uid >= first && uid - first < count)
            return true;
    }
    return false;
}

/* Root may lack the right to become another user, or to give files away. */
static bool
may_change_user(void)
{
    struct __user_cap_header_struct header = {
        .version = _LINUX_CAPABILITY_VERSION_3,
    };
    struct __user_cap_data_struct data[2] = {0};
    uint32_t need = 1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_CHOWN;

    return syscall(SYS_capget, &header, data) == 0 &&
           (data[0].effective & need) == need;
}

uid_t
cage_user(void)
{
    if (geteuid() != 0 || !may_change_user() ||
        !user_exists_here(LAST_UNUSED_USER))
        return geteuid();
    for (uid_t uid = FIRST_UNUSED_USER; uid < LAST_UNUSED_USER; uid++) {
        struct passwd entry, *found = NULL;
        char text[4096];

        if (getpwuid_r(uid, &entry, text, sizeof text, &found) == 0 && !found)
            return uid;
    }
    return LAST_UNUSED_USER;
}

/* --- before fork --- */

static int
allow(struct cage *c, const char *path, enum landlock_access access,
    struct error *err)
{
    if (landlock_allow(c->rules, path, access) < 0)
        return error_errno(
            err, errno, "cannot make a Landlock rule for %s", path);
    return 0;
}

/* A QEMU that the user installed: its folder, and beside that the files
 * installed with it. */
static int
allow_installation(struct cage *c, struct error *err)
{
    static const char *const beside[] = {"lib", "lib64", "libexec", "share"};
    cleanup_free char *path = realpath(c->binary, NULL);
    char *slash;

    if (!path)
        return error_errno(err, errno, "cannot find %s", c->binary);
    if (!(slash = strrchr(path, '/')) || slash == path)
        return 0;
    *slash = 0;
    if (allow(c, path, LANDLOCK_EXECUTE, err) < 0)
        return -1;
    if (!(slash = strrchr(path, '/')) || slash == path)
        return 0;
    *slash = 0;
    for (size_t i = 0; i < N_ELEMENTS(beside); i++) {
        cleanup_free char *folder = text_printf("%s/%s", path, beside[i]);

        if (!folder)
            return error_no_memory(err);
        if (allow(c, folder, LANDLOCK_EXECUTE, err) < 0)
            return -1;
    }
    return 0;
}

static int
make_rules(struct cage *c, struct error *err)
{
    static const char *const programs[] = {
        "/usr", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store"};
    static const char *const readable[] = {"/etc/ld.so.cache",
        "/etc/ld.so.preload", "/etc/qemu", "/sys/devices/system/cpu",
        "/sys/devices/system/node"};
    static const char *const of_network[] = {"/etc/resolv.conf", "/etc/hosts",
        "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf",
        "/etc/services", "/etc/ssl", "/etc/pki", "/etc/ca-certificates",
        "/etc/crypto-policies", "/run/systemd/resolve"};
    static const char *const devices[] = {
        "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"};

    for (size_t i = 0; i < N_ELEMENTS(programs); i++) {
        if (allow(c, programs[i], LANDLOCK_EXECUTE, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < N_ELEMENTS(readable); i++) {
        if (allow(c, readable[i], LANDLOCK_READ, err) < 0)
            return -1;
    }
    for (size_t i = 0; c->network && i < N_ELEMENTS(of_network); i++) {
        if (allow(c, of_network[i], LANDLOCK_READ, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < N_ELEMENTS(devices); i++) {
        if (allow(c, devices[i], LANDLOCK_DEVICE, err) < 0)
            return -1;
    }
    if (c->kvm && allow(c, "/dev/kvm", LANDLOCK_DEVICE, err) < 0)
        return -1;
    for (size_t i = 0; i < c->n_files; i++) {
        const struct cage_file *f = &c->files[i];

        if (f->fd >= 0 && landlock_allow_fd(c->rules, f->fd,
                              f->writable ? LANDLOCK_WRITE : LANDLOCK_READ) < 0)
            return error_errno(err, errno, "cannot make a Landlock rule");
    }
    return allow_installation(c, err);
}

int
cage_prepare(struct cage *c, struct error *err)
{
    struct stat st;

    c->rules = -1;
    c->uid = cage_user();
    c->gid = getegid();
    c->drop = c->uid != geteuid();
    if (c->drop) {
        c->gid = c->uid;
        /* Keep the group that may use KVM. */
        if (c->kvm && stat("/dev/kvm", &st) == 0 && (st.st_mode & 0060)) {
            c->groups[0] = st.st_gid;
            c->n_groups = 1;
        }
    }
    c->rules = landlock_new(c->network);
    if (c->rules >= 0 && make_rules(c, err) < 0) {
        cage_clear(c);
        return -1;
    }
    return 0;
}

void
cage_clear(struct cage *c)
{
    if (c->rules >= 0)
        close(c->rules);
    c->rules = -1;
}

/* --- after fork --- */

static bool
write_file(const char *path, const char *text, size_t size)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, size) == (ssize_t)size;

    if (fd >= 0)
        close(fd);
    return ok;
}

/* "ID ID 1": one id, mapped to itself. */
static size_t
identity_map(unsigned id, char text[32])
{
    char digits[10];
    size_t n = 0, used = 0;

    do
        digits[n++] = (char)('0' + id % 10);
    while (id /= 10);
    for (int twice = 0; twice < 2; twice++) {
        for (size_t i = n; i-- > 0;)
            text[used++] = digits[i];
        text[used++] = ' ';
    }
    text[used++] = '1';
    return used;
}

static bool
map_user(uid_t uid, gid_t gid)
{
    char text[32];
    size_t n = identity_map(uid, text);

    if (!write_file("/proc/self/uid_map", text, n))
        return false;
    n = identity_map(gid, text);
    return write_file("/proc/self/setgroups", "deny", 4) &&
           write_file("/proc/self/gid_map", text, n);
}

static const struct {
    int flag;
    enum cage_layer layer;
} namespaces[] = {
    {CLONE_NEWIPC, CAGE_IPC_NS},
    {CLONE_NEWPID, CAGE_PID_NS},
    {CLONE_NEWNET, CAGE_NET_NS},
};

static uint32_t
leave_namespaces(bool network)
{
    uint32_t layers = 0;

    for (size_t i = 0; i < N_ELEMENTS(namespaces); i++) {
        if (namespaces[i].flag == CLONE_NEWNET && network)
            continue;
        if (unshare(namespaces[i].flag) == 0)
            layers |= namespaces[i].layer;
    }
    return layers;
}

static bool
drop_user(const struct cage *c)
{
    if (syscall(SYS_setgroups, c->n_groups, c->groups) < 0 ||
        syscall(SYS_setresgid, c->gid, c->gid, c->gid) < 0 ||
        syscall(SYS_setresuid, c->uid, c->uid, c->uid) < 0)
        return false;
    /* Files of /proc/self are ours again. */
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    return true;
}

void
cage_enter(const struct cage *c, struct cage_report *report)
{
    uint32_t layers = 0;

    if (c->drop) {
        layers |= leave_namespaces(c->network);
        if (drop_user(c))
            layers |= CAGE_UID;
    }
    if (!(layers & CAGE_PID_NS) && unshare(CLONE_NEWUSER) == 0) {
        layers |= CAGE_USER_NS | leave_namespaces(c->network);
        if (!map_user(c->uid, c->gid))
            layers &= ~(uint32_t)CAGE_USER_NS;
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        layers |= CAGE_NO_NEW_PRIVS;
    if (c->rules >= 0 && landlock_enter(c->rules) == 0) {
        layers |= CAGE_LANDLOCK;
        report->landlock_version = landlock_version();
    }
    report->layers |= layers;
    report->uid = (int32_t)syscall(SYS_geteuid);
}

static bool
limit(int resource, rlim_t most)
{
    struct rlimit r;

    if (getrlimit(resource, &r) < 0)
        return false;
    if (r.rlim_max > most)
        r.rlim_max = most;
    r.rlim_cur = r.rlim_max;
    return setrlimit(resource, &r) == 0;
}

void
cage_limit(const struct cage *c, struct cage_report *report)
{
    bool ok = limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, OPEN_FILES) &&
              limit(RLIMIT_MEMLOCK, 0) && limit(RLIMIT_MSGQUEUE, 0);

    if (c->address_space)
        ok = limit(RLIMIT_AS, c->address_space) && ok;
    if (ok)
        report->layers |= CAGE_LIMITS;
}

/* --- the report --- */

static const char *const layer_names[] = {
    "own user",
    "user namespace",
    "network namespace",
    "process namespace",
    "ipc namespace",
    "no new privileges",
    "landlock",
    "limits",
    "closed files",
    "seccomp",
};

const char *
cage_layer_name(unsigned index)
{
    return index < N_ELEMENTS(layer_names) ? layer_names[index] : NULL;
}

uint32_t
cage_missing(const struct cage_report *report)
{
    uint32_t missing = ((1u << N_ELEMENTS(layer_names)) - 1) & ~report->layers;

    if (report->uid != 0)
        missing &= ~(uint32_t)CAGE_UID;
    if (report->layers & CAGE_UID)
        missing &= ~(uint32_t)CAGE_USER_NS;
    return missing;
}

char *
cage_text(const struct cage_report *report)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return NULL;
    for (int holds = 1; holds >= 0; holds--) {
        const char *separator = holds ? "" : "; without ";
        uint32_t layers = holds ? report->layers : cage_missing(report);

        for (unsigned i = 0; i < N_ELEMENTS(layer_names); i++) {
            if (!(layers & 1u << i))
                continue;
            fprintf(f, "%s%s", separator, layer_names[i]);
            if (holds && 1u << i == CAGE_LANDLOCK)
                fprintf(f, " v%d", report->landlock_version);
            if (holds && 1u << i == CAGE_UID)
                fprintf(f, " %d", report->uid);
            separator = ", ";
        }
    }
    if (fclose(f) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
