#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks with sectors of 4096 bytes: the new machine gets such disks, whatever
# the place of the disk, where the target can say so; else it is reported.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cases/linux-guest.sh"
linux_guest_requires
requires mcopy --version
requires mkfs.vfat --help
cd "$work"

# ext4 with blocks that such a disk can have: system IMAGE SECTOR
system()
{
    mke2fs -q -F -t ext4 -b 4096 -O ^metadata_csum_seed,^orphan_file \
        -U "$root_uuid" -E offset=$(($2 * 4096)) -d t "$1" 32M 2> mke2fs.err ||
        fail "$(cat mke2fs.err)"
}

# Print bytes of a file as text: bytes FILE OFFSET N
bytes() { dd if="$1" bs=1 skip="$2" count="$3" status=none; }

v=6.1.0-18-amd64
tree t debian
kernel t $v
printf "menuentry 'x' {\nlinux /boot/vmlinuz-%s root=/dev/sda2\ninitrd /boot/initrd.img-%s\n}\n" \
    $v $v > t/boot/grub/grub.cfg
mkdir -p esp/EFI/BOOT
echo grub > esp/EFI/BOOT/BOOTX64.EFI

truncate -s 80M large
mayfish --format=raw --blocksize=4096 -a large run : \
    part-init /dev/sda gpt : part-add /dev/sda p 256 8447 : \
    part-add /dev/sda p 8448 16639 : part-set-gpt-type /dev/sda 1 \
    C12A7328-F81F-11D2-BA4B-00A0C93EC93B
[ "$(bytes large 4096 8)" = 'EFI PART' ] || fail 'the table is not of 4096'
truncate -s 32M fat
mkfs.vfat -i ABCD1234 fat > /dev/null
mcopy -s -i fat esp/* ::
dd if=fat of=large bs=4096 seek=256 conv=notrunc status=none
system large 8448
truncate -s 2M data
echo 'start=2048, type=83' | sfdisk -q data

# --- the table says it, and each target ---

convert large data
silent
grep -q 'vda has sectors of 4096 bytes' said || fail "$(cat said)"
[ "$(xmllint --xpath 'string(//disk[target/@dev="vda"]/blockio/@logical_block_size)' out/m.xml)" = 4096 ]
[ "$(xmllint --xpath 'count(//blockio)' out/m.xml)" = 1 ]
mayfish --ro --format=raw --blocksize=4096 -a out/m-sda -m /dev/sda2 \
    cat /boot/grub/grub.cfg | grep -q "root=UUID=$root_uuid" ||
    fail 'grub.cfg names a disk'

# The second of two, in a qcow2.
qemu-img convert -f raw -O qcow2 large large.qcow2
rm -rf out
mkdir out
mayfly-v2v -i disk data large.qcow2 -o qemu -os out -on m > said 2>&1 ||
    fail "$(cat said)"
grep -q 'drive=disk1,bootindex=1,logical_block_size=4096,physical_block_size=4096' \
    out/m.sh || fail "$(cat out/m.sh)"
[ "$(grep -c logical_block_size out/m.sh)" = 1 ]
mayfly-v2v -i disk large -o kubevirt -os out -on k > said 2>&1 ||
    fail "$(cat said)"
grep -A 3 'blockSize:' out/k.yaml | grep -q 'logical: 4096' ||
    fail "$(cat out/k.yaml)"
[ "$(mayfly-v2v inspect -i disk data large |
    jq -c '[.disks[].sectorSize]')" = '[512,4096]' ]
mayfly-v2v -i disk data large -o ova -os out -on o > said 2>&1 ||
    fail "$(cat said)"
tells 'the system boots from vdb, and what -o ova writes cannot say so'
for target in openstack ova proxmox; do
    mayfly-v2v -i disk large -o $target -os out -on $target > said 2>&1 ||
        fail "$(cat said)"
    tells "needs sectors of 4096 bytes, and what -o $target writes cannot"
done

# --- what programs read that know virt-v2v-inspector ---

mayfly-v2v inspect -i disk data large -O - > found.xml ||
    fail "$(cat found.xml)"
found=$(xmllint --xpath 'concat(count(//disk), " ", //disk[2]/virtual-size,
    " ", //firmware/@type, " ", //operatingsystem/distro, " ",
    //operatingsystem/root, " ", //mountpoint[.="/"]/@dev, " ",
    //disk[2]/boot/@order, " ", //disk[1]/boot/@order)' found.xml)
[ "$found" = '2 83886080 uefi debian /dev/sdb2 /dev/sdb2 1 2' ] || fail "$found"
mayfly-v2v plan -i disk data large -O file.xml > said
grep -q '^Readiness' said
cmp file.xml found.xml
expect_error 2 'O - needs inspect' mayfly-v2v plan -i disk large -O -

# --- a table that cannot say it: --blocksize ---

truncate -s 80M mbr
mayfish --format=raw --blocksize=4096 -a mbr run : part-init /dev/sda mbr : \
    part-add /dev/sda p 256 8447 : part-set-bootable /dev/sda 1 true
system mbr 256
rm -rf out
expect_error any . mayfly-v2v plan -i disk mbr
convert --blocksize 4096 mbr
[ "$(xmllint --xpath 'count(//blockio[@logical_block_size=4096])' out/m.xml)" = 1 ]
expect_error 2 "invalid size '1024': use 512 or 4096" \
    mayfly-v2v plan --blocksize 1024 -i disk mbr
