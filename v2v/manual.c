/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/manual.h"

#include "customize/manual.h"
#include "tool/exit.h"

/* The sentences themselves are in foreign.c. */
#define REFUSED                                                                \
    "Options of virt-v2v(1) that are refused; the error says what to do "      \
    "instead."

static const struct tool_detail details[] = {
    {"-io", REFUSED},
    {"-ip", REFUSED},
    {"-it", REFUSED},
    {"-op", REFUSED},
    {"bandwidth-file", REFUSED},
    {"collect", REFUSED},
    {"collect-output", REFUSED},
    {"compressed", REFUSED},
    {"dcpath", REFUSED},
    {"debug-overlays", REFUSED},
    {"no-copy", REFUSED},
    {"no-trim", REFUSED},
    {"password-file", REFUSED},
    {"qemu-boot", REFUSED},
    {"vddk", REFUSED},
    {"vddk-compression", REFUSED},
    {"vddk-config", REFUSED},
    {"vddk-cookie", REFUSED},
    {"vddk-libdir", REFUSED},
    {"vddk-nfchostport", REFUSED},
    {"vddk-port", REFUSED},
    {"vddk-snapshot", REFUSED},
    {"vddk-thumbprint", REFUSED},
    {"vddk-transports", REFUSED},
    {"vdsm-compat", REFUSED},
    {"vdsm-image-uuid", REFUSED},
    {"vdsm-ovf-flavour", REFUSED},
    {"vdsm-ovf-output", REFUSED},
    {"vdsm-vm-uuid", REFUSED},
    {"vdsm-vol-uuid", REFUSED},
    {"vmtype", REFUSED},
    {"-ic",
        "Without -i it means -i libvirt, as for virt-v2v(1). With qemu+ssh://\n"
        "or xen+ssh:// the disks are read from the other host by SSH."},
    {"-if", "The disks are not looked at then."},
    {"-oa", "`sparse`, which images always are."},
    {"-oo",
        "Known from virt-v2v(1). `create=false` is accepted, since it is what\n"
        "-o kubevirt does; everything else is refused, with what to do\n"
        "instead."},
    {"print-source",
        "Disks and network cards with what is known of them; nothing is\n"
        "opened but the description."},
    {"parallel", "0 means all."},
    {"memsize", "In MiB, from 256 to 65536."},
    {"smp", "From 1 to 255."},
    {"bandwidth",
        "As --bwlimit, but in bits per second, with units of 1000, as\n"
        "virt-v2v(1) has it."},
    {"block-driver", "`virtio-blk`, which is what disks become."},
    {"input", "See SOURCES."},
    {"root",
        "`single` fails if there are several; `ask` asks, on a terminal, and\n"
        "is the same elsewhere. `first`\n"
        "takes the first one found; a device such as /dev/sda2 takes the\n"
        "one with its root directory there. `mayfly-v2v plan` lists them."},
    {"kernel",
        "Some hosts keep the kernel of a guest outside of it. It is moved\n"
        "into the guest, and replaces the one that the configuration names.\n"
        "A guest that has a kernel of its own keeps that one; the report\n"
        "then says that the option is not used."},
    {"modules",
        "They are used if the guest has none for that kernel. The default\n"
        "is ../lib/modules/VERSION, as seen from the kernel."},
    {"output", "See TARGETS."},
    {"-os", "It must exist. Only you may read the disks that are made there\n"
            "(mode 0600), since they hold the password hashes of the guest."},
    {"blocksize",
        "Sectors of 4096 bytes are detected where a disk has a GPT. The new\n"
        "machine gets disks with such sectors, where the target can say so."},
    {"-of", "Some targets take raw only: ova and kubevirt."},
    {"-on",
        "A source without a name, such as -i disk, is named after its first\n"
        "disk."},
    {"phase", "See COPY IN PHASES."},
    {"bitmap",
        "Only with --phase, and with sources that are nbd:// or nbd+unix://\n"
        "addresses: see COPY IN PHASES."},
    {"bwlimit",
        "The units are powers of 1024. This limits the reading of the\n"
        "disks; chains of VHDs, XVAs and OVAs are unpacked at full speed."},
    {"in-place",
        "The conversion is done on overlays first, and on the images only\n"
        "if that succeeds. Keep a copy: if this host crashes half-way, the\n"
        "images are left half-converted. Nothing is copied, and -o is\n"
        "ignored."},
    {"bridge", "Repeat it for more bridges."},
    {"network", "OUT alone is for all cards. Repeat it for more networks."},
    {"mac", "See NETWORK. Repeat it for more cards."},
    {"virtio-win",
        "Default: $VIRTIO_WIN, else /usr/share/virtio-win. See WINDOWS."},
    {"rebuild-initramfs",
        "The tool of the guest makes it, and runs in the appliance."},
    {"no-fstrim",
        "Without it, such blocks are first discarded, and not copied."},
    {"verify-boot",
        "The new machine boots with its disks write-protected. It passes\n"
        "when a login prompt appears on its serial port. A screenshot is\n"
        "kept in DIR/NAME-boot.png. Not with -o ova, whose disks are\n"
        "packed."},
    {"report",
        "It lists the changes, each with what undoes it, and the\n"
        "blkhash of each image, as nbdcopy --blkhash prints it: the SHA-256\n"
        "of the SHA-256 of each 64 KiB, and of the size as 8 bytes in\n"
        "little-endian order. The hash is computed from what is written, while "
        "it\n"
        "is written. -o json has it as well. If neither is asked for, it is\n"
        "not computed, which saves half of the processor time of the copy."},
    {"O", "Disks, firmware and the system, for programs that read the output\n"
          "of virt-v2v-inspector. With `inspect` nothing else is printed, and\n"
          "FILE can be `-` for the standard output."},
    {"json", "Only with `plan`, where it is the same as `inspect`."},
    {"machine-readable", "See USE BY PROGRAMS."},
    {0},
};

static const struct tool_section sections[] = {
    {"SOURCES",
        "* -i disk DISK...\n"
        "Disk images or block devices of any format, in their order. They\n"
        "do not say how much memory the machine had; what is assumed is\n"
        "printed. A DISK can also be nbd://HOST[:PORT]/EXPORT,\n"
        "nbd+unix:///EXPORT?socket=PATH, ssh://[USER@]HOST[:PORT]/PATH,\n"
        "http://HOST/PATH or https://HOST/PATH. Such a disk is copied to\n"
        "the target first, without zeroes and holes, and converted there; a\n"
        "plan copies it to $TMPDIR. An NBD server must accept several\n"
        "connections one after the other (qemu-nbd -t); it is read through\n"
        "several at once if it allows that. SSH needs the ssh driver of\n"
        "QEMU (qemu-block-extra) and a key in the agent; the host key\n"
        "is checked against known_hosts, or against\n"
        "?host_key_check=sha256:HEX at the end of the address.\n"
        "* -i libvirt NAME\n"
        "A libvirt domain, which has to be shut off; -ic names the\n"
        "connection. VMware and Hyper-V are not read through libvirt.\n"
        "* -i xl FILE\n"
        "A configuration file of xl or xm, as in /etc/xen. Images of single\n"
        "partitions (xvda1, xvda2) are put together into one disk with a\n"
        "boot loader and a partition table: MBR for up to four, GPT for\n"
        "more. Where FUSE is not available, partitions that are not raw\n"
        "images, and block devices, are copied first, to -os, or to $TMPDIR\n"
        "for a plan. A kernel that the host gave to the guest\n"
        "(kernel=, ramdisk=), or one given with --kernel and --initrd,\n"
        "moves into the guest.\n"
        "* -i libvirtxml FILE\n"
        "The XML of a libvirt domain, on Xen or another hypervisor.\n"
        "* -i vhd FILE...\n"
        "VHD images, each the last one of its chain; the parents must be\n"
        "in the same folder. The whole chain is read, which qemu-img does\n"
        "not do.\n"
        "* -i xva FILE\n"
        "An export of XenServer or XCP-ng, plain or compressed by gzip or\n"
        "zstd. Each piece is checked by its checksum.\n"
        "* -i ova FILE\n"
        "An OVA, as an archive or a folder, also one of XenCenter. Disks\n"
        "are in the order of their controllers and addresses, and empty ones\n"
        "are made. What its manifest lists is checked. VMDK and qcow2 images "
        "in an archive that is not\n"
        "compressed are read where they are; everything else is unpacked\n"
        "first.\n"
        "* -i vmx FILE\n"
        "The configuration of a VMware machine, with the disks in the same\n"
        "folder.\n"
        "\n"
        "The new machine boots from the disk with the system, which need not\n"
        "be the first, and no other disk gets a boot loader. It has UEFI or\n"
        "BIOS as the source says; if that does not, UEFI if nothing on the\n"
        "disk of the system could be started by a BIOS.\n"
        "\n"
        "The images are those that the description names. An image may name\n"
        "only its own parts in turn, in its folder: the extents of a VMDK\n"
        "(disk-flat.vmdk, disk-s001.vmdk), the parents of a snapshot\n"
        "(disk.vmdk for disk-000001.vmdk), the data file of a qcow2 image\n"
        "(disk.raw). A disk of -i disk may also be backed by other images\n"
        "in its folder that are named as such (base.qcow2, not base.raw),\n"
        "and have its content in a raw file there that has exactly the size\n"
        "of the disk, which is reported.\n"
        "Any other file has to be allowed with --allow.\n"
        "An image in an OVA names no file."},
    {"TARGETS",
        "Each writes the images DIR/NAME-sda, DIR/NAME-sdb and so on, where\n"
        "DIR is the folder of -os and NAME that of the machine, and adds:\n"
        "\n"
        "* -o local\n"
        "DIR/NAME.xml, for virsh define. `-o disk` is the same.\n"
        "* -o libvirt\n"
        "DIR/NAME.xml, and virsh defines the domain in the connection of\n"
        "-oc.\n"
        "* -o qemu\n"
        "DIR/NAME.sh, which starts QEMU.\n"
        "* -o json\n"
        "DIR/NAME.json: the machine and what was done to it.\n"
        "* -o kubevirt\n"
        "DIR/NAME.yaml, a KubeVirt VirtualMachine with its images on the\n"
        "node.\n"
        "* -o openstack\n"
        "DIR/NAME.sh, which uploads the images to OpenStack with their\n"
        "properties.\n"
        "* -o proxmox\n"
        "DIR/NAME.sh, which creates the machine on a Proxmox host.\n"
        "* -o ova\n"
        "DIR/NAME.ova alone: OVF 1.1, the disks as VMDKs, checksums in a\n"
        "manifest.\n"
        "* -o ovirt\n"
        "A machine in the oVirt export storage domain that is mounted at\n"
        "DIR, as -o rhv of virt-v2v(1) makes it; `-o rhv` and `-o rhev` are\n"
        "the same. It has not been tried with a real oVirt yet.\n"
        "* -o null\n"
        "Nothing: the conversion is done and discarded."},
    {"CONVERSION",
        "Names of disks become UUIDs in fstab, crypttab, the settings and\n"
        "menus of boot loaders, and in other files that name disks. A name\n"
        "that is not on the disks, or is only guessed, is listed under Look\n"
        "at, with its file and line. The Xen console becomes the serial\n"
        "port ttyS0, for the kernel and for logins. Settings that only work\n"
        "under the old hypervisor are switched off.\n"
        "\n"
        "Each kernel that a boot loader can start needs its drivers. An\n"
        "initramfs that has them is left alone. If it lacks them, an archive\n"
        "with them is appended to it.\n"
        "\n"
        "The EFI system partition is found by its type. If it has no\n"
        "EFI/BOOT/BOOTX64.EFI, the guest's own loader is copied there.\n"
        "\n"
        "A network card keeps the name that it had. What the guest says about\n"
        "its address counts first; then what the source says about its place\n"
        "(pciSlotNumber of VMware, the PCI address in libvirt's XML, the\n"
        "adapter of VirtualBox, the device number under Xen). Where neither\n"
        "knows, as many names as cards are taken in their order, which is\n"
        "reported as a guess. A setting that is for none of the cards is\n"
        "reported by file and line.\n"
        "\n"
        "What the new machine does not have is listed under Look at, with\n"
        "its file and line: folders that the old hypervisor shared, which\n"
        "fstab no longer mounts; volumes, clocks and clouds that the start\n"
        "waits for; cards that the initramfs configures by name; settings\n"
        "that keep a virtio driver from loading; names of disks in scripts\n"
        "and crontabs.\n"
        "\n"
        "A hibernated guest is Blocked, and so is one that LILO boots.\n"
        "\n"
        "After the conversion the options for the guest are applied\n"
        "(--hostname, --root-password, --install and so on), in the order\n"
        "of the command line; they are those of mayfly-builder(1). The\n"
        "guest stays the machine that it was: it keeps its machine ID and\n"
        "SSH host keys. The report lists these changes, but not what undoes\n"
        "them."},
    {"NETWORK",
        "The new machine has the network and bridge names of the old host,\n"
        "unless an option replaces them. --bridge IN:OUT and --network\n"
        "IN:OUT are for the cards that are on IN; OUT alone is for all\n"
        "others that are on a bridge, or on a network. --mac MAC:bridge:OUT\n"
        "and --mac MAC:network:OUT are for one card.\n"
        "\n"
        "The networks of a VMX file and of an OVF are those of the old\n"
        "hypervisor: IN can be one of them, with --network or --bridge, but\n"
        "without an option their cards are on the default network of the\n"
        "new host, and a note says so.\n"
        "\n"
        "--mac MAC:ip:ADDRESS[,GATEWAY[,LENGTH[,SERVER...]]] gives a card\n"
        "of a Windows guest a static IPv4 or IPv6 address, with a gateway,\n"
        "a prefix length and name servers. A Linux guest keeps its own\n"
        "settings, and the option has no effect."},
    {"WINDOWS",
        "--virtio-win names the ISO of virtio-win, or a folder with its\n"
        "files. The drivers for the version of the guest go to\n"
        "\\Windows\\Drivers\\VirtIO, which Windows searches from then on;\n"
        "viostor and vioscsi start at boot (CriticalDeviceDatabase up to\n"
        "Windows 7, DriverDatabase since Windows 8). Xen drivers are\n"
        "disabled and their filters removed, in every control set.\n"
        "\n"
        "A script at the first boot installs the drivers with pnputil, and\n"
        "the QEMU guest agent if its package (qemu-ga-x86_64.msi,\n"
        "qemu-ga-i386.msi) is beside the drivers. It uninstalls the tools\n"
        "of XenServer, XCP-ng and VMware. Its output is in\n"
        "%ProgramFiles%\\Mayfly\\firstboot.log. Windows logs that the service\n"
        "for it (mayfly-firstboot) did not answer; that is harmless.\n"
        "\n"
        "Windows ties a static address to the card that it knew. The card\n"
        "with the same MAC address gets it at the first boot, if the\n"
        "registry has that (since Windows 10), and so does the only card of\n"
        "a machine; otherwise use --mac.\n"
        "\n"
        "If the machine has several disks, SanPolicy becomes 1 in every\n"
        "control set, so that they are all online. Drive letters of\n"
        "partitions stay; one that is bound to an old device is reported.\n"
        "\n"
        "A Windows guest that is hibernated, was shut down for a fast start,\n"
        "or was not shut down at all, is Blocked, and one that BitLocker has\n"
        "encrypted is refused: both say what to do. The report has what\n"
        "undoes each edit of the registry, as text for a .reg file.\n"
        "\n"
        "This is tested with registries that were made for the tests, not\n"
        "with Windows itself. --verify-boot waits for a prompt on the\n"
        "serial port, which Windows never prints; only the screenshot is\n"
        "useful."},
    {"COPY",
        "All disks are copied at the same time; zeroes and holes are\n"
        "neither read nor written. The images get their names when all of\n"
        "them are complete; until then they are in a folder\n"
        "DIR/.mayfly-v2v.XXXXXX. The folder of a run that was killed is\n"
        "removed by the next run with the same DIR."},
    {"COPY IN PHASES",
        "A machine need not be down for longer than it takes to copy the\n"
        "last changes:\n"
        "\n"
        "* --phase full\n"
        "Copy everything to DIR/NAME.transfer while the machine runs.\n"
        "* --phase delta\n"
        "Copy what has changed since, as often as you like. How much was\n"
        "read and had changed is printed.\n"
        "* --phase rehearse\n"
        "Convert the copy on overlays and print the plan; with\n"
        "--verify-boot, boot it as well. Only the screenshot is kept.\n"
        "* --phase final\n"
        "When the machine is down: copy the last changes, convert, write\n"
        "the result, and remove DIR/NAME.transfer.\n"
        "\n"
        "Give all phases the same source, -os, -of and -on. Changes are\n"
        "found by comparing the SHA-256 of each 64 KiB with that of the\n"
        "copy: the whole source is read, and what has changed is written.\n"
        "With --bitmap NAME only what a QEMU dirty bitmap marks as changed\n"
        "is read. The sources are then nbd:// or nbd+unix:// addresses of\n"
        "exports with that bitmap, which has to be older than the full copy\n"
        "and must not have been cleared since. Files by ssh:// and http://\n"
        "must be raw in a copy in phases.\n"
        "\n"
        "A run can be killed at any time, and the same phase started again;\n"
        "it continues with what is there. After a crash of the host in the\n"
        "middle of a phase, or with -of qcow2 after a kill, start again\n"
        "with --phase full."},
    {"USE BY PROGRAMS",
        "--machine-readable alone prints what this program can do, in the\n"
        "lines of virt-v2v(1) for what is the same (input:ova,\n"
        "output:libvirt, convert:windows, mac-ip-option ...). With other\n"
        "options it prints the progress, in lines of the form 37/100, at\n"
        "most a hundred for each step. Both go to standard output, or where\n"
        "--machine-readable=stream:stderr, =fd:NUMBER or =file:NAME says.\n"
        "Each error is one line on standard error."},
    {0},
};

static const struct tool_status statuses[] = {
    {TOOL_OK, "The machine was converted; with `plan` it is Ready or needs a\n"
              "Review."},
    {TOOL_FAILED,
        "The conversion, the copy or --verify-boot failed, or the machine\n"
        "is Blocked, also with `plan`."},
    {TOOL_USAGE,
        "The command line is wrong, or several operating systems were found\n"
        "and --root does not choose one."},
    {TOOL_INPUT,
        "The source cannot be read or understood, or the folder of -o ovirt\n"
        "is not a storage domain."},
    {TOOL_KEYS, NULL},
    {TOOL_NO_OS, NULL},
    {TOOL_APPLIANCE, NULL},
    {TOOL_HUNG_UP, NULL},
    {TOOL_INTERRUPTED, NULL},
    {TOOL_PIPE_CLOSED, NULL},
    {TOOL_TERMINATED, NULL},
    {0},
};

static const struct tool_example examples[] = {
    {"See what the conversion of a Xen guest would do:",
        "mayfly-v2v plan -i xl web.cfg", NULL},
    {"Convert it, and write a script that starts the result with QEMU:",
        "mayfly-v2v -i xl web.cfg -o qemu -os kvm -of qcow2", NULL},
    {"Convert it, define it in libvirt, and connect it to another\n"
     "network:",
        "mayfly-v2v -i xl /etc/xen/web.cfg -o libvirt -oc qemu:///system \\\n"
        "    -os /var/lib/libvirt/images --bridge xenbr0:br0",
        "libvirtd"},
    {"Convert a plain disk, with a name and a new password; write XML\n"
     "for virsh define:",
        "mayfly-v2v -i disk web.img -o local -os kvm -on web2 \\\n"
        "    --root-password file:password",
        NULL},
    {"Convert a libvirt domain; write a description as JSON:",
        "mayfly-v2v -i libvirtxml web.xml -o json -os kvm", NULL},
    {"Convert a chain of VHD images for KubeVirt:",
        "mayfly-v2v -i vhd leaf.vhd -o kubevirt -os kvm -on web3", NULL},
    {"Convert an export of XenServer; write a script that uploads it to\n"
     "OpenStack:",
        "mayfly-v2v -i xva web.xva -o openstack -os kvm -of qcow2", NULL},
    {"Convert an OVA; write a script that creates it on a Proxmox host:",
        "mayfly-v2v -i ova web.ova -o proxmox -os kvm", NULL},
    {"Convert a VMware machine into an OVA for KVM:",
        "mayfly-v2v -i vmx web.vmx -o ova -os kvm", NULL},
    {"Put a machine into an oVirt export domain:",
        "mayfly-v2v -i xl web.cfg -o ovirt -os export", NULL},
    {"Try a conversion, and keep nothing but a report:",
        "mayfly-v2v -i disk web.img -o null --report report.json", NULL},
    {"Copy while the machine runs; then shut it down and finish:",
        "mayfly-v2v -i disk web.img -os kvm -on web4 --phase full\n"
        "mayfly-v2v -i disk web.img -os kvm -on web4 --phase final",
        NULL},
    {"Convert an image in place:", "mayfly-v2v -i disk copy.img --in-place",
        NULL},
    {"Convert a Xen guest and wait until the result boots to its login\n"
     "prompt:",
        "mayfly-v2v -i xl web.cfg -os kvm --verify-boot --boot-timeout 600",
        "a guest that boots"},
    {"Convert a Windows guest that has a static address:",
        "mayfly-v2v -i disk win.img -os kvm \\\n"
        "    --virtio-win virtio-win.iso \\\n"
        "    --mac 00:16:3e:12:34:56:ip:192.0.2.7,192.0.2.1,24,192.0.2.53",
        "a Windows guest"},
    {0},
};

const struct tool_manual v2v_manual = {
    .description =
        "mayfly-v2v converts a virtual machine from Xen, VMware or another\n"
        "hypervisor, or plain disks, to run under KVM. It writes disk\n"
        "images, and beside them a description of the new machine.\n"
        "\n"
        "The source is only read, except with --in-place. Shut the machine\n"
        "down first: the disks of a running machine change while they are\n"
        "copied. Only a copy in phases can begin earlier; see COPY IN\n"
        "PHASES.\n"
        "\n"
        "With the word `plan` nothing is written. The conversion is "
        "rehearsed,\n"
        "every change is printed with its reason, and the machine is\n"
        "reported as Ready, as needing a Review, or as Blocked. The word\n"
        "`inspect` prints the same as JSON, for programs.\n"
        "\n"
        "Options have the names and meanings of those of virt-v2v(1).",
    .details = details,
    .group_details = customize_details,
    .sections = sections,
    .statuses = statuses,
    .examples = examples,
    .see_also = "mayfly-builder(1) mayfly-inspector(1) mayfish(1) mayfly(7) "
                "mayfly-security(7) virt-v2v(1) xl.cfg(5) virsh(1)",
};
