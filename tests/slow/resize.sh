#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mayfly-resize: every layout with every file system, grown in place, grown by
# copying so that what follows moves, and shrunk again.  Afterwards fsck finds
# nothing, content, UUIDs and labels are the same, and libguestfs, if it is
# installed, reads the same partitions from the table.
#   RESIZE_LAYOUTS, RESIZE_TYPES   only these
. "${srcdir:?}/tests/lib.sh" || exit 1
cd "$work"
layouts=${RESIZE_LAYOUTS:-gpt mbr logical large lvm luks}
types=${RESIZE_TYPES:-ext2 ext3 ext4 xfs btrfs f2fs ntfs swap}
SIZE=400 MORE=200
printf 'secret\nsecret\n' > key

# Where the file system is; the partition; a swap area comes after it.
table() # LAYOUT
{
    blocksize=512 key=() lv=() part=/dev/sda1 device=/dev/sda1
    case $1 in
    mbr) echo 'part-init /dev/sda mbr
part-add /dev/sda p 2048 780000
part-add /dev/sda p 782336 -2048
mkswap /dev/sda2 label:after' ;;
    logical) part=/dev/sda5 device=/dev/sda5
        echo 'part-init /dev/sda mbr
part-add /dev/sda e 2048 -2048
part-add /dev/sda l 4096 780000
part-add /dev/sda l 782336 -2048
mkswap /dev/sda6 label:after' ;;
    large) blocksize=4096
        echo 'part-init /dev/sda gpt
part-add /dev/sda p 256 97500
part-add /dev/sda p 97792 -256
part-set-name /dev/sda 1 "name, with comma"
mkswap /dev/sda2 label:after' ;;
    *) echo 'part-init /dev/sda gpt
part-add /dev/sda p 2048 780000
part-add /dev/sda p 782336 -2048
part-set-name /dev/sda 1 root
part-set-gpt-attributes /dev/sda 1 4
mkswap /dev/sda2 label:after' ;;
    esac
    case $1 in
    lvm) echo 'vgcreate vg /dev/sda1
lvcreate-free lv vg 100' ;;
    luks) echo 'luks-format /dev/sda1 0
cryptsetup-open /dev/sda1 inner' ;;
    esac
}

place() # LAYOUT: the variables of the subshell above
{
    blocksize=512 key=() lv=() part=/dev/sda1 device=/dev/sda1 opens=()
    case $1 in
    logical) part=/dev/sda5 device=/dev/sda5 ;;
    large) blocksize=4096 ;;
    lvm) device=/dev/vg/lv lv=(--lv-expand /dev/vg/lv) ;;
    luks) device=/dev/mapper/inner key=(--key "all:key:secret")
        opens=(cryptsetup-open /dev/sda1 inner :) ;;
    esac
}

fish() # IMAGE COMMANDS...
{
    local image=$1
    shift
    mayfish --keys-from-stdin --format=raw --blocksize=$blocksize \
        -a "$image" -- run : "${opens[@]}" "$@" < key
}

identity() # IMAGE
{
    fish "$1" blkid $part : blkid "$device" |
        grep -E '^(UUID|LABEL|TYPE|PART_ENTRY_(UUID|NAME|TYPE|FLAGS|NUMBER)|PTUUID)' |
        sort
    fish "$1" vfs-uuid "${part%?}$((${part: -1} + 1))"
}

verify() # IMAGE TYPE
{
    case $2 in
    ext*) fish "$1" e2fsck-f "$device" ;;
    xfs) [ "$(fish "$1" xfs-repair "$device" nomodify:true)" = 0 ] ;;
    btrfs) fish "$1" btrfs-fsck "$device" ;;
    swap) fish "$1" swapon-device "$device" : swapoff-device "$device" ;;
    ntfs) fish "$1" ntfsfix "$device" > /dev/null ;;
    f2fs) fish "$1" fsck f2fs "$device" > /dev/null ;;
    esac || fail "$1: fsck of $2"
    [ "$2" = swap ] ||
        [ "$(fish "$1" mount-ro "$device" / : cat /file)" = content ] ||
        fail "$1: the content"
}

bytes() { fish "$1" blockdev-getsize64 "$device" | tail -n 1; }
used() # IMAGE TYPE: bytes that the file system has
{
    if [ "$2" = swap ]; then bytes "$1"; return; fi
    fish "$1" mount-ro "$device" / : statvfs / |
        awk '$1 == "bsize:" {b = $2} $1 == "blocks:" {print $2 * b}'
}

try()
{
    local layout=$1 type=$2 before size start=$SECONDS
    place "$layout"
    rm -f ./*.img
    truncate -s ${SIZE}M old.img
    table "$layout" > script
    { echo run; cat script; echo "mkfs $type $device"; } > commands
    [ "$type" != swap ] || sed -i 's/^mkfs swap \(.*\)/mkswap \1 label:sw/' commands
    [ "$type" = swap ] || echo "mount $device /
write /file content" >> commands
    mayfish --keys-from-stdin --format=raw --blocksize=$blocksize \
        -a old.img -f commands < key
    before=$(identity old.img)
    size=$(used old.img "$type")
    [ -n "$before" ] || fail "no identity"

    mayfly-resize -q --format raw --blocksize $blocksize "${key[@]}" \
        --output-format raw --size +${MORE}M --expand $part "${lv[@]}" \
        old.img copy.img
    [ "$before" = "$(identity copy.img)" ] ||
        fail "$layout, $type: '$before' became '$(identity copy.img)'"
    verify copy.img "$type"
    [ "$(used copy.img "$type")" -gt $((size + 180000000)) ] ||
        fail "$layout, $type: $size became $(used copy.img "$type")"

    # In place: what comes after it is in the way, so that goes first.
    fish old.img part-del /dev/sda "$((${part: -1} + 1))"
    mayfly-resize -q --format raw --blocksize $blocksize "${key[@]}" \
        --size +${MORE}M --expand $part "${lv[@]}" old.img
    verify old.img "$type"
    [ "$(used old.img "$type")" -gt $((size + 180000000)) ] ||
        fail "$layout, $type in place: $size became $(used old.img "$type")"

    # Smaller again, by the same.  A group that its volume fills cannot.
    case $layout:$type in
    lvm:* | *:xfs | *:f2fs)
        expect_error 1 'shrink' mayfly-resize -q --format raw \
            --blocksize $blocksize "${key[@]}" --output-format raw \
            --size -${MORE}M --shrink $part copy.img small.img
        [ ! -e small.img ] || fail "$layout, $type: small.img is there" ;;
    *)
        mayfly-resize -q --format raw --blocksize $blocksize "${key[@]}" \
            --output-format raw --ntfsresize-force \
            --size -${MORE}M --shrink $part copy.img small.img
        [ "$before" = "$(identity small.img)" ] ||
            fail "$layout, $type: shrunk, '$before' became '$(identity small.img)'"
        verify small.img "$type" ;;
    esac
    if command -v guestfish > /dev/null && [ $blocksize = 512 ] &&
        [ "$type" = ext4 ]; then
        guestfish --ro --format=raw -a copy.img run : part-list /dev/sda > theirs
        mayfish --ro --format=raw -a copy.img run : part-list /dev/sda > ours
        cmp theirs ours || fail "$layout: libguestfs sees another table"
    fi
    echo "ok: $layout, $type, $((SECONDS - start)) s"
}

for layout in $layouts; do
    for type in $types; do
        try "$layout" "$type"
    done
done
