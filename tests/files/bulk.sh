#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Files go into and out of every kind of file system unchanged, with sizes on
# both sides of every limit of the bulk path (frames, slots, the page cache);
# holes stay holes; zeroes over old content are zeroes.
. "$(dirname "$0")/../lib.sh"
# shellcheck source-path=SCRIPTDIR

sizes='0 1 511 4096 32767 32768 131071 131072 131073 262144 2097151 2097152
    2097153 5243657'
disk=$work/disk.qcow2
mkdir -p "$work/in" "$work/out"
for n in $sizes; do
    head -c "$n" /dev/urandom > "$work/in/f$n"
done
# Data, hole, data, hole.
truncate -s 20000001 "$work/in/sparse"
for at in 0 77 4500; do
    head -c 3000 /dev/urandom |
        dd of="$work/in/sparse" bs=1024 seek=$at conv=notrunc status=none
done
# Zeroes that are not a hole, between data.
{
    head -c 3000000 /dev/urandom
    head -c 3000000 /dev/zero
    head -c 99 /dev/urandom
    head -c 200000 /dev/zero
} > "$work/in/zeroes"
head -c 9000000 /dev/urandom > "$work/old"
# With an owner, also for vfat, which has none.
tar --owner=12 --group=34 -cf "$work/in.tar" -C "$work" in

qemu-img create -q -f qcow2 "$disk" 9G
mayfish -a "$disk" -- run : part-init /dev/sda gpt : \
    part-add /dev/sda p 2048 2099199 : part-add /dev/sda p 2099200 4196351 : \
    part-add /dev/sda p 4196352 6293503 : \
    part-add /dev/sda p 6293504 8390655 : \
    part-add /dev/sda p 8390656 10487807 : \
    part-add /dev/sda p 10487808 12584959 : \
    part-add /dev/sda p 12584960 14682111 : \
    part-add /dev/sda p 14682112 16779263 : part-add /dev/sda p 16779264 -34 : \
    mkfs ext4 /dev/sda1 : mkfs xfs /dev/sda2 : mkfs btrfs /dev/sda3 : \
    mkfs vfat /dev/sda4 : mkfs ntfs /dev/sda5 : \
    vgcreate vg /dev/sda6 : lvcreate l vg 900 : mkfs ext4 /dev/vg/l : \
    md-create m '/dev/sda7 /dev/sda8' level:raid1 : mkfs xfs /dev/md/m
echo secret > "$work/key"
mayfish -a "$disk" --keys-from-stdin -- run : luks-format /dev/sda9 0 : \
    cryptsetup-open /dev/sda9 c : mkfs ext4 /dev/mapper/c \
    < <(cat "$work/key" "$work/key")

# one NAME DEVICE OPTIONS [COMMAND]
one()
{
    local name=$1 script=$work/script f size
    rm -f "$work/out"/*
    {
        echo run
        echo "${4-}"
        echo "mount-options '$3' $2 /"
        for f in "$work/in"/*; do
            echo "upload $f /${f##*/}"
            echo "download /${f##*/} $work/out/${f##*/}"
        done
        # Over old content, at an odd offset; only a part is read back.
        echo "upload $work/old /old"
        echo "upload-offset $work/in/sparse /old 4096"
        echo "upload-offset $work/in/zeroes /old 33"
        echo "download /old $work/out/old"
        echo "download-offset /old $work/out/part 4095 6000007"
        echo "mkdir-p /a"
        echo "tar-in $work/in.tar /a"
        echo "tar-out /a $work/out/tar"
        echo "mkdir-p /b"
        echo "tar-in $work/out/tar /b"
        echo "checksums-out sha256 /b/in $work/out/sums"
        echo "checksum sha256 /sparse"
    } > "$script"
    mayfish -a "$disk" --keys-from-stdin -f "$script" < "$work/key" \
        > "$work/said"

    for f in "$work/in"/*; do
        cmp "$f" "$work/out/${f##*/}" || fail "$name: ${f##*/} differs"
    done
    cp "$work/old" "$work/want"
    dd if="$work/in/sparse" of="$work/want" bs=4096 seek=1 conv=notrunc \
        status=none
    dd if="$work/in/zeroes" of="$work/want" oflag=seek_bytes seek=33 bs=1M \
        conv=notrunc status=none
    cmp "$work/want" "$work/out/old" || fail "$name: upload-offset"
    dd if="$work/want" iflag=skip_bytes,count_bytes skip=4095 count=6000007 \
        bs=1M status=none | cmp - "$work/out/part" ||
        fail "$name: download-offset"
    (cd "$work/in" && sha256sum ./* | sort) > "$work/want"
    sort "$work/out/sums" | cmp "$work/want" - || fail "$name: tar"
    [ "$(cat "$work/said")" = "$(sha256sum < "$work/in/sparse" |
        cut -d' ' -f1)" ] || fail "$name: checksum"
    size=$(du -k "$work/out/sparse" | cut -f1)
    [ "$size" -lt 10000 ] || fail "$name: sparse takes $size KiB on the host"
    echo "$name: ok"
}

one ext4 /dev/sda1 ''
one xfs /dev/sda2 ''
one btrfs /dev/sda3 ''
one "btrfs, compressed" /dev/sda3 compress-force=zstd
one vfat /dev/sda4 ''
one ntfs /dev/sda5 ''
one LVM /dev/vg/l ''
one RAID /dev/md/m ''
one LUKS /dev/mapper/c '' 'cryptsetup-open /dev/sda9 c'

# Sparse in the guest as well: 20 MB with 9 KiB of data.
mayfish --ro -a "$disk" -- run : mount-ro /dev/sda1 / : du /sparse \
    > "$work/said"
[ "$(cat "$work/said")" -lt 1000 ] || fail "sparse takes $(cat "$work/said")"

# A device, and zeroes over old content.
mayfish -a "$disk" -- run : upload "$work/in/zeroes" /dev/sda1 : \
    download-offset /dev/sda1 "$work/out/device" 0 \
    "$(stat -c %s "$work/in/zeroes")"
cmp "$work/in/zeroes" "$work/out/device" || fail "a device"

# A pipe has no holes, and an existing file is not truncated.
mayfish --ro -a "$disk" -- run : mount-ro /dev/sda2 / : download /sparse - |
    cmp - "$work/in/sparse" || fail "a pipe"
