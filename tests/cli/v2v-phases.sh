#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A copy in phases: the source changes while it is copied, runs are killed at
# any time, and in the end the copy equals the source.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cli/v2v-guests.sh"
requires cpio --version
requires test -e "${builddir:?}/v2v/loader/core.img"
cd "$work"
make_guests
mkdir out
python3 -c 'import os
with open("data", "wb") as f:
    f.write(os.urandom(24 << 20))
    f.truncate(64 << 20)'

phase() # PHASE [OPTION...]
{
    local name=$1
    shift
    mayfly-v2v -i disk disk data -os out -on m --phase "$name" "$@"
}

# Write random blocks, and holes, as long as $work/writing exists.
writer()
{
    python3 - << 'EOF'
import os, random, time
f = open("data", "r+b", buffering=0)
blocks = set()
while os.path.exists("writing"):
    at = random.randrange(0, 63 << 20) & ~4095
    f.seek(at)
    f.write(random.choice([os.urandom, bytes])(random.choice([512, 4096, 9000])))
    blocks |= {at >> 16, at + 8999 >> 16}
    time.sleep(0.02)
print(len(blocks) * 65536)
EOF
}

same()
{
    cmp disk out/m.transfer/disk0.image
    cmp data out/m.transfer/disk1.image
}

expect_error 3 'begin with --phase full' phase delta
expect_error 2 'not one of full, delta' phase half

# --- the source is written while it is copied ---

touch writing
writer > changed &
phase full --bwlimit 20M > said
grep -q '^Copied ' said
rm writing
wait $!
phase delta > said
same
moved=$(sed -n 's/.*read, \(.*\) MiB changed/\1/p' said)
python3 -c "import sys
moved, changed = float(sys.argv[1]) * 1048576, int(sys.argv[2])
assert 0 < moved <= changed + 60000, (moved, changed)" "$moved" "$(cat changed)"

# No change, no writes; a small change, few writes.
phase delta | grep -q ', 0.0 MiB changed'
printf x | dd of=data bs=1 seek=5000000 conv=notrunc status=none
fallocate -p -o 1048576 -l 1048576 data
phase delta | grep -q ', 1.1 MiB changed'
same

# --- a rehearsal changes nothing ---

sums=$(sha256sum out/m.transfer/*.image)
phase rehearse > said
grep -q '^Readiness  *Ready' said
grep -q '/etc/fstab: disk names' said
[ "$(sha256sum out/m.transfer/*.image)" = "$sums" ]
[ "$(find . -name '.mayfly-v2v*')" = '' ]

# --- killed ---

killed() # SECONDS PHASE [OPTION...]
{
    local seconds=$1 code=0
    shift
    mayfly-v2v -i disk disk data -os out -on m --phase "$@" -q &
    sleep "$seconds"
    kill -9 $! 2> /dev/null || true
    wait $! 2> /dev/null || code=$?
}

rm -r out/m.transfer
for seconds in 0.05 0.2 0.5 0.9; do killed $seconds full --bwlimit 20M; done
mayfly-v2v -i disk disk data -os out -on m --phase full -q --bwlimit 10M &
until [ "$(du -k out/m.transfer/disk1.image | cut -f 1)" -ge 6000 ]; do
    sleep 0.05
done
kill -9 $!
wait $! || true
phase full > said
same
# What was already copied was not written again.
mayfly-v2v -i disk disk data -os out -on other --phase full > all
rm -r out/other.transfer
changed() { sed -n 's/.*read, \([0-9]*\).*changed/\1/p' "$1"; }
[ "$(changed said)" -le $(($(changed all) - 5)) ] ||
    fail "it began again: $(cat said all)"
for seconds in 0.1 0.4 0.7 1 1.3 1.6 1.9 2.2; do
    python3 -c 'import os, random
f = open("data", "r+b")
f.seek(random.randrange(0, 60 << 20))
f.write(os.urandom(100000))'
    killed $seconds final
    [ -e out/m.transfer/state.json ] || phase full -q
    [ ! -e out/m.transfer/disk0.image ] || { phase delta -q && same; }
done
[ -e out/m.transfer/state.json ] || phase full -q
phase delta -q || phase full -q
same
phase final > said
cmp data out/m-sdb
[ ! -e out/m.transfer ]
[ "$(find . -name '.mayfly-v2v*')" = '' ] || fail "temporary files are left"
mayfish --ro --format=raw -a out/m-sda -m /dev/sda2 cat /etc/fstab |
    grep -q '^UUID=.* / ext4'

# The digests are lost, or the name belongs to another machine.
phase full -q
rm out/m.transfer/disk0.image
phase delta -q
same
expect_error 3 'is for other disks' \
    mayfly-v2v -i disk data disk -os out -on m --phase delta
truncate -s 65M data
expect_error 1 'size of the disk has changed' phase delta
truncate -s 64M data
rm -r out/m.transfer

# Two at once.
mayfly-v2v -i disk disk data -os out -on m --phase full -q --bwlimit 20M &
until [ -e out/m.transfer/disk1.image ]; do sleep 0.05; done
expect_error 3 'another run uses' phase full
wait $!

# --- qcow2, partitions, a chain of VHDs ---

mkdir out2
mayfly-v2v -i xl parts.cfg -os out2 -of qcow2 --phase full -q
mayfly-v2v -i xl parts.cfg -os out2 -of qcow2 --phase final -q
mayfish --ro -a out2/parts-sda -m /dev/sda2 cat /etc/fstab |
    grep -q '^UUID=.* / ext4'
mayfly-v2v -i disk disk -os out2 -on q -of qcow2 --phase full -q
printf x | dd of=disk bs=1 seek=75000000 conv=notrunc status=none
mayfly-v2v -i disk disk -os out2 -on q -of qcow2 --phase delta -q
qemu-img compare -q -f raw -F qcow2 disk out2/q.transfer/disk0.image
mayfly-v2v -i disk disk -os out2 -on q -of qcow2 --phase final -q
mayfish --ro -a out2/q-sda -m /dev/sda2 cat /etc/fstab |
    grep -q '^UUID=.* / ext4'
mkdir vhd
python3 "$srcdir/tests/cli/write-vhd.py" disk vhd
mayfly-v2v -i vhd vhd/leaf.vhd -os out2 -on v --phase full -q
cmp disk out2/v.transfer/disk0.image
mayfly-v2v -i vhd vhd/leaf.vhd -os out2 -on v --phase delta |
    grep -q ', 0.0 MiB changed'

# --- a QEMU dirty bitmap ---

qemu-img convert -O qcow2 data data.qcow2
qemu-img bitmap --add -g 65536 data.qcow2 since
qemu-img convert -O qcow2 disk disk.qcow2
qemu-img bitmap --add -g 65536 disk.qcow2 since
serve()
{
    for name in disk data; do
        qemu-nbd -t -e 16 -A -B since -k "$work/$name.nbd" -r "$name.qcow2" &
        cleanup kill $!
        servers="${servers:-} $!"
        until [ -S "$name.nbd" ]; do sleep 0.02; done
    done
}
bitmap() # PHASE [OPTION...]
{
    local name=$1
    shift
    mayfly-v2v -i disk "nbd+unix:///?socket=$work/disk.nbd" \
        "nbd+unix:///?socket=$work/data.nbd" -os out -on b --phase "$name" \
        --bitmap since "$@"
}
servers=
serve
bitmap full -q
for pid in $servers; do
    kill "$pid"
    wait "$pid" || true
done
rm -f ./*.nbd
qemu-io -f qcow2 -c 'write -P 7 3M 64k' -c 'write -P 8 50M 192k' \
    -c 'write -z 8M 1M' data.qcow2 > io
serve
bitmap delta > said
qemu-img compare -q -f qcow2 -F raw data.qcow2 out/b.transfer/disk1.image
# 64 KiB, 192 KiB, and 1 MiB of zeroes.
grep -q '^Copied  *1.2 MiB read, 1.2 MiB changed' said || fail "$(cat said)"
expect_error 1 'does not support qemu:dirty-bitmap:none' bitmap delta --bitmap none
bitmap final -q
qemu-img compare -q -f qcow2 -F raw data.qcow2 out/b-sdb
