#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The disk with the system boots, wherever it stands, and no other is written
# to; a disk of any format that has no table comes over with its content.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cli/v2v-guests.sh"
requires cpio --version
requires mkfs.ext4 -V
requires test -e "${builddir:?}/v2v/loader/core.img"
cd "$work"
make_guests
printf '\353\143\220GRUB' | dd of=disk conv=notrunc status=none
echo content > mark
truncate -s 16M data
mkfs.ext4 -q data
debugfs -w -R 'write mark mark' data 2> /dev/null
for format in vmdk qcow2 vdi vhdx; do
    qemu-img convert -O $format data data.$format
done
qemu-img convert -O vmdk disk disk.vmdk
mkdir out

is_whole() # IMAGE
{
    mayfish --ro --format=raw -a "$1" -m /dev/sda cat /mark > text
    grep -qx content text || fail "$1 lost its content"
}

boots() # XML IMAGE
{
    grep -A3 "source file=\".*/$2\"" "out/$1" > text
    grep -q 'boot order="1"' text || fail "$1: $2 does not boot: $(cat text)"
}

# VMware: the data is on SCSI, the system on the SATA controller.
cat > m.vmx << 'END'
displayName = "m"
memSize = "512"
scsi0.present = "TRUE"
scsi0:0.present = "TRUE"
scsi0:0.fileName = "data.vmdk"
sata0.present = "TRUE"
sata0:1.present = "TRUE"
sata0:1.deviceType = "disk"
sata0:1.fileName = "disk.vmdk"
sata0:2.present = "FALSE"
sata0:2.fileName = "gone.vmdk"
END
mayfly-v2v inspect -i vmx m.vmx > found.json
python3 -c '
import json, sys
orders = [d["bootOrder"] for d in json.load(sys.stdin)["disks"]]
assert orders == [2, 1], orders' < found.json
mayfly-v2v -i vmx m.vmx -os out > said
grep -q '^Disk vdb .*disk.vmdk (boots first)$' said || fail "$(cat said)"
is_whole out/m-sda
boots m.xml m-sdb

# A domain that does not say the formats, and whose names are of two kinds.
cat > d.xml << END
<domain type='kvm'><name>d</name><memory unit='MiB'>512</memory>
<vcpu>1</vcpu><os><type>hvm</type></os><devices>
<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>
<disk type='file' device='disk'><source file='$work/data.vhdx'/>
<target dev='vdb' bus='virtio'/></disk>
<disk type='file' device='disk'><source file='$work/data.vdi'/>
<target dev='vdc' bus='virtio'/></disk>
<disk type='file' device='disk'><source file='$work/disk'/>
<target dev='sdb' bus='scsi'/></disk>
</devices></domain>
END
mayfly-v2v -q -i libvirtxml d.xml -os out
is_whole out/d-sda
is_whole out/d-sdb
boots d.xml d-sdc

# Without boot code anywhere the loader goes to the disk with /boot only, and
# a file system without a table is what gets one, if the system is on it.
cp disk plain
dd if=/dev/zero of=plain bs=440 count=1 conv=notrunc status=none
mayfly-v2v -q -i disk data.qcow2 plain -os out -on p
is_whole out/p-sda
boots p.xml p-sdb
cmp -n 8 out/p-sdb "${builddir}/v2v/loader/boot.img" || fail "no loader on it"
qemu-img convert -O qcow2 root root.qcow2
mayfly-v2v -i disk data.vmdk root.qcow2 -os out -on r > said
is_whole out/r-sda
boots r.xml r-sdb
grep -q '^Disk vdb .*put together' said || fail "$(cat said)"
mayfish --ro --format=raw -a out/r-sdb -m /dev/sda1 is-file /etc/fstab > text
grep -qx true text

# LVM over two disks, behind a data disk; /boot says which one boots.
truncate -s 40M one two
mayfish --format=raw -a one -a two << END
run
part-init /dev/sda mbr
part-add /dev/sda p 2048 34815
part-add /dev/sda p 34816 -1
mkfs ext4 /dev/sda1
vgcreate vg "/dev/sda2 /dev/sdb"
lvcreate root vg 44
mkfs ext4 /dev/vg/root
mount /dev/vg/root /
mkdir /boot
mount /dev/sda1 /boot
tar-in $work/phony.tar /
tar-in $work/more.tar /
write /etc/fstab "/dev/vg/root / ext4 defaults 0 1\n/dev/sdc1 /boot ext4 defaults 0 2\n"
END
mayfly-v2v plan -i disk data.qcow2 two one > planned
grep -q 'boots from vdc, not from the first' planned || fail "$(cat planned)"
echo ok
