#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The end of a program that has written: a QEMU that stands still does not hold
# it for ever, one that still writes is waited for, and limits that are too small
# are named.
. "${srcdir:?}/tests/lib.sh" || exit 1
cd "$work"
truncate -s 2G disk
mayfish --format=raw -a disk run : mkfs ext4 /dev/sda

# QEMU stops while mayfish reads its commands; then its input ends.
mkfifo commands
MAYFLY_TIMEOUT=6 mayfish --format=raw -a disk < commands > out 2> err &
pid=$!
exec 7> commands
printf 'run\nmount /dev/sda /\nwrite /a text\nget-pid\n' >&7
for _ in $(seq 600); do
    [ -s out ] && break
    sleep 0.1
done
# Keys and files of guests may be in its memory.
grep -q '^Max core file size  *[01] ' /proc/$pid/limits ||
    fail "it may leave a core file: $(grep core /proc/$pid/limits)"
qemu=$(cat out)
kill -STOP "$qemu"
cleanup eval "kill -KILL $qemu 2> /dev/null"
SECONDS=0
exec 7>&-
code=0
wait $pid || code=$?
[ $code -eq 1 ] || fail "it exited $code: $(cat err)"
[ $SECONDS -ge 1 ] && [ $SECONDS -le 60 ] || fail "it took $SECONDS s"
grep -q 'the last writes may be lost' err || fail "it said $(cat err)"
[ ! -e "/proc/$qemu" ] || fail "QEMU is still there"

# Its end may take longer than any silence is allowed to: it writes all the
# time.
head -c 600M /dev/urandom > big
MAYFLY_TIMEOUT=8 mayfish --format=raw -a disk run : mount /dev/sda / : \
    upload big /big || fail "a slow end is not a hung one"
mayfish --ro --format=raw -a disk run : mount-ro /dev/sda / : download /big - |
    cmp - big || fail "not everything was written"

# Small limits: wherever the process meets them, the limit is named, at once.
SECONDS=0
for n in $(seq 16 63); do
    (ulimit -n "$n"
     expect_error any "RLIMIT_NOFILE is $n; raise it with ulimit -n" \
         mayfish --ro --format=raw -a disk run) || exit 1
done
[ $SECONDS -le 60 ] || fail "refusing took $SECONDS s"
(ulimit -n 64
 mayfish --ro --format=raw -a disk run) || fail "64 open files are too few"
(ulimit -f $((100 << 10))
 expect_error 1 'RLIMIT_FSIZE is 102400; raise it with ulimit -f' \
     mayfish --ro --format=raw -a disk run : mount-ro /dev/sda / : \
     download /big copy) || exit 1
[ ! -e copy ] || fail "half a copy has its name"
[ -z "$(find . -name '.mayfly-*')" ] || fail "something is left"
