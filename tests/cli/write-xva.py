#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write disks as an XVA, the export format of XenServer.

write-xva.py [--sum xxhash|checksum] [--trap TRAP] OUT.xva DISK...

Shares no code with the reader, not even the checksum.  TRAP makes one thing
unusual or wrong: see the function chunks.
"""
import argparse
import hashlib
import io
import tarfile

MIB = 1 << 20
MASK = (1 << 64) - 1
P = (11400714785074694791, 14029467366897019727, 1609587929392839161,
     9650029242287828579, 2870177450012600261)


def xxh64(data):
    """By the book, a byte string at a time."""
    def rol(x, n):
        return ((x << n) | (x >> (64 - n))) & MASK

    def spin(acc, value):
        return rol((acc + value * P[1]) & MASK, 31) * P[0] & MASK

    size, i = len(data), 0
    if size >= 32:
        v = [(P[0] + P[1]) & MASK, P[1], 0, -P[0] & MASK]
        words = memoryview(data)[:size // 32 * 32].cast("Q")
        for k in range(0, len(words), 4):
            v = [spin(v[j], words[k + j]) for j in range(4)]
        i = len(words) * 8
        h = sum(rol(x, n) for x, n in zip(v, (1, 7, 12, 18))) & MASK
        for x in v:
            h = ((h ^ spin(0, x)) * P[0] + P[3]) & MASK
    else:
        h = P[4]
    h = (h + size) & MASK
    while i + 8 <= size:
        h ^= spin(0, int.from_bytes(data[i:i + 8], "little"))
        h = (rol(h, 27) * P[0] + P[3]) & MASK
        i += 8
    if i + 4 <= size:
        h ^= int.from_bytes(data[i:i + 4], "little") * P[0] & MASK
        h = (rol(h, 23) * P[1] + P[2]) & MASK
        i += 4
    for byte in data[i:]:
        h = rol(h ^ (byte * P[4] & MASK), 11) * P[0] & MASK
    h = ((h ^ (h >> 33)) * P[1]) & MASK
    h = ((h ^ (h >> 29)) * P[2]) & MASK
    return h ^ (h >> 32)


def rpc(value):
    if isinstance(value, dict):
        return "<value><struct>" + "".join(
            f"<member><name>{k}</name>{rpc(v)}</member>"
            for k, v in value.items()) + "</struct></value>"
    if isinstance(value, list):
        return ("<value><array><data>" + "".join(map(rpc, value))
                + "</data></array></value>")
    if isinstance(value, bool):
        return f"<value><boolean>{int(value)}</boolean></value>"
    return f"<value>{value}</value>"


def metadata(disks):
    def thing(kind, name, fields):
        return {"class": kind, "id": name, "snapshot": fields}

    places = range(len(disks))
    objects = [
        thing("VM", "Ref:0", {
            "uuid": "99999999-2222-3333-4444-555555555555",
            "name_label": "exported", "memory_static_max": 1 << 29,
            "memory_dynamic_max": 1 << 28, "VCPUs_max": "4",
            "VCPUs_at_startup": "3", "is_a_template": False,
            "is_a_snapshot": False, "domain_type": "pv",
            "PV_bootloader": "pygrub", "PV_args": "console=hvc0",
            "HVM_boot_params": {}, "platform": {"viridian": "false"},
            "VBDs": [f"Ref:{10 + i}" for i in places] + ["Ref:50"],
            "VIFs": ["Ref:60"]}),
        thing("VM", "Ref:1", {"is_a_snapshot": True, "VBDs": []}),
        thing("VBD", "Ref:50", {"type": "CD", "empty": True, "VDI": ""}),
        thing("VIF", "Ref:60", {"device": "0", "MAC": "00:16:3E:00:00:99",
                                "network": "Ref:70"}),
        thing("network", "Ref:70", {"bridge": "xenbr3"})]
    for i in places:
        objects += [
            thing("VBD", f"Ref:{10 + i}", {
                "type": "Disk", "empty": False, "mode": "RW", "device": "",
                "userdevice": str(i), "VDI": f"Ref:{30 + i}"}),
            thing("VDI", f"Ref:{30 + i}", {"virtual_size": len(disks[i])})]
    return ('<?xml version="1.0"?>' + rpc({
        "version": {"hostname": "x", "export_vsn": 2},
        "objects": objects})).encode()


def chunks(disk, trap):
    """(number, content): the first and the last, and what is not zero."""
    total = -(-len(disk) // MIB)
    number = 0
    for i in range(total):
        piece = disk[i * MIB:(i + 1) * MIB]
        if i in (0, total - 1) or piece.strip(b"\0"):
            yield number, piece
        number += 1
        if trap == "alive" and i % 3 == 0 and i < total - 1:
            # A keep-alive takes a number but no place; it comes after a piece
            # that was sent.
            if not (i in (0, total - 1) or piece.strip(b"\0")):
                yield number - 1, piece
            yield number, b""
            number += 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sum", default="xxhash")
    parser.add_argument("--trap", default="")
    parser.add_argument("out")
    parser.add_argument("disk", nargs="+")
    args = parser.parse_args()
    disks = [open(name, "rb").read() for name in args.disk]
    with tarfile.open(args.out, "w", format=tarfile.USTAR_FORMAT) as tar:
        def add(name, data):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))

        add("ova.xml", metadata(disks))
        # In the order of the names as text, as the exporter does.
        for i in sorted(range(len(disks)), key=lambda i: f"Ref:{30 + i}"):
            for k, (number, piece) in enumerate(chunks(disks[i], args.trap)):
                name = f"Ref:{30 + i}/{number:08d}"
                if args.sum == "xxhash":
                    ending, text = ".xxhash", f"{xxh64(piece):016X}"
                else:
                    ending, text = ".checksum", hashlib.sha1(piece).hexdigest()
                if args.trap == "flipped" and k == 1:
                    piece = bytes([piece[0] ^ 1]) + piece[1:]
                if args.trap == "last" and piece is not None and \
                        number == -(-len(disks[i]) // MIB) - 1:
                    continue
                add(name, piece)
                if not (args.trap == "nosum" and k == 1):
                    add(name + ending, text.encode())


main()
