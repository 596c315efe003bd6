#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# FreeBSD, OpenBSD and NetBSD, each in a slice of its own of a disk with MBR,
# divided by a disklabel; on their UFS 2, 2 and 1.
. "$(dirname "$0")/images.sh"
command -v makefs > /dev/null || {
    echo "no makefs: install makefs" >&2
    exit 1
}

# Room for the superblock: see below.
room()
{
    head -c 98304 /dev/zero | tr '\0' P > "$scratch/$1/0"
}

# system NAME: the folders of all of them; their fstab comes from standard
# input.
system()
{
    mkdir -p "$scratch/$1"/{bin,etc,tmp,usr,var/db/pkg}
    printf '\177ELF\2\1\1\11\0\0\0\0\0\0\0\0\3\0\76\0' > "$scratch/$1/bin/sh"
    head -c 1000 /dev/zero >> "$scratch/$1/bin/sh"
    room "$1"
    cat > "$scratch/$1/etc/fstab"
}

system freebsd << 'END'
# Device	Mountpoint	FStype	Options	Dump	Pass#
/dev/ada0s1a	/	ufs	rw	1	1
/dev/ada0s1b	none	swap	sw	0	0
/dev/ada0s1d	/usr	ufs	rw	2	2
proc	/proc	procfs	rw	0	0
END
printf '#!/bin/sh\nset -e\n\nUSERLAND_VERSION="14.1-RELEASE-p5"\n' \
    > "$scratch/freebsd/bin/freebsd-version"
echo 'hostname="beastie.example.org"' > "$scratch/freebsd/etc/rc.conf"
mkdir -p "$scratch/freebsd-usr/local/bin"
echo usr > "$scratch/freebsd-usr/local/note"
room freebsd-usr

system openbsd << 'END'
8a3f5c2e9d1b7046.b none swap sw
8a3f5c2e9d1b7046.a / ffs rw 1 1
END
: > "$scratch/openbsd/bsd"
echo 'OpenBSD 7.5 (GENERIC.MP) #82: Wed Mar 20 15:48:40 MDT 2024' \
    > "$scratch/openbsd/etc/motd"
echo puffy.example.org > "$scratch/openbsd/etc/myname"
mkdir -p "$scratch/openbsd/var/db/pkg/curl-8.6.0p1"
printf '@name curl-8.6.0p1\n@arch amd64\n' \
    > "$scratch/openbsd/var/db/pkg/curl-8.6.0p1/+CONTENTS"
echo 'transfer files with FTP, HTTP, HTTPS' \
    > "$scratch/openbsd/var/db/pkg/curl-8.6.0p1/+DESC"

system netbsd << 'END'
/dev/wd0a / ffs rw 1 1
END
: > "$scratch/netbsd/netbsd"
echo 'NetBSD 9.3/amd64' > "$scratch/netbsd/etc/release"
echo 'hostname=net.example.org' > "$scratch/netbsd/etc/rc.conf"
mkdir -p "$scratch/netbsd/usr/pkg/pkgdb/perl-5.38.2nb1"
echo 'Practical Extraction and Report Language' \
    > "$scratch/netbsd/usr/pkg/pkgdb/perl-5.38.2nb1/+COMMENT"

for part in "freebsd 2 4m" "freebsd-usr 2 4m" "openbsd 2 4m" "netbsd 1 4m"; do
    # shellcheck disable=SC2086
    set -- $part
    makefs -t ffs -o "version=$2" -s "$3" "$scratch/$1.ufs" "$scratch/$1" \
        > "$scratch/log" 2>&1 || {
        cat "$scratch/log" >&2
        exit 1
    }
done

disk "$image" 24M
python3 - "$image" "$scratch" << 'END'
import struct
import sys

image, scratch = sys.argv[1:]
KIB = 2  # sectors
DISK = 24576 * KIB


def label(slice_start, slice_size, relative, duid, parts):
    """A disklabel: parts is a list of (size, offset in the slice, type)."""
    base = 0 if relative else slice_start
    table = b"".join(
        struct.pack("<IIIBBH", size, base + at if size else 0, 1024, kind, 8, 0)
        for size, at, kind in parts)
    head = struct.pack("<IHH16s16sIIIIII8s", 0x82564557, 0, 0, b"disk", b"",
                       512, 63, 16, 100, 1008, DISK, duid)
    head = head.ljust(132, b"\0") + struct.pack(
        "<IHHII", 0x82564557, 0, len(parts), 8192, 8192)
    return head + table


def ufs(name):
    """The file system.  This makefs has the superblock of UFS 2 where that of
    UFS 1 is, 64 KiB before its place, which no kernel looks for: a file lies
    there."""
    data = bytearray(open(scratch + "/" + name + ".ufs", "rb").read())
    old, new, size = 8192, 65536, 8192
    if data[old + 1372:old + 1376] == b"\x19\x01\x54\x19":
        assert set(data[new:new + size]) == {ord("P")}, name
        data[new:new + size] = data[old:old + size]
        struct.pack_into("<q", data, new + 1000, new)
    return data


UNUSED, SWAP, UFS = 0, 1, 7
MIB = 1024 * KIB
slices = [(0xa5, 1 * MIB, 10 * MIB), (0xa6, 11 * MIB, 6 * MIB),
          (0xa9, 17 * MIB, 6 * MIB)]
with open(image, "r+b") as f:
    for i, (kind, start, size) in enumerate(slices):
        f.seek(446 + 16 * i)
        f.write(struct.pack("<B3sB3sII", 0, b"\xfe\xff\xff", kind,
                            b"\xfe\xff\xff", start, size))
    f.seek(510)
    f.write(b"\x55\xaa")

    def write(slice_number, text, *files):
        start = slices[slice_number][1]
        for name, at in files:
            f.seek((start + at) * 512)
            f.write(ufs(name))
        f.seek((start + 1) * 512)
        f.write(text)

    # The first part of FreeBSD begins where its slice does.
    start, size = slices[0][1:]
    write(0, label(start, size, True, bytes(8), [
        (4 * MIB, 0, UFS), (1 * MIB, 4 * MIB, SWAP), (size, 0, UNUSED),
        (4 * MIB, 5 * MIB, UFS)]), ("freebsd", 0), ("freebsd-usr", 5 * MIB))
    start, size = slices[1][1:]
    parts = [(4 * MIB, 1 * MIB, UFS), (1 * MIB, 0, SWAP),
             (DISK, -start, UNUSED)]
    write(1, label(start, size, False, bytes.fromhex("8a3f5c2e9d1b7046"),
                   parts), ("openbsd", 1 * MIB))
    # Of a machine where this disk was the first one.
    start, size = slices[2][1:]
    write(2, label(start, size, False, bytes(8), [
        (4 * MIB, 1 * MIB, UFS), (1 * MIB, 0, SWAP), (size, 0, UNUSED),
        (DISK, -start, UNUSED)]), ("netbsd", 1 * MIB))
END
