#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# New images and questions about images: what we make is what qemu-img says it
# is, and a failure leaves no files.
. "${srcdir:?}/tests/lib.sh"
requires qemu-img --version
cd "$work"

# is FILE FORMAT SIZE: by qemu-img, and by ourselves
is()
{
    [ "$(qemu-img info --output=json "$1" | "${PYTHON:-python3}" -c '
import json, sys
i = json.load(sys.stdin)
print(i["format"], i["virtual-size"])')" = "$2 $3" ] || fail "$1: not $2 $3"
    [ "$(mayfish disk-format "$1" : disk-virtual-size "$1")" = \
        "$2"$'\n'"$3" ] || fail "$1: we say otherwise"
    case $2 in qcow2 | vdi) qemu-img check -q "$1" ;; esac
}

mayfish disk-create sparse raw 100M
is sparse raw 104857600
[ "$(stat -c %b sparse)" = 0 ] || fail "raw is not sparse"
mayfish disk-create full raw 1M preallocation:full
[ "$(stat -c %b full)" -ge 2048 ] || fail "raw is not full"
mayfish disk-create plain qcow2 100M
is plain qcow2 104857600
mayfish disk-create odd qcow2 1000001
is odd qcow2 1000448
mayfish disk-create big qcow2 8T
is big qcow2 8796093022208
mayfish disk-create huge qcow2 3P
is huge qcow2 3377699720527872
for option in preallocation:metadata preallocation:full compat:0.10 \
    clustersize:512 clustersize:2097152; do
    mayfish disk-create option.qcow2 qcow2 10M $option
    is option.qcow2 qcow2 10485760
done
qemu-img info option.qcow2 | grep -q 'cluster_size: 2097152' ||
    fail "cluster size"
for format in vmdk vdi vhdx; do
    mayfish disk-create new.$format $format 10M
    is new.$format $format 10485760
done

# On a backing file: its size, or another; the name is relative to the image.
mkdir sub
mayfish -- disk-create sub/top qcow2 -1 backingfile:../plain backingformat:qcow2
is sub/top qcow2 104857600
[ "$(mayfish disk-has-backing-file sub/top)" = true ] || fail "backing file"
[ "$(mayfish disk-has-backing-file plain)" = false ] || fail "no backing"
qemu-img create -q -f qcow2 -o data_file=data split 1M
[ "$(mayfish disk-has-data-file split)" = true ] || fail "data file"
[ "$(mayfish disk-has-data-file sub/top)" = false ] || fail "no data file"
qemu-img info sub/top | grep -q '^backing file: ../plain' || fail "its name"
mayfish disk-create ./a:b,c qcow2 200M backingfile:plain backingformat:qcow2
is ./a:b,c qcow2 209715200

# On a part of a file: we see it as QEMU does: part FORMAT OFFSET SIZE FILE
part()
{
    echo 'json:{"driver":"'"$1"'","file":{"driver":"raw","offset":'"$2"',"size":'"$3"',"file":{"driver":"file","filename":"'"$4"'"}}}'
}
truncate -s 3M content
echo marked | dd of=content bs=1 seek=1048576 conv=notrunc status=none
qemu-img convert -O qcow2 content inner
size=$(stat -c %s inner)
{ head -c 1536 /dev/urandom; cat inner; echo more; } > outer
mayfish -- disk-create top qcow2 -1 \
    "backingfile:$(part qcow2 1536 "$size" "$work/outer")" backingformat:qcow2
is top qcow2 3145728
qemu-img compare -q -f qcow2 -F raw top content
[ "$(mayfish --ro --format=qcow2 -a top run : pread-device /dev/sda 6 1048576)" = marked ]
part=$(part qcow2 1536 $((size + 6)) "$work/outer")
expect_error any 'the file ends before the image in it' \
    mayfish -- disk-create not qcow2 -1 "backingfile:$part" backingformat:qcow2
part=$(part raw 0 512 "$work/outer")
qemu-img create -q -u -f qcow2 -b "$part" -F qcow2 two.qcow2 1M
expect_error any 'two formats of its backing' mayfish --ro -a two.qcow2 run
# No other json: name is accepted, and the policy must allow the file.
qemu-img create -q -u -f qcow2 -b 'json:{"driver":"file","filename":"content"}' \
    -F raw other.qcow2 1M
expect_error any 'is not a plain file' mayfish --ro -a other.qcow2 run
mkdir far
qemu-img create -q -u -f qcow2 -b "$(part raw 0 512 /etc/hostname)" -F raw \
    far/away.qcow2 1M
expect_error any "lies outside of the image's folder" mayfish --ro -a far/away.qcow2 run
qemu-img create -q -f qcow2 -b content -F raw above
{ head -c 512 /dev/zero; cat above; } > outer
qemu-img create -q -u -f qcow2 \
    -b "$(part qcow2 512 "$(stat -c %s above)" "$work/outer")" -F qcow2 chain.qcow2 3M
expect_error any 'inside a file must not depend on other files' \
    mayfish --ro -a chain.qcow2 run

# What is refused: no new file stays, existing files stay as they were.
touch before
refuse()
{
    expect_error any "$1" mayfish -- disk-create "${@:2}"
}
echo keep > keep
refuse "unknown format 'qcow3'" keep qcow3 1M
refuse 'is for qcow2 only' keep raw 1M preallocation:metadata
refuse 'not a power of two' keep qcow2 1M clustersize:1000
refuse 'use 0.10 or 1.1' keep qcow2 1M compat:2
refuse 'no size given' keep qcow2 -1
qemu-img create -q -f qcow2 -b plain -F raw refers
refuse 'no other files are allowed' keep qcow2 -1 backingfile:refers
mayfish -- disk-create guessed qcow2 -1 backingfile:plain
[ "$(qemu-img info --output=json guessed |
    grep -c '"backing-filename-format": "qcow2"')" = 1 ] || fail "no format"
rm refers guessed
refuse 'plain: not a vmdk image' keep qcow2 -1 backingfile:plain \
    backingformat:vmdk
refuse 'No such file' keep qcow2 -1 backingfile:missing backingformat:raw
refuse 'for qcow2 only' keep raw 1M backingfile:plain backingformat:qcow2
refuse 'No such file or directory' missing/x raw 1M
refuse 'Disk size is too large' keep vpc 9P
[ "$(cat keep)" = keep ] || fail "keep was lost"
[ -z "$(find . -newer before -type f ! -name keep)" ] ||
    fail "left behind: $(find . -newer before -type f)"

expect_error any 'missing: No such file' mayfish disk-format missing
expect_error any 'it is a folder' mayfish disk-format sub
is keep raw 512

# The same image twice.
mayfish add-ro plain : add-ro plain
expect_error any 'plain: already added' mayfish add plain : add plain
expect_error any 'plain: already added' mayfish add plain : add-ro plain
expect_error any "label 'x' is already in use" \
    mayfish add plain label:x : add sparse label:x
expect_error any 'bad label' mayfish add plain 'label:no space'
expect_error any 'block size 1000' mayfish add plain blocksize:1000
expect_error any "invalid discard 'x': use" mayfish add plain discard:x
expect_error any 'backing_policy' mayfish add plain backing_policy:x
expect_error any 'copyonread needs readonly' \
    mayfish add plain copyonread:true
expect_error any 'format qcow3|qcow3' mayfish --format=qcow3 -a plain run
expect_error any 'not a vmdk image: it looks like qcow2' \
    mayfish --format=vmdk -a plain run
expect_error any "no disk is named '/dev/sdb'" \
    mayfish add plain : remove-drive /dev/sdb
mayfish add plain : add sparse label:s : remove-drive /dev/sda : \
    remove-drive s
