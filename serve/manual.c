/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "serve/manual.h"

#include "tool/exit.h"

static const struct tool_detail details[] = {
    {"partition",
        "The appliance reads the partition table, whatever its type, and has\n"
        "shut down before the partition is served."},
    {"device",
        "Any device that the appliance has once volume groups and RAID arrays\n"
        "have been assembled: /dev/VG/LV, /dev/md0, /dev/sda1. If there is\n"
        "no such device yet, encrypted devices are opened with the keys of\n"
        "--key. The appliance keeps running while the device is served."},
    {"path",
        "A regular file, whose bytes are served as they are: clients see the\n"
        "format that it has. The guest's file systems are found as by -i,\n"
        "unless -m is given. The file is padded with zeroes to a multiple of\n"
        "512 bytes."},
    {"snapshot",
        "NAME is that of an internal snapshot of a qcow2 image, or its ID, as\n"
        "`qemu-img snapshot -l` prints them. Nothing is copied. An external\n"
        "snapshot is an image of its own: give its file as DISK."},
    {"rw",
        "Never use it on the disk of a running machine: that corrupts it. "
        "What\n"
        "clients have flushed is in the image; the rest is written when the\n"
        "program ends."},
    {"socket", "Only you can connect to it, and it is removed at the end. The\n"
               "default is a socket in a new folder in $TMPDIR, or /tmp."},
    {"port", "Every user of this machine can connect to a port."},
    {"run",
        "CMD is run by sh(1) once clients can connect, with these variables,\n"
        "as those of nbdkit(1): `uri`, the URI; `nbd`, the same in the form\n"
        "nbd:unix:PATH or nbd:HOST:PORT; `unixsocket`, the path of the\n"
        "socket; `port`; and `exportname`. When CMD ends, the export ends, "
        "and\n"
        "the exit status is that of CMD. SIGTERM and SIGHUP are passed on to\n"
        "CMD."},
    {0},
};

static const struct tool_section sections[] = {
    {"SERVING",
        "Without --run, the URI is printed on a line of its own, and the\n"
        "program serves until it gets SIGINT, SIGTERM or SIGHUP; that counts\n"
        "as success. Up to 32 clients can be connected at the same time.\n"
        "\n"
        "The disk is served by a QEMU process without a guest, in the cage of\n"
        "mayfly-security(7). It opens no file by name. With --device and\n"
        "--path, it gets the bytes through a FUSE file system of this\n"
        "program, which reads them from the appliance; that needs /dev/fuse\n"
        "and, unless you are root, fusermount3(1).\n"
        "\n"
        "If the program is killed, its processes end and the socket is\n"
        "removed as well."},
    {0},
};

static const struct tool_status statuses[] = {
    {TOOL_OK, "It was ended by a signal, or CMD succeeded."},
    {TOOL_FAILED,
        "It could not be served. With --run, any status may be that of CMD."},
    {TOOL_USAGE, NULL},
    {TOOL_INPUT,
        "A disk image or libvirt domain cannot be opened or understood."},
    {TOOL_KEYS, "The device or the guest is encrypted, and no key opens it."},
    {TOOL_NO_OS, "--path: no operating system was found; use -m."},
    {TOOL_APPLIANCE, NULL},
    {TOOL_HUNG_UP, "Ended by SIGHUP before it served, or while CMD ran."},
    {TOOL_INTERRUPTED, "Ended by SIGINT before it served, or while CMD ran."},
    {TOOL_PIPE_CLOSED, NULL},
    {TOOL_TERMINATED, "Ended by SIGTERM before it served, or while CMD ran."},
    {0},
};

static const struct tool_example examples[] = {
    {"Show what an image offers:",
        "mayfly-serve disk.qcow2 --run 'nbdinfo \"$uri\"'", NULL},
    {"Copy a partition out of an image of any format:",
        "mayfly-serve disk.qcow2 --partition 1 \\\n"
        "    --run 'nbdcopy \"$uri\" part.img'",
        NULL},
    {"Copy a file of the guest:",
        "mayfly-serve disk.qcow2 -m /dev/sda1 --path /etc/hostname \\\n"
        "    --run 'nbdcopy \"$uri\" name.img'",
        NULL},
    {"Serve a logical volume on a port:",
        "mayfly-serve disk.qcow2 --device /dev/vg/root --port 10809",
        "a volume group"},
    {"Serve a disk as it was at a snapshot:",
        "mayfly-serve disk.qcow2 --snapshot before-upgrade", "a snapshot"},
    {0},
};

const struct tool_manual serve_manual = {
    .description =
        "mayfly-serve exports a disk image of any format over NBD, the\n"
        "protocol of network block devices, or a part of what is in it: a\n"
        "partition, a device that the guest's kernel would have, a file, or\n"
        "the disk at a snapshot. It is served read-only, unless --rw is\n"
        "given.\n"
        "\n"
        "DISK is a disk image, as for -a. With --device and --path, there may\n"
        "be several, all of the same machine.",
    .details = details,
    .sections = sections,
    .statuses = statuses,
    .examples = examples,
    .see_also = "mayfish(1) mayfly(7) mayfly-security(7) nbdkit(1) "
                "qemu-nbd(8) nbdinfo(1) nbdcopy(1)",
};
