#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian 12 in the layout that xen-tools makes: the root file system (xvda2)
# and the swap space (xvda1) each an image without a partition table, no boot
# loader, the kernel in dom0.  The image is the root; beside it are .swap and
# .dom0, the /boot of that.  User root, password xen.
. "$(dirname "$0")/images.sh"
. "$(dirname "$0")/xen.sh"
xen_settings /dev/xvda2 /dev/xvda1
disk "$scratch/root" 2G
disk "$scratch/swap" 64M
fish --format=raw -a "$scratch/root" -a "$scratch/swap" << END
run
mkfs ext4 /dev/sda
mkswap /dev/sdb
mount /dev/sda /
tar-in $tree /
tar-in $scratch/more.tar /
sh "echo root:xen | /usr/sbin/chpasswd"
copy-out /boot $scratch
glob rm-rf /boot/*
rm-f /vmlinuz
rm-f /initrd.img
rm-rf /etc/default/grub
END
rm -rf "$image.dom0"
mv "$scratch/boot" "$image.dom0"
mv "$scratch/swap" "$image.swap"
mv "$scratch/root" "$image"
