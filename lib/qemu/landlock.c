/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's interface (Documentation/userspace-api/landlock.rst) is written
 * out here, since older headers lack the newer rights, and a right that the
 * running kernel does not know must not be asked for. */
#include <config.h>

#include "lib/qemu/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif

enum {
    CREATE_RULESET_VERSION = 1,
    RULE_PATH_BENEATH = 1,
};

enum {
    FS_EXECUTE = 1 << 0,
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_ALL_V1 = (1 << 13) - 1,
    FS_ALL_V2 = (1 << 14) - 1, /* REFER */
    FS_TRUNCATE = 1 << 14,
    FS_ALL_V3 = (1 << 15) - 1,
    FS_IOCTL_DEV = 1 << 15,
    FS_ALL_V5 = (1 << 16) - 1,
    NET_ALL = 3,   /* V4: bind and connect of TCP */
    SCOPE_ALL = 3, /* V6: abstract sockets, signals */
};

struct ruleset {
    uint64_t fs, net, scope;
};

struct path_beneath {
    uint64_t access;
    int32_t fd;
} __attribute__((packed));

int
landlock_version(void)
{
    long n =
        syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

    return n > 0 ? (int)n : 0;
}

static uint64_t
known_fs(int version)
{
    return version >= 5   ? FS_ALL_V5
           : version >= 3 ? FS_ALL_V3
           : version == 2 ? FS_ALL_V2
                          : FS_ALL_V1;
}

int
landlock_new(bool network)
{
    int version = landlock_version();
    struct ruleset r = {
        .fs = known_fs(version),
        .net = version >= 4 && !network ? NET_ALL : 0,
        .scope = version >= 6 ? SCOPE_ALL : 0,
    };
    size_t size = version >= 6   ? sizeof r
                  : version >= 4 ? 2 * sizeof(uint64_t)
                                 : sizeof(uint64_t);

    if (version == 0)
        return -1;
    return (int)syscall(SYS_landlock_create_ruleset, &r, size, 0);
}

int
landlock_allow_fd(int rules, int fd, enum landlock_access access)
{
    static const uint64_t wanted[] = {
        [LANDLOCK_READ] = FS_READ_FILE | FS_READ_DIR,
        [LANDLOCK_EXECUTE] = FS_READ_FILE | FS_READ_DIR | FS_EXECUTE,
        [LANDLOCK_WRITE] = FS_READ_FILE | FS_WRITE_FILE,
        [LANDLOCK_RESIZE] = FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE,
        [LANDLOCK_DEVICE] = FS_READ_FILE | FS_WRITE_FILE | FS_IOCTL_DEV,
    };
    struct path_beneath rule = {
        .access = wanted[access] & known_fs(landlock_version()),
        .fd = fd,
    };
    struct stat st;

    if (fstat(fd, &st) < 0)
        return -1;
    if (!S_ISDIR(st.st_mode))
        rule.access &= ~(uint64_t)FS_READ_DIR;
    return (int)syscall(
        SYS_landlock_add_rule, rules, RULE_PATH_BENEATH, &rule, 0);
}

int
landlock_allow(int rules, const char *path, enum landlock_access access)
{
    cleanup_close int fd = open(path, O_PATH | O_CLOEXEC);

    if (fd < 0)
        return errno == ENOENT || errno == EACCES ? 0 : -1;
    return landlock_allow_fd(rules, fd, access);
}

int
landlock_enter(int rules)
{
    return (int)syscall(SYS_landlock_restrict_self, rules, 0);
}
