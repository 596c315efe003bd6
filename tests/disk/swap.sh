#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks that are taken out of the running appliance and replaced at once: the
# new one is there, with its own size, name, label and content, when add-drive
# returns.  SWAPS: how often (20); make check-slow does it 200 times.
. "${srcdir:?}/tests/lib.sh"
cd "$work"

swaps=${SWAPS:-20}

# Disk N is N + 1 MiB long and begins with "disk N"; every third has a
# partition, every second a label.  NAME is one of two that are in turn there.
make_disk()
{
    truncate -s $((($1 + 1) << 20)) "$1.img"
    printf 'disk %-7s' "$1" | dd of="$1.img" conv=notrunc status=none
    [ $(($1 % 3)) -ne 0 ] || echo '64,,L' | sfdisk -q "$1.img"
}
for n in $(seq 0 $((swaps + 2))); do
    make_disk "$n"
done

# What is asked of the disk N at the device D.  A content ends without a newline.
ask()
{
    echo "blockdev-getsize64 $2"
    echo "pread-device $2 12 0"
    echo "list-devices"
    echo "list-partitions"
    echo "list-disk-labels"
} >> script

# One disk at a time, at the second place.
{
    echo "add-ro 0.img"
    echo "run"
} > script
: > wanted
for n in $(seq "$swaps"); do
    label=
    [ $((n % 2)) -ne 0 ] || label=swap$n
    echo "add $n.img readonly:true format:raw${label:+ label:$label}" >> script
    ask "$n" /dev/sdb
    echo "remove-drive ${label:-/dev/sdb}" >> script
    {
        echo $(((n + 1) << 20))
        printf 'disk %-7s' "$n"
        printf '/dev/sda\n/dev/sdb\n/dev/sda1\n'
        part=
        [ $((n % 3)) -ne 0 ] || part=1
        [ -z "$part" ] || echo /dev/sdb1
        [ -z "$label" ] || echo "$label: /dev/sdb"
        [ -z "$label$part" ] || [ -z "$label" ] || [ -z "$part" ] ||
            echo "${label}1: /dev/sdb1"
    } >> wanted
done
timeout 600 mayfish < script > answers
cmp -s wanted answers || { diff wanted answers | head -20; fail "one disk"; }
echo "ok $swaps swaps of one disk"

# Two at once, in both orders, and the first place as well.
echo run > script
: > wanted
for n in $(seq 1 2 "$swaps"); do
    echo "add $n.img readonly:true format:raw label:one
add $((n + 1)).img readonly:true format:raw label:two
blockdev-getsize64 /dev/sda
blockdev-getsize64 /dev/sdb
pread-device /dev/sda 12 0
pread-device /dev/sdb 12 0
list-devices" >> script
    printf '%s\n%s\ndisk %-7sdisk %-7s/dev/sda\n/dev/sdb\n' \
        $(((n + 1) << 20)) $(((n + 2) << 20)) "$n" $((n + 1)) >> wanted
    if [ $((n % 4)) -eq 1 ]; then
        printf 'remove-drive one\nremove-drive two\n' >> script
    else
        printf 'remove-drive two\nremove-drive one\n' >> script
    fi
done
timeout 600 mayfish < script > answers
cmp -s wanted answers || { diff wanted answers | head -20; fail "two disks"; }
echo "ok $swaps swaps of two disks"

# The first of two goes and comes back while the second stays.
echo "add 1.img readonly:true format:raw label:goes
add 2.img readonly:true format:raw label:stays
run" > script
: > wanted
for n in $(seq 3 "$swaps"); do
    echo "remove-drive goes
list-devices
add $n.img readonly:true format:raw label:goes
list-devices
blockdev-getsize64 /dev/sda
pread-device /dev/sdb 12 0" >> script
    printf '/dev/sdb\n/dev/sda\n/dev/sdb\n%s\ndisk 2      ' \
        $(((n + 1) << 20)) >> wanted
done
timeout 600 mayfish < script > answers
cmp -s wanted answers || { diff wanted answers | head -20; fail "the first"; }
echo "ok the first of two"
