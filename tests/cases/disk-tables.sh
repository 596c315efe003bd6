#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks whose table the kernel does not take are opened, or the table is the
# reason that is given; so are file systems that cannot be opened here.
. "${srcdir:?}/tests/lib.sh" || exit 1
requires qemu-img --version
requires sfdisk --version
requires mkfs.ext4 -V
cd "$work"

partitioned() # IMAGE SECTOR-SIZE
{
    python3 - "$1" "$2" << 'END'
import struct, sys, uuid, zlib
name, sector = sys.argv[1], int(sys.argv[2])
size = 40 << 20
count = size // sector
linux = uuid.UUID("0FC63DAF-8483-4772-8E79-3D69D8477DE4").bytes_le
first, last = (4 << 20) // sector, (36 << 20) // sector - 1
table = bytearray(128 * 128)
table[256:384] = linux + uuid.uuid4().bytes_le + struct.pack(
    "<QQQ", first, last, 0) + b"\0" * 72
own = uuid.uuid4().bytes_le
span = len(table) // sector


def header(here, other, entries):
    h = struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, here,
                    other, 2 + span, count - 2 - span, own, entries, 128, 128,
                    zlib.crc32(table))
    h = h[:16] + struct.pack("<I", zlib.crc32(h)) + h[20:]
    return h.ljust(sector, b"\0")


disk = bytearray(size)
disk[446:462] = struct.pack("<B3sB3sII", 0, b"\0\2\0", 0xee, b"\xff" * 3, 1,
                            count - 1)
disk[510:512] = b"\x55\xaa"
disk[sector:2 * sector] = header(1, count - 1, 2)
disk[2 * sector:2 * sector + len(table)] = table
end = size - sector - len(table)
disk[end:end + len(table)] = table
disk[-sector:] = header(count - 1, 1, count - 1 - span)
with open(name, "wb") as f:
    f.write(disk)
END
    mkfs.ext4 -q -E offset=4194304 "$1" 32M 2> /dev/null
    echo content > mark
    debugfs -w -R 'write mark mark' "$1?offset=4194304" 2> /dev/null
}

opens() # IMAGE
{
    mayfish --ro -a "$1" -m /dev/sda3 cat /mark > text 2>&1 || true
    grep -qx content text || fail "$1: $(cat text)"
}

damage() # FROM TO AT COUNT
{
    cp "$1" "$2"
    head -c "$4" /dev/zero | dd of="$2" bs=1 seek="$3" conv=notrunc status=none
}

expect_reason() # PATTERN IMAGE
{
    expect_error 5 "$1" mayfish --ro -a "$2" -i ls /
    expect_error 5 "$1" mayfly-inspector -a "$2"
    expect_error 5 "$1" mayfly-v2v plan -i disk "$2"
}

partitioned small.img 512
partitioned large.img 4096
opens small.img
opens large.img
for format in qcow2 vmdk vdi; do
    qemu-img convert -O $format large.img large.$format
    opens large.$format
done
mayfish --ro -a large.qcow2 run : part-list /dev/sda > text
grep -q 'part_start: 4194304' text || fail "$(cat text)"

damage small.img header.img 512 8       # no header
damage small.img entries.img 1280 128   # an entry
damage small.img sum.img 528 4          # a sum
damage large.img large-header.img 4096 512
for image in header entries sum large-header; do
    opens $image.img
done
qemu-img convert -O qcow2 sum.img sum.qcow2
opens sum.qcow2
expect_reason 'first copy of its partition table \(GPT\) is damaged' sum.qcow2
expect_reason 'sectors of 4096 bytes' large.img
damage sum.img both.img $(((40 << 20) - 512)) 512
expect_reason '/dev/sda: its partition table \(GPT\) is damaged in both' both.img
damage small.img bare.img 0 512
expect_reason '/dev/sda: its .*protective MBR in front of it is missing' bare.img
# One disk after the other under the same name.
mayfish --ro << END > text 2>&1
add sum.img
run
list-partitions
END
grep -qx /dev/sda3 text || fail "$(cat text)"

# Named, though they cannot be opened.
truncate -s 32M refs.img
printf '\0\0\0ReFS\0' | dd of=refs.img conv=notrunc status=none
expect_reason '/dev/sda: it holds ReFS, which cannot be opened' refs.img
