#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mayfly-serve, judged by the clients of libnbd, QEMU and nbdkit: each byte that
# they get is that of the image.
# A command of --run is in single quotes: $uri is its own.
# shellcheck disable=SC2016
. "$(dirname "$0")/../lib.sh"
requires nbdinfo --version
requires nbdcopy --version
cd "$work"
export TMPDIR=$work
copy='nbdcopy "$uri" got'

same() # EXPECTED WHAT
{
    cmp got "$1" || fail "$2: not the same bytes"
    rm -f got
}

# Nothing of ours is left: no process, no socket, no folder.
clean() # WHAT
{
    # shellcheck disable=SC2144
    [ ! -e mayfly-serve.* ] || fail "$1: $(echo mayfly-serve.*) is left"
}

# Wait up to 10 s until COMMAND succeeds.
soon()
{
    local _
    for _ in {1..100}; do
        "$@" && return
        sleep 0.1
    done
    return 1
}

# --- a whole disk ---

python3 - << 'END'
import random
random.seed(15)
with open("disk.img", "wb") as f:
    f.truncate(24 << 20)
    for i in range(40):
        f.seek(random.randrange(24 << 10) << 10)
        f.write(random.randbytes(random.randrange(1, 64) << 10))
    f.truncate(24 << 20)
END
for format in qcow2 vmdk vdi vpc vhdx; do
    option=()
    [ $format != vpc ] || option=(-o force_size)
    qemu-img convert -f raw -O $format "${option[@]}" disk.img disk.$format
    mayfly-serve disk.$format --run "$copy"
    same disk.img "a $format disk"
done
clean "a disk"
mayfly-serve disk.qcow2 --name 'a b/c' --run \
    'nbdinfo --json "$uri"; echo "$exportname"; echo "$nbd" > nbd; \
    test -S "$unixsocket" && stat -c %a "$unixsocket"' > said
python3 - << 'END' || fail "the export: $(cat said)"
import json
text = open("said").read()
info, end = json.JSONDecoder().raw_decode(text)
(e,) = info["exports"]
assert e["export-name"] == "a b/c" and e["export-size"] == 24 << 20, e
assert e["is_read_only"] and e["can_multi_conn"], e
assert text[end:].split("\n")[1:3] == ["a b/c", "600"], text
END
grep -qx 'nbd:unix:/.*:exportname=a b/c' nbd || fail "\$nbd is $(cat nbd)"
mayfly-serve disk.qcow2 --run 'qemu-img compare -f raw -F raw disk.img "$uri" &&
    qemu-img compare -f raw -F raw disk.img "$nbd" &&
    qemu-img info "$uri"' > said
grep -q 'virtual size: 24 MiB' said || fail "qemu-img info: $(cat said)"

# Its own client: the library, of which QEMU opens the socket never.
mayfly-serve disk.qcow2 --run \
    'mayfish --ro -a "$uri" run : checksum-device sha256 /dev/sda &&
    mayfish --ro -a "$nbd" run : checksum-device sha256 /dev/sda' > said
sum=$(sha256sum < disk.img)
[ "$(cat said)" = "${sum%% *}"$'\n'"${sum%% *}" ] || fail "ours: $(cat said)"

# --- the exit status ---

for code in 0 1 7 127; do
    got=0
    mayfly-serve disk.qcow2 --run "exit $code" || got=$?
    [ $got -eq $code ] || fail "exit $code became $got"
done
got=0
mayfly-serve disk.qcow2 --run 'kill -KILL $$' || got=$?
[ $got -eq 137 ] || fail "a killed command gives $got"

# --- until a signal; several clients ---

start() # ARGUMENTS...
{
    rm -f uri
    # Whoever runs the test may ignore them, as nohup does.
    env --default-signal=HUP,INT,TERM mayfly-serve "$@" > uri &
    server=$!
    soon test -s uri || fail "no URI: $*"
    uri=$(cat uri)
}

stop() # SIGNAL WHAT
{
    local code=0
    kill "-$1" $server
    wait $server || code=$?
    [ $code -eq 0 ] || fail "$2: $1 gives $code"
    clean "$2"
}

start disk.qcow2
clients=()
for i in {1..8}; do
    nbdcopy "$uri" "got$i" &
    clients+=($!)
done
for i in {1..8}; do
    wait "${clients[i - 1]}" || fail "client $i"
    mv "got$i" got
    same disk.img "client $i"
done
stop TERM "several clients"

start disk.qcow2 --socket here --name x
[ "$(stat -c %a here)" = 600 ] || fail "the socket is open to others"
[ "$uri" = "nbd+unix:///x?socket=$PWD/here" ] || fail "the URI is $uri"
expect_error 1 "here" mayfly-serve disk.qcow2 --socket here
nbdcopy "$uri" got
same disk.img "--socket"
stop HUP "--socket"
[ ! -e here ] || fail "the socket is left"

start disk.qcow2 --port 0
grep -qE '^nbd://(127\.0\.0\.1|\[::1\]):[0-9]+/$' uri || fail "URI: $uri"
nbdcopy "$uri" got
same disk.img "--port"
port=${uri##*:}
port=${port%/}
expect_error 1 "port $port" mayfly-serve disk.qcow2 --port "$port"
stop TERM "--port"

# --- writing ---

cp disk.qcow2 written.qcow2
cp disk.img want.img
printf 'written through' | dd of=want.img bs=1 seek=5000000 conv=notrunc \
    status=none
if mayfly-serve written.qcow2 --run \
    'qemu-io -f raw -c "write -P 1 0 4096" "$uri"' > said 2>&1; then
    fail "written without --rw: $(cat said)"
fi
mayfly-serve written.qcow2 --rw --run 'nbdcopy want.img "$uri"'
qemu-img compare -f raw -F qcow2 want.img written.qcow2 > /dev/null ||
    fail "--rw: what was written is not in the image"
qemu-img check -q written.qcow2
qemu-img compare -q disk.img disk.qcow2 || fail "the other image is changed"

# --- a partition ---

gpt=$("$srcdir/tests/images/get.sh" gpt)
mayfish --ro -a "$gpt" run : part-list /dev/sda > parts
read -r begin size < <(python3 - << 'END'
import re
text = open("parts").read()
found = re.search(r"part_num: 2\s+part_start: (\d+)\s+part_end: \d+\s+"
                  r"part_size: (\d+)", text)
print(*found.groups())
END
)
qemu-img convert -O raw "$gpt" whole.img
dd if=whole.img of=part.img iflag=skip_bytes,count_bytes skip="$begin" \
    count="$size" bs=1M status=none
mayfly-serve "$gpt" --partition 2 --run "$copy"
same part.img "--partition"
cp whole.img rw.img
printf 'the end' | dd of=part.img bs=1 seek=$((size - 512)) conv=notrunc \
    status=none
mayfly-serve --format=raw --partition 2 --rw rw.img --run \
    'nbdcopy part.img "$uri"'
dd if=part.img of=whole.img seek="$begin" oflag=seek_bytes conv=notrunc bs=1M \
    status=none
cmp rw.img whole.img || fail "--partition --rw: other bytes are changed"
expect_error 1 "no partition 9; the disk has 1, 2" \
    mayfly-serve "$gpt" --partition 9 --run true
rm -f rw.img whole.img part.img

# --- devices and files of the guest ---

luks=$("$srcdir/tests/images/get.sh" luks)
key=(--key all:key:secret -a "$luks")
mayfish --ro "${key[@]}" -i << END
download /dev/vg-a/home home.img
download /etc/fstab passwd
END
truncate -s %512 passwd
mayfly-serve "${key[@]}" --device /dev/vg-a/home --run \
    'nbdcopy "$uri" got & nbdcopy "$uri" got2 && wait $!'
same home.img "--device"
cmp got2 home.img || fail "--device: the second client"
mayfly-serve "${key[@]}" --path /etc/fstab --run "$copy"
same passwd "--path"
clean "--device, --path"
expect_error 4 "encrypted" mayfly-serve -a "$luks" --device /dev/vg-a/home \
    --run true < /dev/null
expect_error 1 "/dev/vg-a/no" mayfly-serve "${key[@]}" --device /dev/vg-a/no \
    --run true
expect_error 1 "/etc is not a file" mayfly-serve "${key[@]}" --path /etc \
    --run true
expect_error 1 "No such file" mayfly-serve "${key[@]}" --path /no --run true
expect_error 5 "no operating system" mayfly-serve disk.qcow2 --path /etc/passwd \
    --run true

# --- snapshots ---

qemu-img create -q -f qcow2 -b disk.qcow2 -F qcow2 snap.qcow2
for i in 1 2 3; do
    qemu-io -c "write -P $i ${i}M 1536k" -c "write -P 9 $((i * 64))k 4k" \
        snap.qcow2 > /dev/null
    qemu-img snapshot -c "state $i" snap.qcow2
done
qemu-img resize -q snap.qcow2 40M
qemu-img snapshot -c larger snap.qcow2
qemu-io -c 'write -P 5 0 40M' snap.qcow2 > /dev/null
# The disk has the size that it had then; qemu-img gives it the present one.
size=$(qemu-img info --output=json disk.qcow2 | sed -n 's/.*"virtual-size": //p')
size=${size%%,*}
for name in 'state 1' 'state 2' 'state 3' larger; do
    qemu-img convert -l "snapshot.name=$name" -O raw snap.qcow2 want.img
    [ "$name" = larger ] || truncate -s "$size" want.img
    mayfly-serve snap.qcow2 --snapshot "$name" --run "$copy"
    same want.img "--snapshot $name"
done
# By its ID.
qemu-img convert -l "snapshot.id=2" -O raw snap.qcow2 want.img
truncate -s "$size" want.img
mayfly-serve snap.qcow2 --snapshot 2 --run "$copy"
same want.img "--snapshot 2"
expect_error 3 "no snapshot 'none'; it has state 1, state 2, state 3, larger" \
    mayfly-serve snap.qcow2 --snapshot none --run true
expect_error 3 "no snapshots" mayfly-serve disk.qcow2 --snapshot x --run true
expect_error 3 "a vmdk image has no snapshots" \
    mayfly-serve disk.vmdk --snapshot x --run true

# --- refused ---

expect_error 2 "no disk" mayfly-serve
expect_error 3 "nowhere" mayfly-serve nowhere
for option in "--device /dev/vg/x" "--path /x" "--snapshot x"; do
    # shellcheck disable=SC2086
    expect_error 2 "${option%% *} can only be served read-only" \
        mayfly-serve disk.qcow2 $option --rw
done
expect_error 2 "only one of" mayfly-serve disk.qcow2 --partition 1 --path /x
for number in 0 00 ''; do
    expect_error 2 "--partition" mayfly-serve disk.qcow2 --partition "$number" \
        --run true
done
expect_error 2 "one disk" mayfly-serve -a disk.qcow2 -a disk.vmdk
expect_error 2 "either --socket or --port" \
    mayfly-serve disk.qcow2 --port 1 --socket x
expect_error 2 "invalid port" mayfly-serve disk.qcow2 --port 65536
expect_error 1 "no/socket" mayfly-serve disk.qcow2 --socket no/socket

# --- killed ---

children() # PID...: all below
{
    local pid
    for pid in $(ps -o pid= --ppid "$1"); do
        echo "$pid"
        children "$pid"
    done
}

alive()
{
    local pid
    for pid in "$@"; do
        [ ! -e "/proc/$pid" ] || grep -q '^State:.*zombie' "/proc/$pid/status" ||
            return 0
    done
    return 1
}

ended() { ! alive "$@"; }
removed() { ! compgen -G 'mayfly-serve.*' > /dev/null; }

start disk.qcow2
mapfile -t below < <(children $server)
alive "${below[@]}" || fail "no process below the server"
kill -KILL $server
soon ended "${below[@]}" || fail "a process is left: $(ps "${below[@]}")"
soon removed || fail "killed: $(echo mayfly-serve.*) is left"
wait $server || true

start "${key[@]}" --device /dev/vg-a/home
mapfile -t below < <(children $server)
kill -KILL $server
soon ended "${below[@]}" || fail "a process is left: $(ps "${below[@]}")"
soon removed || fail "killed: $(find mayfly-serve.*) is left"
! grep "$work" /proc/mounts || fail "a file system is still mounted"
wait $server || true

# --- others' servers whose sockets only the caller may open ---

if nbdkit --version > /dev/null 2>&1; then
    nbdkit -U - file disk.img --run \
        'mayfish --ro --format=raw -a "$uri" run : checksum-device sha256 \
            /dev/sda &&
        mayfish --ro --format=raw -a "$nbd" run : checksum-device sha256 \
            /dev/sda' > said
    [ "$(cat said)" = "${sum%% *}"$'\n'"${sum%% *}" ] ||
        fail "nbdkit: $(cat said)"
else
    echo "not tried: nbdkit is not installed"
fi
