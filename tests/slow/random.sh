#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 25 files of odd sizes and layouts on each of eight kinds of storage: the
# appliance reads them through its page cache (crc is computed there), and
# they are downloaded; both must equal what was uploaded.  SEED=N repeats a
# run.
. "$(dirname "$0")/../lib.sh"
cd "$work"
seed=${SEED:-$RANDOM$RANDOM}
echo "seed $seed"
echo secret > key

# one NAME COMMAND...
one()
{
    local name=$1 i
    shift
    rm -rf in out
    mkdir in out
    "$srcdir/tests/files/random.py" in 25 "$seed.$name"
    qemu-img create -q -f qcow2 disk.qcow2 2G
    qemu-img create -q -f qcow2 disk2.qcow2 2G
    {
        echo run
        printf '%s\n' "$@"
        for i in $(seq 0 24); do
            echo "upload in/r$i /r$i"
        done
        echo umount-all
    } > writing
    {
        echo run
        printf '%s\n' "$@" | sed '/^luks-format/d; /^mkfs/d; /^part/d;
            /^md-create/d; /^[vl][gv]create/d; s/^mount /mount-ro /
            s/^mount-options /mount-options ro,/'
        for i in $(seq 0 24); do
            echo "checksum crc /r$i"
        done
        for i in $(seq 0 24); do
            echo "download /r$i out/r$i"
        done
    } > reading
    cat key key > keys
    mayfish --keys-from-stdin -a disk.qcow2 -a disk2.qcow2 -f writing < keys
    mayfish --keys-from-stdin --ro -a disk.qcow2 -a disk2.qcow2 -f reading \
        < key > said
    for i in $(seq 0 24); do
        cksum < "in/r$i" | cut -d' ' -f1
        cmp "in/r$i" "out/r$i" || fail "$name: r$i differs, seed $seed"
    done > want
    cmp want said || fail "$name: the appliance reads otherwise, seed $seed"
    echo "$name: ok, $(du -bc in | tail -n 1 | cut -f1) bytes"
}

one ext4 'mkfs ext4 /dev/sda' 'mount /dev/sda /'
one xfs 'mkfs xfs /dev/sda' 'mount /dev/sda /'
one btrfs 'mkfs btrfs /dev/sda' \
    'mount-options compress-force=zstd /dev/sda /'
one vfat 'part-disk /dev/sda mbr' 'mkfs vfat /dev/sda1' 'mount /dev/sda1 /'
one ntfs 'part-disk /dev/sda gpt' 'mkfs ntfs /dev/sda1' 'mount /dev/sda1 /'
one LVM 'vgcreate v "/dev/sda /dev/sdb"' 'lvcreate-free l v 100' \
    'mkfs ext4 /dev/v/l' 'mount /dev/v/l /'
one RAID 'md-create m "/dev/sda /dev/sdb" level:raid0' 'mkfs xfs /dev/md/m' \
    'mount /dev/md/m /'
one LUKS 'luks-format /dev/sda 0' 'cryptsetup-open /dev/sda c' \
    'mkfs ext4 /dev/mapper/c' 'mount /dev/mapper/c /'
