#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian 12 as a PV guest whose boot loader is EXTLINUX: an MBR with /boot,
# swap space and an XFS as "/", all named by their devices; it also resumes
# from the swap space.  Its network card is called lan0 by its address.  User
# root, password xen.  Beside it are .vmlinuz and .initrd.
. "$(dirname "$0")/images.sh"
. "$(dirname "$0")/xen.sh"
xen_settings /dev/xvda3 /dev/xvda2
xen_list_modules xen-blkfront xfs
m=$scratch/more/etc
rm -r "$m/default"
cat > "$m/fstab" << 'END'
/dev/xvda3 / xfs noatime 0 0
/dev/xvda1 /boot ext4 noatime 0 2
/dev/xvda2 none swap sw 0 0
END
mkdir "$m/systemd/network"
cat > "$m/systemd/network/10-lan.link" << 'END'
[Match]
MACAddress=00:16:3e:10:20:30

[Link]
Name=lan0
END
sed -i s/eth0/lan0/ "$m/network/interfaces"
cat > "$scratch/finish" << 'END'
version=$(ls /lib/modules)
update-initramfs -u -k "$version"
mkdir /boot/extlinux
cat > /boot/extlinux/extlinux.conf << E
default linux
timeout 10
label linux
    kernel /vmlinuz-$version
    append initrd=/initrd.img-$version root=/dev/xvda3 ro console=hvc0 resume=/dev/xvda2
E
extlinux --install /boot/extlinux
dd if=/usr/lib/syslinux/mbr/mbr.bin of=/dev/sda bs=440 count=1 conv=notrunc
END
xen_make 2G << END
part-init /dev/sda mbr
part-add /dev/sda p 2048 411647
part-add /dev/sda p 411648 542719
part-add /dev/sda p 542720 -1
part-set-bootable /dev/sda 1 true
part-set-mbr-id /dev/sda 2 0x82
mkfs ext4 /dev/sda1 features:^64bit
mkswap /dev/sda2
mkfs xfs /dev/sda3
mount /dev/sda3 /
mkdir /boot
mount /dev/sda1 /boot
END
