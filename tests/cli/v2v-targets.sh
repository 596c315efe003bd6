#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Targets for other platforms: their own tools read them.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cli/v2v-guests.sh"
requires cpio --version
requires test -e "${builddir:?}/v2v/loader/core.img"
cd "$work"
make_guests
mkdir out

# --- an OVA: we read it, and so does a program that only knows tar, sha256 ---

sed "s|^disk = .*|disk = [ '$work/disk,raw,xvda,w', 'file:$work/swap,xvdb,w' ]|" \
    disk.cfg > two.cfg
mayfly-v2v -i xl two.cfg -o ova -os out > said
grep -q "^Made .*/out/guest.ova$" said
[ "$(ls out)" = guest.ova ] || fail "there is more: $(ls out)"
python3 - << 'EOF'
import hashlib, tarfile, xml.etree.ElementTree as tree
ova = tarfile.open("out/guest.ova")
names = ova.getnames()
assert names == ["guest.ovf", "guest-sda.vmdk", "guest-sdb.vmdk",
                 "guest.mf"], names
data = {n: ova.extractfile(n).read() for n in names}
lines = data["guest.mf"].decode().splitlines()
assert lines == [f"SHA256({n})= {hashlib.sha256(data[n]).hexdigest()}"
                 for n in names[:-1]], lines
top = "{http://schemas.dmtf.org/ovf/envelope/1}"
ovf = tree.fromstring(data["guest.ovf"])
files = ovf.findall(f"{top}References/{top}File")
for f in files:
    assert int(f.get(top + "size")) == len(data[f.get(top + "href")])
sizes = [int(d.get(top + "capacity"))
         for d in ovf.findall(f"{top}DiskSection/{top}Disk")]
assert sizes == [72 << 20, 32 << 20], sizes
open("sdb.vmdk", "wb").write(data["guest-sdb.vmdk"])
EOF
qemu-img info sdb.vmdk | grep -q 'create type: streamOptimized'
qemu-img compare -q -f vmdk -F raw sdb.vmdk swap
mayfly-v2v -i ova out/guest.ova -os out -on back > said
grep -q '^Machine .*hvm, 256 MiB, 2 processors, 1 network card' said
grep -q 00:16:3e:00:00:01 out/back.xml
cmp out/back-sdb swap
mayfish --ro --format=raw -a out/back-sda -m /dev/sda2 cat /etc/fstab |
    grep -q '^UUID=.* / ext4'
expect_error 2 'needs images' mayfly-v2v -o ova --verify-boot disk
expect_error 2 'takes -of raw only' mayfly-v2v -o ova -of qcow2 disk

# --- oVirt ---

domain=00000000-1111-4222-8333-444444444444
expect_error 3 'holds no storage domain' mayfly-v2v -o ovirt -os out disk
mkdir -p sd/$domain/{dom_md,images,master/vms}
touch sd/$domain/dom_md/metadata
mayfly-v2v -i xl two.cfg -o ovirt -os sd > said
python3 - << 'EOF'
import glob, os, xml.etree.ElementTree as tree
top = "sd/00000000-1111-4222-8333-444444444444"
vm = "11111111-2222-3333-4444-555555555555"
ovf = tree.parse(f"{top}/master/vms/{vm}/{vm}.ovf").getroot()
o = "{http://schemas.dmtf.org/ovf/envelope/1/}"
hrefs = [f.get(o + "href") for f in ovf.findall("References/File")]
sizes = []
for href in hrefs:
    sizes.append(os.path.getsize(f"{top}/images/{href}"))
    meta = dict(line.split("=") for line in
                open(f"{top}/images/{href}.meta").read().split("\n")
                if "=" in line)
    assert meta["IMAGE"] == href.split("/")[0], meta
    assert int(meta["SIZE"]) * 512 == sizes[-1], meta
    assert meta["FORMAT"] == "RAW", meta
assert sizes == [72 << 20, 32 << 20], sizes
assert len(glob.glob(f"{top}/images/*/*")) == 4
assert [d.get(o + "boot") for d in ovf.iter("Disk")] == ["True", "False"]
assert ovf.findtext("Content/Name") == "guest"
EOF
[ "$(ls sd)" = $domain ] || fail "there is more: $(ls sd)"

# --- KubeVirt: with KUBEVIRT_SCHEMA, which is its swagger.json ---

sed 's/^vif = .*/vif = ["mac=00:16:3e:00:00:01", "mac=00:16:3e:00:00:02"]/' \
    two.cfg > cards.cfg
for firmware in bios ovmf; do
    echo "type = 'hvm'; firmware = '$firmware'" | cat cards.cfg - > "$firmware.cfg"
    mayfly-v2v -i xl "$firmware.cfg" -o kubevirt -os out -on $firmware -q
    if [ -n "${KUBEVIRT_SCHEMA:-}" ]; then
        python3 "$srcdir/tests/cli/check-kubevirt.py" "$KUBEVIRT_SCHEMA" \
            out/$firmware.yaml
        sed 's/cores:/thread:/' out/$firmware.yaml > wrong.yaml
        expect_error 1 "cpu .*'thread' was unexpected" \
            python3 "$srcdir/tests/cli/check-kubevirt.py" "$KUBEVIRT_SCHEMA" \
            wrong.yaml
    fi
done
grep -q 'secureBoot: false' out/ovmf.yaml
[ -n "${KUBEVIRT_SCHEMA:-}" ] ||
    echo 'KUBEVIRT_SCHEMA is not set: not compared with the schema'

# --- libvirt ---

expect_error 2 'needs -o libvirt' mayfly-v2v -oc test:///default disk
requires virsh --version
mayfly-v2v -i xl disk.cfg -o libvirt -oc test:///default -os out -q
virt-xml-validate out/guest.xml domain > said || fail "$(cat said)"
virsh -c test:///default "define out/guest.xml; dumpxml guest" > dumped
grep -q "<source file='$(realpath out)/guest-sda'/>" dumped
grep -q "<mac address='00:16:3e:00:00:01'/>" dumped
expect_error 1 'libvirt rejects the domain' \
    mayfly-v2v -i xl disk.cfg -o libvirt -oc none:///x -os out
