#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# MBR: /boot, and a volume group over a partition and a logical partition,
# with / and swap in it.
. "$(dirname "$0")/images.sh"
debian_tree << 'END'
/dev/vg/root	/	ext4	defaults	0 1
/dev/sda1	/boot	ext2	defaults	0 2
/dev/mapper/vg-swap	none	swap	sw	0 0
END
disk "$image" 384M
fish -a "$image" << END
run
part-init /dev/sda mbr
part-add /dev/sda p 2048 67583
part-add /dev/sda p 67584 329727
part-add /dev/sda extended 329728 786431
part-add /dev/sda l 331776 784383
mkfs ext2 /dev/sda1
pvcreate /dev/sda2
pvcreate /dev/sda5
vgcreate vg "/dev/sda2 /dev/sda5"
lvcreate root vg 280
lvcreate swap vg 32
mkfs ext4 /dev/vg/root
mkswap /dev/vg/swap
mount /dev/vg/root /
tar-in $scratch/tree.tar /
END
