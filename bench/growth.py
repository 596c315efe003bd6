#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How time and memory grow with the work: files, bytes, disks,
appliances at once, images in one command.

usage: bench/growth.py [--image DISK] [--json FILE] [--only TABLE,...]

Tables: files, bytes, disks, appliances, images.  Run it from the build
folder by ./run bench/growth.py, with nothing else running.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

FILES = (1, 1000, 20000, 200000)
BYTES = (1 << 20, 64 << 20, 1 << 30, 8 << 30)
DISKS = (1, 16, 64, 255)
APPLIANCES = (1, 5, 20)
IMAGES = 100
JOBS = (1, 2, 4)


def timed(command, **more):
    start = time.monotonic()
    p = subprocess.run(command, check=False, capture_output=True, **more)
    if p.returncode != 0:
        sys.exit(f"bench: {' '.join(command[:9])} exited {p.returncode}:\n"
                 f"{p.stderr.decode(errors='replace')[-2000:]}")
    return time.monotonic() - start


def disk(work, size):
    path = os.path.join(work, "disk.img")
    with open(path, "wb") as f:
        f.truncate(0)
        f.truncate(size)
    timed(["mayfish", "--format=raw", "-a", path, "run", ":", "mkfs", "ext4",
           "/dev/sda"])
    return ["--format=raw", "-a", path, "-m", "/dev/sda"]


def files(work, _image):
    """Small files: unpack, find, pack."""
    for n in FILES:
        tree = os.path.join(work, f"tree{n}")
        for i in range(n):
            if i % 1000 == 0:
                os.makedirs(f"{tree}/{i // 1000}")
            with open(f"{tree}/{i // 1000}/{i}", "wb") as f:
                f.write(b"%d" % i * 100)
        tar = os.path.join(work, "t.tar")
        subprocess.run(["tar", "-cf", tar, "-C", tree, "."], check=True)
        subprocess.run(["rm", "-rf", tree], check=True)
        at = disk(work, 8 << 30)
        yield n, {
            "tar_in": timed(["mayfish", *at, "tar-in", tar, "/"]),
            "find": timed(["mayfish", "--ro", *at, "find", "/"]),
            "tar_out": timed(["mayfish", "--ro", *at, "tar-out", "/",
                              os.path.join(work, "o.tar")]),
        }


def bytes_(work, _image):
    """One file of random bytes."""
    for n in BYTES:
        path, out = os.path.join(work, "data"), os.path.join(work, "out")
        with open(path, "wb") as f:
            for _ in range(n >> 20):
                f.write(os.urandom(1 << 20))
        at = disk(work, 20 << 30)
        yield n, {
            "upload": timed(["mayfish", *at, "upload", path, "/data"]),
            "download": timed(["mayfish", "--ro", *at, "download", "/data",
                               out]),
            "checksum": timed(["mayfish", "--ro", *at, "checksum", "sha256",
                               "/data"]),
        }


def disks(work, _image):
    """Disks at the start, read-only and written to."""
    for n in DISKS:
        args = []
        for i in range(n):
            path = os.path.join(work, f"d{i}")
            with open(path, "wb") as f:
                f.truncate(1 << 20)
            args += ["-a", path]
        yield n, {way: timed(["mayfish", way, "--format=raw", *args,
                              "run", ":", "list-devices"])
                  for way in ("--ro", "--rw")}


def private(pid):
    """Bytes of memory private to this process."""
    total = 0
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
            for line in f:
                if line.startswith("Private_"):
                    total += int(line.split()[1]) << 10
    except OSError:
        pass
    return total


def family(pid):
    pids = [pid]
    for p in pids:
        try:
            with open(f"/proc/{p}/task/{p}/children", encoding="ascii") as f:
                pids += [int(c) for c in f.read().split()]
        except OSError:
            pass
    return pids


def together(n, command):
    """Start N, wait until each has printed something: (seconds, private bytes
    of each tree)."""
    start = time.monotonic()
    running = [subprocess.Popen(command, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL) for _ in range(n)]
    for p in running:
        if not p.stdout.readline():
            sys.exit(f"bench: {' '.join(command)} said nothing")
    seconds = time.monotonic() - start
    each = [sum(private(q) for q in family(p.pid)) for p in running]
    for p in running:
        p.terminate()
    for p in running:
        p.stdout.close()
        p.wait()
    return seconds, sum(each) / n


def appliances(_work, image):
    """At once: each has read its first file, then also inspected."""
    shell = ["mayfish", "--ro", "-a", image]
    root = subprocess.run(shell + ["run", ":", "inspect-os"], check=True,
                          capture_output=True, text=True).stdout.split()[0]
    for n in APPLIANCES:
        row = {}
        for name, words in (
                ("first file", ["-m", root, "cat", "/etc/hostname"]),
                ("inspected", ["-i", "inspect-list-applications2", root])):
            seconds, size = together(
                n, [*shell, *words, ":", "sleep", "600"])
            row[name] = seconds
            row[name + ", MB each"] = size / 1e6
        yield n, row


def images(work, image):
    """100 images, inspected by one command."""
    names = []
    for i in range(IMAGES):
        names.append(os.path.join(work, f"{i}.qcow2"))
        os.symlink(image, names[-1])
    for jobs in JOBS:
        seconds = timed(["mayfly-inspector", "--each", "-j", str(jobs),
                         *names])
        yield jobs, {"seconds": seconds, "a second": IMAGES / seconds}


TABLES = {"files": files, "bytes": bytes_, "disks": disks,
          "appliances": appliances, "images": images}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--image", default="out/debian-12.qcow2")
    parser.add_argument("--json")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    only = [name for name in options.only.split(",") if name]
    image, results = os.path.abspath(options.image), {}
    timed(["mayfish", "run"])
    for name, table in TABLES.items():
        if only and name not in only:
            continue
        print(f"\n{name}: {table.__doc__}")
        with tempfile.TemporaryDirectory(dir="/var/tmp") as work:
            for n, row in table(work, image):
                results.setdefault(name, {})[n] = row
                print(f"{n:12}", ", ".join(
                    f"{k} {v:.2f}" for k, v in row.items()), flush=True)
    if options.json:
        with open(options.json, "w", encoding="ascii") as f:
            json.dump(results, f, indent=2)


if __name__ == "__main__":
    main()
