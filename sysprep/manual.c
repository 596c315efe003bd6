/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "sysprep/manual.h"

#include "base/cleanup.h"
#include "base/strv.h"
#include "customize/manual.h"
#include "sysprep/operations.h"
#include "tool/exit.h"

#define WORK_DETAILS                                                           \
    {"dry-run",                                                                \
        "All is done, including commands of the guest, on a copy that is\n"    \
        "thrown away."},                                                       \
        {"dryrun", "As --dry-run."},                                           \
        {"no-overlay",                                                         \
            "It needs no space for the changes beside the image, and is the\n" \
            "only way to change a remote disk."},                              \
        {"mount-options",                                                      \
            "For example `/:noatime;/var:nodiratime`.  It has no effect on "   \
            "the\n"                                                            \
            "guest."},                                                         \
        {"attach-format", "auto guesses the format of those that follow."},    \
        {"attach",                                                             \
            "It comes after the guest's disks: /dev/sdb if it has one.  "      \
            "Repeat\n"                                                         \
            "it for more disks."},                                             \
    {                                                                          \
        "memsize", "--install and --run of large programs may need more."      \
    }

#define IMAGE_TEXT                                                             \
    "The changes are made on an overlay, and written into the image at the\n"  \
    "end.  If anything fails before that, or the program is ended or\n"        \
    "killed, the image is as it was.  While they are written, the overlay\n"   \
    "is the file IMAGE.mayfly-changes beside the image, or in $TMPDIR or\n"    \
    "/var/tmp if the image is a device or its directory is not\n"              \
    "writable.  If that does not succeed, the file stays and the error says\n" \
    "how to complete the image.\n"                                             \
    "\n"                                                                       \
    "An image that a running virtual machine uses is refused."

static const struct tool_detail sysprep_details[] = {
    {"operations",
        "OP adds an operation to those that were chosen before, at first\n"
        "none; -OP takes one away.  `defaults` stands for\n"
        "all that are done by default, `all` for all.  It can be repeated."},
    {"operation", "As --operations."},
    {"enable", "It can be given once, and not with --operations."},
    {"list-operations", "A line has the name, * or a blank, and what it does."},
    {"keep-user-accounts",
        "An unknown user is an error.  The option can be repeated."},
    {"remove-user-accounts",
        "An unknown user is an error, and so is an account of the system.\n"
        "The option can be repeated."},
    {"script",
        "The guest's root directory is its working directory: `rm etc/motd`\n"
        "removes a file of the guest, `rm /etc/motd` one of this host.  A\n"
        "SCRIPT that fails ends the program.  It needs /dev/fuse.  A symbolic\n"
        "link of the guest can lead to a file of this host: a script should\n"
        "not write through one.  Repeat it for more scripts."},
    {"scriptdir", "DIR is an absolute path."},
    {"network",
        "The appliance gets a network only if a step needs it, such as\n"
        "--install."},
    WORK_DETAILS,
    {0},
};

static const struct tool_detail customize_program_details[] = {
    {"network",
        "The appliance gets a network only if a step needs it: --install,\n"
        "--update, --run or --run-command. mayfly-security(7) says what it\n"
        "can reach then."},
    WORK_DETAILS,
    {0},
};

static const struct tool_section sysprep_sections[] = {
    {"IMAGES", IMAGE_TEXT},
    {"FROM VIRT-SYSPREP",
        "All operations of virt-sysprep(1) 1.48 are there, with their names\n"
        "and what they do, and those that came later.  These differ:\n"
        "\n"
        "* Home directories\n"
        "are those that the guest's passwd(5) names, not only /root and\n"
        "/home/*.\n"
        "* machine-id\n"
        "is done after customize, so that a package that is installed leaves\n"
        "no ID in the template.  A /var/lib/dbus/machine-id of its own is\n"
        "removed: an empty one would keep dbus from starting.\n"
        "* customize\n"
        "makes no random seed and no machine ID.\n"
        "* fs-uuids\n"
        "also changes the UUIDs in /etc/fstab, /etc/crypttab and the\n"
        "configuration of boot loaders.\n"
        "* user-account\n"
        "also removes the users from other groups, gshadow, subuid and\n"
        "subgid; and it keeps a home that someone else has as well.\n"
        "* Options of operations that are not done\n"
        "are errors."},
    {0},
};

static const struct tool_section customize_sections[] = {
    {"IMAGES", IMAGE_TEXT},
    {"FROM VIRT-CUSTOMIZE",
        "The guest keeps its machine ID and its random seed: use\n"
        "mayfly-sysprep(1) for a template of clones."},
    {0},
};

#define STATUSES                                                               \
    {TOOL_OK, NULL},                                                           \
        {TOOL_FAILED,                                                          \
            "An operation or a step failed, or the changes could not be\n"     \
            "written into the image."},                                        \
        {TOOL_USAGE, NULL},                                                    \
        {TOOL_INPUT,                                                           \
            "A disk image or libvirt domain cannot be opened or understood, "  \
            "or\n"                                                             \
            "is in use."},                                                     \
        {TOOL_KEYS, NULL}, {TOOL_NO_OS, NULL}, {TOOL_APPLIANCE, NULL},         \
        {TOOL_HUNG_UP, NULL}, {TOOL_INTERRUPTED, NULL},                        \
        {TOOL_PIPE_CLOSED, NULL}, {TOOL_TERMINATED, NULL}, {0},

static const struct tool_status statuses[] = {STATUSES};

static const struct tool_example sysprep_examples[] = {
    {"See what would be removed, without changing the image:",
        "mayfly-sysprep -a disk.qcow2 --dry-run", NULL},
    {"Make a template of it:", "mayfly-sysprep -a disk.qcow2", NULL},
    {"The same, but keep the logs, remove the users and set a password:",
        "mayfly-sysprep -a disk.qcow2 \\\n"
        "    --operations defaults,-logfiles,user-account \\\n"
        "    --root-password file:password",
        NULL},
    {"List the operations:", "mayfly-sysprep --list-operations", NULL},
    {"Prepare the disks of a libvirt domain that is shut off:",
        "mayfly-sysprep -d web", "a domain"},
    {0},
};

static const struct tool_example customize_examples[] = {
    {"Give a guest another name and a password:",
        "mayfly-customize -a disk.qcow2 --hostname web \\\n"
        "    --root-password file:password",
        NULL},
    {"Try a change without making it:",
        "mayfly-customize -a disk.qcow2 --dry-run \\\n"
        "    --edit '/etc/hosts:s/old/new/'",
        NULL},
    {"Let your SSH key in, and install a package from the network:",
        "mayfly-customize -a disk.qcow2 --ssh-inject root --install nginx",
        "a mirror"},
    {0},
};

static void
put_operations(FILE *out)
{
    fputs(".SH OPERATIONS\nThose marked * are done by default.\n", out);
    for (size_t i = 0; i < n_sysprep_operations; i++) {
        const struct sysprep_operation *o = &sysprep_operations[i];

        fprintf(
            out, ".TP\n.B %s%s\n%s.\n", o->name, o->usual ? " *" : "", o->help);
    }
}

const struct tool_manual sysprep_manual = {
    .description =
        "mayfly-sysprep removes from a disk image what belongs to one "
        "machine:\n"
        "its identity, keys, logs, leases and caches.  The image can then be\n"
        "copied for any number of machines.  It can also be customised, with\n"
        "the options of mayfly-customize(1).\n"
        "\n"
        "Options and operations have the names and meanings of those of\n"
        "virt-sysprep(1).",
    .details = sysprep_details,
    .group_details = customize_details,
    .sections = sysprep_sections,
    .statuses = statuses,
    .examples = sysprep_examples,
    .put_more = put_operations,
    .see_also = "mayfly-customize(1) mayfly-builder(1) mayfish(1) mayfly(7) "
                "mayfly-security(7) virt-sysprep(1)",
};

const struct tool_manual customize_manual = {
    .description =
        "mayfly-customize changes the guest in a disk image: host name,\n"
        "passwords, files, packages, commands.  No part of that needs root,\n"
        "and the guest does not boot.\n"
        "\n"
        "Options have the names and meanings of those of virt-customize(1).",
    .details = customize_program_details,
    .group_details = customize_details,
    .sections = customize_sections,
    .statuses = statuses,
    .examples = customize_examples,
    .see_also = "mayfly-sysprep(1) mayfly-builder(1) mayfish(1) mayfly(7) "
                "mayfly-security(7) virt-customize(1)",
};
