#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A program that works with several handles in several threads may exit at any
# time: from whichever thread, and in the handler of an error.  Nothing
# crashes, hangs, is printed twice or keeps running.  ROUNDS=N for more of it.
. "$(dirname "$0")/../lib.sh"
. "$srcdir/tests/compat/lib.sh"
# The program itself, not libtool's script around it, which would find the
# library by itself.
program=$builddir/tests/compat/.libs/threads
[ -e "$program" ] || program=$builddir/tests/compat/threads
cd "$work"
make_image a.img

# try WANT HOW THREADS
try()
{
    local code=0 i

    # shellcheck disable=SC2016 # for the inner shell
    setsid -w sh -c 'echo $$ > session; exec "$@"' sh timeout -k 5 60 \
        mayfly-guestfs "$program" "$2" a.img "$3" > output 2>&1 || code=$?
    [ "$code" = "$1" ] || fail "$2 with $3 threads: exit $code: $(cat output)"
    [ ! -s output ] || fail "$2 with $3 threads says: $(cat output)"
    # QEMU ends a moment after the program that started it.
    for ((i = 0; i < 50; i++)); do
        pgrep -s "$(cat session)" > left || return 0
        sleep 0.1
    done
    fail "$2 with $3 threads leaves processes: $(cat left)"
}

for ((round = 0; round < ${ROUNDS:-5}; round++)); do
    try 7 exit 4
    try 7 fail 3
    try 0 close 3
done
