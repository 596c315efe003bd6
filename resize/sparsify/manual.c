/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "resize/sparsify/manual.h"

#include "tool/exit.h"

static const struct tool_detail details[] = {
    {"in-place",
        "The free space is discarded in the image itself, if its file system\n"
        "and format can do that."},
    {"ignore",
        "NAME is a file system, as /dev/sda1, or a volume group, as vg."},
    {"zero", "All that is on the device is lost in NEW."},
    {"tmp",
        "An overlay lies there, which needs about one five-hundredth of the\n"
        "size of the disk. Only a directory can be given, not a device or\n"
        "`prebuilt:`FILE. The default is $TMPDIR, or /var/tmp."},
    {"check-tmpdir",
        "If there seems to be too little space for the overlay: ignore says\n"
        "nothing, warn and continue warn, fail ends the program."},
    {"compress", "For qcow2, and for vmdk, which is then stream-optimized."},
    {"o", "Options of qemu-img(1) are refused: it does not write the image."},
    {"colors",
        "It is accepted, as are --colours and --wrap, and does nothing."},
    {0},
};

static const struct tool_section sections[] = {
    {"WHAT IS FREED",
        "The free space of file systems that can be mounted, also on logical\n"
        "volumes and RAID arrays; the content of swap areas; the free space "
        "of\n"
        "volume groups. When copying, also blocks that are zero. A file "
        "system\n"
        "that does not know how to discard is filled with a file of zeroes "
        "when\n"
        "copying; in place it stays as it is.\n"
        "\n"
        "A journal is replayed, in a copy or in place, as the guest would do "
        "it. A\n"
        "file system that cannot be mounted to be written, as a hibernated\n"
        "Windows, the memory of a hibernated Linux and encrypted devices stay "
        "as\n"
        "they are; a warning names each."},
    {0},
};

static const struct tool_status statuses[] = {
    {TOOL_OK, "The disk is sparse, but for what warnings name."},
    {TOOL_FAILED, "It failed; NEW has not been made."},
    {TOOL_USAGE, NULL},
    {TOOL_INPUT, NULL},
    {TOOL_APPLIANCE, NULL},
    {TOOL_HUNG_UP, NULL},
    {TOOL_INTERRUPTED, NULL},
    {TOOL_PIPE_CLOSED, NULL},
    {TOOL_TERMINATED, NULL},
    {0},
};

static const struct tool_example examples[] = {
    {"Free what the guest does not use:",
        "mayfly-sparsify --in-place disk.qcow2", NULL},
    {"Make a small copy to send:",
        "mayfly-sparsify --convert qcow2 --compress disk.img small.qcow2",
        NULL},
    {0},
};

const struct tool_manual sparsify_manual = {
    .description =
        "The parts of a disk image that the guest does not use are freed on\n"
        "this host: in place, or in a copy. The options are those of\n"
        "virt-sparsify(1).",
    .details = details,
    .sections = sections,
    .statuses = statuses,
    .examples = examples,
    .see_also = "mayfly-resize(1) virt-sparsify(1)",
};
