#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Starting: with an empty cache, two at once, interrupted, and on folders
# that cannot be used.  Whatever happens, nothing is left running.
. "$(dirname "$0")/../lib.sh"


export XDG_CACHE_HOME=$work/cache TMPDIR=$work/tmp
mkdir "$work/cache" "$work/tmp"

# Two at once with an empty cache: both answer.
mayfish run : ping-daemon 2> "$work/err1" &
first=$!
mayfish run : ping-daemon 2> "$work/err2" || fail "the second: $(cat "$work/err2")"
wait "$first" || fail "the first: $(cat "$work/err1")"

# Ctrl-C during a long call: exit 130, nothing left.
for signal in INT TERM; do
    start=$(date +%s%N)
    code=0
    timeout --preserve-status -s "$signal" 1 \
        mayfish run : sleep 60 2> "$work/err" || code=$?
    took=$((($(date +%s%N) - start) / 1000000))
    case $signal in INT) want=130 ;; *) want=143 ;; esac
    [ "$code" -eq "$want" ] || fail "$signal: exit $code: $(cat "$work/err")"
    [ "$took" -lt 8000 ] || fail "$signal: took $took ms"
done

# kill -9 of the program ends the appliance too.
mayfish run : sleep 60 &
victim=$!
for _ in $(seq 600); do
    pgrep -P "$victim" > /dev/null && break
    sleep 0.05
done
children=$(pgrep -P "$victim") || fail "no appliance was started"
kill -9 "$victim"
wait "$victim" 2> /dev/null || true
for _ in $(seq 600); do
    # shellcheck disable=SC2086
    kill -0 $children 2> /dev/null || break
    sleep 0.05
done
# shellcheck disable=SC2086
! kill -0 $children 2> /dev/null || fail "the appliance outlived its program"

# Nothing is left in the folder of temporary files.
[ -z "$(ls -A "$work/tmp")" ] || fail "left behind: $(ls -A "$work/tmp")"

# A cache that cannot be used costs time, not the job.
chmod 0500 "$work/cache"
rm -rf "$work/cache2"
: > "$work/cache2"
XDG_CACHE_HOME=$work/cache2 mayfish run : ping-daemon ||
    fail "a cache that is a file stops the job"
chmod 0700 "$work/cache"

# No QEMU, no appliance: one line, exit 6.
MAYFLY_QEMU=/nonexistent/qemu expect_error 6 'QEMU|qemu' \
    mayfish run : ping-daemon
MAYFLY_APPLIANCE=/nonexistent expect_error 6 'appliance' \
    mayfish run : ping-daemon
