#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Make a LUKS header ask for more work than any machine does.

luks-work.py FILE PLACE   PLACE: a key slot, or "digest".  The first header at
                          the start of a cluster of FILE is changed, with its
                          copy; a slot without a key is made one with a key.
"""
import hashlib
import json
import struct
import sys

MAGIC = b"LUKS\xba\xbe"
MOST = 0xffffffff


def heavy_1(header, place):
    if place == "digest":
        struct.pack_into(">I", header, 164, MOST)
    else:
        struct.pack_into(">II", header, 208 + 48 * int(place), 0xac71f3, MOST)


def heavy_2(header, place):
    text = header[4096:].split(b"\0", 1)[0]
    o = json.loads(text)
    if place == "digest":
        o["digests"]["0"]["iterations"] = MOST
    elif o["keyslots"][place]["kdf"]["type"] == "pbkdf2":
        o["keyslots"][place]["kdf"]["iterations"] = MOST
    else:
        o["keyslots"][place]["kdf"]["time"] = MOST
    new = json.dumps(o, separators=(",", ":")).encode()
    header[4096:] = new.ljust(len(header) - 4096, b"\0")
    header[448:512] = bytes(64)
    header[448:480] = hashlib.sha256(header).digest()


with open(sys.argv[1], "r+b") as f:
    whole = f.read()
    at = next(i for i in range(0, len(whole), 4096)
              if whole[i:i + 6] == MAGIC)
    if whole[at + 7] == 1:
        data = bytearray(whole[at:at + 592])
        heavy_1(data, sys.argv[2])
        f.seek(at)
        f.write(data)
    else:
        size = struct.unpack_from(">Q", whole, at + 8)[0]
        for start in (at, at + size):
            data = bytearray(whole[start:start + size])
            heavy_2(data, sys.argv[2])
            f.seek(start)
            f.write(data)
