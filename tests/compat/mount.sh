#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The distribution's guestmount on our library: mounted by inspection, in the
# foreground and as a daemon that outlives the program.
. "$(dirname "$0")/../lib.sh"
. "$srcdir/tests/compat/lib.sh"
requires command -v guestmount
requires command -v guestunmount
requires command -v fusermount3
requires test -w /dev/fuse
cd "$work"
make_image a.img
mkdir mnt
cleanup eval "fusermount3 -q -u -z '$work/mnt' 2> /dev/null || true"

gone()
{
    local i
    for ((i = 0; i < 100; i++)); do
        kill -0 "$1" 2> /dev/null || return 0
        sleep 0.1
    done
    return 1
}

mayfly-guestfs guestmount -a a.img -m /dev/sda2 --ro --pid-file pid mnt \
    > log 2>&1 || {
    ! grep -q 'cannot mount on' log || skip "FUSE does not work here"
    fail "guestmount: $(cat log)"
}
[ "$(cat mnt/etc/sub/a)" = aaaa ] || fail "no file: $(ls -lR mnt)"
[ "$(stat -c '%a %u %g' mnt/etc/sub/a)" = '600 1000 1000' ] || fail "attributes"
! touch mnt/etc/new 2> /dev/null || fail "--ro can be written to"
[ "$(wc -c < mnt/big)" = 5000 ] || fail "size"
guestunmount mnt || fail "guestunmount"
gone "$(cat pid)" || fail "guestmount lives on"

rm pid
mayfly-guestfs guestmount -a a.img -m /dev/sda2 --pid-file pid mnt ||
    fail "guestmount for writing"
echo new > mnt/etc/new
guestunmount mnt || fail "guestunmount"
gone "$(cat pid)" || fail "guestmount lives on"
[ "$(mayfish --ro -a a.img -m /dev/sda2 cat /etc/new < /dev/null)" = new ] ||
    fail "what was written is not there"

# Mounted by inspection, in the foreground.
image=$("$srcdir/tests/images/get.sh" gpt)
mayfly-guestfs guestmount --no-fork -a "$image" -i --ro mnt > log 2>&1 &
server=$!
for ((i = 0; i < 300; i++)); do
    ! mountpoint -q mnt || break
    sleep 0.1
done
[ -e mnt/etc/os-release ] || fail "-i: $(cat log)"
# Each of its file systems has a file number 2.
[ "$(find mnt -name grub.cfg)" = mnt/boot/grub/grub.cfg ] ||
    fail "find does not go into /boot"
guestunmount mnt || fail "guestunmount"
wait "$server" || fail "guestmount ended with $?: $(cat log)"
