/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/manual.h"

#include <stddef.h>

const char *const v2v_manual[] = {
    ".SH DESCRIPTION\n"
    "mayfly-v2v takes a machine of Xen, or plain disks, and makes images\n"
    "that run under KVM, with the description of the machine beside them.\n"
    "The source is only read.  It has to be shut down: disks of a running\n"
    "machine change while they are copied.\n"
    ".PP\n"
    "With the word plan nothing is made.  The conversion is rehearsed and\n"
    "every change is told with its reason, and whether the machine is Ready,\n"
    "needs a Review, or is Blocked; Blocked is exit status 1.\n"
    ".PP\n"
    "Options have the names and meanings that virt-v2v(1) has for them.\n",
    ".SH SOURCES\n"
    ".TP\n"
    "\\-i disk DISK...\n"
    "Images or block devices of any format, in their order.  Nothing says\n"
    "how much memory the machine had; what is assumed is printed.\n"
    ".TP\n"
    "\\-i xl FILE\n"
    "A configuration file of xl or xm, as in /etc/xen.  Images of single\n"
    "partitions (xvda1, xvda2) are put together to one disk with a table and\n"
    "a boot loader.  A kernel that the host gave (kernel=, ramdisk=) moves\n"
    "into the guest; so does one given with \\-\\-kernel and \\-\\-initrd.\n"
    ".TP\n"
    "\\-i libvirtxml FILE\n"
    "The XML of a domain of libvirt, of Xen or of another hypervisor.\n",
    ".SH TARGETS\n"
    "All write the images DIR/NAME\\-sda, DIR/NAME\\-sdb and so on.\n"
    ".TP\n"
    "\\-o local\n"
    "DIR/NAME.xml, for virsh define.\n"
    ".TP\n"
    "\\-o qemu\n"
    "DIR/NAME.sh, which starts QEMU.\n"
    ".TP\n"
    "\\-o json\n"
    "DIR/NAME.json: the machine and what was done to it.\n"
    ".TP\n"
    "\\-o null\n"
    "Nothing is kept.\n",
    ".SH CONVERSION\n"
    "Names of disks become UUIDs (fstab, crypttab, the settings and menus of\n"
    "boot loaders); the consoles of Xen become the serial port ttyS0, for\n"
    "the kernel and for logins; network cards keep the names they are\n"
    "configured by; what only works under the old hypervisor is switched\n"
    "off.  An initramfs with the drivers that are needed is left alone; one\n"
    "without them gets them in an archive behind it.\n"
    ".PP\n"
    "\\-\\-report writes all changes, each with what it takes to undo it.\n",
    ".SH EXAMPLES\n"
    "    mayfly\\-v2v plan \\-i xl /etc/xen/web.cfg\n"
    ".br\n"
    "    mayfly\\-v2v \\-i xl /etc/xen/web.cfg \\-o qemu \\-os /srv/kvm "
    "\\-of qcow2 \\-\\-verify\\-boot\n",
    NULL,
};
