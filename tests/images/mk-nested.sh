#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ext4 on LUKS on LVM on LUKS on the whole disk; passphrases "outer" and
# "inner".  fstab by the name that crypttab gives.
. "$(dirname "$0")/images.sh"
debian_tree << 'END'
/dev/mapper/cr_root / ext4 defaults 0 1
END
echo "cr_root /dev/vg/root none luks" > "$scratch/tree/etc/crypttab"
tar -C "$scratch/tree" --owner=0 --group=0 -cf "$scratch/tree.tar" .
disk "$image" 512M
fish --keys-from-stdin -a "$image" << END
run
luks-format /dev/sda 0
outer
cryptsetup-open /dev/sda outer
outer
pvcreate /dev/mapper/outer
vgcreate vg /dev/mapper/outer
lvcreate root vg 300
luks-format /dev/vg/root 0
inner
cryptsetup-open /dev/vg/root inner
inner
mkfs ext4 /dev/mapper/inner label:deep
mount /dev/mapper/inner /
tar-in $scratch/tree.tar /
umount-all
cryptsetup-close /dev/mapper/inner
vg-activate-all false
cryptsetup-close /dev/mapper/outer
END
