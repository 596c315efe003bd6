#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write a disk as a chain of three VHDs.

write-vhd.py DISK.raw FOLDER [TRAP]

The sectors of the disk are spread over base.vhd, middle.vhd and leaf.vhd;
the files below a sector's own file hold other data there.  Shares
no code with the reader.  TRAP makes one thing wrong or unusual: see the end.
"""
import random
import struct
import sys
import uuid

SECTOR, BLOCK = 512, 2 << 20
PER_BLOCK = BLOCK // SECTOR


def with_sum(data, at):
    data = bytearray(data)
    data[at:at + 4] = bytes(4)
    data[at:at + 4] = struct.pack(">I", ~sum(data) & 0xffffffff)
    return bytes(data)


def footer(kind, size, identity, header=512):
    # The geometry is wrong on purpose: it must not matter.
    return with_sum(struct.pack(
        ">8sIIQI4sI4sQQHBBII16sB427x", b"conectix", 2, 0x10000,
        header if kind != 2 else 2 ** 64 - 1, 0, b"tap\0", 0x10003, b"\0" * 4,
        size, size, 17, 4, 17, kind, 0, identity.bytes, 0), 64)


def header(table, n_blocks, parent, name):
    return with_sum(struct.pack(
        ">8sQQIIII16sII512s192x256x", b"cxsparse", 2 ** 64 - 1, table, 0x10000,
        n_blocks, BLOCK, 0, parent.bytes if parent else bytes(16), 0, 0,
        name.encode("utf-16-be").ljust(512, b"\0")), 36)


def write(path, size, sectors, identity, parent=None, name="", batmap=False,
          end=True):
    """sectors: number -> content; it is a dictionary of what is here."""
    n_blocks = -(-size // BLOCK)
    table = [0xffffffff] * n_blocks
    full = bytearray(-(-n_blocks // 8))
    at = 512 + 1024
    blocks_at = at + -(-4 * n_blocks // SECTOR) * SECTOR
    if batmap:
        map_at = blocks_at + SECTOR
        blocks_at = map_at + -(-len(full) // SECTOR) * SECTOR
    by_block = {}
    for number, content in sectors.items():
        by_block.setdefault(number // PER_BLOCK, {})[number % PER_BLOCK] = content
    order = list(by_block)
    random.shuffle(order)
    with open(path, "wb") as out:
        position = blocks_at
        for block in order:
            here = by_block[block]
            bits = bytearray(PER_BLOCK // 8)
            data = bytearray(random.randbytes(SECTOR)) * PER_BLOCK
            whole = len(here) == PER_BLOCK
            for number, content in here.items():
                if not (whole and batmap):
                    bits[number // 8] |= 0x80 >> number % 8
                data[number * SECTOR:(number + 1) * SECTOR] = content
            if whole:
                full[block // 8] |= 0x80 >> block % 8
            table[block] = position // SECTOR
            out.seek(position)
            out.write(bits + data)
            position += len(bits) + len(data)
        kind = 4 if parent else 3
        foot = footer(kind, size, identity)
        out.seek(0)
        out.write(foot + header(at, n_blocks, parent, name))
        out.write(struct.pack(f">{n_blocks}I", *table))
        if batmap:
            out.seek(map_at - SECTOR)
            out.write(struct.pack(">8sQIII", b"tdbatmap", map_at,
                                  (blocks_at - map_at) // SECTOR, 0x10002, 0))
            out.seek(map_at)
            out.write(full)
        out.seek(position)
        out.write(foot if end else bytes(SECTOR))


def main():
    disk, folder, trap = (sys.argv[1:] + [""])[:3]
    random.seed(trap or "chain")
    content = open(disk, "rb").read()
    size, zero = len(content), bytes(SECTOR)
    layers = [{}, {}, {}]
    for number in range(size // SECTOR):
        sector = content[number * SECTOR:(number + 1) * SECTOR]
        full = (number // PER_BLOCK) % 5 == 1   # a block all in the leaf
        if sector == zero and not full and random.random() < 0.9:
            continue
        top = 2 if full else random.choice((0, 1, 2))
        layers[top][number] = sector
        for below in range(top):
            if random.random() < 0.3:
                layers[below][number] = random.randbytes(SECTOR)
    ids = [uuid.UUID(int=random.getrandbits(128)) for _ in range(3)]
    if trap == "fixed":                         # the base has no blocks
        with open(f"{folder}/base.vhd", "wb") as out:
            for number in range(size // SECTOR):
                out.write(layers[0].get(number, zero))
            out.write(footer(2, size, ids[0]))
    else:
        write(f"{folder}/base.vhd", size, layers[0], ids[0])
    write(f"{folder}/middle.vhd", size, layers[1], ids[1],
          uuid.UUID(int=1) if trap == "stranger" else ids[0],
          "C:\\elsewhere\\base.vhd", end=trap != "crashed")
    write(f"{folder}/leaf.vhd", size, layers[2], ids[2],
          ids[2] if trap == "loop" else ids[1],
          "leaf.vhd" if trap == "loop" else "../middle.vhd",
          batmap=True)


main()
