#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A vmdk with NTFS and vfat, and names that are not ASCII on both; no
# operating system.
. "$(dirname "$0")/images.sh"
disk "$scratch/raw" 192M
fish -a "$scratch/raw" << 'END'
run
part-init /dev/sda mbr
part-add /dev/sda p 2048 204799
part-add /dev/sda p 204800 391167
part-set-mbr-id /dev/sda 1 7
part-set-mbr-id /dev/sda 2 0xc
mkfs ntfs /dev/sda1 label:Données
mkfs vfat /dev/sda2
mount /dev/sda1 /
mkdir "/Größe und Maß"
write "/Größe und Maß/日本語.txt" "ntfs"
umount /
mount-options utf8 /dev/sda2 /
mkdir "/Ελληνικά"
write "/Ελληνικά/naïve café.txt" "vfat"
END
qemu-img convert -f raw -O vmdk "$scratch/raw" "$image"
