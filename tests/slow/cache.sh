#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Many saved appliances beside each other, and one that is changed while it
# runs.
. "$(dirname "$0")/../lib.sh"

export XDG_CACHE_HOME=$work/cache
mkdir "$work/cache"

# machine NAME: one line, "booted" or "resumed".
machine()
{
    local options=()

    case $1 in
    small) export MAYFLY_MEMSIZE=512 ;;
    large) export MAYFLY_MEMSIZE=3072 ;;
    network) options=(--network) ;;
    both) options=(--network) MAYFLY_MEMSIZE=640; export MAYFLY_MEMSIZE ;;
    two) set -- two set-smp 2 : ;;
    *) set -- default ;;
    esac
    shift
    MAYFLY_DEBUG=1 mayfish "${options[@]}" "$@" run : ping-daemon \
        2> "$work/log" || fail "$*: $(cat "$work/log")"
    sed -n 's/.*engine: \(booted\) under.*/\1/p' "$work/log" | head -1
}

# Each is booted once, whatever the order of its uses.
for round in 1 2 3; do
    for name in default small large network both two; do
        way=$(machine "$name")
        if [ "$round" -eq 1 ]; then
            [ "$way" = booted ] || fail "$name: not booted at first"
            grep -q 'none has been made yet' "$work/log" || fail "$name: why?"
        else
            [ -z "$way" ] || fail "$name is booted again in round $round"
        fi
    done
done
count=$(find "$work/cache" -name memory | wc -l)
[ "$count" -eq 6 ] || fail "$count saved, not 6"
mayfly-appliance status | grep -qE '^kept +6 saved, [0-9]+ of 4096 MiB' ||
    fail "status: $(mayfly-appliance status)"

# What was used lately stays.
[ "$(mayfly-appliance clean --older 1)" = "0 saved appliances removed" ] ||
    fail "clean --older"
for name in small large; do machine "$name" > /dev/null; done
find "$work/cache/mayfly/appliance" -mindepth 1 -maxdepth 1 -type d -mmin +1 \
    -o -type d -name '????????????????????????????????' -print |
    while read -r folder; do
        [ "$(stat -c %s "$folder/memory")" = $((512 << 20)) ] ||
            touch -d '3 days ago' "$folder"
    done
[ "$(mayfly-appliance clean --older 2)" = "5 saved appliances removed" ] ||
    fail "clean --older 2"
[ -z "$(machine small)" ] || fail "the one in use was removed"

# A quota that only one fits into.
export MAYFLY_CACHE_SIZE=1
[ "$(machine default)" = booted ] || fail "a quota: not booted"
[ "$(find "$work/cache" -name memory | wc -l)" -eq 1 ] || fail "quota"
[ -z "$(machine default)" ] || fail "a quota: the newest one is gone"
unset MAYFLY_CACHE_SIZE

# Progress is wanted: the reason is said.
rm -rf "$work/cache/mayfly"
mayfish --progress=json run : ping-daemon 2> "$work/log"
if ! grep -q '"type":"notice","text":"booting the appliance, no saved one' \
    "$work/log"; then
    # It may have booted within two seconds.
    MAYFLY_DEBUG=1 mayfly-appliance clean > /dev/null
    MAYFLY_DEBUG=1 mayfish run : ping-daemon 2>&1 |
        grep -qE 'booted under [a-z]+ in [01]\.' || fail "booted without a word"
fi

# QEMU can open the RAM in no way that would let it write, and shares it.
# Whoever else writes to it while a program runs makes the program fail.
memory=$(find "$work/cache" -name memory)
[ "$(stat -c %a "$memory")" = 444 ] || fail "mode of the memory"
for disk in none '-a /dev/null --ro'; do
    rm -f "$work/in" "$work/out"
    mkfifo "$work/in" "$work/out"
    options=()
    [ "$disk" = none ] || read -ra options <<< "$disk"
    code=0
    mayfish "${options[@]}" < "$work/in" > "$work/out" 2> "$work/log" &
    pid=$!
    exec 5> "$work/in" 6< "$work/out"
    printf 'run\nping-daemon\necho up\n' >&5
    read -r -t 120 line <&6 || fail "it does not run: $(cat "$work/log")"
    [ "$line" = up ] || fail "it says: $line"
    chmod 644 "$memory"
    printf x | dd of="$memory" bs=1 seek=5000000 conv=notrunc status=none
    exec 5>&-
    wait "$pid" || code=$?
    exec 6<&-
    [ "$code" -eq 1 ] || fail "changed while it ran: exit status $code"
    grep -q 'changed while it ran.*run this again' "$work/log" ||
        fail "changed while it ran: $(cat "$work/log")"
    [ ! -e "$memory" ] || fail "the changed one is kept"
    mayfish run
    memory=$(find "$work/cache" -name memory)
done
