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

# refused PATTERN COMMAND...: it will be tried, and must fail with a line that
# matches.
refused()
{
    patterns+=("$1")
    shift
    commands+=("$*")
}

# try_all COMMAND...: try all of them in one session, after COMMANDS.  Each
# says its one line, with the number of its own.
try_all()
{
    local i line
    {
        printf '%s\n' "$@"
        printf -- '-%s\n' "${commands[@]}"
    } > "$work/script"
    mayfish --format=raw -a "$disk" < "$work/script" 2> "$work/errors" ||
        fail "a session goes on after an error: $(cat "$work/errors")"
    [ "$(wc -l < "$work/errors")" -eq "${#commands[@]}" ] ||
        fail "not one line for each: $(cat "$work/errors")"
    for ((i = 0; i < ${#commands[@]}; i++)); do
        line=$(grep -F "mayfish: *stdin*:$((i + $# + 1)): " "$work/errors") ||
            fail "'${commands[i]}' succeeded"
        grep -qE -- "${patterns[i]}" <<< "$line" ||
            fail "'${commands[i]}' said '$line', not '${patterns[i]}'"
    done
    patterns=() commands=()
}

patterns=() commands=()
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

try_all run
[ "$(sha256sum < "$disk")" = "$sum" ] || fail "one of them changed the disk"

# The exit code of a command alone.
expect_error any 'overlap partition 1' \
    mayfish --format=raw -a "$disk" -- run : part-add /dev/sda p 4096 8191
[ "$(sha256sum < "$disk")" = "$sum" ] || fail "'part-add' changed the disk"

# The same while the first partition is mounted, which changes the disk by
# itself.
refused 'in use' part-init /dev/sda gpt
refused 'in use' part-disk /dev/sda mbr
refused 'in use' part-del /dev/sda 1
refused 'busy' zero-device /dev/sda1
refused 'mounted' mkfs ext4 /dev/sda1
refused 'busy|in use' blockdev-rereadpt /dev/sda
refused 'mounted' e2fsck-f /dev/sda1
refused 'busy|exclusively|in use' pvcreate /dev/sda1
try_all run 'mount /dev/sda1 /'
[ "$(mayfish --ro --format=raw -a "$disk" -- run : mount-ro /dev/sda1 / : \
    cat /a : list-partitions)" = "content
/dev/sda1
/dev/sda2
/dev/sda5" ] || fail "one of them changed the disk"
expect_error any 'in use' mayfish --format=raw -a "$disk" -- run : \
    mount /dev/sda1 / : part-init /dev/sda gpt
