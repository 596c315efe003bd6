/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "inspector/manual.h"

#include "tool/exit.h"

static const struct tool_detail details[] = {
    {"json", "JSON has more than the XML: see OUTPUT."},
    {"each", "Each DISK is inspected by itself, several at the same time; one\n"
             "that fails does not stop the others."},
    {"from-file", "Empty lines are left out."},
    {"recursive",
        "Files whose names end in .qcow2, .qcow, .img, .raw, .vmdk, .vdi,\n"
        ".vhd, .vhdx, .vpc, .qed, .hdd or .iso are images; the extents of a\n"
        "VMDK are left out, and links are not followed."},
    {"sbom", "Each system is a component that contains its packages. See\n"
             "OUTPUT."},
    {"only", "The sections are listed in FACTS."},
    {"fast", "The initramfs of kernels is left out: see FACTS."},
    {"xpath", "QUERY is an XPath 1.0 expression. The nodes that it finds are\n"
              "printed, one after the other."},
    {0},
};

static const struct tool_section sections[] = {
    {"OUTPUT",
        "Without --json the output is the XML document of\n"
        "virt-inspector(1), with the same elements in the same order. What\n"
        "is unknown is left out. It differs only where more is known: the\n"
        "ID of an os-release file that virt-inspector does not know becomes\n"
        "the distro; rpm, apk and pacman packages have their source\n"
        "package; half-installed packages are not listed.\n"
        "\n"
        "Text from the guest is made safe: bytes that are not UTF-8, and\n"
        "control characters other than newline and tab, are written as\n"
        "\\xHH.\n"
        "\n"
        "If no operating system is found, the document is printed all the\n"
        "same, with the reasons: comments in the XML, notes in JSON. The\n"
        "exit status is 5, or 4 if something encrypted could not be opened.\n"
        "## JSON\n"
        "One object. Later versions may add fields, but the meaning of these\n"
        "will not change. What is unknown is left out, except that lists\n"
        "are always there.\n"
        "\n"
        "* operating_systems\n"
        "a list of objects: `root` (the device that holds the root\n"
        "directory; a btrfs subvolume is btrfsvol:DEVICE/SUBVOLUME), `type`\n"
        "(as mayfly_inspect_get_type(3)), `distro` (short name), `id`, "
        "`id_like` (a\n"
        "list), `version_id` and `codename` (as in os-release),\n"
        "`product_name`, `product_variant`, `version` (`major` and `minor`,\n"
        "numbers, 0 if unknown), `build_id`, `osinfo` (the short ID of\n"
        "libosinfo), `arch`, `hostname`, `mountpoints` (from fstab:\n"
        "`mountpoint`, `device`, `type`, `options`), `filesystems` (a list\n"
        "of the devices that its fstab names, including swap), `windows`\n"
        "(only for Windows: `systemroot`, `current_control_set`,\n"
        "`system_hive`, `software_hive`, `group_policy` (whether it was\n"
        "ever applied) and `drive_mappings` (an object: letter to device)),\n"
        "`package_format`, `package_management`, `package_source` (the\n"
        "database that was read) and `packages` (`name`, `version` as the\n"
        "package manager writes it, with epoch and release, `arch`,\n"
        "`source`, `url`, `summary`, `description`, `licence`, `publisher`,\n"
        "`class` (snap or flatpak); for Windows also `display_name` and\n"
        "`install_path`)\n"
        "* filesystems\n"
        "everything that could contain a file system: `device`, `type`,\n"
        "`version`, `label`, `uuid`, `size` (bytes of the device), and\n"
        "`role`: root, boot, esp, usr, var, swap or other; none if it could\n"
        "not be mounted\n"
        "* locked\n"
        "encrypted devices that no key has opened: `device`, `type`, `uuid`\n"
        "* notes\n"
        "what was tried without success, and why: `subject` (mostly a\n"
        "device), `text` and `reason`, where it is one of these:\n"
        "encrypted, foreign (a file system or volume that cannot be opened),\n"
        "unknown (no known file system), empty, damaged, damaged-table,\n"
        "second-table (only the copy of the partition table at the end of\n"
        "the disk is good), sectors (a table for sectors of 4096 bytes),\n"
        "incomplete (disks are missing), nested (a system inside a file or\n"
        "folder), medium (to install a system from), generations (of\n"
        "NixOS), snapshot, packages (a database that could not be read), "
        "facts\n"
        "(a file that could not be read for them)\n"
        "\n"
        "The logo is in the XML only.\n"
        "## SBOM\n"
        "A package has a package URL (purl) with the ID of os-release, its\n"
        "full version, `arch`, `distro` and, if it has another name, the\n"
        "source package as `upstream`. The licence is what the package\n"
        "database says: rpm, apk, pacman, portage and xbps have one, dpkg\n"
        "has none. If it is an expression of licences that are on the list\n"
        "of SPDX, it is given so, and otherwise as text. SOURCE_DATE_EPOCH\n"
        "sets the time of creation.\n"
        "## Facts\n"
        "The object has `schema` (mayfly-facts-1), `notes` as above, and\n"
        "`operating_systems`, in which each section is a list. The schema is\n"
        "in facts.schema.json beside this program's documentation.\n"
        "## Lines of --each\n"
        "For each disk, in the order given, one line with one object:\n"
        "`disk` (its name), `status` (the exit status that the program\n"
        "would have had for this disk alone), `seconds` (how long it took),\n"
        "`messages` (a list of errors and warnings) and `inspection` (the\n"
        "object above, or null)."},
    {"FACTS",
        "mayfly-inspector facts reads more than which systems there are. Each\n"
        "fact has the file and the line that say so. Sections:\n"
        "\n"
        "* system\n"
        "time zone, locale, keymap, machine ID, hardware clock, init\n"
        "* users, groups\n"
        "with who has a password and a shell, but never the password\n"
        "* ssh_keys, sshd\n"
        "keys that may log in, with their options; settings of the server\n"
        "* sudo\n"
        "rules, defaults and aliases of sudoers\n"
        "* services\n"
        "services, timers and sockets of systemd, System V, OpenRC and runit:\n"
        "whether they are enabled, masked or missing, what pulls them in,\n"
        "drop-ins and presets\n"
        "* network\n"
        "of ifupdown, netplan, NetworkManager, systemd-networkd, and ifcfg\n"
        "files of Red Hat and of SUSE\n"
        "* mounts\n"
        "fstab, crypttab and mount units, with the device that is meant\n"
        "* filesystems\n"
        "size, free space and state\n"
        "* kernels, initramfs\n"
        "images, modules, and the drivers that an initramfs holds; --fast\n"
        "leaves initramfs out, since decompressing takes the longest\n"
        "* boot_entries, boot\n"
        "what the menus of boot loaders start, and how the firmware (BIOS or\n"
        "UEFI) gets there; `signed` is about Secure Boot\n"
        "* security\n"
        "SELinux and AppArmor\n"
        "* cloud_init, agents, domain\n"
        "what the system expects around it\n"
        "\n"
        "The end of support is from SUPPORT_END of os-release, or from the\n"
        "packages distro-info-data or osinfo-db of this host.\n"
        "\n"
        "What could not be read is a note."},
    {0},
};

static const struct tool_status statuses[] = {
    {TOOL_OK, "An operating system was found; with --each, on each disk."},
    {TOOL_FAILED,
        "The inspection failed; with --each, at least one disk has a status\n"
        "other than 0."},
    {TOOL_USAGE, NULL},
    {TOOL_INPUT,
        "A disk image or libvirt domain cannot be opened or understood."},
    {TOOL_KEYS,
        "No operating system was found, and no key opens something that is\n"
        "encrypted."},
    {TOOL_NO_OS,
        "No operating system was found. The document lists what is there."},
    {TOOL_APPLIANCE, NULL},
    {TOOL_HUNG_UP, NULL},
    {TOOL_INTERRUPTED, NULL},
    {TOOL_PIPE_CLOSED, NULL},
    {TOOL_TERMINATED, NULL},
    {0},
};

static const struct tool_example examples[] = {
    {"Inspect a disk:", "mayfly-inspector -a disk.qcow2", NULL},
    {"List the names of the installed packages:",
        "mayfly-inspector -a disk.qcow2 |\n"
        "    mayfly-inspector --xpath '//application/name'",
        NULL},
    {"The same, with versions, from JSON:",
        "mayfly-inspector --json -a disk.qcow2 | jq -r \\\n"
        "    '.operating_systems[].packages[] | \"\\(.name) \\(.version)\"'",
        "jq"},
    {"Inspect many images, one line of JSON for each:",
        "mayfly-inspector --each -j 2 *.qcow2", NULL},
    {"Inspect the images of a list:",
        "ls *.qcow2 | mayfly-inspector --from-file - > machines.ndjson", NULL},
    {"Print a bill of materials for scanners of vulnerabilities:",
        "mayfly-inspector --sbom cyclonedx -a disk.qcow2 > disk.cdx.json",
        NULL},
    {"Print who can log in, and which services start:",
        "mayfly-inspector facts --only users,ssh_keys,services -a disk.qcow2",
        NULL},
    {"Inspect an encrypted disk, with the passphrase in a file:",
        "mayfly-inspector --key all:file:passphrase -a crypted.img", NULL},
    {"Inspect a libvirt domain:", "mayfly-inspector -c qemu:///system -d web",
        "libvirt"},
    {0},
};

const struct tool_manual inspector_manual = {
    .description =
        "mayfly-inspector looks into the disk images of a machine without\n"
        "booting it and reports which operating systems it finds:\n"
        "distribution and version, where they mount their file systems,\n"
        "host name, and installed packages. Several disks given with -a\n"
        "belong to one machine. The images are never written to.\n"
        "\n"
        "RAID arrays, volume groups and encrypted devices are opened\n"
        "however they are nested; for encryption see --key.\n"
        "\n"
        "Options and the XML document are those of virt-inspector(1).",
    .details = details,
    .sections = sections,
    .statuses = statuses,
    .examples = examples,
    .see_also =
        "mayfish(1) mayfly-v2v(1) mayfly(3) mayfly(7) mayfly-security(7) "
        "virt-inspector(1)",
};
