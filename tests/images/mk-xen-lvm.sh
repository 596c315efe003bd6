#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian 12 as a PV guest on a disk with an MBR, /boot and the rest in LVM:
# GRUB 2's menu for pygrub, but no boot loader on the disk.  User root,
# password xen.  Beside it are .vmlinuz and .initrd.
. "$(dirname "$0")/images.sh"
. "$(dirname "$0")/xen.sh"
xen_settings /dev/mapper/guest-root /dev/mapper/guest-swap
echo '/dev/xvda1 /boot ext4 noatime 0 2' >> "$scratch/more/etc/fstab"
cat > "$scratch/finish" << 'END'
mkdir /boot/grub
update-grub
END
xen_make 3G << END
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
END
