#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compare mayfly-v2v's copy with qemu-img convert and nbdcopy, of the same
overlay on the same image, in turns; medians, in seconds.

usage: bench/copy.py [--rounds N] [--folder DIR] IMAGE

IMAGE is raw.  Run it from the build folder by ./run bench/copy.py, after
make tests/cli/v2v-copy, with nothing else running.  "disk" is until all is
on the disk, as mayfly-v2v and virt-v2v wait for it; the other figure is not.
mayfly-v2v computes the SHA-256 of the blocks when it is shown
(--report, -o json, copies in phases), and does without otherwise.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

OURS = os.path.abspath("tests/cli/v2v-copy")


def timed(command, disk, work):
    start = time.monotonic()
    p = subprocess.run(command, check=False, capture_output=True, cwd=work)
    if p.returncode != 0:
        sys.exit(f"bench: {' '.join(command)} exited {p.returncode}:\n"
                 f"{p.stderr.decode(errors='replace')[-2000:]}")
    if disk:
        subprocess.run(["sync", "out"], check=True, cwd=work)
    took = time.monotonic() - start
    os.unlink(os.path.join(work, "out"))
    return took


def programs(image, kind):
    yield "qemu-img convert", ["qemu-img", "convert", "-f", "qcow2", "-O",
                               kind, "overlay", "out"]
    if kind == "raw" and shutil.which("nbdcopy"):
        yield "nbdcopy", ["nbdcopy", "--", "[", "qemu-nbd", "-r", "-f",
                          "qcow2", "overlay", "]", "out"]
    yield "mayfly-v2v", ["env", f"BASE={image}", OURS, "overlay", "qcow2",
                         "out", kind]
    yield "without a sum", ["env", f"BASE={image}", "NO_SUM=1", OURS,
                            "overlay", "qcow2", "out", kind]


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder")
    parser.add_argument("image")
    args = parser.parse_args()
    image = os.path.abspath(args.image)
    took = {}
    with tempfile.TemporaryDirectory(dir=args.folder) as work:
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b",
                        image, "-F", "raw", "overlay"], check=True, cwd=work)
        with open(image, "rb") as f:
            while f.read(1 << 24):
                pass
        for _ in range(args.rounds):
            for kind in "raw", "qcow2":
                for name, command in programs(image, kind):
                    for disk in False, True:
                        took.setdefault((kind, disk, name), []).append(
                            timed(command, disk, work))
    for (kind, disk, name), times in took.items():
        print(f"{kind:6} {'disk' if disk else '':5} {name:17} "
              f"{statistics.median(times):6.2f}   "
              f"{min(times):.2f} to {max(times):.2f}")
    print("load", *os.getloadavg())


if __name__ == "__main__":
    main()
