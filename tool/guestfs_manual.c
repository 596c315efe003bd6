/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tool/guestfs_manual.h"

#include "tool/exit.h"

static const struct tool_detail details[] = {
    {"allow",
        "Disk images may name files of FOLDER, and below it, that they are\n"
        "backed by (backing files, data files). Otherwise these have to be\n"
        "in the folder of the image, or to have been named by the program\n"
        "itself when it made the image, and where the format is neither\n"
        "given nor stated by the name of the image there must be none: see\n"
        "DISKS in mayfly(7). An image may come from a stranger,\n"
        "and its header may name any file of this host. libguestfs opens\n"
        "whatever it names. Repeat the option for further folders."},
    {"check",
        "`real` if Mayfly has the function, `stub` if it only fails; then\n"
        "how many there are of each. A program may import a function and\n"
        "never call it. nm (binutils) has to be installed."},
    {0},
};

static const struct tool_section sections[] = {
    {"DEFAULT",
        "A link to mayfly-guestfs by another name runs the program of that\n"
        "name, the next one in PATH, on Mayfly. So one program of a user is\n"
        "moved to Mayfly by such a link in a folder that PATH names before\n"
        "the program's:\n"
        "\n"
        "`ln -s \"$(command -v mayfly-guestfs)\" ~/.local/bin/virt-df`\n"
        "\n"
        "All programs of libguestfs are moved, for a script or a user, by\n"
        "the folder of links that is installed with Mayfly:\n"
        "\n"
        "`export PATH=" GUESTFS_DIR "/bin:$PATH`\n"
        "\n"
        "libguestfs is not changed, nor is what others run."},
    {"DOMAINS",
        "Programs that take a libvirt domain (-d, and virt-df(1) without\n"
        "-a) get its disks if libvirt is installed and Mayfly was built\n"
        "with its header. Remote disks that need a secret libvirt keeps are\n"
        "refused; LUKS in a raw disk is opened with --key, as with\n"
        "libguestfs."},
    {0},
};

static const struct tool_status statuses[] = {
    {TOOL_OK, "The command succeeded."},
    {TOOL_FAILED,
        "mayfly-guestfs itself failed: an unknown option, no such folder or\n"
        "program, no library. Any other status is that of COMMAND, and\n"
        "COMMAND may use this one as well."},
    {TOOL_USAGE, "Nothing was given to do."},
    {126, "COMMAND cannot be run."},
    {127, "COMMAND was not found."},
    {0},
};

static const struct tool_example examples[] = {
    {"Print a file of an image:",
        "mayfly-guestfs virt-cat -a disk.qcow2 /etc/fstab", "virt-cat"},
    {"Show how full the file systems of an image are:",
        "mayfly-guestfs virt-df -a disk.qcow2", "virt-df"},
    {"Run a script that uses the Python binding:",
        "mayfly-guestfs python3 script.py", "python3-guestfs"},
    {"See which calls of a program Mayfly has:",
        "mayfly-guestfs --check virt-inspector", "virt-inspector"},
    {0},
};

const struct tool_manual guestfs_manual = {
    .description =
        "mayfly-guestfs runs COMMAND, a program or a script that uses\n"
        "libguestfs, with Mayfly's library in its place. The program need\n"
        "not be changed or built again; programs that it starts itself run\n"
        "on Mayfly as well.\n"
        "\n"
        "A call that Mayfly does not have fails with an error that names\n"
        "it, and the program goes on as it does after any error.\n"
        "mayfly-guestfs-calls(7) lists the calls.",
    .details = details,
    .sections = sections,
    .statuses = statuses,
    .examples = examples,
    .see_also = "mayfly-guestfs-calls(7) mayfish(1) mayfly(3) mayfly(7) "
                "mayfly-security(7) guestfs(3)",
};
