#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian 12 in the layout that xen-tools makes: the root file system (xvda2)
# and the swap space (xvda1) each an image without a partition table, no boot
# loader, the kernel in dom0.  The image is the root; beside it are .swap and
# .dom0, the /boot of dom0.  User root, password xen.
. "$(dirname "$0")/images.sh"
. "$(dirname "$0")/xen.sh"
xen_settings /dev/xvda2 /dev/xvda1
rm "$scratch/more/etc/default/grub"
xen_make 2G 64M << END
mkfs ext4 /dev/sda
mkswap /dev/sdb
mount /dev/sda /
END
xen_to_dom0
