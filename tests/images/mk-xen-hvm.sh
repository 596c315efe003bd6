#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian 12 as an HVM guest, a whole machine with a BIOS and IDE disks: an
# MBR with a logical partition, GRUB 2, everything named by its device, the
# network card by the name that the emulated one has.  User root, password
# xen.  It boots on any PC.
. "$(dirname "$0")/images.sh"
. "$(dirname "$0")/xen.sh"
xen_settings /dev/sda1 /dev/sda5
m=$scratch/more/etc
sed -i 's/hvc0/ttyS0/g' "$m/default/grub" "$m/securetty"
mv "$m"/systemd/system/getty.target.wants/serial-getty@{hvc0,ttyS0}.service
sed -i s/eth0/ens4/ "$m/network/interfaces"
# A plain PC has no xenfs.
sed -i /xenfs/d "$m/fstab"
cat > "$scratch/finish" << 'END'
grub-install --target=i386-pc /dev/sda
update-grub
echo '(hd0) /dev/sda' > /boot/grub/device.map
END
xen_make 3G << END
part-init /dev/sda mbr
part-add /dev/sda p 2048 6000000
part-add /dev/sda e 6000640 -1
part-add /dev/sda l 6002688 -1
part-set-mbr-id /dev/sda 5 0x82
mkswap /dev/sda5
mkfs ext4 /dev/sda1
mount /dev/sda1 /
END
