/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One QEMU with the appliance in it, and how to start one. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "lib/engine/console.h"
#include "lib/engine/decide.h"
#include "lib/engine/image.h"
#include "lib/engine/template.h"
#include "lib/qemu/argv.h"
#include "lib/qemu/find.h"
#include "lib/qemu/process.h"
#include "lib/qemu/qmp.h"

struct disk;
struct json_object;
struct mayfly;

enum accelerator { ACCEL_TCG, ACCEL_KVM };

/* What all ways to start have in common. */
struct launch {
    struct mayfly *g;
    char *qemu;              /* path of the binary */
    char *qemu_identity;     /* changes whenever the binary does */
    char *cpu_tcg, *cpu_kvm; /* the values of -cpu */
    struct appliance_image image;
    uid_t user; /* the user that QEMU runs as */
    int memory; /* MiB */
    enum qemu_network network;
    struct qemu_needs needs;
    int cache; /* -1: none */
    int lock;  /* held while a template is made; -1 */
    double begin;
    struct kvm kvm;   /* what was known when this began */
    bool hopeless;    /* a disk fails: no other way would help */
    bool late;        /* the last boot took too long */
    bool noticed;     /* the user knows that it is booted */
    char reason[128]; /* ... which is why */
};

struct vm {
    struct qemu_process process;
    struct qmp *qmp;
    int qmp_fd, channel;
    int bulk;    /* the bulk area */
    int network; /* the other end of its network card; -1 */
    struct console console;
    enum accelerator accelerator;
    uint64_t file_size; /* the most that it may write to a file; 0: no limit */
    double born;
};

const char *accelerator_name(enum accelerator a);

/* The kernel's command line; RUN_ID is put there for the logs.  NULL: it is to
 * be saved, and has a slot. */
char *vm_command_line(
    const struct launch *l, enum accelerator a, const char *run_id);

/* The machine for this launch; its strings live as long as L and
 * COMMAND_LINE. */
struct qemu_machine vm_machine(const struct launch *l, enum accelerator a,
    enum qemu_ram ram, const char *command_line);

/* How long it may take, before handle_patience. */
const struct limits *vm_limits(const struct launch *l, enum accelerator a);

/* The name under which the machine is saved; it covers all that the machine
 * depends on. */
char *vm_key(const struct launch *l, enum accelerator a);

/* Start QEMU.  MEMORY is the RAM file (-1: none).  The process may still fail
 * at once: vm_lost reports why. */
int vm_spawn(struct launch *l, const struct qemu_machine *m, int memory,
    struct vm *ret, struct error *err);

/* Its process has ended, or is ended now: the error says why.  Always -1. */
int vm_lost(struct launch *l, struct vm *vm, struct error *err);

/* A disk is about to be plugged in: let QEMU write as much as that may take. */
int vm_allow_disk(struct vm *vm, const struct disk *d, struct error *err);

/* Kill it, free everything. */
void vm_kill(struct vm *vm);

/* Its last words: the console's panic, else stderr; NULL if it has none. */
char *vm_diagnose(struct vm *vm, struct mayfly *g);

/* Wait until the agent of one of the N (cold booted) VMs is ready.  Returns
 * its index; VMs that end meanwhile are killed (their process.keeper is 0).
 * -1: cancelled, DEADLINE, or all have ended. */
int vm_wait_ready(struct launch *l, struct vm *vms, int n, double deadline,
    struct error *err);

/* Save the devices of a booted VM, which is then stopped. */
int vm_save(const struct launch *l, struct vm *vm, void **ret_state,
    size_t *ret_size, struct error *err);

/* Arguments for migrate-set-capabilities: RAM in a file stays there. */
struct json_object *vm_ignore_shared(void);

/* Start a VM from a template, in three steps: a QEMU that waits for the state,
 * and a batch of commands (qmp_batch) that may be added to; sending the state;
 * waiting until the VM runs. *ret_added is true if the first error is that of
 * an added command. */
int vm_await(struct launch *l, enum accelerator a,
    const struct saved_appliance *t, struct vm *ret, struct error *err);
int vm_load(struct launch *l, const struct saved_appliance *t, struct vm *vm,
    bool *ret_added, struct error *err);
