#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a QEMU that was taken over can do: system calls are made inside the one
# of a running appliance, and all are refused.  Missing layers are a warning
# once, and an error if they are required.
. "$(dirname "$0")/../lib.sh"

disk=$work/disk.raw
truncate -s 64M "$disk"
mkfifo "$work/commands"
cp "$(type -P true)" "$work/file"
python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])' "$work/socket"
chmod 755 "$work"
chmod 666 "$work/file" "$work/socket"

# The first process below PID that is QEMU.
find_qemu()
{
    local pid
    while read -r pid; do
        if [[ $(cat "/proc/$pid/comm") == qemu-system* ]]; then
            echo "$pid"
        else
            find_qemu "$pid"
        fi
    done < <(cat "/proc/$1/task/"*/children | tr ' ' '\n')
}

mayfish --ro --format=raw -a "$disk" < "$work/commands" > "$work/out" 2>&1 &
shell=$!
exec 4> "$work/commands"
printf 'run\nping-daemon\necho up\n' >&4
until grep -q up "$work/out"; do
    kill -0 "$shell" || fail "did not start: $(cat "$work/out")"
    read -r -t 0.1 <> <(:) || true
done
qemu=$(find_qemu "$shell")
[ -n "$qemu" ] || fail "QEMU was not found"

# The overlay, a file without a name.
overlay=$(find "/proc/$qemu/fd" -lname '*/#*' -printf '%f\n' | head -n 1)
[ -n "$overlay" ] || fail "QEMU has no overlay"
code=0
"$builddir/tests/unit/inject" "$qemu" "$work" "$overlay" \
    > "$work/attempts" || code=$?
[ "$code" -ne 77 ] || skip "this machine does not let QEMU be traced"
[ "$code" -eq 0 ] || fail "inject: $(cat "$work/attempts")"
[ "$(wc -l < "$work/attempts")" -ge 45 ] ||
    fail "too few attempts: $(cat "$work/attempts")"

# It goes on as if nothing had happened.
printf 'ping-daemon\necho still here\n' >&4
exec 4>&-
wait "$shell" || fail "mayfish has failed: $(cat "$work/out")"
grep -q 'still here' "$work/out" || fail "no answer: $(cat "$work/out")"

missing=$(mayfly-appliance status | sed -n 's/^missing *//p')
[ "$missing" = none ] || skip "missing layers: $missing"
# Those with wrong arguments must not get as far as having them checked.
! grep -E ': (done|Invalid argument|Bad address)$' "$work/attempts" ||
    fail "these were not refused"
mayfish --require-cage run : ping-daemon || fail "no whole cage"
