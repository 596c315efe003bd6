#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --size in place: logical partitions, LVM, xfs; numbers and UUIDs stay.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cli/template.sh"
requires gpg --version
make_repository mbr lvm xfs
for name in mbr lvm xfs; do
    case $name in
    mbr) device=/dev/sda5 ;;
    lvm) device=/dev/vg/root ;;
    xfs) device=/dev/sda1 ;;
    esac
    look() { mayfish --format=raw --ro -a "$work/$1.img" -m "$device" "${@:2}"; }

    builder "$name" -o "$work/small.img" -q --root-password disabled
    builder "$name" -o "$work/large.img" -q --root-password disabled --size 1.5G
    for item in vfs-uuid vfs-type; do
        [ "$(look small $item "$device")" = "$(look large $item "$device")" ] ||
            fail "$name: $item has changed"
    done
    before=$(look small statvfs / | sed -n 's/^blocks: //p')
    after=$(look large statvfs / | sed -n 's/^blocks: //p')
    [ "$after" -gt $((before * 3)) ] || fail "$name: $before to $after blocks"
    if [ $name = mbr ]; then
        look large part-list /dev/sda | grep -c part_num | grep -qx 3
    fi
    rm "$work/small.img" "$work/large.img"
done
