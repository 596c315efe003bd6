#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian 12 as an HVM guest with UEFI: GPT, and GRUB 2 where only a boot
# entry in the firmware's memory leads. fstab has device names; netplan has
# the address, for the name that the emulated card has.  User root, password
# xen.  It boots on any PC with UEFI.
. "$(dirname "$0")/images.sh"
# shellcheck disable=SC2034
XEN_TREE=uefi-tree
. "$(dirname "$0")/xen.sh"
xen_settings /dev/sda3 /dev/sda2
m=$scratch/more/etc
sed -i 's/hvc0/ttyS0/g' "$m/default/grub" "$m/securetty"
mv "$m"/systemd/system/getty.target.wants/serial-getty@{hvc0,ttyS0}.service
# A plain PC has no xenfs.
sed -i /xenfs/d "$m/fstab"
echo '/dev/sda1 /boot/efi vfat umask=0077 0 1' >> "$m/fstab"
rm -r "$m/network"
mkdir "$m/netplan"
cat > "$m/netplan/lan.yaml" << 'END'
network:
  version: 2
  renderer: networkd
  ethernets:
    ens4:
      addresses: [192.0.2.7/24]
END
cat > "$scratch/finish" << 'END'
chmod 600 /etc/netplan/lan.yaml
grub-install --target=x86_64-efi --efi-directory=/boot/efi --no-nvram
update-grub
test -e /boot/efi/EFI/debian/grubx64.efi
test ! -e /boot/efi/EFI/BOOT
END
xen_make 3G << END
part-init /dev/sda gpt
part-add /dev/sda p 2048 133119
part-add /dev/sda p 133120 264191
part-add /dev/sda p 264192 -2048
part-set-gpt-type /dev/sda 1 C12A7328-F81F-11D2-BA4B-00A0C93EC93B
part-set-gpt-type /dev/sda 2 0657FD6D-A4AB-43C4-84E5-0933C84B4F4F
mkfs vfat /dev/sda1
mkswap /dev/sda2
mkfs ext4 /dev/sda3
mount /dev/sda3 /
mkdir-p /boot/efi
mount /dev/sda1 /boot/efi
END
