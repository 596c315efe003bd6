#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Damaged file systems, volumes and partition tables.

    file-systems.py IMAGES [SEED]

Small images of each kind get a few wrong bytes where they hold something.
They are read BATCH at a time by one appliance.  A kernel that gives up is an
error that says so; then each image of the batch is read alone.  No program
crashes or hangs, and no image is written to.
"""

import collections
import hashlib
import os
import random
import re
import subprocess
import sys
import tempfile

BATCH = 12
LIMIT = 240  # seconds of one run
BLOCK = 512

# What makes them; D is the disk.
KINDS = {
    "ext2": "mkfs ext2 D", "ext4": "mkfs ext4 D", "vfat": "mkfs vfat D",
    "ntfs": "mkfs ntfs D", "btrfs": "mkfs btrfs D", "xfs": "mkfs xfs D",
    "lvm": "pvcreate D\nvgcreate vg D\nlvcreate lv vg 40\nmkfs ext4 /dev/vg/lv",
    "luks": "luks-format D 0\nkey",
    "gpt": "part-disk D gpt\nmkfs ext4 D1", "mbr": "part-disk D mbr\nmkfs ext4 "
    "D1",
}
SIZES = {"btrfs": 128, "xfs": 320}
MOUNTED = {"lvm": "/dev/vg/lv", "gpt": "D1", "mbr": "D1"}
WORDS = re.compile(r"panic|appliance|kernel|out of memory|QEMU", re.I)


def run(arguments, script=""):
    """(exit code, output, errors); exit code None: it does not end."""
    try:
        done = subprocess.run(arguments, input=script.encode(), timeout=LIMIT,
                              capture_output=True, check=False)
    except subprocess.TimeoutExpired:
        return None, "", ""
    return done.returncode, done.stdout.decode(errors="replace"), \
        done.stderr.decode(errors="replace")


def make(folder, kind):
    path = os.path.join(folder, "base-" + kind)
    with open(path, "wb") as f:
        f.truncate(SIZES.get(kind, 64) << 20)
    script = "run\n" + KINDS[kind] + "\n"
    if kind != "luks":
        script += f"mount {MOUNTED.get(kind, 'D')} /\nmkdir /d\n" \
            "write /d/file text\nfill 0x61 200000 /big\n"
        if kind != "vfat":
            script += "ln-sf d/file /link\n"
    code, _, errors = run(["mayfish", "--keys-from-stdin", "--format=raw",
                           "-a", path],
                          script.replace("D", "/dev/sda"))
    if code != 0:
        sys.exit(f"file-systems.py: {kind}: {errors[:500]}")
    return path


def used_blocks(path):
    """Where it holds something; the content of /big is left out."""
    found = []
    for start, data in parts(path):
        for at in range(0, len(data), BLOCK):
            block = data[at:at + BLOCK]
            if any(block) and block != b"a" * BLOCK:
                found.append(start + at)
    return found


def damage(chance, base, blocks, path):
    subprocess.run(["cp", "--sparse=always", base, path], check=True)
    with open(path, "r+b") as f:
        for _ in range(chance.choice((1, 1, 2, 4, 16, 64))):
            at = chance.choice(blocks)
            f.seek(at)
            block = bytearray(f.read(BLOCK))
            i = chance.randrange(BLOCK)
            what = chance.randrange(5)
            if what == 0:
                block[i] ^= 1 << chance.randrange(8)
            elif what == 1:
                block[i] = chance.randrange(256)
            elif what == 2:
                block[i:i + 4] = chance.choice((b"\xff", b"\0", b"\x80")) * \
                    len(block[i:i + 4])
            elif what == 3:
                block[i:] = chance.randbytes(BLOCK - i)
            else:
                f.seek(chance.choice(blocks))
                block = bytearray(f.read(BLOCK))
            f.seek(at)
            f.write(block)


def parts(path):
    """(offset, bytes) of each part of the file that is stored."""
    with open(path, "rb") as f:
        at, end = 0, f.seek(0, os.SEEK_END)
        while at < end:
            try:
                at = os.lseek(f.fileno(), at, os.SEEK_DATA)
            except OSError:  # a hole until the end
                return
            hole = os.lseek(f.fileno(), at, os.SEEK_HOLE)
            yield at, os.pread(f.fileno(), hole - at, at)
            at = hole


def digest(path):
    total = hashlib.sha256()
    for at, data in parts(path):
        total.update(b"%d " % at + data)
    return total.digest()


def read(images):
    """Read them by one appliance: like run."""
    arguments, script = ["mayfish", "--ro", "--format=raw",
                          "--keys-from-stdin"], "run\n"
    script += "-list-filesystems\n-lvs-full\n"
    for i, (kind, path) in enumerate(images):
        disk = "/dev/sd" + chr(ord("a") + i)
        arguments += ["-a", path]
        device = MOUNTED.get(kind, "D").replace("D", disk)
        if kind == "luks":
            script += f"-luks-open-ro {disk} map{i}\nkey\n"
            continue
        script += f"-mount-ro {device} /\n-find /\n-cat /d/file\n" \
            "-checksum md5 /big\n-umount /\n"
    return run(arguments, script)


def judge(result, what):
    """0: read; 1: the appliance gave up and said so; a text: a fault."""
    code, _, errors = result
    if code is None:
        return f"{what}: does not end within {LIMIT} seconds"
    if code < 0 or code > 125:
        return f"{what}: exit code {code}: {errors[-300:]}"
    if code == 0:
        return 0
    if WORDS.search(errors):
        return 1
    return f"{what}: exit code {code}, no cause: {errors[-300:]}"


def main():
    wanted = int(sys.argv[1])
    chance = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    faults, ended, whole, counts = [], 0, 0, collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        base = {}
        for kind in KINDS:
            path = make(folder, kind)
            base[kind] = path, used_blocks(path)
        done = 0
        while done < wanted:
            images = []
            for i in range(min(BATCH, wanted - done)):
                kind = chance.choice(list(KINDS))
                path = f"{folder}/image{i}"
                damage(chance, *base[kind], path)
                images.append((kind, path))
                counts[kind] += 1
            done += len(images)
            before = [digest(path) for _, path in images]
            result = read(images)
            whole += len(re.findall("^text$", result[1], re.M))
            result = judge(result, f"images {done - len(images)}-{done}")
            if result != 0:
                for i, image in enumerate(images):
                    result = judge(read([image]), f"{image[0]}, number "
                                   f"{done - len(images) + i}")
                    if isinstance(result, str):
                        faults.append(result)
                    else:
                        ended += result
            if before != [digest(path) for _, path in images]:
                faults.append(f"an image of {done - len(images)}-{done} was "
                              "written to")
    for fault in faults:
        print(fault, file=sys.stderr)
    if whole == 0:
        faults.append("not one file was read")
    print(f"{wanted} images ({len(counts)} kinds): of {whole} the file is read, "
          f"{ended} ended the appliance, {len(faults)} faults")
    sys.exit(bool(faults))


main()
