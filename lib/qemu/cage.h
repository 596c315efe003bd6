/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The cage: what QEMU cannot do, even after the guest has taken it over.
 *
 * Layers are independent: one that the kernel or a container denies is left
 * out, and the report says so. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "lib/qemu/filter.h"
#include "lib/qemu/jail.h"

enum cage_layer {
    CAGE_UID = 1 << 0,     /* an unprivileged user of its own (for root) */
    CAGE_USER_NS = 1 << 1, /* user namespace */
    CAGE_NET_NS = 1 << 2,  /* no network at all */
    CAGE_PID_NS = 1 << 3,  /* sees no other process */
    CAGE_IPC_NS = 1 << 4,
    CAGE_NO_NEW_PRIVS = 1 << 5,
    CAGE_LANDLOCK = 1 << 6,      /* can open only what it needs */
    CAGE_LIMITS = 1 << 7,        /* limits: address space, files, no core */
    CAGE_FILES = 1 << 8,         /* holds only the files it was given */
    CAGE_SECCOMP = 1 << 9,       /* QEMU's own -sandbox */
    CAGE_FILTER = 1 << 10,       /* makes only the system calls of a list */
    CAGE_MOUNT_NS = 1 << 11,     /* a root of its own */
    CAGE_PROC = 1 << 12,         /* a /proc of its own */
    CAGE_KEYRING = 1 << 13,      /* none of the user's keys */
    CAGE_CAPABILITIES = 1 << 14, /* can get no capability */
};

/* Filled in by the caged process, except for CAGE_SECCOMP. */
struct cage_report {
    uint32_t layers;
    uint32_t waived; /* what it is not to have: a process with a network shares
                      * the host's, one with the user's ssh agent is that user,
                      * and only QEMU has a filter of its own */
    int32_t landlock_version;
    int32_t uid;   /* under which QEMU runs */
    int32_t error; /* errno if it could not be started, else 0 */
};

/* One more file that QEMU opens by /proc/self/fd. */
struct cage_file {
    int fd; /* -1: none */
    bool writable, resizable;
};

struct cage {
    /* the request */
    enum caged what;
    const char *binary; /* NULL: it runs no program (process.h, `inside`) */
    uid_t user;         /* from cage_user; 0: that of a call of its own */
    bool network;       /* QEMU itself talks to the network */
    bool agent; /* ... by ssh: it stays this user, and may use the agent */
    bool kvm;
    bool parent;   /* it asks for SIGTERM when its parent ends: nbdkit */
    bool programs; /* it may start programs; cage_prepare sets it for a
                    * script */
    uint64_t address_space; /* bytes; 0: no limit */
    uint64_t file_size;     /* of any file it writes; bytes; 0: no limit */
    const struct cage_file *files;
    size_t n_files;

    /* made by cage_prepare */
    int rules; /* of Landlock; -1: none */
    struct jail jail;
    struct sock_fprog *filter;
    bool drop;
    uid_t uid;
    gid_t gid;
    gid_t groups[1];
    size_t n_groups;
};

/* A user for QEMU to run as: the current one; for root, one that no one else
 * is, another with each call, so that no QEMU can act on another. */
uid_t cage_user(void);

/* Everything that needs memory; before fork. */
int cage_prepare(struct cage *c, struct error *err);
void cage_clear(struct cage *c);

/* In the keeper (process.h), after fork: the namespaces that QEMU will be born
 * in.  cage_settle, once it is born: the keeper gives up its rights. */
void cage_enter(const struct cage *c, struct cage_report *report);
void cage_settle(const struct cage *c, const struct cage_report *report);

/* In QEMU's process: its root, its user, what it may open.  cage_limit, right
 * before exec: what it may use, and which system calls it may make. */
void cage_confine(const struct cage *c, struct cage_report *report);
void cage_limit(const struct cage *c, struct cage_report *report);

/* The layers that a machine without restrictions would have added.  A process
 * that is unprivileged already need not change its user. */
uint32_t cage_missing(const struct cage_report *report);

/* One line: which layers hold and which do not. */
char *cage_text(const struct cage_report *report);

/* The names of the layers, in order: "landlock, limits"; "none". */
char *cage_names(uint32_t layers);
