#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian 12 as a PV guest on a disk with a table of DOS, /boot and the rest
# in LVM: GRUB 2's menu for pygrub, but no boot loader on the disk.  User
# root, password xen.  Beside it are .vmlinuz and .initrd.
. "$(dirname "$0")/images.sh"
. "$(dirname "$0")/xen.sh"
xen_settings /dev/mapper/guest-root /dev/mapper/guest-swap
cat > "$scratch/finish" << 'END'
set -e
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
echo root:xen | chpasswd
echo '/dev/xvda1 /boot ext4 noatime 0 2' >> /etc/fstab
mkdir /boot/grub
update-grub
END
disk "$scratch/raw" 3G
fish --format=raw -a "$scratch/raw" << END
run
part-init /dev/sda mbr
part-add /dev/sda p 2048 411647
part-add /dev/sda p 411648 -1
pvcreate /dev/sda2
vgcreate guest /dev/sda2
lvcreate swap guest 64
lvcreate-free root guest 100
mkfs ext4 /dev/sda1
mkfs ext4 /dev/guest/root
mkswap /dev/guest/swap
mount /dev/guest/root /
mkdir /boot
mount /dev/sda1 /boot
tar-in $tree /
tar-in $scratch/more.tar /
upload $scratch/finish /tmp/finish
sh "sh /tmp/finish"
rm /tmp/finish
download /vmlinuz $image.vmlinuz
download /initrd.img $image.initrd
END
mv "$scratch/raw" "$image"
