#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Make an empty hive of the Windows registry: hive.py FILE

The format is the one that libhivex reads: a header of 4 KiB, and one block of
cells with the root key (nk), its security record (sk) and free space.  Keys
and values come by hivexregedit --merge.
"""
import struct
import sys

NONE = 0xffffffff
BLOCK = 4096
ROOT_AT = 32


def cell(data):
    size = (4 + len(data) + 7) // 8 * 8
    return struct.pack("<i", -size) + data.ljust(size - 4, b"\0")


def root(security_at):
    name = b"ROOT"
    return cell(b"nk" + struct.pack("<H8x4xIIIIIIIII4I4xHH", 0x2c, NONE, 0, 0,
                                    NONE, NONE, 0, NONE, security_at, NONE,
                                    0, 0, 0, 0, len(name), 0) + name)


def security(at):
    # An empty descriptor, relative to itself.
    descriptor = struct.pack("<BBHIIII", 1, 0, 0x8000, 0, 0, 0, 0)
    return cell(b"sk" + struct.pack("<HIIII", 0, at, at, 1, len(descriptor))
                + descriptor)


def main():
    at = ROOT_AT + len(root(0))
    cells = root(at) + security(at)
    free = BLOCK - ROOT_AT - len(cells)
    block = (struct.pack("<4sII20x", b"hbin", 0, BLOCK) + cells
             + struct.pack("<i", free).ljust(free, b"\0"))
    head = struct.pack("<4sII8xIIIIIII", b"regf", 1, 1, 1, 3, 0, 1, ROOT_AT,
                       BLOCK, 1).ljust(508, b"\0")
    check = 0
    for word in struct.unpack("<127I", head):
        check ^= word
    head += struct.pack("<I", check)
    with open(sys.argv[1], "wb") as f:
        f.write(head.ljust(BLOCK, b"\0") + block)


main()
