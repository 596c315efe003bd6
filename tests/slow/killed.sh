#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 at 50 moments of a transfer: no partial file has its final name, the
# guest's disk can still be read, and no appliance keeps running.
. "$(dirname "$0")/../lib.sh"
cd "$work"
head -c 300M /dev/urandom > whole
qemu-img create -q -f qcow2 disk.qcow2 2G
mayfish -a disk.qcow2 run : mkfs ext4 /dev/sda : mount /dev/sda / : \
    upload whole /whole : mkdir /d : cp /whole /d/whole
sum=$(sha256sum < whole)
killed=0

# victim FINAL COMMAND...: kill it at some moment of its first second.
victim()
{
    local final=$1 pid
    shift
    rm -rf "$final"
    "$@" > /dev/null 2>&1 &
    pid=$!
    sleep "0.$(printf %03d $((RANDOM % 900 + 50)))"
    if kill -9 $pid 2> /dev/null; then
        killed=$((killed + 1))
    fi
    wait $pid 2> /dev/null || true
    if [ -e "$final" ] && [ "$(sha256sum < "$final")" != "$sum" ]; then
        fail "half a file has its name: $*"
    fi
}

for i in $(seq 25); do
    victim out mayfish --ro -a disk.qcow2 run : mount-ro /dev/sda / : \
        download /whole out
    victim d/whole mayfish --ro -a disk.qcow2 run : mount-ro /dev/sda / : \
        copy-out /d .
done
echo "killed $killed times"
[ "$killed" -ge 25 ] || fail "only $killed were killed: too fast to tell"
rm -rf d
left=$(find . -name '.mayfly-*' -o -name '*.partial')
[ -z "$left" ] || fail "killed programs have left $left"

# The same while the guest's disk is written: its journal must be enough.
for i in $(seq 5); do
    victim none mayfish -a disk.qcow2 run : mount /dev/sda / : \
        upload whole "/new$i"
    # The appliance notices a moment later.
    for _ in $(seq 50); do
        mayfish -a disk.qcow2 run 2> said && break
        grep -q locked said || fail "after a kill: $(cat said)"
        sleep 0.1
    done
    mayfish -a disk.qcow2 run : e2fsck /dev/sda correct:true : \
        mount-ro /dev/sda / : download /whole out ||
        fail "the disk is damaged after a kill"
    [ "$(sha256sum < out)" = "$sum" ] || fail "old content has changed"
done
