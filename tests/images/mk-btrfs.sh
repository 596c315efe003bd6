#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# btrfs with / and /home as subvolumes, and a snapshot of /.
. "$(dirname "$0")/images.sh"
debian_tree << 'END'
UUID=00000000-0000-4000-8000-0000000000b7 / btrfs defaults,subvol=@ 0 0
UUID=00000000-0000-4000-8000-0000000000b7 /home btrfs subvol=@home 0 0
LABEL=boot /boot ext4 defaults 0 2
END
disk "$image" 512M
fish -a "$image" << END
run
part-init /dev/sda gpt
part-add /dev/sda p 2048 67583
part-add /dev/sda p 67584 1046527
mkfs ext4 /dev/sda1 label:boot
mkfs-btrfs /dev/sda2 label:system
set-uuid /dev/sda2 00000000-0000-4000-8000-0000000000b7
mount /dev/sda2 /
btrfs-subvolume-create /@
btrfs-subvolume-create /@home
tar-in $scratch/tree.tar /@
write /@home/note "in the subvolume"
btrfs-subvolume-snapshot /@ /snapshot ro:true
END
