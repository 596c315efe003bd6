#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian 12 as a PV guest whose disk is a file system without a partition
# table.  pygrub reads its kernel by the menu.lst of GRUB 1, and its initramfs
# has the drivers for Xen only.  User root, password xen.  Beside it are
# .vmlinuz and .initrd.
. "$(dirname "$0")/images.sh"
. "$(dirname "$0")/xen.sh"
xen_settings /dev/xvda /dev/xvdb
cat > "$scratch/finish" << 'END'
set -e
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
echo root:xen | chpasswd
printf 'MODULES=list\nCOMPRESS=gzip\n' > /etc/initramfs-tools/conf.d/small
printf 'xen-blkfront\next4\n' >> /etc/initramfs-tools/modules
rm /etc/initramfs-tools/conf.d/resume
version=$(ls /lib/modules)
update-initramfs -u -k "$version"
rm -f /etc/default/grub
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
disk "$scratch/raw" 2G
disk "$scratch/swap" 64M
fish --format=raw -a "$scratch/raw" -a "$scratch/swap" << END
run
mkfs ext4 /dev/sda
mkswap /dev/sdb
mount /dev/sda /
tar-in $tree /
tar-in $scratch/more.tar /
upload $scratch/finish /tmp/finish
sh "sh /tmp/finish"
rm /tmp/finish
download /vmlinuz $image.vmlinuz
download /initrd.img $image.initrd
END
mv "$scratch/swap" "$image.swap"
mv "$scratch/raw" "$image"
