#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# feature_available is honest: a group exists exactly if the definition has
# calls in it.
. "$(dirname "$0")/../lib.sh"

disk=$work/disk
truncate -s 1M "$disk"
grep -ho '@feature [a-z0-9]*' "$srcdir"/api/calls/*.api | sort -u |
    sed 's/@feature //' > "$work/have"
{
    echo run
    echo available-all-groups
} | mayfish --format=raw -a "$disk" > "$work/groups"
{
    echo run
    sed 's/^/feature-available /' "$work/groups"
} | mayfish --format=raw -a "$disk" > "$work/answers"
paste -d ' ' "$work/groups" "$work/answers" > "$work/table"
[ "$(wc -l < "$work/table")" -gt 30 ] || fail "only: $(cat "$work/table")"
while read -r group answer; do
    if grep -qx "$group" "$work/have"; then want=true; else want=false; fi
    # Its only call exists without a group.
    [ "$group" = linuxmodules ] && continue
    [ "$answer" = $want ] || fail "$group: said $answer, not $want"
done < "$work/table"
while read -r group; do
    grep -qx "$group" "$work/groups" || fail "$group is not in the list"
done < "$work/have"
