#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks of other hypervisors, written by programs that share nothing with
# the readers: chains of VHDs, and XVAs.  Bytes in, the same bytes out; damage
# is found and named.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cli/v2v-guests.sh"
requires cpio --version
requires test -e "${builddir:?}/v2v/loader/core.img"
cd "$work"
make_guests

same() # FILE
{
    cmp "$1" out.raw || fail "what came out differs"
}

# import SOURCE FILE [DISK]: as out.raw
import()
{
    rm -rf import
    mkdir import
    "${builddir:?}/tests/cli/v2v-import" "$1" "$2" "${3:-0}" import ||
        return
    mv import/disk.raw out.raw
}

# --- VHD ---

# An odd size: no geometry gives it, and the last block is not whole.
cp disk odd
truncate -s $((72 * 1048576 + 3 * 512)) odd
for trap in '' fixed crashed; do
    rm -rf vhd
    mkdir vhd
    python3 "$srcdir/tests/cli/write-vhd.py" odd vhd $trap
    import vhd vhd/leaf.vhd
    same odd
done
# QEMU takes the last file for the whole disk, so it must not read it itself.
qemu-img convert -f vpc -O raw vhd/leaf.vhd theirs.raw
if cmp -s odd theirs.raw; then fail "the chain is none"; fi
import disk vhd/leaf.vhd
same odd
for trap in stranger loop; do
    mkdir vhd-$trap
    python3 "$srcdir/tests/cli/write-vhd.py" odd vhd-$trap $trap
done
expect_error 1 'base.vhd is not the parent' import vhd vhd-stranger/leaf.vhd
expect_error 1 'more than 64 files' import vhd vhd-loop/leaf.vhd
mv vhd/base.vhd away
expect_error 1 'cannot open base.vhd: No such file' import vhd vhd/leaf.vhd
expect_error 1 'corrupt VHD: it has no footer' import vhd disk
mv away vhd/base.vhd
# Any byte of the headers can be wrong: never a crash, never a silent copy
# of something else.
python3 - << 'EOF'
import os, random, subprocess, sys
random.seed(1)
tool = os.environ["builddir"] + "/tests/cli/v2v-import"
good = open("odd", "rb").read()
data = open("vhd/leaf.vhd", "rb").read()
os.makedirs("bad", exist_ok=True)
for name in "base", "middle":
    os.link(f"vhd/{name}.vhd", f"bad/{name}.vhd")
for i in range(60):
    bad = bytearray(data)
    at = random.randrange(512, 1536)
    bad[at] ^= 1 << random.randrange(8)
    open("bad/leaf.vhd", "wb").write(bad)
    subprocess.run(["rm", "-rf", "import"])
    os.mkdir("import")
    r = subprocess.run([tool, "vhd", "bad/leaf.vhd", "0", "import"],
                       stderr=subprocess.PIPE)
    assert r.returncode == 1, (at, r.returncode)
    assert b"corrupt VHD" in r.stderr, r.stderr
EOF

# --- XVA ---

head -c $((5 * 1048576 + 4096)) /dev/urandom > second
truncate -s $((20 * 1048576 + 512)) second
write() { python3 "$srcdir/tests/cli/write-xva.py" "$@"; }
for options in '--sum xxhash' '--sum checksum' '--trap alive'; do
    # shellcheck disable=SC2086
    write $options export.xva disk second
    import xva export.xva 0
    same disk
    import xva export.xva 1
    same second
done
gzip -1 < export.xva > export.xva.gz
import xva export.xva.gz 1
same second
if command -v zstd > /dev/null; then
    zstd -q export.xva
    import xva export.xva.zst 1
    same second
fi
mayfly-v2v plan -i xva export.xva > plan
grep -q '^Guest  *exported' plan
grep -q '^Machine .*pv, 256 MiB, 3 processors, 1 network card' plan
mkdir out
(umask 0 && mayfly-v2v -i xva export.xva.gz -os out -o json -q)
for disk in out/exported-sda out/exported-sdb; do
    [ "$(stat -c %a $disk)" = 600 ] || fail "$disk can be read by others"
done
python3 - << 'EOF'
import json
made = json.load(open("out/exported.json"))
assert made["networkCards"] == [
    {"address": "00:16:3e:00:00:99", "bridge": "xenbr3"}], made
assert [d["size"] for d in made["disks"]] == [72 << 20, (20 << 20) + 512]
EOF
cmp out/exported-sdb second
mayfish --ro --format=raw -a out/exported-sda -m /dev/sda2 cat /etc/fstab |
    grep -q '^UUID=.* / ext4'

write --trap flipped bad.xva disk
expect_error 1 'Ref:30/[0-9]* has the wrong sum' import xva bad.xva
write --trap nosum bad.xva disk
expect_error 1 'follows a piece without a sum' import xva bad.xva
write --trap last bad.xva disk
expect_error 1 'Ref:30 has [0-9]* bytes of' import xva bad.xva
head -c 3000000 export.xva > bad.xva
expect_error 1 'damaged' import xva bad.xva
head -c 3000000 export.xva.gz > bad.xva
expect_error 1 'damaged' import xva bad.xva
expect_error 3 'it is not an XVA' mayfly-v2v plan -i xva disk
expect_error 3 'it is not an XVA' mayfly-v2v plan -i xva more.tar
# A bomb between the pieces: it is not read to its end.
python3 - << 'END'
import io
import tarfile


class Zeroes(io.RawIOBase):
    def read(self, n=-1):
        return bytes(n)


text = tarfile.open("export.xva").extractfile("ova.xml").read()
with tarfile.open("bad.xva", "w:gz", compresslevel=1) as t:
    for name, size, data in (("ova.xml", len(text), io.BytesIO(text)),
                             ("Ref:99/00000000", 3 << 30, Zeroes())):
        m = tarfile.TarInfo(name)
        m.size = size
        t.addfile(m, data)
END
expect_error 1 'unpacks to more than its description allows' \
    import xva bad.xva 0
