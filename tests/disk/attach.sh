#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks of every format in the appliance: written, read back, read-only ones
# never changed; added, removed and shared while it runs.
. "${srcdir:?}/tests/lib.sh"
requires qemu-img --version
cd "$work"

# A file system with one file, on the raw disk of 64 MiB that all start from.
mayfish <<'END'
disk-create seed raw 64M
add seed
run
part-disk /dev/sda gpt
mkfs ext4 /dev/sda1
mount /dev/sda1 /
write /first one
END

read_only()
{
    local before
    before=$(cat "${*: -1}"* | sha256sum)
    [ "$(mayfish --ro -a "${@: -1}" run : mount /dev/sda1 / : cat /first : \
        write /second gone : cat /second)" = $'one\ngone' ] ||
        fail "read-only ${*: -1}"
    [ "$before" = "$(cat "${*: -1}"* | sha256sum)" ] ||
        fail "${*: -1} was changed"
}

# Write, and let QEMU itself read it back, for check_written.
written=()
read_write()
{
    local format=$1 image=$2
    mayfish -a "$image" run : mount /dev/sda1 / : write /second two : \
        umount /
    qemu-img convert -f "$format" -O raw "$image" "out.${#written[@]}"
    written+=("$image")
}

# What QEMU has read, all in one session.
check_written()
{
    local i read
    read=$({
        for i in "${!written[@]}"; do
            echo "add out.$i readonly:true format:raw"
        done
        echo run
        for i in "${!written[@]}"; do
            printf 'mount-ro /dev/sd%b1 /\n' "\\x$(printf %x $((97 + i)))"
            printf 'cat /second\numount /\n'
        done
    } | mayfish)
    for i in "${!written[@]}"; do
        [ "$(sed -n "$((i + 1))p" <<< "$read")" = two ] ||
            fail "read-write ${written[i]}: $read"
    done
    rm out.*
}

try()
{
    local format=$1 name
    shift
    name=$(tr -c 'a-zA-Z0-9\n' - <<< "$format$*").$format
    qemu-img convert -q -f raw -O "$format" "$@" seed "$name"
    read_only "$name"
    case "$*" in *streamOptimized*)
        expect_error any 'cannot be changed in place; add it read-only' \
            mayfish -a "$name" run
        ;;
    *) read_write "$format" "$name" ;;
    esac
    echo "ok $name"
}

try raw
try qcow2
try qcow2 -c
try qcow2 -o compat=0.10,cluster_size=512
try qcow2 -o extended_l2=on
try vmdk
try vmdk -o subformat=streamOptimized
try vmdk -o subformat=monolithicFlat
try vmdk -o subformat=twoGbMaxExtentSparse
try vdi
try vpc -o subformat=dynamic,force_size
try vpc -o subformat=fixed,force_size
try vhdx

# An external data file: beside it, and named after it if it is to be written.
qemu-img convert -q -f raw -O qcow2 -o data_file=two.raw seed two.qcow2
read_only two.qcow2
read_write qcow2 two.qcow2
qemu-img convert -q -f raw -O qcow2 -o data_file=other.raw seed three.qcow2
read_only three.qcow2
expect_error any "data file 'other.raw' would be written to" \
    mayfish -a three.qcow2 run
echo "ok data file"

# A chain; the base is not touched by what is written above.
qemu-img create -q -f qcow2 -b seed -F raw middle.qcow2
qemu-img create -q -f qcow2 -b middle.qcow2 -F qcow2 top.qcow2
before=$(cat seed middle.qcow2 | sha256sum)
read_only top.qcow2
read_write qcow2 top.qcow2
[ "$before" = "$(cat seed middle.qcow2 | sha256sum)" ] || fail "base changed"
check_written
echo "ok chain"

# In another folder it has to be allowed.
mkdir sub
qemu-img create -q -f qcow2 -b "$work/seed" -F raw sub/far.qcow2
expect_error any 'far.qcow2: .*outside of the image.s folder.*MAYFLY_ALLOW' \
    mayfish -a sub/far.qcow2 run
[ "$(MAYFLY_ALLOW_PATHS=$work mayfish --ro -a sub/far.qcow2 run : \
    mount /dev/sda1 / : cat /first)" = one ] || fail "allowed by environment"
[ "$(mayfish add sub/far.qcow2 readonly:true backing_policy:any : run : \
    mount /dev/sda1 / : cat /first)" = one ] || fail "allowed by option"
[ "$(mayfish --ro --allow "$work" -a sub/far.qcow2 run : \
    mount /dev/sda1 / : cat /first)" = one ] || fail "allowed by --allow"
echo "ok policy"

# Another program writes to it.
cp seed busy
qemu-io -f raw -c 'write 0 512' -c 'sleep 120000' busy > /dev/null &
writer=$!
cleanup kill $writer
for _ in $(seq 1000); do
    qemu-img info busy > /dev/null 2>&1 || break
    sleep 0.05
done
expect_error any 'busy: it is locked, apparently by a running QEMU' mayfish -a busy run
mayfish --ro -a busy run : list-devices > /dev/null
kill $writer
echo "ok locked"

# We also lock.
mayfish -a seed run : sleep 120 &
holder=$!
cleanup kill $holder
for _ in $(seq 1000); do
    qemu-img info seed > /dev/null 2>&1 || break
    sleep 0.05
done
expect_error any 'locked' mayfish -a seed run
expect_error any 'lock' qemu-io -f raw -c 'write 0 512' seed
kill $holder
wait $holder || true
echo "ok locks"

# Disks that come and go; a scratch disk goes without leaving its file.
mkdir scratch
[ "$(TMPDIR=$work/scratch mayfish <<'END'
scratch 64M
run
list-devices
add-ro top.qcow2
add seed readonly:true label:named
list-devices
list-disk-labels
mount /dev/sdb1 /
-remove-drive /dev/sdb
umount /
remove-drive /dev/sdb
list-devices
add-ro seed
mount /dev/sdb1 /
cat /first
umount /
remove-drive named
list-devices
END
)" = "/dev/sda
/dev/sda
/dev/sdb
/dev/sdc
named: /dev/sdc
named1: /dev/sdc1
/dev/sda
/dev/sdc
one
/dev/sda
/dev/sdb" ] || fail "coming and going"
[ -z "$(ls scratch)" ] || fail "scratch stays"
echo "ok coming and going"

# Several disks, sectors of 4096 bytes.
[ "$(mayfish add seed readonly:true : scratch 64M blocksize:4096 : run : \
    blockdev-getss /dev/sda : blockdev-getss /dev/sdb)" = $'512\n4096' ] ||
    fail "block size"

# Discarding makes the file smaller.
truncate -s 64M thin
mayfish -a thin run : mkfs ext4 /dev/sda : mount-options discard /dev/sda / : \
    fill 1 30M /big : sync
big=$(stat -c %b thin)
mayfish -a thin run : mount-options discard /dev/sda / : rm /big : sync
[ "$(stat -c %b thin)" -lt $((big / 2)) ] || fail "discard: $big blocks stay"
echo "ok discard"

# Remote images.
if command -v qemu-nbd > /dev/null; then
    qemu-nbd -f raw -r -t -e 8 -k "$work/socket" seed &
    cleanup kill $!
    for _ in $(seq 1000); do
        [ -S socket ] && break
        sleep 0.05
    done
    # QEMU runs as another user, but this one connects.
    chmod 0600 socket
    [ "$(mayfish --ro -a "nbd+unix:///?socket=$work/socket" run : \
        mount /dev/sda1 / : cat /first)" = one ] || fail "nbd"
    expect_error any 'nbd://localhost:1/: ' \
        mayfish --ro -a nbd://localhost:1/ run
    echo "ok nbd"
fi

# A vmdk with ZERO extents and a read-only one; QEMU by itself skips both.
printf a > pieces-f001.vmdk
printf b > pieces-f002.vmdk
truncate -s 1M pieces-f001.vmdk pieces-f002.vmdk
cat > pieces.vmdk << 'EOF'
# Disk DescriptorFile
version=1
CID=fffffffe
parentCID=ffffffff
createType="twoGbMaxExtentFlat"
RW 2048 FLAT "pieces-f001.vmdk" 0
RW 2048 ZERO
RDONLY 2048 FLAT "pieces-f002.vmdk" 0
RW 2048 ZERO
EOF
mayfish --ro --format=vmdk -a pieces.vmdk run : download /dev/sda pieces.raw
{
    cat pieces-f001.vmdk
    head -c 1M /dev/zero
    cat pieces-f002.vmdk
    head -c 1M /dev/zero
} | cmp - pieces.raw || fail "a vmdk with pieces of zeroes"
expect_error any 'extent that cannot be written' \
    mayfish --format=vmdk -a pieces.vmdk run
echo "ok zeroes in a vmdk"

# A block device of the host.
if [ "$(id -u)" = 0 ] && device=$(losetup -f --show seed 2> /dev/null); then
    cleanup losetup -d "$device"
    [ "$(mayfish --ro -a "$device" run : mount /dev/sda1 / : cat /first : \
        write /x y)" = one ] || fail "block device, read-only"
    mayfish -a "$device" run : mount /dev/sda1 / : write /third three
    [ "$(mayfish --ro -a "$device" run : mount /dev/sda1 / : cat /third)" \
        = three ] || fail "block device"
    # An image must not reach other devices in /dev.
    qemu-img create -q -f qcow2 -b "$device" -F raw loop.qcow2
    expect_error any 'outside of the image' mayfish --ro -a loop.qcow2 run
    echo "ok block device"
fi

# The host's disk is full: an error, not a hang.
if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=8m none small
then
    cleanup umount "$work/small"
    truncate -s 64M small/image
    expect_error any 'small/image: some writes failed: No space' \
        mayfish -a small/image run : mkfs ext4 /dev/sda : \
        mount /dev/sda / : fill 1 30M /big : sync
    echo "ok host full"
fi
