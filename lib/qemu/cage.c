/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The order matters.  The keeper enters the namespaces, root by its own rights,
 * any other user through a user namespace.  QEMU's process is born in them; it
 * makes its root while it still may, then becomes an unprivileged user without
 * capabilities.  Landlock comes last, since it forbids to mount, and the filter
 * right before exec, since it forbids all the rest.
 *
 * What runs between fork and exec of a program with threads makes system calls
 * only, and raw ones where glibc would act on threads that do not exist there
 * (set*id). */
#include <config.h>

#include "lib/qemu/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "lib/qemu/landlock.h"
#include "lib/qemu/places.h"

/* Users that exist nowhere: below 2^31, above what systemd, shadow, SSSD and
 * winbind hand out (systemd.io/UIDS-GIDS).  Four blocks, lest /etc/subuid has
 * one. */
enum {
    FIRST_BLOCK = 0x7e000000,
    BLOCK = 1 << 24,
    BLOCKS = 4,
};

enum { OPEN_FILES = 4096, THREADS = 1024 };

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

/* Has the administrator given users of this block to someone's containers? */
static bool
is_subordinate(uid_t block)
{
    cleanup_fclose FILE *f = fopen("/etc/subuid", "re");
    char line[512];
    unsigned first, count;

    while (f && fgets(line, sizeof line, f)) {
        const char *colon = strchr(line, ':');

        if (colon && sscanf(colon, ":%u:%u", &first, &count) == 2 &&
            first < block + BLOCK && (uint64_t)first + count > block)
            return true;
    }
    return false;
}

uid_t
cage_user(void)
{
    uid_t block = FIRST_BLOCK;
    uint32_t random;

    if (geteuid() != 0 || !may_change_user())
        return geteuid();
    for (int i = 1; i < BLOCKS && is_subordinate(block); i++)
        block -= BLOCK;
    if (!user_exists_here(block + BLOCK - 1))
        return geteuid();
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        random = (uint32_t)getpid();
    return block + random % BLOCK;
}

static bool
has_network(const struct cage *c)
{
    return c->network || c->what == CAGED_PASST;
}

/* --- before fork --- */

static int
make_rules(struct cage *c, const struct places *p, struct error *err)
{
    static const enum landlock_access access[] = {
        [PLACE_READ] = LANDLOCK_READ,
        [PLACE_EXECUTE] = LANDLOCK_EXECUTE,
        [PLACE_DEVICE] = LANDLOCK_DEVICE,
    };

    c->rules = landlock_new(has_network(c));
    if (c->rules < 0)
        return 0;
    for (size_t i = 0; i < p->n; i++) {
        const struct place *place = &p->list[i];

        if (landlock_allow(c->rules, place->path, access[place->access]) < 0)
            return error_errno(
                err, errno, "cannot make a Landlock rule for %s", place->path);
    }
    for (size_t i = 0; i < c->n_files; i++) {
        const struct cage_file *f = &c->files[i];

        enum landlock_access wanted = f->resizable  ? LANDLOCK_RESIZE
                                      : f->writable ? LANDLOCK_WRITE
                                                    : LANDLOCK_READ;

        if (f->fd >= 0 && landlock_allow_fd(c->rules, f->fd, wanted) < 0)
            return error_errno(err, errno, "cannot make a Landlock rule");
    }
    return 0;
}

/* Does its first line name the program to run? */
static bool
is_script(const char *path)
{
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    char start[2];

    return fd >= 0 && read(fd, start, 2) == 2 && start[0] == '#' &&
           start[1] == '!';
}

static void
choose_user(struct cage *c)
{
    struct stat st;

    c->uid = c->agent ? geteuid() : c->user ? c->user : cage_user();
    c->gid = getegid();
    c->drop = c->uid != geteuid();
    if (!c->drop)
        return;
    c->gid = c->uid;
    /* Keep the group that may use KVM. */
    if (c->kvm && stat("/dev/kvm", &st) == 0 && (st.st_mode & 0060)) {
        c->groups[0] = st.st_gid;
        c->n_groups = 1;
    }
}

int
cage_prepare(struct cage *c, struct error *err)
{
    const struct place_request places = {
        c->binary, c->network, c->what == CAGED_PASST, c->agent, c->kvm};
    struct places p = {0};

    c->rules = -1;
    c->jail = (struct jail){0};
    c->filter = NULL;
    c->programs = c->programs || (c->binary && is_script(c->binary));
    choose_user(c);
    const struct filter_request filter = {
        .what = c->what,
        .program = c->programs ? NULL : c->binary,
        .network = c->network,
        .parent = c->parent,
        .kvm = c->kvm,
    };
    int result = places_list(&places, &p, err);
    if (result == 0 &&
        (make_rules(c, &p, err) < 0 || jail_plan(&p, &c->jail, err) < 0 ||
            filter_make(&filter, &c->filter, err) < 0))
        result = -1;
    places_clear(&p);
    if (result < 0)
        cage_clear(c);
    return result;
}

void
cage_clear(struct cage *c)
{
    if (c->rules >= 0)
        close(c->rules);
    c->rules = -1;
    jail_clear(&c->jail);
    filter_free(c->filter);
    c->filter = NULL;
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
    enum { JOIN_SESSION_KEYRING = 1 };
    uint32_t layers = 0;

    /* A kernel without keys has none to lose. */
    if (syscall(SYS_keyctl, JOIN_SESSION_KEYRING, NULL) >= 0 || errno == ENOSYS)
        layers |= CAGE_KEYRING;
    if (c->drop) {
        layers |= leave_namespaces(has_network(c));
        /* Root of a container: it may have more rights in a user namespace. */
        if (!(layers & CAGE_PID_NS) && drop_user(c))
            layers |= CAGE_UID;
    }
    if (!(layers & CAGE_PID_NS) && unshare(CLONE_NEWUSER) == 0) {
        layers |= CAGE_USER_NS | leave_namespaces(has_network(c));
        if (!map_user(c->uid, c->gid))
            layers &= ~(uint32_t)CAGE_USER_NS;
    }
    report->layers |= layers;
    report->waived = (has_network(c) ? CAGE_NET_NS : 0u) |
                     (c->agent ? CAGE_UID : 0u) |
                     (c->what == CAGED_QEMU ? 0u : CAGE_SECCOMP);
}

/* True if no program that is run from now on can have a capability: with none
 * in the bounding set, or as a user other than root (and no_new_privs). */
static bool
drop_capabilities(bool bounding_is_empty)
{
    struct __user_cap_header_struct header = {
        .version = _LINUX_CAPABILITY_VERSION_3,
    };
    struct __user_cap_data_struct none[2] = {0};

    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return syscall(SYS_capset, &header, none) == 0 &&
           (bounding_is_empty || syscall(SYS_geteuid) != 0);
}

static bool
empty_bounding_set(void)
{
    enum { MOST = 64 };

    for (int i = 0; i < MOST; i++) {
        if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0)
            return errno == EINVAL && i > 0; /* the last one the kernel has */
    }
    return true;
}

static uint32_t
give_up_rights(const struct cage *c, const struct cage_report *report)
{
    bool empty = empty_bounding_set();
    uint32_t layers = 0;

    if (c->drop && !(report->layers & CAGE_UID) && drop_user(c))
        layers |= CAGE_UID;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        layers |= CAGE_NO_NEW_PRIVS;
    if (drop_capabilities(empty))
        layers |= CAGE_CAPABILITIES;
    return layers;
}

void
cage_settle(const struct cage *c, const struct cage_report *report)
{
    give_up_rights(c, report);
}

void
cage_confine(const struct cage *c, struct cage_report *report)
{
    bool own_proc;

    if (jail_enter(&c->jail, &own_proc)) {
        report->layers |= CAGE_MOUNT_NS;
        if (own_proc && (report->layers & CAGE_PID_NS))
            report->layers |= CAGE_PROC;
    }
    report->layers |= give_up_rights(c, report);
    if (c->rules >= 0 && landlock_enter(c->rules) == 0) {
        report->layers |= CAGE_LANDLOCK;
        report->landlock_version = landlock_version();
    }
    report->uid = (int32_t)syscall(SYS_geteuid);
}

/* The keeper raises it when a disk is added; the filter keeps QEMU from doing
 * so. */
static bool
limit_files(rlim_t most)
{
    struct rlimit r;

    if (getrlimit(RLIMIT_FSIZE, &r) < 0)
        return false;
    if (r.rlim_cur > most)
        r.rlim_cur = most;
    return setrlimit(RLIMIT_FSIZE, &r) == 0;
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
    if (c->file_size)
        ok = limit_files(c->file_size) && ok;
    /* The kernel counts what a user has: only its own user's is QEMU's. */
    if (report->layers & CAGE_UID)
        ok = limit(RLIMIT_NPROC, THREADS) && ok;
    if (ok)
        report->layers |= CAGE_LIMITS;
    if (c->filter && filter_enter(c->filter))
        report->layers |= CAGE_FILTER;
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
    "qemu sandbox",
    "seccomp",
    "mount namespace",
    "own /proc",
    "session keyring",
    "no capabilities",
};

char *
cage_names(uint32_t layers)
{
    cleanup_free char *text = NULL;

    for (unsigned i = 0; i < N_ELEMENTS(layer_names); i++) {
        if (!(layers & 1u << i))
            continue;
        char *longer = text_printf(
            "%s%s%s", text ? text : "", text ? ", " : "", layer_names[i]);
        if (!longer)
            return NULL;
        free(text);
        text = longer;
    }
    return text ? steal_pointer(&text) : strdup("none");
}

uint32_t
cage_missing(const struct cage_report *report)
{
    uint32_t missing = ((1u << N_ELEMENTS(layer_names)) - 1) & ~report->layers &
                       ~report->waived;

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
