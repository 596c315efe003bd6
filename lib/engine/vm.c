/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/engine/vm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/processors.h"
#include "lib/disk/disk.h"
#include "lib/engine/cpu.h"
#include "lib/handle/handle.h"
#include "lib/known/layers.h"
#include "lib/qemu/environment.h"
#include "wire/frame.h"

const char *
accelerator_name(enum accelerator a)
{
    return a == ACCEL_KVM ? "kvm" : "tcg";
}

const struct limits *
vm_limits(const struct launch *l, enum accelerator a)
{
    return limits_for(a == ACCEL_KVM, l->kvm.verdict);
}

/* The appliance works with one processor, which is the fastest way to the first
 * file.  Calls with thousands of files wake a second one
 * (appliance/agent/call/worker.c). noreplace-smp: the kernel is not patched
 * then, which would take twice as long as the rest of the wake-up. */
#define SPARE_PROCESSOR "maxcpus=1 noreplace-smp "

static bool
has_spare_processor(const struct launch *l)
{
    return l->g->smp == 1 && processors_available() > 1;
}

/* panic=-1 with -no-reboot ends QEMU at once, so that a dead kernel is noticed
 * by the closed channel and not by a timeout; a damaged one is not worth
 * keeping (oops=panic).  The rest saves time at boot. */
char *
vm_command_line(const struct launch *l, enum accelerator a, const char *run_id)
{
    cleanup_free char *processor = cpu_arguments(a == ACCEL_KVM);

    if (!processor)
        return NULL;
    return text_printf("console=ttyS0 quiet panic=-1 oops=panic "
                       "random.trust_cpu=on tsc=reliable no_timer_check "
                       "lpj=4000000 mitigations=off audit=0 "
                       "cryptomgr.notests psi=0 "
                       "transparent_hugepage=never lsm= %s%smayfly.%s%s",
        has_spare_processor(l) ? SPARE_PROCESSOR : "", processor,
        run_id ? "run=" : "slot", run_id ? run_id : "");
}

struct qemu_machine
vm_machine(const struct launch *l, enum accelerator a, enum qemu_ram ram,
    const char *command_line)
{
    return (struct qemu_machine){
        .binary = l->qemu,
        .cpu = a == ACCEL_KVM ? l->cpu_kvm : l->cpu_tcg,
        .accelerator = accelerator_name(a),
        .memory = l->memory,
        .processors = has_spare_processor(l) ? 2 : l->g->smp,
        .ram = ram,
        .command_line = command_line,
        .network = l->network,
        .sandbox = l->needs.sandbox,
        .slot = ram != QEMU_RAM_ANONYMOUS,
    };
}

/* --- the key --- */

/* Under KVM the guest sees the host's CPU through the host's kernel. */
static void
put_host(FILE *f)
{
    struct utsname u;
    char line[4096];
    cleanup_fclose FILE *cpu = fopen("/proc/cpuinfo", "re");

    if (uname(&u) == 0)
        fprintf(f, "host %s %s\n", u.release, u.version);
    /* The first processor, without the values that change all the time. */
    while (cpu && fgets(line, sizeof line, cpu) && *line != '\n') {
        if (!str_after(line, "cpu MHz") && !str_after(line, "bogomips"))
            fputs(line, f);
    }
}

static void
put_file(FILE *f, const char *name, const struct stat *st)
{
    fprintf(f, "%s %ju %ju %jd.%09ld %jd.%09ld\n", name, (uintmax_t)st->st_ino,
        (uintmax_t)st->st_size, (intmax_t)st->st_mtim.tv_sec,
        st->st_mtim.tv_nsec, (intmax_t)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
}

char *
vm_key(const struct launch *l, enum accelerator a)
{
    cleanup_free char *command_line = vm_command_line(l, a, NULL), *text = NULL;
    struct qemu_machine m = vm_machine(l, a, QEMU_RAM_SHARED, command_line);
    cleanup_strv char **argv = qemu_argv(&m);
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);

    if (!f || !command_line || !argv) {
        if (f)
            fclose(f);
        return NULL;
    }
    fprintf(f, "format 2\npage %ld\nqemu %s\n", sysconf(_SC_PAGESIZE),
        l->qemu_identity);
    put_file(f, "kernel", &l->image.kernel_stat);
    put_file(f, "initrd", &l->image.initrd_stat);
    for (char **p = argv; *p; p++)
        fprintf(f, "%s\n", *p);
    if (a == ACCEL_KVM)
        put_host(f);
    if (fclose(f) != 0)
        return NULL;

    char *key = template_hash(text, size);
    if (key)
        key[32] = 0;
    return key;
}

/* --- start and end --- */

enum { SOCKETS = 4 }; /* QMP, channel, console, network card */

static int
make_sockets(int ends[SOCKETS][2], int n, struct error *err)
{
    for (int i = 0; i < SOCKETS; i++)
        ends[i][0] = ends[i][1] = -1;
    for (int i = 0; i < n; i++) {
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends[i]) < 0)
            return error_errno(err, errno, "cannot make a socket");
    }
    return 0;
}

static void
close_ends(int ends[SOCKETS][2], int side)
{
    for (int i = 0; i < SOCKETS; i++) {
        if (ends[i][side] >= 0)
            close(ends[i][side]);
        ends[i][side] = -1;
    }
}

static void
close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* What a file can grow to: an image may have snapshots besides the disk, and
 * the tables of small clusters take a thirtieth of their data.  SLACK is for
 * the rest of what QEMU writes: the state, the bulk area. */
static uint64_t
file_size_for(const struct disk *d)
{
    const uint64_t slack = (uint64_t)256 << 20;
    struct stat st = {0};
    uint64_t size = d ? disk_size(d) : 0;

    if (d && d->file && !d->read_only && fstat(d->file->fd, &st) < 0)
        st.st_size = 0;
    return slack + size + size / 16 + (uint64_t)st.st_size;
}

/* A remote disk that is opened read-only has an overlay of unknown size. */
static uint64_t
file_size_limit(const struct mayfly *g)
{
    uint64_t most = file_size_for(NULL);

    for (size_t i = 0; i < g->n_disks; i++) {
        const struct disk *d = g->disks[i];

        if (d && disk_is_remote(d))
            return 0;
        if (d && file_size_for(d) > most)
            most = file_size_for(d);
    }
    return most;
}

int
vm_allow_disk(struct vm *vm, const struct disk *d, struct error *err)
{
    uint64_t size = disk_is_remote(d) ? 0 : file_size_for(d);

    if (vm->file_size == 0 || (size > 0 && size <= vm->file_size))
        return 0;
    if (qemu_process_allow_file(&vm->process, size, err) < 0)
        return -1;
    vm->file_size = size;
    return 0;
}

static int
spawn(struct launch *l, const struct qemu_machine *m, int memory,
    int ends[SOCKETS][2], struct vm *vm, struct error *err)
{
    bool boot = m->command_line != NULL;
    struct cage_file files[] = {
        {memory, m->ram == QEMU_RAM_SHARED, false},
        {boot ? l->image.kernel : -1, false, false},
        {boot ? l->image.initrd : -1, false, false},
        /* Without the bulk area: Landlock does not restrict files without a
         * name. */
    };
    struct cage cage = {
        .binary = l->qemu,
        .user = l->user, /* it owns the RAM file while that is made */
        .network = l->network == QEMU_NETWORK_USER,
        .kvm = str_equal(m->accelerator, "kvm"),
        .programs = l->needs.programs,
        .address_space = ((uint64_t)m->memory << 20) + QEMU_ADDRESS_SPACE,
        .file_size = vm->file_size,
        .files = files,
        .n_files = N_ELEMENTS(files),
    };
    cleanup_strv char **argv = qemu_argv(m), **env = qemu_environment(false);
    struct qemu_process_spec spec = {
        .argv = argv,
        .environment = env,
        .cage = &cage,
        .files = {[QEMU_FD_QMP - 3] = ends[0][1],
            [QEMU_FD_CHANNEL - 3] = ends[1][1],
            [QEMU_FD_CONSOLE - 3] = ends[2][1],
            [QEMU_FD_RAM - 3] = memory,
            [QEMU_FD_KERNEL - 3] = files[1].fd,
            [QEMU_FD_INITRD - 3] = files[2].fd,
            [QEMU_FD_BULK - 3] = vm->bulk,
            [QEMU_FD_NETWORK - 3] = ends[3][1]},
        .n_files = QEMU_FD_END - 3,
        .lent = m->ram == QEMU_RAM_PRIVATE ? QEMU_FD_RAM : 0,
        .detached = !l->g->recovery_proc,
        .output = -1,
    };

    if (!argv || !env)
        return error_no_memory(err);
    if (cage_prepare(&cage, err) < 0)
        return -1;
    int result = qemu_process_spawn(&spec, &vm->process, err);
    cage_clear(&cage);
    if (result == 0 &&
        layers_demand(&vm->process, l->qemu, &l->needs, err) < 0) {
        l->hopeless = err->code == EPERM;
        qemu_process_clear(&vm->process);
        return -1;
    }
    return result;
}

int
vm_spawn(struct launch *l, const struct qemu_machine *m, int memory,
    struct vm *ret, struct error *err)
{
    struct vm vm = {
        .accelerator = str_equal(m->accelerator, "kvm") ? ACCEL_KVM : ACCEL_TCG,
        .bulk = memfd_create("mayfly-bulk", MFD_CLOEXEC | MFD_ALLOW_SEALING),
        .file_size = file_size_limit(l->g),
        .born = monotonic_seconds(),
    };
    int sockets = m->network == QEMU_NETWORK_SOCKET ? SOCKETS : SOCKETS - 1;
    int ends[SOCKETS][2];

    /* A fixed size: neither side can make the other's mapping fault. */
    if (vm.bulk < 0 || ftruncate(vm.bulk, BULK_SLOT * BULK_SLOTS) < 0 ||
        fcntl(vm.bulk, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) < 0) {
        error_errno(err, errno, "cannot make the bulk area");
        close_fd(&vm.bulk);
        return -1;
    }
    if (make_sockets(ends, sockets, err) < 0 ||
        !(vm.qmp = qmp_new(ends[0][0], l->g->cancel_pipe[0])) ||
        spawn(l, m, memory, ends, &vm, err) < 0) {
        if (!err->code)
            error_no_memory(err);
        qmp_free(vm.qmp);
        close_fd(&vm.bulk);
        close_ends(ends, 0);
        close_ends(ends, 1);
        return -1;
    }
    close_ends(ends, 1);
    vm.qmp_fd = ends[0][0];
    vm.channel = ends[1][0];
    vm.console.fd = ends[2][0];
    vm.network = ends[3][0];
    *ret = vm;
    return 0;
}

void
vm_kill(struct vm *vm)
{
    qemu_process_clear(&vm->process);
    qmp_free(vm->qmp);
    if (vm->qmp_fd >= 0)
        close(vm->qmp_fd);
    if (vm->channel >= 0)
        close(vm->channel);
    if (vm->console.fd >= 0)
        close(vm->console.fd);
    close_fd(&vm->bulk);
    close_fd(&vm->network);
    vm->qmp = NULL;
    vm->qmp_fd = vm->channel = vm->console.fd = -1;
}

char *
vm_diagnose(struct vm *vm, struct mayfly *g)
{
    console_pump(&vm->console, g);
    if (*vm->console.panic)
        return strdup(vm->console.panic);
    return qemu_process_last_words(&vm->process);
}

int
vm_lost(struct launch *l, struct vm *vm, struct error *err)
{
    enum { GRACE = 2, KILLED = 128 + 9 };
    bool by_itself = qemu_process_wait(&vm->process, GRACE);

    qemu_process_kill(&vm->process);
    if (qemu_process_started(&vm->process, l->qemu, err) < 0)
        return -1;
    cleanup_free char *words = vm_diagnose(vm, l->g);
    int status = vm->process.status;
    if (words)
        return error_set(err, EIO, "%s: %s",
            *vm->console.panic ? "the appliance has crashed" : "QEMU", words);
    if (!by_itself)
        return error_set(err, EIO, "QEMU has closed its sockets");
    if (status == KILLED)
        return error_set(err, ENOMEM,
            "QEMU was killed by the system; there may be too little memory "
            "for an appliance of %d MiB",
            l->memory);
    if (status > 128)
        return error_set(err, EIO, "QEMU was killed by signal %d (%s)",
            status - 128, strsignal(status - 128));
    return error_set(err, EIO, "QEMU ended with status %d", status);
}
