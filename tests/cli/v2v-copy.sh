#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The copy of mayfly-v2v: the same bytes come out, holes stay holes, the hash
# is the one that other programs make, and the leftovers of a killed run are
# removed.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cli/v2v-guests.sh"
requires cpio --version
requires test -e "${builddir:?}/v2v/loader/core.img"
cd "$work"
copy() { "$builddir/tests/cli/v2v-copy" "$@"; }

# As nbdcopy --blkhash makes it: SHA-256 of the SHA-256 of each 64 KiB and of
# the size.
blkhash()
{
    python3 - "$1" << 'EOF'
import hashlib, os, sys
whole = hashlib.sha256()
with open(sys.argv[1], "rb") as f:
    while block := f.read(65536):
        whole.update(hashlib.sha256(block).digest())
whole.update(os.path.getsize(sys.argv[1]).to_bytes(8, "little"))
print(whole.hexdigest())
EOF
}

# Data across every kind of border: pieces, blocks, pages, sectors, the end.
python3 - << 'EOF'
import random
random.seed(7)
with open("base", "wb") as f:
    f.truncate(48 * 1048576 + 1536)
    for at, size in ((0, 512), (65536 - 512, 1024), (1 << 20, 3 << 20),
                     (9 << 20, 4096), ((16 << 20) + 8192, 700000),
                     (48 << 20, 1536)):
        f.seek(at)
        f.write(random.randbytes(size))
    f.seek(20 << 20)
    f.write(bytes(2 << 20))
EOF
qemu-img create -q -f qcow2 -b base -F raw overlay
qemu-io -f qcow2 -c 'write -P 5 17M 200k' -c 'write -z 1M 128k' \
    -c 'write -P 6 40M 64k' overlay > io
qemu-img convert -f qcow2 -O raw overlay wanted
sum=$(blkhash wanted)

for way in nbd map; do
    if [ $way = map ]; then export BASE=base; else unset BASE; fi
    for format in raw qcow2; do
        rm -f out table
        copy overlay qcow2 out $format table > said
        qemu-img compare -q -f raw -F $format wanted out ||
            fail "$way, $format: the copy differs"
        grep -q "blkhash $sum$" said || fail "$way, $format: $(cat said)"
        [ $format = raw ] || qemu-img check -q -f qcow2 out
        # A second time, nothing has to be written.
        copy overlay qcow2 out $format table > said
        grep -q ' written 0 ' said || fail "again: $(cat said)"
    done
done
# No one asks for the sum.
for format in raw qcow2; do
    rm -f out
    NO_SUM=1 copy overlay qcow2 out $format
    qemu-img compare -q -f raw -F $format wanted out || fail "$format differs"
done
unset BASE
rm -f out
copy overlay qcow2 out raw
[ "$(du -k out | cut -f 1)" -le "$(($(du -k wanted | cut -f 1) + 64))" ] ||
    fail "holes were filled"
# Only what the overlay has is written; the base then equals the overlay.
cp base grown
rm -f table
copy base raw grown2 raw table > said
copy overlay qcow2 grown2 raw table top > said
cmp wanted grown2
read -r _ bytes _ < said
[ "$bytes" -le 1048576 ] || fail "it read $bytes bytes of what it had"
grep -q "blkhash $sum$" said

# A source that is not an image, and a target that cannot be written.
expect_error 1 'base: not a qcow2 image: it looks like raw' copy base qcow2 out raw
expect_error 1 'cannot make none/out' copy base raw none/out raw

# --- the whole program ---

make_guests
mkdir out.d
mayfly-v2v -i disk disk base -os out.d -on two --report report -q
cmp out.d/two-sdb base
python3 - "$(blkhash out.d/two-sda)" "$(blkhash base)" << 'EOF'
import json, sys
sums = [d["blkhash"] for d in json.load(open("report"))["disks"]]
assert sums == sys.argv[1:], (sums, sys.argv)
EOF

# --bwlimit holds: 4.7 MB of data at that many bytes a second.
begin=$(date +%s%N)
mayfly-v2v -i disk base disk -os out.d -on slow -q --bwlimit 4M \
    --root /dev/sdb2 --progress json 2> said
grep -q '"step":"copy"' said || fail "no progress: $(cat said)"
[ $((($(date +%s%N) - begin) / 1000000)) -ge 1500 ] || fail "it was too fast"
expect_error 2 'invalid rate' mayfly-v2v --bwlimit x disk

# The folder of a killed run is removed by the next run; a running program
# keeps its own.
mayfly-v2v -i disk disk base -os out.d -on killed -q --bwlimit 1M &
pid=$!
until ls -d out.d/.mayfly-v2v.*/sda-copy > said 2>&1; do sleep 0.05; done
mayfly-v2v -i disk disk -os out.d -on beside -q
ls -d out.d/.mayfly-v2v.*/sda-copy > said || fail "the living was robbed"
kill -9 $pid
wait $pid || true
ls -d out.d/.mayfly-v2v.* > said
[ ! -e out.d/killed-sda ]
mayfly-v2v -i disk disk -os out.d -on after -q
[ "$(find out.d -name '.mayfly*')" = '' ] || fail "the dead is still there"
