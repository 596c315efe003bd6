#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An image cannot reach the image of another guest in its folder: by a header
# that its guest wrote, by a name that only begins alike, or beyond --allow.
# What is refused is refused before anything is started.
. "${srcdir:?}/tests/lib.sh"
requires qemu-img --version
inspect=$builddir/tests/disk/disk-inspect
cd "$work"

# opens ARGUMENT...: mayfish takes these disks
opens()
{
    mayfish "$@" max-disks > said 2>&1 || fail "'$*': $(cat said)"
}

# refuses PATTERN ARGUMENT...
refuses()
{
    expect_error any "$1" mayfish "${@:2}" max-disks
}

neighbour()
{
    { printf '%s' "DISK OF ANOTHER GUEST"; head -c 8M /dev/zero; } > "$1"
}

neighbour vm10.img
neighbour secret-neighbour.raw
sums=$(sha256sum vm10.img secret-neighbour.raw)

# What a guest can do: write a header of these formats to its own raw disk.
qemu-img create -q -f qcow2 -o data_file=vm10.img,data_file_raw=on h-data 8M
qemu-img create -q -f qcow2 -b vm10.img -F raw h-backing
qemu-img create -q -f qcow2 -b "$work/vm10.img" -F raw h-absolute
printf '%s\n' '# Disk DescriptorFile' version=1 CID=1 parentCID=ffffffff \
    'createType="monolithicFlat"' 'RW 16384 FLAT "vm10.img" 0' > h-text
neighbour vm10.img
for name in vm1.img vm1.raw vm1 vm1.img.bak vm.1 vm1.vdi; do
    for header in h-*; do
        head -c 8M /dev/zero > $name
        # A descriptor ends where the file ends, or the guest's disk is raw.
        if [ "$header" = h-text ]; then cp h-text $name
        else dd if="$header" of=$name conv=notrunc status=none; fi
        for mode in --ro --rw; do
            for allow in '' --allow=folder --allow=named; do
                # shellcheck disable=SC2086
                refuses "$name: .*vm10.img', but its format is only a guess.*give its format" \
                    $mode $allow -a $name
            done
            refuses "$name: .*no other files are allowed" $mode \
                --allow none -a $name
        done
    done
done
dd if=h-data of=vm1.img conv=notrunc status=none
# The same through a link whose name states the format, and a device.
ln -s vm1.img link.qcow2
refuses 'only a guess' --rw -a link.qcow2
dd if=h-absolute of=vm1.img conv=notrunc status=none
if [ "$(id -u)" = 0 ] && device=$(losetup -f --show vm1.img 2> /dev/null); then
    cleanup losetup -d "$device"
    refuses 'only a guess' --rw -a "$device"
fi
dd if=h-data of=vm1.img conv=notrunc status=none
# With its format it is read; vm10.img is not named after it.
opens --ro --format=qcow2 -a vm1.img
refuses "data file 'vm10.img' would be written to" --rw --format=qcow2 -a vm1.img
opens --rw --format=raw -a vm1.img
# A path is what it takes.
opens --rw --allow vm10.img -a vm1.img
opens --rw --allow . -a vm1.img
MAYFLY_ALLOW_PATHS=$work/vm10.img opens --rw -a vm1.img
refuses 'only a guess' --rw --allow secret-neighbour.raw -a vm1.img

# A name that states the format: what begins alike is no part of the image.
for data in secret-neighbour.raw s10.raw s-neighbour.raw s.img s2-flat.vmdk; do
    neighbour $data
    qemu-img create -q -u -f qcow2 -o data_file=$data,data_file_raw=on s.qcow2 8M
    neighbour $data
    refuses "would be written to, but is not named after" --rw -a s.qcow2
    refuses "is not named after it" --rw --allow named -a s.qcow2
    opens --ro -a s.qcow2
done
for data in s.raw s.data s-data.raw s.qcow2.raw; do
    qemu-img create -q -f qcow2 -o data_file=$data,data_file_raw=on s.qcow2 8M
    opens --rw -a s.qcow2
    opens --rw --allow named -a s.qcow2
    refuses 'no other files are allowed' --rw --allow none -a s.qcow2
    rm $data
done
for kind in monolithicFlat twoGbMaxExtentFlat twoGbMaxExtentSparse; do
    qemu-img create -q -f vmdk -o subformat=$kind $kind.vmdk 8M
    opens --rw --allow named -a $kind.vmdk
    refuses 'no other files are allowed' --ro --allow none -a $kind.vmdk
    sed -i "s/$kind-/$kind/" $kind.vmdk
    refuses 'No such file' --rw -a $kind.vmdk
    for part in "$kind"-*; do mv "$part" "${part/-/}"; done
    refuses 'not named after the image' --rw -a $kind.vmdk
done

# A backing file beside the image: by default, and not with less.
qemu-img create -q -u -f qcow2 -b secret-neighbour.raw -F raw b.qcow2 8M
opens --ro -a b.qcow2
opens --ro --allow folder -a b.qcow2
opens --ro --allow none --allow secret-neighbour.raw -a b.qcow2
refuses "backing file 'secret-neighbour.raw', but no other files are allowed" \
    --ro --allow none -a b.qcow2
refuses "'secret-neighbour.raw' is not named after it" --ro --allow named \
    -a b.qcow2
refuses 'no other files are allowed' --ro --allow none --allow vm10.img \
    -a b.qcow2
MAYFLY_ALLOW_PATHS=$work refuses 'no other files' --ro --allow none -a b.qcow2
expect_error 3 "not named after it" mayfly-v2v plan -i disk b.qcow2
# A chain of snapshots, each disk of which is named as an image.
qemu-img create -q -f qcow2 base.qcow2 8M
qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 today.qcow2
expect_error 5 "no operating system found" mayfly-v2v plan -i disk today.qcow2
expect_error 3 "not named after it" \
    mayfly-v2v plan --allow named -i disk today.qcow2
expect_error 3 "only a guess" mayfly-v2v plan -i disk vm1.img
expect_error 3 "no other files" mayfly-v2v plan --allow none -i disk b.qcow2
if mayfly-inspector --each b.qcow2 > lines; then fail "--each takes it"; fi
grep -q "is not named after it" lines || fail "--each: $(cat lines)"
if mayfly-inspector --each vm1.img > lines; then fail "--each takes it"; fi
grep -q "only a guess" lines || fail "--each: $(cat lines)"
expect_error 2 'nosuch: No such file.*give none, named, images, folder' \
    mayfish --allow nosuch -a b.qcow2 max-disks

# The review's image: its parent, which only QEMU finds, is a slice of itself
# that lists a file of this host.
if python=$(command -v "${PYTHON:-python3}"); then
    PYTHONPATH=$srcdir/tests/disk "$python" -B - "$work" << 'EOF2'
import sys
import hostile
folder = sys.argv[1]
hostile.evil_vmdk(folder + "/evil.vmdk", folder + "/secret", 0)
EOF2
    "$python" "$srcdir/tests/cli/write-ova.py" evil.ova evil.vmdk
    head -c 64k vm10.img > secret
    for options in --ro --rw '--ro --allow folder' '--ro --allow /' \
        '--ro --format=vmdk'; do
        # shellcheck disable=SC2086
        refuses 'evil.vmdk: .*read in two ways.*without' $options -a evil.vmdk
    done
    expect_error any 'read in two ways' "$inspect" evil.vmdk
    expect_error any 'read in two ways' mayfly-inspector -a evil.vmdk
    expect_error 3 'read in two ways' mayfly-v2v plan -i disk evil.vmdk
    for way in plan '-o qemu -os .'; do
        # shellcheck disable=SC2086
        expect_error 3 'read in two ways' mayfly-v2v $way -i disk evil.vmdk
        # shellcheck disable=SC2086
        expect_error 3 'read in two ways' mayfly-v2v $way -i ova evil.ova
    done
    ! ls ./*-sda 2> /dev/null || fail "something was made"
fi
[ "$sums" = "$(sha256sum vm10.img secret-neighbour.raw)" ] ||
    fail "a neighbour was changed"
