#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write the smallest registry hive there is: a header and one bin with the
root key.  usage: hive.py FILE"""

import struct
import sys

NONE = 0xffffffff


def cell(data):
    size = len(data) + 4 + 7 & ~7
    return (struct.pack("<i", -size) + data).ljust(size, b"\0")


def hive():
    name = b"$$$PROTO.HIV"
    # flags, time, parent, subkeys, their lists, values, their list, security.
    # The cell is 0x60 bytes long and the first after the bin's header of
    # 0x20.
    root = cell(b"nk" + struct.pack(
        "<HQIIIIIIIIII", 0x2c, 0, 0, NONE, 0, 0, NONE, NONE, 0, NONE, 0x80,
        NONE) + struct.pack("<HHIIIIHH", 0, 0, 0, 0, 0, 0, len(name), 0)
        + name)
    assert len(root) == 0x60
    security = cell(b"sk" + struct.pack("<HIIII", 0, 0x80, 0x80, 1, 20) +
                    b"\1\0\4\x80".ljust(20, b"\0"))
    content = b"hbin" + struct.pack("<II8xQI", 0, 4096, 0, 0) + root + security
    content += struct.pack("<i", 4096 - len(content))
    content += bytes(4096 - len(content))
    head = b"regf" + struct.pack(
        "<IIQIIIIIII", 1, 1, 0, 1, 3, 0, 1, 0x20, 4096, 1)
    head += bytes(508 - len(head))
    total = 0
    for word in struct.unpack("<127I", head):
        total ^= word
    head += struct.pack("<I", total)
    return head + bytes(4096 - len(head)) + content


with open(sys.argv[1], "wb") as f:
    f.write(hive())
