#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# MBR: a primary /boot, and in the extended partition / and /home and swap;
# fstab by the device names of an old kernel.
. "$(dirname "$0")/images.sh"
debian_tree << 'END'
/dev/hda5	/	ext4	defaults	0 1
/dev/hda1	/boot	ext2	defaults	0 2
/dev/hda6	/home	xfs	defaults	0 2
/dev/hda7	none	swap	sw	0 0
/dev/cdrom	/media/cdrom0	iso9660	user,noauto	0 0
END
disk "$image" 704M
fish -a "$image" << END
run
part-init /dev/sda mbr
part-add /dev/sda p 2048 67583
part-add /dev/sda extended 67584 1435647
part-add /dev/sda l 69632 434175
part-add /dev/sda l 436224 1374207
part-add /dev/sda l 1376256 1433599
mkfs ext2 /dev/sda1
mkfs ext4 /dev/sda5
mkfs xfs /dev/sda6
mkswap /dev/sda7
mount /dev/sda5 /
tar-in $scratch/tree.tar /
mount /dev/sda1 /boot
mkdir /boot/grub
write /boot/grub/menu.lst "default 0"
END
