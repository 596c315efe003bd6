#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# GPT: an EFI system partition, /boot, /, swap; fstab by UUID, LABEL,
# PARTUUID.
. "$(dirname "$0")/images.sh"
debian_tree << 'END'
UUID=00000000-0000-4000-8000-000000000003 / ext4 errors=remount-ro 0 1
LABEL=boot /boot ext4 defaults 0 2
PARTUUID=00000000-0000-4000-8000-0000000000e5 /boot/efi vfat umask=0077 0 1
UUID=00000000-0000-4000-8000-000000000004 none swap sw 0 0
tmpfs /tmp tmpfs defaults 0 0
END
disk "$image" 320M
fish -a "$image" << END
run
part-init /dev/sda gpt
part-add /dev/sda p 2048 67583
part-add /dev/sda p 67584 133119
part-add /dev/sda p 133120 563199
part-add /dev/sda p 563200 624639
part-set-gpt-type /dev/sda 1 C12A7328-F81F-11D2-BA4B-00A0C93EC93B
part-set-gpt-guid /dev/sda 1 00000000-0000-4000-8000-0000000000E5
mkfs vfat /dev/sda1 label:ESP
mkfs ext4 /dev/sda2 label:boot
mkfs ext4 /dev/sda3 label:root
mkswap /dev/sda4 uuid:00000000-0000-4000-8000-000000000004
set-uuid /dev/sda3 00000000-0000-4000-8000-000000000003
mount /dev/sda3 /
tar-in $scratch/tree.tar /
mount /dev/sda2 /boot
mkdir /boot/efi
mkdir /boot/grub
write /boot/grub/grub.cfg "# menu"
mount /dev/sda1 /boot/efi
mkdir-p /boot/efi/EFI/BOOT
write /boot/efi/EFI/BOOT/BOOTX64.EFI x
END
