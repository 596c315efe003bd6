#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two disks, IMAGE and IMAGE.2: / on a RAID1 of both, /boot on another, which
# the guest numbers its own way in mdadm.conf.
. "$(dirname "$0")/images.sh"
debian_tree << 'END'
/dev/md5 / ext4 defaults 0 1
/dev/md6 /boot ext4 defaults 0 2
END
disk "$image" 320M
disk "$image.2" 320M
fish -a "$image" -a "$image.2" << END
run
part-init /dev/sda mbr
part-add /dev/sda p 2048 67583
part-add /dev/sda p 67584 653311
part-init /dev/sdb mbr
part-add /dev/sdb p 2048 67583
part-add /dev/sdb p 67584 653311
md-create boot "/dev/sda1 /dev/sdb1" level:raid1
md-create root "/dev/sda2 /dev/sdb2" level:raid1
md-detail /dev/md/boot | sed -n "s,^uuid: ,ARRAY /dev/md6 UUID=,p" > $scratch/boot
md-detail /dev/md/root | sed -n "s,^uuid: ,ARRAY /dev/md5 UUID=,p" > $scratch/root
mkfs ext4 /dev/md/boot
mkfs ext4 /dev/md/root
mount /dev/md/root /
tar-in $scratch/tree.tar /
mkdir /etc/mdadm
!cat $scratch/boot $scratch/root > $scratch/mdadm.conf
upload $scratch/mdadm.conf /etc/mdadm/mdadm.conf
END
