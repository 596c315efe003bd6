#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian 12 as a PV guest whose disk is a file system without a partition
# table.  pygrub finds its kernel in the menu.lst of GRUB 1, and its initramfs
# only has the Xen drivers.  User root, password xen.  Beside it are .vmlinuz
# and .initrd.
. "$(dirname "$0")/images.sh"
. "$(dirname "$0")/xen.sh"
xen_settings /dev/xvda /dev/xvdb
xen_list_modules xen-blkfront ext4
rm "$scratch/more/etc/initramfs-tools/conf.d/resume" \
    "$scratch/more/etc/default/grub"
cat > "$scratch/finish" << 'END'
version=$(ls /lib/modules)
update-initramfs -u -k "$version"
mkdir -p /boot/grub
cat > /boot/grub/menu.lst << E
default 0
timeout 1
### BEGIN AUTOMAGIC KERNELS LIST
# kopt=root=/dev/xvda ro console=hvc0
# groot=(hd0)
title Debian GNU/Linux, kernel $version
root (hd0)
kernel /boot/vmlinuz-$version root=/dev/xvda ro console=hvc0
initrd /boot/initrd.img-$version
### END DEBIAN AUTOMAGIC KERNELS LIST
E
END
xen_make 2G 64M << END
mkfs ext4 /dev/sda
mkswap /dev/sdb
mount /dev/sda /
END
