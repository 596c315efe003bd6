#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Snapshots of ESXi in both of its forms, also in two extents, and VHDs of all
# makers: the bytes that the guest saw.
. "${srcdir:?}/tests/lib.sh" || exit 1
requires qemu-img --version
cd "$work"
python3 - << 'END'
import random
import struct

random.seed(3)
SECTORS = 40960
base = bytearray(SECTORS * 512)
for at in range(0, len(base), 1 << 20):
    base[at:at + 512] = random.randbytes(512)
new = bytearray(base)
for at in (0, 4096, 5 << 20, len(base) - 4096):
    new[at:at + 4096] = random.randbytes(4096)
open("base-flat.vmdk", "wb").write(base)
open("new.raw", "wb").write(new)
HEAD = "# Disk DescriptorFile\nversion=1\nCID=%s\nparentCID=%s\n"
open("base.vmdk", "w").write(
    HEAD % ("00000001", "ffffffff") + 'createType="vmfs"\n'
    + 'RW %d VMFS "base-flat.vmdk"\n' % SECTORS)


def pad(data):
    return data + b"\0" * (-len(data) % 512)


def dirty(old, data, grain):
    return [i for i in range(len(data) // grain)
            if old[i * grain:(i + 1) * grain] != data[i * grain:(i + 1) * grain]]


def cowd(old, data):
    grains = dirty(old, data, 512)
    n = len(data) // 512
    tables = sorted({i // 4096 for i in grains})
    count = (n + 4095) // 4096
    at = 4 + (count * 4 + 511) // 512
    directory = [0] * count
    for k, t in enumerate(tables):
        directory[t] = at + 32 * k
    at += 32 * len(tables)
    place = {g: at + k for k, g in enumerate(grains)}
    out = pad(struct.pack("<4s7I", b"COWD", 1, 3, n, 1, 4, count, at)).ljust(
        2048, b"\0") + pad(struct.pack("<%dI" % count, *directory))
    for t in tables:
        out += struct.pack("<4096I", *(place.get(t * 4096 + i, 0)
                                       for i in range(4096)))
    return out + b"".join(data[g * 512:g * 512 + 512] for g in grains)


def sesparse(old, data):
    grains = dirty(old, data, 4096)
    n = len(data) // 512
    tables = sorted({i // 4096 for i in grains})
    count = (n // 8 + 4095) // 4096
    span = (count * 8 + 511) // 512
    first = 2 + span
    begin = first + 64 * len(tables)
    directory = [0] * (span * 64)
    for k, t in enumerate(tables):
        directory[t] = 1 << 60 | k
    place = {g: 3 << 60 | (k & 0xfff) << 48 | k >> 12
             for k, g in enumerate(grains)}
    fields = [0xcafebabe, 0x200000001, n, 8, 64] + [0] * 5 + [
        1, 1, 0, 0, 0, 0, 2, span, first, 64 * len(tables), 0, 0, 0, 0, begin,
        8 * len(grains)]
    out = pad(struct.pack("<26Q", *fields)) + pad(struct.pack("<Q", 0xcafecafe))
    out += struct.pack("<%dQ" % len(directory), *directory)
    for t in tables:
        out += struct.pack("<4096Q", *(place.get(t * 4096 + i, 0)
                                       for i in range(4096)))
    return out + b"".join(data[g * 4096:g * 4096 + 4096] for g in grains)


def snapshot(name, kind, word, write, cuts):
    text = HEAD % ("00000002", "00000001") + 'createType="%s"\n' % kind
    text += 'parentFileNameHint="base.vmdk"\n'
    for k in range(len(cuts) - 1):
        begin, end = cuts[k] * 512, cuts[k + 1] * 512
        part = "%s-%s%s.vmdk" % (name, "s00" if len(cuts) > 2 else "",
                                 k + 1 if len(cuts) > 2 else word)
        open(part, "wb").write(write(base[begin:end], new[begin:end]))
        text += 'RW %d %s "%s"\n' % ((end - begin) // 512, kind.upper(), part)
    open(name + ".vmdk", "w").write(text)


snapshot("base-000001", "vmfsSparse", "delta", cowd, [0, SECTORS])
snapshot("base-000002", "seSparse", "sesparse", sesparse, [0, SECTORS])
snapshot("base-000003", "vmfsSparse", "", cowd, [0, 8200, SECTORS])
bad = bytearray(open("base-000001-delta.vmdk", "rb").read())
open("base-000004.vmdk", "w").write(
    open("base-000001.vmdk").read().replace("000001-delta", "000004-delta"))
open("base-000004-delta.vmdk", "wb").write(bad[:-512])


def footer(maker, kind, offset):
    f = b"conectix" + struct.pack(
        ">IIQI4sI4sQQHBBI", 2, 0x10000, offset, 0, maker, 0x70000, b"Wi2k",
        len(new), len(new), SECTORS // 68, 4, 17, kind)
    f = (f + b"\0" * 4 + bytes(16) + b"\0").ljust(512, b"\0")
    return f[:64] + struct.pack(">I", ~sum(f) & 0xffffffff) + f[68:]


for maker in (b"wa\0\0", b"vbox", b"abcd"):
    name = maker.decode().strip("\0")
    open(name + ".vhd", "wb").write(new + footer(maker, 2, 2**64 - 1))
    blocks = len(new) >> 21
    header = b"cxsparse" + struct.pack(
        ">QQIII", 2**64 - 1, 1536, 0x10000, blocks, 2 << 20)
    header = header.ljust(1024, b"\0")
    header = header[:36] + struct.pack(
        ">I", ~sum(header) & 0xffffffff) + header[40:]
    table = [4 + 4097 * i for i in range(blocks)]
    end = footer(maker, 3, 512)
    open(name + "-dynamic.vhd", "wb").write(
        end + header + struct.pack(">%dI" % blocks, *table).ljust(512, b"\xff")
        + b"".join(b"\xff" * 512 + new[i << 21:(i + 1) << 21]
                   for i in range(blocks)) + end)
END
want=$(sha256sum < new.raw)
for image in base-00000[123].vmdk ./*.vhd; do
    got=$(mayfish --ro -a "$image" run : checksum-device sha256 /dev/sda)
    [ "$got  -" = "$want" ] || fail "$image has other bytes"
done
expect_error 3 'base-000004-delta.vmdk: truncated: data of the disk' \
    mayfish --ro -a base-000004.vmdk run
expect_error 3 'a snapshot of ESXi can only be read; add it read-only' \
    mayfish -a base-000001.vmdk run
expect_error 3 'give the descriptor file' mayfish --ro -a base-000001-delta.vmdk run
expect_error 3 'give the descriptor file' \
    mayfish --ro -a base-000002-sesparse.vmdk run
expect_error 3 'so this vpc can only be read' mayfish -a vbox-dynamic.vhd run

# A descriptor in the set of characters of a Windows in another language.
python3 - << 'END'
import os
text = """# Disk DescriptorFile
version=1
encoding="%s"
CID=fffffffe
parentCID=ffffffff
createType="monolithicFlat"
RW %d FLAT "%s-flat.vmdk" 0
"""
size = os.path.getsize("new.raw")
for charset, name in (("GBK", "中文"), ("windows-1252", "Büro"),
                      ("Shift_JIS", "ポソ"), ("UTF-8", "й")):
    os.link("new.raw", name + "-flat.vmdk")
    open(charset + ".vmdk", "wb").write(
        (text % (charset, size // 512, name)).encode(
            {"Shift_JIS": "cp932"}.get(charset, charset)))
END
for image in GBK windows-1252 Shift_JIS UTF-8; do
    got=$(mayfish --ro -a $image.vmdk run : checksum-device sha256 /dev/sda)
    [ "$got  -" = "$want" ] || fail "$image has other bytes"
done
