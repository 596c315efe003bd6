#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# / as xfs on LVM on LUKS, passphrase "secret"; /boot outside.
. "$(dirname "$0")/images.sh"
debian_tree << 'END'
/dev/mapper/vg--a-root / xfs defaults 0 1
/dev/vg-a/home /home ext4 defaults 0 2
/dev/sda1 /boot ext4 defaults 0 2
END
disk "$image" 1G
fish --keys-from-stdin -a "$image" << END
run
part-init /dev/sda gpt
part-add /dev/sda p 2048 67583
part-add /dev/sda p 67584 2095103
mkfs ext4 /dev/sda1
luks-format /dev/sda2 0
secret
cryptsetup-open /dev/sda2 crypt
secret
pvcreate /dev/mapper/crypt
vgcreate vg-a /dev/mapper/crypt
lvcreate root vg-a 400
lvcreate home vg-a 64
mkfs xfs /dev/vg-a/root
mkfs ext4 /dev/vg-a/home
mount /dev/vg-a/root /
tar-in $scratch/tree.tar /
umount-all
vg-activate-all false
cryptsetup-close /dev/mapper/crypt
END
