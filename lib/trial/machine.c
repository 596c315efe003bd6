/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: the machine has what guests are converted for, and
 * nothing else; no network.  Its serial port and QMP are sockets, its picture
 * is written to a file in memory: there is no name for QEMU to open. */
#include <config.h>

#include "lib/trial/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "lib/disk/disk.h"
#include "lib/handle/handle.h"
#include "lib/known/cache.h"
#include "lib/known/layers.h"
#include "lib/qemu/argv.h"
#include "lib/qemu/environment.h"
#include "lib/qemu/fdset.h"
#include "lib/qemu/find.h"
#include "lib/qemu/nodes.h"
#include "lib/qemu/qmp.h"
#include "lib/trial/devices.h"

enum {
    GRACE = 5, /* seconds for a QEMU that has closed its sockets to end */
    PICTURE_MAX = 64 << 20,
    PICTURE_SET = 1 << 20, /* no number of a file */
};

static const char *
accelerator(void)
{
    const char *wish = getenv("MAYFLY_ACCEL");

    return wish && str_equal(wish, "kvm") ? "kvm" : "tcg";
}

static int
add_words(struct devices *d, const struct trial *t,
    const struct trial_request *r, const struct qemu_needs *needs,
    struct error *err)
{
    const char *const words[] = {t->binary, "-nodefaults", "-no-user-config",
        "-no-reboot", "-display", "none", "-vga", "std", "-machine", "q35",
        "-accel", accelerator(), "-cpu", "max", "-nic", "none", "-device",
        "virtio-rng-pci", NULL};

    if (strv_extend(&d->argv, words) < 0 || strv_append(&d->argv, "-m") < 0 ||
        strv_printf(&d->argv, "%d", r->memory) < 0 ||
        (needs->sandbox && (strv_append(&d->argv, "-sandbox") < 0 ||
                               strv_append(&d->argv, QEMU_SANDBOX) < 0)))
        return error_no_memory(err);
    return 0;
}

/* Sockets for QMP and the console; *ret becomes our end. */
static int
add_socket(struct devices *d, const char *name, int *ret, struct error *err)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return error_errno(err, errno, "cannot make a socket");
    *ret = ends[0];
    cleanup_close int theirs = ends[1];
    int number = devices_add_file(d, theirs, err);
    if (number < 0)
        return -1;
    if (strv_append(&d->argv, "-chardev") < 0 ||
        strv_printf(&d->argv, "socket,id=%s,fd=%d", name, number) < 0)
        return error_no_memory(err);
    return 0;
}

static int
add_connections(struct devices *d, struct trial *t, struct error *err)
{
    static const char *const words[] = {
        "-mon", "chardev=qmp,mode=control", "-serial", "chardev:console", NULL};

    if (add_socket(d, "qmp", &t->qmp_fd, err) < 0 ||
        add_socket(d, "console", &t->console, err) < 0)
        return -1;
    return strv_extend(&d->argv, words) < 0 ? error_no_memory(err) : 0;
}

/* What its largest throwaway layer can grow to. */
static uint64_t
file_size(const struct mayfly *g)
{
    uint64_t most = 0;

    for (size_t i = 0; i < g->n_disks; i++)
        if (g->disks[i] && disk_size(g->disks[i]) > most)
            most = disk_size(g->disks[i]);
    return most + most / 16 + ((uint64_t)256 << 20);
}

static int
spawn(struct mayfly *g, const struct trial_request *r,
    const struct qemu_needs *needs, const struct devices *d, struct trial *t,
    struct error *err)
{
    struct cage cage = {
        .binary = t->binary,
        .kvm = str_equal(accelerator(), "kvm"),
        .programs = needs->programs,
        .address_space = ((uint64_t)r->memory << 20) + QEMU_ADDRESS_SPACE,
        .file_size = file_size(g),
    };
    cleanup_strv char **env = qemu_environment(false);
    struct qemu_process_spec spec = {
        .argv = d->argv,
        .environment = env,
        .cage = &cage,
        .n_files = d->n_files,
        .output = -1,
    };

    if (!env)
        return error_no_memory(err);
    memcpy(spec.files, d->files, sizeof spec.files);
    if (cage_prepare(&cage, err) < 0)
        return -1;
    int result = qemu_process_spawn(&spec, &t->process, err);
    cage_clear(&cage);
    return result < 0 ? -1 : layers_demand(&t->process, t->binary, needs, err);
}

/* Why it has ended: its last words, if it has any. */
static int
explain(struct trial *t, struct error *err)
{
    if (qemu_process_started(&t->process, t->binary, err) < 0)
        return -1;
    cleanup_free char *words = qemu_process_last_words(&t->process);
    return words ? error_set(err, EIO, "QEMU: %s", words)
                 : error_set(err, EIO, "QEMU ended with status %d",
                       t->process.status);
}

static int
connect_qmp(struct mayfly *g, struct trial *t, struct error *err)
{
    if (!(t->qmp = qmp_new(t->qmp_fd, g->cancel_pipe[0])))
        return error_no_memory(err);
    if (qmp_command(t->qmp, "qmp_capabilities", NULL, NULL, err) == 0)
        return nodes_check(t->qmp, NULL, 0, err);
    return err->code == EPIPE && qemu_process_wait(&t->process, GRACE)
               ? explain(t, err)
               : -1;
}

static int
start(struct mayfly *g, const struct trial_request *r, struct devices *d,
    struct trial *t, struct error *err)
{
    cleanup_error struct error why = {0};
    cleanup_close int cache = -1;
    struct qemu_needs needs;

    if (!(t->binary = qemu_find(err)))
        return -1;
    cleanup_free char *identity = qemu_identity(t->binary, err);
    if (!identity)
        return -1;
    if (engine_cache_open(g, &cache, &why) < 0)
        handle_debug(g, "trial: %s", error_text(&why));
    layers_judge(g, cache, t->binary, identity, &needs);
    if (add_words(d, t, r, &needs, err) < 0 || add_connections(d, t, err) < 0 ||
        (r->uefi && devices_add_firmware(d, err) < 0) ||
        devices_add_disks(d, g, r->first, err) < 0 ||
        spawn(g, r, &needs, d, t, err) < 0)
        return -1;
    /* QEMU's ends are in QEMU alone, so that we see them close. */
    devices_clear(d);
    if (connect_qmp(g, t, err) < 0 ||
        qemu_process_started(&t->process, t->binary, err) < 0)
        return -1;
    layers_complete(&t->process, &needs);
    layers_warn(g, cache, &t->process);
    return 0;
}

int
trial_start(struct mayfly *g, const struct trial_request *r, struct trial *ret,
    struct error *err)
{
    struct devices d = {0};
    struct trial t = {
        .process = {.life = -1, .report = -1, .errors = -1},
        .qmp_fd = -1,
        .console = -1,
    };
    int result = start(g, r, &d, &t, err);

    devices_clear(&d);
    if (result < 0) {
        trial_clear(&t);
        return -1;
    }
    *ret = t;
    return 0;
}

int
trial_end(struct trial *t, struct error *err)
{
    if (!qemu_process_wait(&t->process, GRACE))
        return error_set(err, EIO, "QEMU has closed its sockets");
    return t->process.status == 0 ? 0 : explain(t, err);
}

/* QEMU wants the file opened for exactly what it will do. */
static int
draw(struct trial *t, int memory, struct error *err)
{
    cleanup_free char *name = text_printf("/proc/self/fd/%d", memory);
    cleanup_free char *there = text_printf("/dev/fdset/%d", PICTURE_SET);
    cleanup_close int fd = name ? open(name, O_WRONLY | O_CLOEXEC) : -1;

    if (!name || !there)
        return error_no_memory(err);
    if (fd < 0)
        return error_errno(err, errno, "cannot open it again");
    if (fdset_add(t->qmp, fd, PICTURE_SET, err) < 0)
        return -1;
    return qmp_command(t->qmp, "screendump",
        qmp_strings("filename", there, "format", "png", NULL), NULL, err);
}

int
trial_take_picture(struct trial *t, const char *path, struct error *err)
{
    static const char signature[] = "\x89PNG\r\n\x1a\n";
    cleanup_close int memory = memfd_create("mayfly-picture", MFD_CLOEXEC);
    cleanup_output struct output out = {.fd = -1};
    struct stat st;

    if (memory < 0)
        return error_errno(err, errno, "cannot make a file");
    if (draw(t, memory, err) < 0)
        return -1;
    if (fstat(memory, &st) < 0 || st.st_size < (off_t)sizeof signature ||
        st.st_size > PICTURE_MAX)
        return error_set(err, EIO, "QEMU made no picture");
    cleanup_free char *data = malloc((size_t)st.st_size);
    if (!data)
        return error_no_memory(err);
    if (pread_all(memory, data, (size_t)st.st_size, 0) < 0 ||
        memcmp(data, signature, sizeof signature - 1) != 0)
        return error_set(err, EIO, "QEMU made no picture");
    if (output_open(&out, path, 0666, err) < 0)
        return -1;
    if (write_all(out.fd, data, (size_t)st.st_size) < 0)
        return error_errno(err, errno, "cannot write %s", path);
    return output_commit(&out, err);
}

void
trial_clear(struct trial *t)
{
    qemu_process_clear(&t->process);
    qmp_free(t->qmp);
    if (t->qmp_fd >= 0)
        close(t->qmp_fd);
    if (t->console >= 0)
        close(t->console);
    free(t->binary);
    *t = (struct trial){.qmp_fd = -1, .console = -1};
}
