/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A saved appliance fits only the same machine with the same devices, so all of
 * it is decided here and nowhere else, and the whole command line is part of
 * the key of the saved appliance.
 *
 * Kernel and initramfs are given only at boot: neither is a device, and QEMU
 * starts faster without them.
 *
 * Most handles have a disk, so one is there when the appliance is saved, over
 * an empty image.  A resumed appliance puts the right image below it before the
 * state is loaded, so that the guest only has to read it again: half the cost
 * of a new disk. */
#include <config.h>

#include "lib/qemu/argv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/strv.h"

/* Appends, or records that it failed. */
struct builder {
    char **v;
    bool failed;
};

static void
put(struct builder *b, const char *option, const char *value)
{
    if (strv_append(&b->v, option) < 0 ||
        (value && strv_append(&b->v, value) < 0))
        b->failed = true;
}

static void __attribute__((format(printf, 3, 4)))
putf(struct builder *b, const char *option, const char *format, ...)
{
    va_list args;
    char *value;

    va_start(args, format);
    if (vasprintf(&value, format, args) < 0)
        value = NULL;
    va_end(args);
    if (strv_append(&b->v, option) < 0 || strv_take(&b->v, value) < 0)
        b->failed = true;
}

static void
put_ram(struct builder *b, const struct qemu_machine *m)
{
    static const char *const share[] = {
        [QEMU_RAM_SHARED] = "share=on",
        [QEMU_RAM_PRIVATE] = "share=off",
        [QEMU_RAM_READ_ONLY] = "share=off,readonly=on,rom=off",
    };

    putf(b, "-m", "%d", m->memory);
    if (m->ram == QEMU_RAM_ANONYMOUS)
        putf(b, "-object", "memory-backend-ram,id=ram0,size=%dM", m->memory);
    else
        putf(b, "-object",
            "memory-backend-file,id=ram0,size=%dM,mem-path=/proc/self/fd/%d,"
            "%s",
            m->memory, QEMU_FD_RAM, share[m->ram]);
}

static void
put_socket(struct builder *b, const char *id, enum qemu_fd fd)
{
    putf(b, "-chardev", "socket,id=%s,fd=%d", id, fd);
}

static void
put_devices(struct builder *b, const struct qemu_machine *m)
{
    put(b, "-device", "virtio-scsi-pci,id=scsi0");
    if (m->command_line && m->slot) {
        putf(b, "-blockdev",
            "driver=" QEMU_SLOT_DRIVER ",node-name=" QEMU_SLOT_NODE
            ",size=%d,read-zeroes=on",
            QEMU_SLOT_SIZE);
        put(b, "-device",
            "scsi-hd,id=disk0,bus=scsi0.0,scsi-id=0,lun=0,"
            "drive=" QEMU_SLOT_NODE ",werror=report,rerror=report");
    }
    putf(b, "-blockdev",
        "driver=file,node-name=bulk,locking=off,filename=/proc/self/fd/%d",
        QEMU_FD_BULK);
    put(b, "-device", "virtio-blk-pci,drive=bulk,serial=mayfly-bulk");
    put(b, "-device", "virtio-serial-pci,id=serial0");
    put_socket(b, "channel", QEMU_FD_CHANNEL);
    put(b, "-device",
        "virtserialport,bus=serial0.0,chardev=channel,"
        "name=org.mayfly.agent");
    put_socket(b, "console", QEMU_FD_CONSOLE);
    put(b, "-serial", "chardev:console");
    if (m->network == QEMU_NETWORK_USER)
        put(b, "-netdev", "user,id=net0,ipv6=off");
    if (m->network == QEMU_NETWORK_SOCKET)
        putf(b, "-netdev", "socket,id=net0,fd=%d", QEMU_FD_NETWORK);
    if (m->network != QEMU_NETWORK_NONE)
        put(b, "-device", "virtio-net-pci,netdev=net0,romfile=");
    put_socket(b, "qmp", QEMU_FD_QMP);
    put(b, "-mon", "chardev=qmp,mode=control");
}

char **
qemu_argv(const struct qemu_machine *m)
{
    struct builder b = {0};

    put(&b, m->binary, NULL);
    put(&b, "-nodefaults", NULL);
    put(&b, "-no-user-config", NULL);
    put(&b, "-no-reboot", NULL);
    put(&b, "-display", "none");
    if (m->sandbox)
        put(&b, "-sandbox", QEMU_SANDBOX);
    put(&b, "-machine",
        "q35,memory-backend=ram0,usb=off,vmport=off,smm=off,"
        "dump-guest-core=off,mem-merge=off");
    put(&b, "-accel", m->accelerator);
    put(&b, "-cpu", m->cpu);
    putf(&b, "-smp", "%d", m->processors);
    put_ram(&b, m);
    put_devices(&b, m);
    if (m->command_line) {
        putf(&b, "-kernel", "/proc/self/fd/%d", QEMU_FD_KERNEL);
        putf(&b, "-initrd", "/proc/self/fd/%d", QEMU_FD_INITRD);
        put(&b, "-append", m->command_line);
    } else {
        put(&b, "-incoming", "defer");
    }
    if (b.failed) {
        strv_free(b.v);
        return NULL;
    }
    return b.v;
}
