#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The power fails while a guest's disk is written.

    power.py WORKLOADS [SEED] [--unsafe]

Each workload writes a small disk through mayfish; nbdkit records each write and
each flush below.  Then the disk is made as it may be after a power failure:
what was written before the last flush, and of the rest any part.  The file
system of each is mounted, which replays its journal, and must be clean then;
what mayfish had reported as written by that time must be there.

--unsafe drops the flushes from the record, as if none had been asked for: then
damage must be found.  It shows that the test can fail.
"""

import hashlib
import os
import random
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time

HEAD = struct.Struct(">cQQ")
SIZE = 48 << 20
# mkfs.xfs makes none that is smaller, and the kernel resizes no smaller btrfs.
SIZE_OF_OTHERS = 320 << 20
CUTS = 6              # power failures of each workload
LIMIT = 120           # seconds of one mayfish


class Entry:
    def __init__(self, kind, offset, data, end):
        self.kind, self.offset, self.data, self.end = kind, offset, data, end


def read_log(path):
    with open(path, "rb") as f:
        log = f.read()
    entries, at = [], 0
    while at + HEAD.size <= len(log):
        kind, offset, length = HEAD.unpack_from(log, at)
        at += HEAD.size
        data = b""
        if kind == b"W":
            data = log[at:at + length]
            at += length
        # FUA: this write is stored, and says nothing of the others.
        entries.append(Entry(b"U" if kind == b"F" and length else kind,
                             offset, data, at))
    return entries


def mayfish(arguments, script, must=True):
    run = subprocess.run(["mayfish", *arguments], input=script, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         timeout=LIMIT, check=False)
    if must and run.returncode != 0:
        sys.exit(f"power.py: mayfish {arguments}: {run.stderr[:500]}")
    return run


class Workload:
    """Random changes of a file system, and what is known of its files."""

    def __init__(self, folder, chance, kind):
        self.folder, self.chance, self.kind = folder, chance, kind
        self.log = os.path.join(folder, "log")
        self.disk = os.path.join(folder, "disk")
        self.base = os.path.join(folder, f"base-{kind}")
        # (length of the log, {file: SHA-256}): reported as written by then.
        self.reported = []
        self.files = {}
        self.number = 0
        self.megabytes = 24
        self.device = "/dev/vg/lv" if kind == "lvm" else "/dev/sda"
        self.system = "ext4" if kind == "lvm" else kind
        if not os.path.exists(self.base):
            self.make_base()

    def make_base(self):
        size = SIZE if self.system == "ext4" else SIZE_OF_OTHERS
        with open(self.base, "wb") as f:
            f.truncate(size)
        script = "run\n"
        if self.kind == "lvm":
            script += "pvcreate /dev/sda\nvgcreate vg /dev/sda\n" \
                "lvcreate lv vg 24\n"
        # Half of it: the other half is for growing.
        if self.system == "ext4":
            script += f"mke2fs {self.device} fstype:ext4 blockscount:16384 " \
                "blocksize:1024\n"
        else:
            script += f"mkfs {self.system} {self.device}\n"
        script += f"mount {self.device} /\nmkdir /old\nwrite /old/file old\n"
        mayfish(["--format=raw", "-a", self.base], script)

    def one_change(self):
        chance, name = self.chance, f"/f{self.chance.randrange(12)}"
        self.number += 1
        what = chance.randrange(8)
        if what < 3:
            # No content comes twice.
            text = str(self.number) + "".join(chance.choices(
                "abcdefgh", k=chance.choice((1, 100, 4096, 30000))))
            self.files[name] = hashlib.sha256(text.encode()).hexdigest()
            return f"write {name} {text}"
        if what == 3:
            size = chance.randrange(1 << 20)
            data = b"x" * size
            self.files[name] = hashlib.sha256(data).hexdigest()
            return f"fill 0x78 {size} {name}"
        if what == 4 and name in self.files:
            del self.files[name]
            return f"rm {name}"
        if what == 5 and name in self.files:
            self.files[name + "m"] = self.files.pop(name)
            return f"mv {name} {name}m"
        if what == 6:
            return f"mkdir-p /d{chance.randrange(9)}/e{chance.randrange(9)}"
        return f"chmod 0600 {name}" if name in self.files else "sync"

    def grow(self):
        if self.system == "xfs":
            return ""
        if self.system == "btrfs":
            return "btrfs-filesystem-resize /\n"
        first = ""
        if self.kind == "lvm":
            self.megabytes += 4
            first = f"lvresize {self.device} {self.megabytes}\n"
        return f"umount /\n{first}e2fsck-f {self.device}\n" \
            f"resize2fs {self.device}\nmount {self.device} /\n"

    def script(self):
        """Its commands; after each sync, the length of the log is noted."""
        text = f"run\nmount {self.device} /\n"
        for _ in range(self.chance.randrange(2, 6)):
            for _ in range(self.chance.randrange(1, 8)):
                text += self.one_change() + "\n"
            if self.chance.randrange(4) == 0 and self.megabytes < 40:
                text += self.grow()
            text += f"sync\n!stat -c %s {self.log} >> {self.log}.marks\n"
            self.reported.append(dict(self.files))
        if self.chance.randrange(2):
            text += self.one_change() + "\n"
        return text

    def run(self):
        subprocess.run(["cp", "--sparse=always", self.base, self.disk],
                       check=True)
        for name in (self.log, self.log + ".marks"):
            with open(name, "wb"):
                pass
        server = subprocess.Popen(
            ["nbdkit", "--no-fork", "-U", self.folder + "/socket", "-P",
             self.folder + "/pid", "python",
             os.path.join(os.environ["srcdir"],
                          "tests/faults/recording-disk.py"),
             "file=" + self.disk, "log=" + self.log])
        try:
            for _ in range(500):
                if os.path.exists(self.folder + "/pid"):
                    break
                time.sleep(0.02)
            mayfish(["--format=raw", "-a",
                     f"nbd+unix:///?socket={self.folder}/socket"],
                    self.script())
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
            for name in ("/pid", "/socket"):
                if os.path.exists(self.folder + name):
                    os.unlink(self.folder + name)
        # It has ended with exit code 0: all is written.
        self.reported.append(dict(self.files))
        with open(self.log + ".marks", encoding="ascii") as f:
            marks = [int(line) for line in f]
        marks.append(os.path.getsize(self.log))
        self.reported = list(zip(marks, self.reported, strict=True))

    def cut(self, entries, image):
        """The disk after a power failure: what is known of it then."""
        n = self.chance.randrange(len(entries) + 1)
        if self.chance.randrange(3) == 0:  # right after a flush
            flushes = [i for i, e in enumerate(entries) if e.kind == b"F"]
            if flushes:
                n = self.chance.choice(flushes) + 1
        stored = max((i for i in range(n) if entries[i].kind == b"F"),
                     default=0)
        share = self.chance.random()
        subprocess.run(["cp", "--sparse=always", self.base, image], check=True)
        with open(image, "r+b") as f:
            for i, e in enumerate(entries[:n]):
                forced = i + 1 < n and entries[i + 1].kind == b"U"
                if e.kind == b"W" and (i < stored or forced or
                                       self.chance.random() < share):
                    f.seek(e.offset)
                    f.write(e.data)
        end = entries[n - 1].end if n else 0
        known = {}
        for mark, files in self.reported:
            if mark <= end:
                known = files
        later = [files for mark, files in self.reported if mark > end]
        # A file that may have changed since is not asked for.
        return n, {name: sha for name, sha in known.items()
                   if all(files.get(name) == sha for files in later)}


CHECKS = {
    "ext4": "e2fsck {0}",
    "xfs": "xfs-repair {0} nomodify:true",
    "btrfs": "btrfs-fsck {0}",
}


def check(work, images):
    """The faults of the images of one workload."""
    faults = []
    for image, (n, known) in images:
        script = f"run\n-mount {work.device} /\ncat /old/file\n"
        script += "".join(f"checksum sha256 {name}\n" for name in known)
        script += "umount /\n" + CHECKS[work.system].format(work.device)
        run = mayfish(["--format=raw", "-a", image], script + "\n", False)
        lines = re.findall("^(?:old|[0-9a-f]{64})$", run.stdout, re.M)
        if run.returncode != 0 or lines != ["old", *known.values()]:
            faults.append(f"{work.kind}, after {n} writes and flushes: exit "
                          f"code {run.returncode}: {run.stderr.strip()[:300]}")
    return faults


def main():
    unsafe = "--unsafe" in sys.argv
    numbers = [int(a) for a in sys.argv[1:] if a.isdigit()]
    workloads = numbers[0]
    chance = random.Random(numbers[1] if len(numbers) > 1 else 1)
    faults, cuts, flushes = [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for i in range(workloads):
            work = Workload(folder, chance, ("ext4", "xfs", "btrfs",
                                             "lvm")[i % 4])
            work.run()
            entries = read_log(work.log)
            flushes += sum(e.kind == b"F" for e in entries)
            if unsafe:
                entries = [e for e in entries if e.kind == b"W"]
            images = []
            for j in range(CUTS):
                image = f"{folder}/cut{j}"
                images.append((image, work.cut(entries, image)))
            faults += check(work, images)
            cuts += CUTS
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{workloads} workloads, {flushes} flushes, {cuts} power failures: "
          f"{len(faults)} damaged")
    sys.exit(bool(faults) != unsafe)


main()
