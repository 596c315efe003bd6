#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No room left, at each place that a program writes to: one line with the
# cause, nothing under the final name, nothing left over; where there is a
# choice, the job is done without.
if [ -z "${IN_NAMESPACE:-}" ]; then
    kind=-m
    [ "$(id -u)" -eq 0 ] || kind=-rm
    if ! unshare $kind true 2> /dev/null; then
        echo "skipped: 'unshare $kind' does not work here"
        exit 77
    fi
    IN_NAMESPACE=1 exec unshare $kind "$0" "$@"
fi
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cli/template.sh"
. "$srcdir/tests/cli/v2v-guests.sh"
requires gpg --version
requires qemu-img --version
cd "$work"
chmod 755 "$work"
places=0

mkdir tree small
head -c 12M /dev/urandom > tree/big
cp tree/big tree/again
mke2fs -q -t ext4 -d tree disk 40M
fish() { mayfish --ro --format=raw -a disk -m /dev/sda "$@"; }

# A file system with room for KIB at ./small.
room() # KIB
{
    mountpoint -q small && umount small
    mount -t tmpfs -o "size=${1}k,mode=755" tmpfs small
}
cleanup umount -q -l "$work/small"

# full COMMAND...: it fails for want of room, and leaves ./small empty.
full()
{
    local text code=0

    text=$("$@" 2>&1 > /dev/null) || code=$?
    [ "$code" -ne 0 ] || fail "'$*' succeeded"
    [ "$code" -lt 126 ] || fail "'$*' exited $code: $text"
    grep -qiE 'no space|cannot allocate|larger than|only .* free|needs' \
        <<< "$text" || fail "'$*' does not name the cause: $text"
    [ "$(grep -vc warning <<< "$text")" = 1 ] ||
        fail "'$*' did not print one line: $text"
    [ -z "$(ls -A small)" ] || fail "'$*' left: $(ls -A small)"
    places=$((places + 1))
    echo "$places: $1 ${*: -3}: $text"
}

# What mayfish writes on the host.
room 4096
full fish download /big small/out
full fish copy-out / small
full fish tar-out / small/out.tar
full fish compress-out gzip /big small/out.gz
full fish base64-out /big small/out.b64
full mayfish disk-convert disk qcow2 small/out
full mayfish disk-create small/out raw 100M preallocation:full
code=0
fish cat /big > /dev/full 2> said || code=$?
[ "$code" -ne 0 ] || fail "/dev/full took it"
grep -q 'No space' said || fail "/dev/full: $(cat said)"
places=$((places + 1))

# The guest's own file system, and the host's below its disk.
cp disk guest
mayfish --format=raw -a guest -m /dev/sda mkdir /d
if mayfish --format=raw -a guest -m /dev/sda copy-in tree /d 2> said; then
    fail "24 MiB went into 10"
fi
grep -q 'No space' said || fail "guest full: $(cat said)"
places=$((places + 1))
room 8192
truncate -s 100M small/disk
if mayfish --format=raw -a small/disk run : mkfs ext2 /dev/sda : \
    mount /dev/sda / : upload tree/big /big : sync 2> said; then
    fail "12 MiB went into 8"
fi
[ "$(grep -c . said)" = 1 ] || fail "host full below a disk: $(cat said)"
places=$((places + 1))

# The cache: a saved appliance has no room, so it is booted.
room 4096
XDG_CACHE_HOME=$work/small fish ls / > said
grep -q '^big$' said || fail "a full cache: $(cat said)"
[ -z "$(find small -name '.new-*')" ] || fail "left in the cache"
places=$((places + 1))

# The builder: its output, its templates.
make_repository gpt
room 4096
full builder gpt -o small/out.img
full builder gpt -o small/out.qcow2 --format qcow2
full mayfly-builder --source "$work/repo/index.asc" --fingerprint \
    "$fingerprint" --arch x86_64 --cache "$work/small" gpt -o "$work/out.img"
[ ! -e out.img ] || fail "an image although the template had no room"

# A conversion: its target; the overlay and the unpacked disk in TMPDIR.
rm -rf tree
make_guests
room 4096
full mayfly-v2v -i xl disk.cfg -os small
head -c 40M /dev/urandom > noise
gzip -1 < noise > noise.gz
python3 "$srcdir/tests/cli/write-ova.py" --file disk.vmdk.gz a.ova noise.gz
gzip -k -1 a.ova
TMPDIR=$work/small full mayfly-v2v plan -i ova a.ova.gz

echo "no-space: $places of $places places end well"
