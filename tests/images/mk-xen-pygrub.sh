#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian 12 in the layout of xen-tools, whose kernel pygrub reads from the
# guest: the root file system (xvda2) and the swap space (xvda1) each an image
# without a partition table, menu.lst as the update-grub of GRUB 1 keeps it.
# systemd-networkd has the address.  User root, password xen.  Beside it are
# .swap, .vmlinuz and .initrd.
. "$(dirname "$0")/images.sh"
# shellcheck disable=SC2034
XEN_TREE=legacy-tree
. "$(dirname "$0")/xen.sh"
xen_settings /dev/xvda2 /dev/xvda1
m=$scratch/more/etc
rm -r "$m/default/grub" "$m/network"
mkdir -p "$m/systemd/network" "$m/systemd/system/multi-user.target.wants"
cat > "$m/systemd/network/lan.network" << 'END'
[Match]
Name=enX0

[Network]
Address=192.0.2.7/24
END
ln -s /lib/systemd/system/systemd-networkd.service \
    "$m/systemd/system/multi-user.target.wants/"
cat > "$scratch/finish" << 'END'
mkdir -p /boot/grub
cat > /boot/grub/menu.lst << E
default 0
timeout 1
### BEGIN AUTOMAGIC KERNELS LIST
## ## Start Default Options ##
# kopt=root=/dev/xvda2 ro
# groot=(hd0)
# alternative=false
# lockalternative=false
# defoptions=console=hvc0
# howmany=all
# memtest86=false
## ## End Default Options ##
### END DEBIAN AUTOMAGIC KERNELS LIST
E
# update-grub asks where on the disk GRUB would find its files; pygrub never
# does.
update-grub -y
sed -i 's/^root.*/root (hd0)/; s/^uuid.*/root (hd0)/; s/^# groot=.*/# groot=(hd0)/' \
    /boot/grub/menu.lst
cat /boot/grub/menu.lst
grep -q '^kernel.*root=/dev/xvda2' /boot/grub/menu.lst
END
xen_make 2G 64M << END
mkfs ext4 /dev/sda
mkswap /dev/sdb
mount /dev/sda /
END
