#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compare the speed of two builds, run in turns on the same machine.

usage: bench/turns.py [--rounds N] [--image DISK] OLD NEW

OLD and NEW are build folders.  Each round runs every job once by each build,
the order reversed from round to round, so that a machine that grows slower
or faster hurts both alike.  The jobs are the first file of a disk image, an
inspection with packages, and an image built from a cached template.  Printed
are the medians of the wall time and their ratio (below 1: NEW is faster).

--rounds  default 15
--image   a disk image with a system on it; default: out/debian-12.qcow2 of
          OLD, whose template repository out/repo is used for building
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time


def run(command, environment):
    """Wall time of one run in seconds; a failure ends the bench."""
    start = time.monotonic()
    p = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL,
                       capture_output=True, check=False)
    seconds = time.monotonic() - start
    if p.returncode != 0:
        sys.exit(f"turns: {' '.join(command)} exited {p.returncode}:\n"
                 f"{p.stderr.decode(errors='replace')[-2000:]}")
    return seconds


def jobs(build, image, repository, work):
    """{name: command} for the programs of one build."""
    runner = os.path.join(build, "run")
    with open(os.path.join(repository, "fingerprint"), encoding="ascii") as f:
        fingerprint = f.read().strip()
    output = os.path.join(work, "built.qcow2")
    return {
        "first file": [runner, "mayfish", "--ro", "-a", image, "-i",
                       "cat", "/etc/hostname"],
        "inspection": [runner, "mayfly-inspector", "-a", image],
        "build": [runner, "mayfly-builder", "debian-12",
                  "--source", f"file://{repository}/index.asc",
                  "--fingerprint", fingerprint, "--hostname", "turns",
                  "--size", "4G", "--root-password", "password:turns",
                  "--format", "qcow2", "-o", output],
    }


def main(argv):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--image")
    parser.add_argument("builds", nargs=2)
    options = parser.parse_args(argv)
    builds = [os.path.abspath(b) for b in options.builds]
    image = os.path.abspath(
        options.image or os.path.join(builds[0], "out/debian-12.qcow2"))
    repository = os.path.join(builds[0], "out/repo")
    with tempfile.TemporaryDirectory() as work:
        commands = [jobs(b, image, repository, work) for b in builds]
        # Each build has a cache of its own: one must not throw out the
        # other's saved appliance.
        environments = [dict(os.environ, XDG_CACHE_HOME=f"{work}/cache{i}")
                        for i in range(2)]
        times = {name: ([], []) for name in commands[0]}
        for name in times:
            for i in range(2):
                run(commands[i][name], environments[i])
        for turn in range(options.rounds):
            for name in times:
                for i in ((0, 1) if turn % 2 == 0 else (1, 0)):
                    times[name][i].append(
                        run(commands[i][name], environments[i]))
        print(f"{'':12} {'old':>8} {'new':>8}  new/old"
              f"   (medians of {options.rounds})")
        for name, (old, new) in times.items():
            a, b = statistics.median(old), statistics.median(new)
            print(f"{name:12} {a:7.3f}s {b:7.3f}s  {b / a:.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
