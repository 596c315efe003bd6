/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The appliance as QEMU's command line. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* The numbers of the passed files in QEMU. */
enum qemu_fd {
    QEMU_FD_QMP = 3,
    QEMU_FD_CHANNEL,
    QEMU_FD_CONSOLE,
    QEMU_FD_RAM,
    QEMU_FD_KERNEL,
    QEMU_FD_INITRD,
    QEMU_FD_BULK,    /* the bulk area: wire/frame.h */
    QEMU_FD_NETWORK, /* the network card's other end */
    QEMU_FD_END,
};

/* How the RAM is backed. */
enum qemu_ram {
    QEMU_RAM_ANONYMOUS,
    QEMU_RAM_SHARED,    /* in the file: it becomes a saved appliance */
    QEMU_RAM_PRIVATE,   /* copy-on-write of the file */
    QEMU_RAM_READ_ONLY, /* the same, but the file is read-only: QEMU 8.2 */
};

/* What the network card is connected to. */
enum qemu_network {
    QEMU_NETWORK_NONE,   /* there is no card */
    QEMU_NETWORK_SOCKET, /* a socket: lib/network */
    QEMU_NETWORK_USER,   /* QEMU's own connections */
};

struct qemu_machine {
    const char *binary;
    const char *cpu;
    const char *accelerator; /* "tcg", "kvm" */
    int memory;              /* MiB */
    int processors;
    enum qemu_ram ram;
    const char *command_line; /* of the kernel; NULL: resume */
    enum qemu_network network;
    bool sandbox;
    bool slot; /* a disk without contents at target 0, to be replaced */
};

/* The image of that disk: the arguments of blockdev-add. */
#define QEMU_SLOT_NODE   "slot"
#define QEMU_SLOT_DRIVER "null-co"
#define QEMU_SLOT_SIZE   1048576 /* bytes */

/* Room for QEMU itself beside the RAM: translated code, threads' stacks and
 * heaps, image caches.  Nearly all of it is never touched. */
#define QEMU_ADDRESS_SPACE ((uint64_t)16 << 30)

/* The value of -sandbox for every QEMU program of ours. */
#define QEMU_SANDBOX                                                           \
    "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"

/* NULL without memory; strv_free. */
char **qemu_argv(const struct qemu_machine *m);
