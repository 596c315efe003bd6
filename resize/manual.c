/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "resize/manual.h"

#include "tool/exit.h"

static const struct tool_detail details[] = {
    {"size",
        "A number and one of b, K, M, G, T; with + or - before it, the\n"
        "difference; or a percentage: 20G, +5G, 150%. Without it the new disk\n"
        "is as large as NEW already is, or the image stays as large as it "
        "is.\n"
        "In place an image can only grow, and only a raw or qcow2 file."},
    {"add", "The same as DISK."},
    {"expand",
        "PART is /dev/sda2, or sda2. In place it grows up to what follows it;\n"
        "when copying, what follows moves. A logical partition takes the\n"
        "extended one with it. If the disk has no partition table, PART is\n"
        "/dev/sda. What is in the partition grows as well, see CONTENT."},
    {"shrink",
        "What is in the partition is made smaller first, in a copy; if it "
        "does\n"
        "not fit, nothing is made."},
    {"resize", "SIZE is 10G, or +1G, -200M, 90%, +10%, by the present size. A\n"
               "partition that becomes smaller is shrunk as by --shrink."},
    {"resize-force",
        "What is at the end of a partition that becomes smaller is lost."},
    {"lv-expand", "LV is /dev/VG/LV. What is on the volume grows as well."},
    {"no-expand-content",
        "Only the table is changed, and volumes of --lv-expand."},
    {"ignore", "The partition is there, but it is empty."},
    {"delete", "The others keep their numbers, except logical ones, which are "
               "counted."},
    {"align-first",
        "The first partition stays where it is unless this is always: boot\n"
        "loaders know its place."},
    {"no-extra-partition",
        "Without this option and --expand, 10 MiB or more at the end of the "
        "new\n"
        "disk become a partition."},
    {"no-sparse",
        "Bytes that are zero are written to NEW, which needs the space."},
    {"no-overlay",
        "Normally the work is done on an overlay beside the image, which is\n"
        "written into it at the end."},
    {"colors",
        "It is accepted, as are --colours and --wrap, and does nothing."},
    {0},
};

static const struct tool_section sections[] = {
    {"IN PLACE AND COPYING",
        "With one disk the image itself is changed. It is as it was if "
        "anything\n"
        "fails before the last step, which writes the changes into it. If that "
        "is\n"
        "interrupted, the file IMAGE.mayfly-changes has what is missing, and "
        "the\n"
        "next run says how to complete it. No partition moves.\n"
        "\n"
        "With two, OLD is only read, and NEW gets its name when it is "
        "complete.\n"
        "If NEW exists, it says how large the disk is to be and in which "
        "format;\n"
        "it is replaced. A block device is written directly. Partitions stay\n"
        "where they are up to the first that changes; from there on each "
        "follows\n"
        "the one before it.\n"
        "\n"
        "Numbers, types, names, attributes and UUIDs of partitions, the "
        "identifier\n"
        "of the disk, and the boot loader before the first partition are "
        "kept.\n"
        "Tables are GPT and MBR, with logical partitions."},
    {"CONTENT",
        "Grown: ext2, ext3, ext4, xfs, btrfs, f2fs, NTFS, swap, physical "
        "volumes\n"
        "of LVM, and what is in a LUKS device, for which --key is needed.\n"
        "Shrunk: ext2, ext3, ext4, btrfs, NTFS, swap, physical volumes "
        "without\n"
        "data at their end, and these in a LUKS device. xfs, f2fs and FAT\n"
        "cannot be shrunk. Swap is made again with its UUID and label, so a\n"
        "hibernated guest is lost. Members of RAID arrays keep their size: "
        "that "
        "is\n"
        "refused.\n"
        "\n"
        "After NTFS was resized, Windows checks it at its next start; until "
        "then it\n"
        "is resized again only with --ntfsresize-force."},
    {0},
};

static const struct tool_status statuses[] = {
    {TOOL_OK, "The disk has been resized."},
    {TOOL_FAILED, "It has not; the message says why."},
    {TOOL_USAGE, NULL},
    {TOOL_INPUT, NULL},
    {TOOL_KEYS,
        "Something that is to change is encrypted, and no key opens it."},
    {TOOL_APPLIANCE, NULL},
    {TOOL_HUNG_UP, NULL},
    {TOOL_INTERRUPTED, NULL},
    {TOOL_PIPE_CLOSED, NULL},
    {TOOL_TERMINATED, NULL},
    {0},
};

static const struct tool_example examples[] = {
    {"Make an image larger, with its first partition:",
        "mayfly-resize --size +1G --expand /dev/sda1 disk.qcow2", NULL},
    {"See what that would do:",
        "mayfly-resize -n --size +1G --expand /dev/sda1 disk.qcow2", NULL},
    {"The same for a volume:",
        "mayfly-resize --size 20G --expand /dev/sda2 --lv-expand "
        "/dev/vg/root disk.img",
        "an image with a volume group"},
    {"Copy to a smaller disk:",
        "mayfly-resize --size 300M --shrink /dev/sda1 disk.img small.img",
        NULL},
    {0},
};

const struct tool_manual resize_manual = {
    .description =
        "The disk, a partition of it, and what is in the partition are made\n"
        "larger or smaller: in place, or in a copy. The options are those of\n"
        "virt-resize(1).",
    .details = details,
    .sections = sections,
    .statuses = statuses,
    .examples = examples,
    .see_also = "mayfly-sparsify(1) mayfly-builder(1) virt-resize(1)",
};
