#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Partitions and file systems grow in place, mounted, and keep their content,
# numbers and UUIDs; other programs find nothing wrong with the result.
. "$(dirname "$0")/../lib.sh"

# grow NAME TABLE PARTITION COMMANDS...: make it, enlarge the disk, grow.
layout()
{
    local disk=$work/$1
    shift
    truncate -s 500M "$disk"
    mayfish --format=raw -a "$disk" -- run : "$@"
    truncate -s 900M "$disk"
}

in_disk()
{
    local disk=$work/$1
    shift
    mayfish --format=raw -a "$disk" -- run : "$@"
}

size_of_file_system()
{
    in_disk "$1" mount-ro "$2" / : statvfs / |
        awk '$1 == "bsize:" { b = $2 } $1 == "blocks:" { print $2 * b }'
}

# --- GPT, ext4 in the last of two partitions, mounted while it grows ---

layout ext4 part-init /dev/sda gpt : part-add /dev/sda p 2048 67583 : \
    part-add /dev/sda p 67584 -34 : part-set-name /dev/sda 2 root : \
    mkfs ext4 /dev/sda2 label:root : mount /dev/sda2 / : write /a content
before=$(in_disk ext4 part-get-gpt-guid /dev/sda 2 : vfs-uuid /dev/sda2 : \
    part-get-disk-guid /dev/sda : part-get-name /dev/sda 2)
in_disk ext4 mount /dev/sda2 / : part-grow /dev/sda 2 : \
    filesystem-grow /dev/sda2 : cat /a > "$work/out"
[ "$(cat "$work/out")" = "909098496
ext4
content" ] || fail "growing said $(cat "$work/out")"
after=$(in_disk ext4 part-get-gpt-guid /dev/sda 2 : vfs-uuid /dev/sda2 : \
    part-get-disk-guid /dev/sda : part-get-name /dev/sda 2)
[ "$before" = "$after" ] || fail "'$before' became '$after'"
[ "$(size_of_file_system ext4 /dev/sda2)" -gt 800000000 ] ||
    fail "the file system did not grow"
in_disk ext4 e2fsck /dev/sda2 forceno:true
if command -v sgdisk > /dev/null; then
    sgdisk -v "$work/ext4" | grep -q 'No problems found' ||
        fail "sgdisk: $(sgdisk -v "$work/ext4")"
fi
# The first cannot grow: the second comes right after it.
[ "$(in_disk ext4 part-grow /dev/sda 1)" = 33554432 ] ||
    fail "a partition grew over the next one"

# --- MBR, xfs in a logical partition ---

layout xfs part-init /dev/sda mbr : part-add /dev/sda p 2048 67583 : \
    part-add /dev/sda e 67584 -1 : part-add /dev/sda l 69632 -1 : \
    mkfs xfs /dev/sda5 : mount /dev/sda5 / : write /a content
in_disk xfs mount /dev/sda5 / : part-grow /dev/sda 5 : \
    filesystem-grow /dev/sda5 : cat /a > "$work/out"
[ "$(cat "$work/out")" = "908066816
xfs
content" ] || fail "growing said $(cat "$work/out")"
[ "$(in_disk xfs list-partitions)" = "/dev/sda1
/dev/sda2
/dev/sda5" ] || fail "the partitions changed"
[ "$(in_disk xfs xfs-repair /dev/sda5 nomodify:true)" = 0 ] ||
    fail "xfs_repair found something"
[ "$(size_of_file_system xfs /dev/sda5)" -gt 800000000 ] ||
    fail "the file system did not grow"

# --- btrfs, swap and a volume, not mounted ---

layout btrfs part-disk /dev/sda gpt : mkfs btrfs /dev/sda1 : \
    mount /dev/sda1 / : write /a content
[ "$(in_disk btrfs part-grow /dev/sda 1 : filesystem-grow /dev/sda1 : \
    mount /dev/sda1 / : cat /a)" = "943635968
btrfs
content" ] || fail "btrfs did not grow"
[ "$(size_of_file_system btrfs /dev/sda1)" -gt 900000000 ] ||
    fail "the btrfs did not grow"

uuid=01234567-89ab-cdef-0123-456789abcdef
layout swap part-disk /dev/sda mbr : mkswap /dev/sda1 label:sw uuid:$uuid
[ "$(in_disk swap part-grow /dev/sda 1 : filesystem-grow /dev/sda1 : \
    vfs-label /dev/sda1 : vfs-uuid /dev/sda1)" = "943652864
swap
sw
$uuid" ] || fail "the swap area did not keep its names"

layout lvm part-disk /dev/sda gpt : vgcreate vg /dev/sda1 : \
    lvcreate-free lv vg 100 : mkfs ext4 /dev/vg/lv : mount /dev/vg/lv / : \
    write /a content
in_disk lvm part-grow /dev/sda 1 : filesystem-grow /dev/sda1 : \
    mount /dev/vg/lv / : lvresize-free /dev/vg/lv 100 : \
    filesystem-grow /dev/vg/lv : cat /a > "$work/out"
[ "$(cat "$work/out")" = "943635968
LVM2_member
ext4
content" ] || fail "growing said $(cat "$work/out")"
[ "$(size_of_file_system lvm /dev/vg/lv)" -gt 800000000 ] ||
    fail "the volume did not grow"

# --- NTFS; FAT cannot ---

layout ntfs part-disk /dev/sda mbr : mkfs ntfs /dev/sda1 : \
    mount /dev/sda1 / : write /größe content
[ "$(in_disk ntfs part-grow /dev/sda 1 : filesystem-grow /dev/sda1 : \
    mount /dev/sda1 / : cat /größe)" = "943652864
ntfs
content" ] || fail "NTFS did not grow"
layout fat part-disk /dev/sda mbr : mkfs vfat /dev/sda1
expect_error any 'cannot grow' in_disk fat filesystem-grow /dev/sda1
