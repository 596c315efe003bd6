#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Images made by qemu-img, in every format and with every option that changes
# the header: the reader must agree with qemu-img info, and find out when the
# file is cut short.
. "${srcdir:?}/tests/lib.sh"
requires qemu-img --version
inspect=$builddir/tests/disk/disk-inspect
cd "$work"

# Something in the image: a run at the start, one in the middle, the end.
fill()
{
    qemu-io -f "$1" -c 'write -P 1 0 200k' -c 'write -P 2 20M 64k' \
        -c 'write -P 3 40M 1M' "$2" > /dev/null
}

# field NAME LINE
field()
{
    sed -nE "s/.*\b$1=([^ ]*).*/\1/p" <<< "$2"
}

# agree FORMAT FILE: the same format and size as qemu-img info
agree()
{
    local line want
    line=$("$inspect" "$2" | head -1)
    want=$(qemu-img info -U --output=json -f "$1" "$2" |
        "${PYTHON:-python3}" -c 'import json, sys
i = json.load(sys.stdin)
print(i["format"], i["virtual-size"], i.get("backing-filename", "-"))')
    [ "$(field format "$line") $(field size "$line") \
$(field backing "$line")" = "$want" ] ||
        fail "$2: '$line' is not '$want'"
}

# cut FILE: without its second half it must be refused as truncated
cut_short()
{
    local size
    size=$(stat -c %s "$1")
    cp "$1" cut
    truncate -s $((size / 2)) cut
    expect_error 1 'truncated' "$inspect" "${@:2}" cut
}

check()
{
    local format=$1 name
    shift
    name=$(tr -c 'a-zA-Z0-9\n' - <<< "$format-$*")
    qemu-img create -q -f "$format" "$@" "$name" 50M
    agree "$format" "$name"
    "$inspect" -w "$name" > empty.txt
    fill "$format" "$name"
    agree "$format" "$name"
    cut_short "$name"
    echo "ok $name"
}

for compat in 0.10 1.1; do
    for cluster in 512 4096 65536 2M; do
        check qcow2 -o compat=$compat,cluster_size=$cluster
    done
done
check qcow2 -o preallocation=metadata
check qcow2 -o preallocation=falloc
check qcow2 -o preallocation=full
check qcow2 -o lazy_refcounts=on
check qcow2 -o refcount_bits=1
check qcow2 -o refcount_bits=64
check qcow2 -o extended_l2=on
check qcow2 -o extended_l2=on,cluster_size=16k
check qcow2 -o compression_type=zlib
check vmdk -o subformat=monolithicSparse
check vmdk -o subformat=monolithicSparse,compat6
check vdi
check vdi -o static=on
check vpc -o subformat=dynamic
check vpc -o subformat=dynamic,force_size
check vhdx -o subformat=dynamic
check vhdx -o subformat=fixed
check vhdx -o block_size=1M

# Compressed images are written once.
qemu-img create -q -f raw raw 50M
fill raw raw
for how in 'qcow2' 'qcow2 -o compression_type=zstd' \
    'vmdk -o subformat=streamOptimized'; do
    # shellcheck disable=SC2086
    qemu-img convert -q -c -f raw -O $how raw compressed
    agree "${how%% *}" compressed
    cut_short compressed
    echo "ok compressed $how"
done
expect_error 1 'compressed vmdk cannot be changed' "$inspect" -w compressed

# A fixed vpc is raw except for its footer, which QEMU does not look for.
qemu-img create -q -f vpc -o subformat=fixed,force_size vpc 50M
line=$("$inspect" vpc)
[ "$(field format "$line") $(field size "$line")" = "vpc 52428800" ] ||
    fail "fixed vpc: $line"
truncate -s 25M vpc
expect_error 1 'not a vpc image' "$inspect" -f vpc vpc

# Disks of several files.
for kind in monolithicFlat twoGbMaxExtentFlat twoGbMaxExtentSparse; do
    qemu-img create -q -f vmdk -o subformat=$kind $kind.vmdk 3G
    agree vmdk $kind.vmdk
    for extent in "$kind"-*.vmdk; do
        truncate -s 512 "$extent"
        break
    done
    expect_error 1 "its extent $extent: truncated" "$inspect" $kind.vmdk
    rm "$extent"
    expect_error 1 "its extent '$extent': No such file" "$inspect" $kind.vmdk
    echo "ok $kind"
done

# Other files: backing chains, data files.
qemu-img create -q -f qcow2 base 50M
qemu-img create -q -f qcow2 -b base -F qcow2 middle.qcow2
qemu-img create -q -f qcow2 -b middle.qcow2 -F qcow2 top.qcow2 60M
agree qcow2 top.qcow2
[ "$("$inspect" top.qcow2 | wc -l)" = 3 ] || fail "chain of three"
qemu-img create -q -f vmdk -b "$work/parent.vmdk" -F vmdk child.vmdk 50M \
    2> /dev/null || true
qemu-img create -q -f vmdk parent.vmdk 50M
qemu-img create -q -f vmdk -b parent.vmdk -F vmdk child.vmdk
[ "$("$inspect" child.vmdk | wc -l)" = 2 ] || fail "vmdk with parent"
for raw in on off; do
    qemu-img create -q -f qcow2 -o data_file=data.$raw,data_file_raw=$raw \
        outside-$raw.qcow2 50M
    fill qcow2 outside-$raw.qcow2
    [ "$(field data "$("$inspect" outside-$raw.qcow2)")" = data.$raw ] ||
        fail "data file"
    rm data.$raw
    expect_error 1 "data file 'data.$raw': No such file" \
        "$inspect" outside-$raw.qcow2
done

# What we do not open.
qemu-img create -q -f qcow2 --object secret,id=s,data=x \
    -o encrypt.format=aes,encrypt.key-secret=s \
    encrypted 10M 2> /dev/null
expect_error 1 "encrypted: encrypted with qcow2's old AES" "$inspect" encrypted
for old in qcow qed parallels; do
    qemu-img create -q -f $old old 10M
    expect_error 1 "old: .*$old" "$inspect" old
done
expect_error 1 'not a vmdk image: it looks like qcow2' \
    "$inspect" -f vmdk base
expect_error 1 'unknown format' "$inspect" -f qcow3 base

# A large image costs no more to open than a small one.
qemu-img create -q -f qcow2 -o preallocation=metadata large 1T 2> /dev/null
seconds=$("$inspect" -t large)
"${PYTHON:-python3}" -c "assert $seconds < 0.05, $seconds"
echo "ok 1 TiB in $seconds s"

# An image that a running QEMU writes to.
qemu-io -f qcow2 -c 'write 0 64k' -c 'sleep 60000' base > /dev/null &
cleanup kill $!
for _ in $(seq 1000); do
    qemu-img info base > /dev/null 2>&1 || break
    sleep 0.05
done
expect_error 1 'base: it is locked' "$inspect" -w base
"$inspect" base > /dev/null
