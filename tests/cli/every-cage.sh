#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Not only the appliance is in the cage: a machine that try_boot boots, exports,
# conversions.  Disks come by descriptors, and missing layers are an error if
# they are required.
. "${srcdir:?}/tests/lib.sh"
requires qemu-img --version
cd "$work"

# A boot sector that prints TEXT on the serial port, writes to the next sector,
# and stops; or resets the machine, which ends it.
boot_sector()
{
    python3 - "$@" << 'EOF'
import sys
text, end = sys.argv[2].encode() + b"\0", sys.argv[3]
code = bytes.fromhex("31c0 8ed8 8ec0 be257c ac 84c0 7406 baf803 ee ebf5")
code += bytes.fromhex({
    "stop": "b80103 bb007c b90200 ba8000 cd13 f4 ebfd",
    "reset": "b0fe e664 ebfa"}[end])
image = bytearray(1 << 20)
image[:len(code)] = code
image[37:37 + len(text)] = text
image[510:512] = b"\x55\xaa"
with open(sys.argv[1], "wb") as f:
    f.write(image)
EOF
}
boot_sector stops $'one\nmachine login: ' stop
boot_sector resets $'two\n' reset
truncate -s 1M empty
before=$(cat stops resets empty | sha256sum)

# By every way to a file: raw, a chain, a vmdk with extents.
qemu-img create -q -f qcow2 -b stops -F raw chain.qcow2
qemu-img convert -q -f raw -O vmdk -o subformat=monolithicFlat stops flat.vmdk
for image in stops chain.qcow2 flat.vmdk; do
    rm -f picture.png
    text=$(mayfish --ro -a $image -a empty try-boot 60 wanted:login: \
        screenshot:picture.png)
    [[ $text == *$'one\nmachine login:'* ]] || fail "$image: '$text'"
    [ "$(head -c 4 picture.png | tail -c 3)" = PNG ] || fail "no picture"
    echo "ok $image"
done
# The end: by itself, or when time is up; then no text has to come.
rm -f picture.png
start=$SECONDS
text=$(mayfish --ro -a resets try-boot 60 wanted:login: \
    screenshot:picture.png)
[[ $text == *two* && $text != *login* ]] || fail "the end: '$text'"
[ $((SECONDS - start)) -lt 30 ] || fail "the end was not noticed"
[ ! -e picture.png ] || fail "a picture of nothing"
text=$(mayfish --ro -a stops try-boot 2 wanted:nothing)
[[ $text == *login:* ]] || fail "time is up: '$text'"
[ "$before" = "$(cat stops resets empty | sha256sum)" ] || fail "written to"

# In the cage: another user, another root, no name of ours.
find_qemu()
{
    local pid
    while read -r pid; do
        if [[ $(cat "/proc/$pid/comm" 2> /dev/null) == qemu-system* ]]; then
            echo "$pid"
        else
            find_qemu "$pid"
        fi
    done < <(cat "/proc/$1/task/"*/children 2> /dev/null | tr ' ' '\n')
}

mayfish --ro -a chain.qcow2 try-boot 60 wanted:nothing > /dev/null 2>&1 &
shell=$!
qemu=
for _ in $(seq 400); do
    qemu=$(find_qemu $shell | head -n 1)
    [ -z "$qemu" ] || break
    kill -0 $shell || fail "it has ended"
    sleep 0.05
done
[ -n "$qemu" ] || fail "QEMU was not found"
! tr '\0' '\n' < "/proc/$qemu/cmdline" | grep -F "$work" ||
    fail "QEMU was given a name"
if mayfly-appliance status | grep -q '^missing *none'; then
    [ "$(id -u)" != 0 ] || [ "$(stat -c %u "/proc/$qemu")" != 0 ] ||
        fail "QEMU is root"
    [ "$(readlink "/proc/$qemu/ns/mnt")" != \
        "$(readlink /proc/self/ns/mnt)" ] || fail "QEMU has our root"
fi
kill -TERM $shell
code=0
wait $shell || code=$?
[ $code -eq 143 ] || fail "ended: $code"
[ ! -e "/proc/$qemu" ] || fail "QEMU is left"

# What cannot be.
expect_error any 'a remote disk cannot be booted here' \
    mayfish --ro --format=raw -a nbd://127.0.0.1:1/ try-boot 5
if ! ls /usr/share/OVMF/OVMF_CODE*.fd > /dev/null 2>&1; then
    expect_error any 'OVMF' mayfish --ro -a stops try-boot 5 uefi:true
fi
echo "ok errors"

# Where layers are missing: every QEMU of ours is refused, if they are required.
# shellcheck disable=SC2016
cage=(unshare -Ur sh -c 'for n in user pid net mnt ipc; do
        echo 0 > /proc/sys/user/max_${n}_namespaces
    done
    exec "$@"' sh)
if "${cage[@]}" true 2> /dev/null; then
    qemu-img create -q -f qcow2 small.qcow2 1M
    for command in 'try-boot 5' 'run' \
        'disk-convert small.qcow2 raw copy' \
        'disk-convert small.qcow2 qcow2 copy compress:true' \
        "export-drive /dev/sda $work/socket"; do
        # shellcheck disable=SC2086
        expect_error any 'QEMU would run without .*mount namespace' \
            "${cage[@]}" mayfish --require-cage --ro -a small.qcow2 $command
        [ ! -e copy ] || fail "$command: made"
    done
    # Otherwise a warning, once for each boot of the host: the cache remembers it.
    warned=(env XDG_CACHE_HOME="$work/cache" "${cage[@]}" mayfish disk-convert
        small.qcow2 raw)
    "${warned[@]}" copy 2> said
    grep -q 'runs without' said || fail "no warning: $(cat said)"
    "${warned[@]}" again 2> said
    ! grep 'runs without' said || fail "a second warning"
    echo "ok required layers"
fi
