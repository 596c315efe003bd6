#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Attacks on the saved appliance: ATTACKS (default 20) single bytes of a real
# one are changed, each followed by a run that must notice it and work; and
# FLIPS (default 5000) bytes of small ones (tests/unit/attacks.c).
. "$(dirname "$0")/../lib.sh"

FLIPS=${FLIPS:-5000} "$builddir/tests/unit/attacks" > "$work/log" ||
    fail "$(cat "$work/log")"
grep '^#' "$work/log"

export XDG_CACHE_HOME=$work/cache
mkdir "$work/cache"
mayfish run
files=(memory state record)
noticed=0
for ((i = 0; i < ${ATTACKS:-20}; i++)); do
    file=$(find "$work/cache" -name "${files[i % 3]}")
    [ -n "$file" ] || fail "nothing is saved before attack $i"
    size=$(stat -c %s "$file")
    at=$((RANDOM * 32768 % size + RANDOM))
    at=$((at % size))
    mode=$(stat -c %a "$file")
    old=$(dd if="$file" bs=1 skip="$at" count=1 status=none | od -An -tu1)
    chmod u+w "$file"
    printf %b "\\x$(printf %x $(((old + 1 + RANDOM % 255) % 256)))" |
        dd of="$file" bs=1 seek="$at" conv=notrunc status=none
    chmod "$mode" "$file"
    MAYFLY_DEBUG=1 mayfish run : ping-daemon 2> "$work/debug" ||
        fail "byte $at of $file: $(cat "$work/debug")"
    grep -q 'no saved appliance: its' "$work/debug" ||
        fail "byte $at of $file is not noticed"
    noticed=$((noticed + 1))
done
echo "# $noticed bytes of a real one: all noticed"
