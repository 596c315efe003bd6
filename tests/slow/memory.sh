#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What takes most memory in the appliance: a LUKS2 key as cryptsetup makes it
# on a machine with enough of it, and the check of a full 1 TiB file system.
. "$(dirname "$0")/../lib.sh"
requires command -v cryptsetup
cd "$work"

truncate -s 64M luks.img
printf secret > key
cryptsetup luksFormat --batch-mode --type luks2 --pbkdf argon2id \
    --pbkdf-memory 1048576 --pbkdf-force-iterations 4 --key-file key \
    luks.img
[ "$(echo secret | mayfish --keys-from-stdin --ro --format=raw \
    -a luks.img run : luks-open /dev/sda x : list-dm-devices)" = \
    /dev/mapper/x ] || fail "a key of 1 GiB"
code=0
echo secret | MAYFLY_MEMSIZE=512 mayfish --keys-from-stdin --ro \
    --format=raw -a luks.img run : luks-open /dev/sda x 2> said || code=$?
[ "$code" -eq 1 ] || fail "exit code $code without the memory"
grep -q 'not enough memory' said || fail "without the memory: $(cat said)"

{
    echo run
    echo mkfs ext4 /dev/sda
    echo mount /dev/sda /
    for i in $(seq 65); do
        echo "fallocate64 /f$i 16106127360"
    done
    echo umount /
    echo e2fsck /dev/sda forceall:true
} > script
qemu-img create -q -f qcow2 big.qcow2 1T
mayfish --rw -a big.qcow2 -f script || fail "e2fsck of 1 TiB"
