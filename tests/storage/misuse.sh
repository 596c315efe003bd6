#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What must not work fails with one line that says why, and changes nothing.
. "$(dirname "$0")/../lib.sh"

disk=$work/disk
truncate -s 500M "$disk"
mayfish --format=raw -a "$disk" << 'END'
run
part-init /dev/sda mbr
part-add /dev/sda p 2048 67583
part-add /dev/sda e 67584 -1
part-add /dev/sda l 69632 409600
mkfs ext4 /dev/sda1
mkfs ext4 /dev/sda5
mount /dev/sda1 /
write /a content
END
sum=$(sha256sum < "$disk")

# refused PATTERN COMMANDS...: they fail, and the disk stays as it is.
refused()
{
    local pattern=$1
    shift
    expect_error any "$pattern" \
        mayfish --format=raw -a "$disk" -- run : "$@"
    [ "$(sha256sum < "$disk")" = "$sum" ] ||
        fail "'$*' failed, but changed the disk"
}

refused 'overlap partition 1' part-add /dev/sda p 4096 8191
refused 'overlap partition 2' part-add /dev/sda p 100000 200000
refused 'not on the disk' part-add /dev/sda l 500000 99999999
refused 'not on the disk' part-add /dev/sda l 500000 -99999999
refused 'end before its start' part-add /dev/sda l 600000 500000
refused 'within an extended' part-add /dev/sda l 1 10
refused 'unknown kind' part-add /dev/sda x 500000 600000
refused 'unknown type of partition table' part-init /dev/sda nosuch
refused 'no partition 4' part-del /dev/sda 4
refused 'no partition 9' part-set-bootable /dev/sda 9 true
refused 'GUID Partition Table' part-set-name /dev/sda 1 name
refused 'not a GUID' part-set-gpt-type /dev/sda 1 xyz
refused 'No such file or directory' part-list /dev/sdz
refused '/dev/...' part-list /etc/passwd
refused 'no file system found' mount /dev/sda2 /
refused 'No such file or directory' mount /dev/sda9 /
refused 'not a directory|No such file' mount /dev/sda1 /nosuch
refused 'not mounted' umount /dev/sda1
refused "don't know how to set the label" set-label /dev/sda2 x
refused 'at most 16 bytes' set-label /dev/sda1 12345678901234567
refused 'nosuch' mkfs nosuch /dev/sda1
refused 'power of 2' mkfs ext4 /dev/sda1 blocksize:1000
refused 'no device with LABEL' findfs-label nosuch
refused 'not a partition' part-to-dev /dev/sda
refused 'not a logical volume' lvm-canonical-lv-name /dev/sda
refused 'not a LUKS device' luks-uuid /dev/sda1
refused 'nosuch' vgremove nosuch
refused 'index out of range' device-name 7

# busy PATTERN COMMANDS...: the same while the first partition is mounted,
# which changes the disk by itself.
busy()
{
    local pattern=$1
    shift
    expect_error any "$pattern" mayfish --format=raw -a "$disk" -- run : \
        mount /dev/sda1 / : "$@"
    [ "$(mayfish --ro --format=raw -a "$disk" -- run : mount-ro /dev/sda1 / : \
        cat /a : list-partitions)" = "content
/dev/sda1
/dev/sda2
/dev/sda5" ] || fail "'$*' failed, but changed the disk"
}

busy 'in use' part-init /dev/sda gpt
busy 'in use' part-disk /dev/sda mbr
busy 'in use' part-del /dev/sda 1
busy 'busy' zero-device /dev/sda1
busy 'mounted' mkfs ext4 /dev/sda1
busy 'busy|in use' blockdev-rereadpt /dev/sda
busy 'mounted' e2fsck-f /dev/sda1
busy 'busy|exclusively|in use' pvcreate /dev/sda1
