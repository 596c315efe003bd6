#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mayfly-resize and mayfly-sparsify on small disks: what grows, shrinks and
# moves, what stays the same, and that nothing is left of a failure.
. "${srcdir:?}/tests/lib.sh" || exit 1
cd "$work"
M=1048576

# Everything that has to stay, a line each.
identity() # IMAGE PARTITION...
{
    local image=$1 p
    shift
    {
        echo run
        for p in "$@"; do
            echo "-part-get-gpt-guid /dev/sda $p"
            echo "-part-get-gpt-type /dev/sda $p"
            echo "-part-get-gpt-attributes /dev/sda $p"
            echo "-part-get-name /dev/sda $p"
            echo "-part-get-mbr-id /dev/sda $p"
            echo "-part-get-bootable /dev/sda $p"
            echo "-vfs-uuid /dev/sda$p"
            echo "-vfs-label /dev/sda$p"
        done
        echo "-part-get-disk-guid /dev/sda"
        echo "download-offset /dev/sda id 440 4"
    } | mayfish --ro -a "$image" 2> /dev/null
    od -A n -t x1 id
}
sizes() { mayfish --ro -a "$1" run : part-list /dev/sda | awk '/part_size/ {print $2}'; }
same() { [ "$1" = "$2" ] || fail "$3: '$1' became '$2'"; }
only() # FILE...: nothing else is left in the folder
{
    local rest
    rest=$(find . -newer marker -name '*mayfly*')
    [ -z "$rest" ] || fail "left: $rest"
}
touch marker

# --- GPT: one of two ext4, in place and copied ---
truncate -s 100M gpt.img
mayfish --format=raw -a gpt.img << END
run
part-init /dev/sda gpt
part-add /dev/sda p 2048 67583
part-add /dev/sda p 67584 -34
part-set-name /dev/sda 2 größe
part-set-gpt-attributes /dev/sda 2 4
mkfs ext4 /dev/sda1 label:one
mkfs ext4 /dev/sda2 label:two
mount /dev/sda2 /
write /a content
umount /
mount /dev/sda1 /
write /b more
fill 1 20000000 /gone
rm /gone
END
before=$(identity gpt.img 1 2)
sum=$(sha256sum < gpt.img)
cp gpt.img grown.img
mayfly-resize --format raw --size +50M --expand sda2 grown.img > said
grep -q 'sda2 (ext4, .*grows to' said || fail "$(cat said)"
same "$before" "$(identity grown.img 1 2)" "in place"
[ "$(stat -c %s grown.img)" = $((150 * M)) ]
same "$(sizes grown.img)" "$((32 * M))
$((150 * M - 67584 * 512 - 33 * 512))" sizes
mayfish -a grown.img run : e2fsck-f /dev/sda2 : mount /dev/sda2 / : cat /a \
    > said
grep -q content said
# The first one grows: the second moves.  A file that exists says the size.
qemu-img create -q -f qcow2 moved.qcow2 150M
chmod 0640 moved.qcow2
mayfly-resize --format raw --expand /dev/sda1 gpt.img moved.qcow2 > said
grep -q 'sda2 .*stays, moves from sector 67584' said || fail "$(cat said)"
same "$before" "$(identity moved.qcow2 1 2)" moved
same 640 "$(stat -c %a moved.qcow2)" mode
qemu-img check -q moved.qcow2
mayfish -a moved.qcow2 run : e2fsck-f /dev/sda1 : e2fsck-f /dev/sda2 : \
    mount-ro /dev/sda2 / : cat /a : umount / : mount-ro /dev/sda1 / : cat /b \
    > said
grep -q content said && grep -q more said
# Back to what it was, and smaller.
mayfly-resize -q --output-format raw --size 60M --shrink sda2 moved.qcow2 \
    back.img 2> /dev/null && fail "sda2 has been shrunk by more than it has"
mayfly-resize -q --output-format raw --size 90M --shrink sda1 moved.qcow2 \
    back.img
same "$before" "$(identity back.img 1 2)" back
mayfish -a back.img run : e2fsck-f /dev/sda1 : e2fsck-f /dev/sda2 : \
    mount-ro /dev/sda1 / : cat /b > said
same more "$(tail -n 1 said)" "after shrinking"

# --- MBR with logical partitions ---
truncate -s 60M mbr.img
mayfish --format=raw -a mbr.img << END
run
part-init /dev/sda mbr
part-add /dev/sda p 2048 20479
part-add /dev/sda e 20480 -1
part-add /dev/sda l 22528 61439
part-add /dev/sda l 65536 -1
part-set-bootable /dev/sda 1 true
part-set-mbr-id /dev/sda 6 0x8e
mkswap /dev/sda1 label:sw
mkfs ext4 /dev/sda5 label:five
mkfs ext4 /dev/sda6 label:six
END
before=$(identity mbr.img 1 5 6)
cp mbr.img logical.img
mayfly-resize -q --size 90M --expand sda6 logical.img
same "$before" "$(identity logical.img 1 5 6)" "a logical partition"
mayfly-resize -q --output-format raw --size 90M --expand sda5 --resize sda1=+5M \
    mbr.img logical2.img
same "$before" "$(identity logical2.img 1 5 6)" "logical partitions"
mayfish -a logical2.img run : e2fsck-f /dev/sda5 : e2fsck-f /dev/sda6
[ "$(sizes logical2.img | head -n 1)" = $((14 * M)) ]

# --- free space ---
cp --sparse=never gpt.img full.img
mayfly-sparsify -q gpt.img sparse.img
mayfly-sparsify -q --convert qcow2 --compress gpt.img small.qcow2
mayfly-sparsify -q --in-place full.img
for image in sparse.img small.qcow2 full.img; do
    [ "$(stat -c %b $image)" -lt 60000 ] ||
        fail "$image uses $(stat -c %b $image) blocks"
    mayfish --ro -a $image run : e2fsck-f /dev/sda1 : mount-ro /dev/sda2 / : \
        cat /a > said
    same content "$(tail -n 1 said)" $image
done

# --- what is refused, and that nothing is done then ---
refuse() { expect_error "$@"; same "$sum" "$(sha256sum < gpt.img)" "$*"; }
[ "$sum" = "$(sha256sum < gpt.img)" ] || fail "the source was written"
refuse 1 'would have to move' mayfly-resize --resize sda1=+1M gpt.img
refuse 1 "no partition 'sda3'; it has /dev/sda1" mayfly-resize --expand sda3 \
    gpt.img
refuse 1 'not made smaller in place' mayfly-resize --size -1M --expand sda2 \
    gpt.img
refuse 1 'too small by' mayfly-resize --size 90M gpt.img new.img
refuse 1 'smaller than minimum' mayfly-resize --size 37M --shrink sda2 \
    --resize sda1=6M gpt.img new.img
refuse 1 'same file' mayfly-resize --expand sda2 gpt.img ./gpt.img
refuse 1 'does not exist' mayfly-resize --expand sda2 gpt.img new.img
refuse 2 'cannot be used together' mayfly-resize --expand a --shrink b x y
refuse 2 'is for copying' mayfly-resize --delete sda1 gpt.img
refuse 3 'same file' mayfly-sparsify gpt.img gpt.img
refuse 1 'no vg9' mayfly-sparsify --ignore vg9 gpt.img new.img
refuse 2 'unknown value' mayfly-sparsify --check-tmpdir x gpt.img new.img
[ ! -e new.img ] || fail "something has been made"
# Tables that no one made by mistake.
table() # NAME HEX: an MBR with these entries of 16 bytes, in hex
{
    truncate -s 20M "$1.img"
    python3 -c 'import sys
sys.stdout.buffer.write(bytes.fromhex(sys.argv[1]))' "$2" |
        dd of="$1.img" bs=1 seek=446 conv=notrunc status=none
    printf '\x55\xaa' | dd of="$1.img" bs=1 seek=510 conv=notrunc status=none
}
e=000000008300000000
table overlap ${e}08000000400000${e}10000000400000
table beyond ${e}08000000400000${e}60000000ffffff
table protected 00000000ee00000001000000ffffffff
table loop 00000000050000000008000000400000
dd if=loop.img of=loop.img bs=512 count=1 seek=2048 conv=notrunc status=none
for image in overlap beyond protected loop; do
    case $image in
    overlap) says='partitions 1 and 2 overlap' ;;
    beyond) says='ends at sector .* but the disk has 40960' ;;
    protected) says='its GPT cannot be read' ;;
    loop) says="no partition 'sda5'|overlap" ;;
    esac
    expect_error 1 "$says" mayfly-resize --expand sda5 $image.img
    [ $image = loop ] ||
        expect_error 1 "$says" mayfly-sparsify --in-place $image.img
done
# An xfs, and what is nothing.
truncate -s 310M xfs.img
mayfish --format=raw -a xfs.img run : part-disk /dev/sda gpt : mkfs xfs /dev/sda1
expect_error 1 "cannot shrink 'xfs'.*--resize-force" mayfly-resize \
    --size 305M --shrink sda1 xfs.img new.img
: > empty.img
truncate -s 512 sector.img
truncate -s 10M blank.img
for image in empty sector blank; do
    expect_error any . mayfly-resize --format raw --expand sda1 $image.img
done
only
