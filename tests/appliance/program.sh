#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mayfly-appliance: what it says, and how it refuses.
. "$srcdir/tests/lib.sh"

XDG_CACHE_HOME=$work/cache
export XDG_CACHE_HOME

mayfly-appliance --help | grep -q 'build \[-o FOLDER\]' || fail "--help"
expect_error 2 "no command given" mayfly-appliance
expect_error 2 "unknown command nosuch" mayfly-appliance nosuch
expect_error 2 "too many words" mayfly-appliance clean now
expect_error 6 "no appliance in $work/none" \
    env MAYFLY_APPLIANCE="$work/none" mayfly-appliance status
expect_error 6 "it can be kvm, tcg or auto" \
    env MAYFLY_ACCEL=fast mayfly-appliance status
if [ "$(id -u)" -ne 0 ]; then
    mkdir -m 0555 "$work/closed"
    for command in build update; do
        expect_error 1 "cannot write to $work/closed" \
            mayfly-appliance "$command" -o "$work/closed"
    done
fi

# The first start makes one, the second uses it.
mayfly-appliance status > "$work/first"
mayfly-appliance status --json > "$work/second"
for word in version start accelerator kvm qemu memory image kernel saved cage; do
    grep -q "^$word  *[^ ]" "$work/first" || fail "status without $word"
done
grep -qE '^kernel +[0-9][^ ]* of 20[0-9-]{8}, [0-9]+ days old' "$work/first" ||
    fail "the age: $(grep ^kernel "$work/first")"
grep -q '"start": "resumed"' "$work/second" || fail "not resumed"
grep '^cage ' "$work/first" | grep -q 'no new privileges.*closed files' ||
    fail "the cage is not reported"
[ "$(mayfly-appliance clean)" = "1 saved appliance removed" ] || fail "clean"
[ "$(mayfly-appliance clean)" = "0 saved appliances removed" ] ||
    fail "clean twice"
