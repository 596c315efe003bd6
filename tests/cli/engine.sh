#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The ways to start the appliance: saved and resumed; saved again when the
# saved one cannot be trusted; booted when nothing can be saved.
. "$(dirname "$0")/../lib.sh"

export XDG_CACHE_HOME=$work/cache
mkdir "$work/cache"

# start TEXT: start it and look for TEXT in the engine's messages.
start()
{
    MAYFLY_DEBUG=1 mayfish run : ping-daemon 2> "$work/log" ||
        fail "does not start: $(cat "$work/log")"
    grep -q -- "$1" "$work/log" || fail "no '$1' in: $(cat "$work/log")"
}

saved()
{
    find "$work/cache" -name "$1" | grep -E '/[0-9a-f]{32}/'
}

# Made, then resumed.
start 'appliance saved'
start 'resumed under'
! grep -q 'booted under' "$work/log" || fail "booted though it was saved"
[ "$(stat -c %a "$work/cache/mayfly")" = 700 ] || fail "cache is not private"
[ "$(stat -c %a "$(dirname "$(saved memory)")")" = 700 ] || fail "its folder"
[ "$(stat -c %a "$(saved memory)")" = 444 ] || fail "the memory can be written"
[ -z "$(find "$work/cache" -perm /077 -type f ! -name memory)" ] ||
    fail "files are not"

# The guards against QEMU that hold for every user on every machine.
cage=$(sed -n 's/.*cage: //p' "$work/log")
for layer in 'no new privileges' limits 'closed files' seccomp; do
    [[ "${cage%%; without*}" == *"$layer"* ]] || fail "no '$layer': $cage"
done

# Where the time goes: every step, and nothing of the console.
MAYFLY_DEBUG=timing mayfish run : ping-daemon 2> "$work/log"
for step in 'QEMU is up' 'state is loaded' 'agent has answered' ping_daemon \
    'appliance is gone'; do
    grep -qE "timing: +[0-9.]+ ms, \+[0-9.]+: .*$step" "$work/log" ||
        fail "no '$step' in: $(cat "$work/log")"
done
! grep -v timing: "$work/log" || fail "timing prints more than times"

# One byte of the saved RAM is changed: it is not used again.
chmod 644 "$(saved memory)"
printf x | dd of="$(saved memory)" bs=1 seek=5000000 conv=notrunc status=none
chmod 444 "$(saved memory)"
touch -d 2001-01-01 "$(saved memory)"
start 'its memory file has been changed'
start 'resumed under'

# With a limit on file size it is booted, and nothing is left in the cache.
rm -rf "$work/cache/mayfly"
(
    ulimit -f 51200
    start 'files may not be larger'
) || exit
[ -z "$(saved memory)" ] || fail "saved beyond the limit"
[ -z "$(find "$work/cache" -name '.new-*')" ] || fail "left in the cache"

# A cache that belongs to another user is neither used nor changed.
if [ "$(id -u)" -eq 0 ]; then
    rm -rf "$work/cache/mayfly"
    install -d -o 12345 -m 700 "$work/cache/mayfly"
    start "belongs to user 12345"
    [ -z "$(ls -A "$work/cache/mayfly")" ] || fail "wrote to a foreign cache"
    rmdir "$work/cache/mayfly"
fi

# A program that is not QEMU, or a QEMU that is too old.
chmod 755 "$work"
printf '#!/bin/sh\necho "QEMU emulator version 4.2.1 (old)"\nexit 1\n' \
    > "$work/old"
printf '#!/bin/sh\necho hello\nexit 1\n' > "$work/other"
chmod 755 "$work/old" "$work/other"
MAYFLY_QEMU=$work/old expect_error 6 'is QEMU 4.2.1; 5.2 or newer' \
    mayfish run
MAYFLY_QEMU=$work/other expect_error 6 'QEMU' mayfish run
MAYFLY_ACCEL=fast expect_error 6 'it can be kvm, tcg or auto' mayfish run
