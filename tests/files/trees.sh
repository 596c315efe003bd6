#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Trees large enough for a worker thread come out as they went in, also with
# one processor; an interruption is reported, and the appliance goes on.
. "$(dirname "$0")/../lib.sh"

requires command -v python3
disk=$work/disk.img
mkdir "$work/tree"
python3 - "$work/tree" << 'END'
import os, random, sys

random.seed(2)
os.chdir(sys.argv[1])
for i in range(3000):
    where = f"d{i % 40}/e{i % 7}"
    os.makedirs(where, exist_ok=True)
    path = f"{where}/f{i}"
    size = random.choice((0, 1, 100, 4096, 30000, 70000, 131072, 131073))
    with open(path, "wb") as f:
        f.write(random.randbytes(
            size if i % 50 else 400000 if i % 1000 else 5000003))
    os.chmod(path, random.choice((0o644, 0o600, 0o4755, 0o2711)))
    os.utime(path, ns=(0, random.randrange(10**18)))
    if i % 10 == 0:
        os.link(path, f"{where}/link{i}")
    if i % 9 == 0:
        os.symlink(f"../nowhere{i}", f"{where}/symlink{i}")
END
# Some files again at the end, changed: the later one counts.
tar -cf "$work/in.tar" -C "$work/tree" --owner=12 --group=34 .
for f in d0/e0/f0 d1/e1/f1 d2/e2/f2; do
    rm "$work/tree/$f"
    echo "a later $f" > "$work/tree/$f"
    touch -d @77 "$work/tree/$f"
done
tar -rf "$work/in.tar" -C "$work/tree" --owner=12 --group=34 \
    ./d0/e0/f0 ./d1/e1/f1 ./d2/e2/f2

# What an archive says about its files, sorted by name; which of two names of
# a file comes first depends on the order.
manifest()
{
    python3 - "$1" << 'END'
import hashlib, sys, tarfile

seen = {}
with tarfile.open(sys.argv[1]) as t:
    for m in t:
        data = t.extractfile(m).read() if m.isreg() or m.islnk() else b""
        first = t.getmember(m.linkname) if m.islnk() else m
        kind = "file" if m.isreg() or m.islnk() else m.type
        seen[m.name] = (m.name, kind, oct(m.mode),
                        m.uid, m.gid, int(first.mtime),
                        m.linkname if m.issym() else "",
                        hashlib.sha256(data).hexdigest())
for name in sorted(seen):
    print(*seen[name])
END
}
truncate -s 1G "$disk"
mayfish -a "$disk" run : mkfs ext4 /dev/sda

both_ways()
{
    mayfish -a "$disk" -m /dev/sda rm-rf /t : mkdir /t : \
        tar-in "$work/in.tar" /t
    mayfish --ro -a "$disk" -m /dev/sda tar-out /t "$work/out.tar" : \
        checksums-out sha256 /t "$work/sums"
    manifest "$work/in.tar" > "$work/want"
    manifest "$work/out.tar" > "$work/got"
    diff "$work/want" "$work/got" > "$work/diff" ||
        fail "$1: $(head -n 3 "$work/diff")"
    rm -rf "$work/unpacked"
    mkdir "$work/unpacked"
    tar -xf "$work/out.tar" -C "$work/unpacked"
    [ "$(wc -l < "$work/sums")" = \
        "$(find "$work/unpacked" -type f | wc -l)" ] ||
        fail "$1: not as many checksums as files"
    (cd "$work/unpacked" && sha256sum --quiet -c "$work/sums") ||
        fail "$1: the checksums are others"
}
both_ways 'as usual'
mayfish --ro -a "$disk" run : fsck ext4 /dev/sda | grep -qx 0 || fail 'fsck'
# A program that starts with one processor gets an appliance with one.
requires command -v taskset
all=$(taskset -cp $$ | sed 's/.*: //')
taskset -cp "${all##*[,-]}" $$ > /dev/null
both_ways 'one processor'
taskset -cp "$all" $$ > /dev/null

# Failures halfway: no space, a truncated archive, a full output.  The next
# call of the same session works.
truncate -s 60M "$work/small.img"
mayfish -a "$work/small.img" run : mkfs ext4 /dev/sda
after()
{
    local pattern=$1
    shift
    mayfish "$@" : echo still-here > "$work/said" 2> "$work/errors" ||
        fail "'$*' ended the session: $(cat "$work/errors")"
    grep -qE -- "$pattern" "$work/errors" ||
        fail "'$*' said '$(cat "$work/errors")', not '$pattern'"
    grep -q still-here "$work/said" || fail "'$*': nothing after it"
}
after 'No space left on device' -a "$work/small.img" -- run : mount /dev/sda / : \
    -tar-in "$work/in.tar" / : rm-rf /d1 : ls /
head -c 30000000 "$work/in.tar" > "$work/cut.tar"
after "[Tt]runcated" -a "$disk" -m /dev/sda -- \
    rm-rf /t : mkdir /t : -tar-in "$work/cut.tar" /t : ls /t
mayfish --ro -a "$disk" run : fsck ext4 /dev/sda | grep -qx 0 || fail 'fsck'
both_ways 'after all that'
after 'No space left on device' --ro -a "$disk" -m /dev/sda -- \
    -tar-out /t /dev/full : ls /t
after 'No space left on device' --ro -a "$disk" -m /dev/sda -- \
    -checksums-out sha256 /t /dev/full : ls /t
echo 'trees: ok'
