#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names of volumes, arrays and what multipath made: those that the guest gives
# itself stay; LVM's filter and its list of devices name the new disks.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cases/linux-guest.sh"
linux_guest_requires
cd "$work"

# /boot on sda1, LVM on sda2 with vg/root and vg/swap-1
v=5.14.0-427.el9.x86_64
tree t rhel
kernel t $v "boot/vmlinuz-$v" "boot/initramfs-$v.img"
mkdir -p t/etc/lvm/devices initramfs/etc/lvm/devices t/etc/multipath
cat > t/etc/fstab << 'END'
/dev/mapper/vg-root / ext4 defaults 0 0
/dev/sda1 /boot ext4 defaults 0 0
/dev/vg/swap-1 none swap defaults 0 0
/dev/mapper/vg-swap--1 none swap defaults 0 0
/dev/mapper/vg-gone /gone xfs defaults 0 0
/dev/md/data /data ext4 nofail 0 0
/dev/mapper/mpathap3 /m ext4 noauto 0 0
END
printf 'VERSION=1.1.2\nIDTYPE=sys_wwid IDNAME=naa.6000c29 DEVNAME=/dev/sda2 PVID=abc PART=2\n' |
    tee t/etc/lvm/devices/system.devices \
        > initramfs/etc/lvm/devices/system.devices
(cd initramfs && find . | cpio --quiet -o -H newc) | gzip \
    > "t/boot/initramfs-$v.img"
cat > t/etc/lvm/lvm.conf << 'END'
devices {
    # filter = [ "a|.*|" ]
    global_filter = [ "a|/dev/disk/by-id/scsi-3600508b1001cdac79483c5b08490cb4d.*|",
                      "a|/dev/mapper/mpath.*|", "r/.*/" ]
}
END
printf 'title x\nlinux /vmlinuz-%s\ninitrd /initramfs-%s.img\noptions root=/dev/dm-0 rd.lvm.lv=vg/root resume=/dev/mapper/vg-swap--1\n' \
    $v $v > "t/boot/loader/entries/1-$v.conf"
tar -C t --exclude=./boot -cf root.tar --owner=0 --group=0 .
tar -C t/boot -cf boot.tar --owner=0 --group=0 .
truncate -s 96M a
mayfish --format=raw -a a << END
run
part-init /dev/sda mbr
part-add /dev/sda p 2048 67583
part-add /dev/sda p 67584 -1
part-set-bootable /dev/sda 1 true
pvcreate /dev/sda2
vgcreate vg /dev/sda2
lvcreate root vg 40
lvcreate swap-1 vg 8
mkfs ext4 /dev/sda1
mkfs ext4 /dev/vg/root
mkswap /dev/vg/swap-1
mount /dev/vg/root /
tar-in $work/root.tar /
mkdir-p /boot
mount /dev/sda1 /boot
tar-in $work/boot.tar /boot
END
boot_code a
convert a
mayfish --ro --format=raw -a out/m-sda -m /dev/vg/root \
    download /etc/fstab got.fstab : download /etc/lvm/lvm.conf got.lvm : \
    exists /etc/lvm/devices/system.devices > listed
boot=$(mayfish --ro --format=raw -a out/m-sda run : vfs-uuid /dev/sda1)
root=$(mayfish --ro --format=raw -a out/m-sda run : vfs-uuid /dev/vg/root)
grep -q '^/dev/mapper/vg-root / ext4' got.fstab
grep -q "^UUID=$boot /boot ext4" got.fstab || fail "$(cat got.fstab)"
grep -q '^/dev/vg/swap-1 none' got.fstab
grep -q '^/dev/mapper/vg-swap--1 none' got.fstab
grep -q '^false$' listed
grep -qF 'global_filter = [ "a|^/dev/vda2$|", "a|/dev/disk' got.lvm ||
    fail "$(cat got.lvm)"
tells '/etc/fstab: /dev/mapper/vg-gone is not on the guest.*\(line 5\)'
tells '/etc/fstab: /dev/md/data is not on the guest.*\(line 6\)'
tells '/etc/fstab: /dev/mapper/mpathap3 is not on the guest.*\(line 7\)'
tells "/etc/lvm/lvm.conf: the filter named no disk .*\(line 3\)"
[ "$(sed -n '/^Look at:/,/^[^ ]/p' said | grep -c '^  ')" = 4 ] ||
    fail "more to look at: $(cat said)"
mayfish --ro --format=raw -a out/m-sda -m /dev/sda1 \
    cat "/loader/entries/1-$v.conf" : download "/initramfs-$v.img" i > entry
grep -q "root=UUID=$root rd.lvm.lv=vg/root resume=/dev/mapper/vg-swap--1" entry
grep -qa virtio_blk.ko i
grep -qa 'IDTYPE=devname IDNAME=/dev/vda2 DEVNAME=/dev/vda2 PVID=abc PART=2' i ||
    fail "the initramfs has the old list of devices"
