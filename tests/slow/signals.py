#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Signals at random moments of whole runs: none is lost.

Each run would take many seconds; a signal ends it within SOON seconds, with
128 + its number, whatever the program was doing; nothing has the final name,
and nothing is left beside it."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time

BUILDDIR = os.environ.get("builddir", ".")
RUNS = int(os.environ.get("RUNS", "60"))
SOON = 5
# A start may have to boot and save the appliance once.
FIRST = 300


def command(disk, out):
    # Many quick calls, then long ones.
    script = ["stat", "/", ":"] * 200
    return [os.path.join(BUILDDIR, "run"), "mayfish", "-a", disk, "run", ":",
            "mount", "/dev/sda", "/", ":", *script,
            "tar-out", "/", out, ":", "sleep", "60"]


def main():
    seed = random.randrange(1 << 32)
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="mayfly-test.") as folder:
        disk = os.path.join(folder, "disk.img")
        out = os.path.join(folder, "out.tar")
        with open(disk, "wb") as f:
            f.truncate(1 << 30)
        subprocess.run(
            [os.path.join(BUILDDIR, "run"), "mayfish", "--format=raw", "-a",
             disk, "run", ":", "mkfs", "ext4", "/dev/sda", ":", "mount",
             "/dev/sda", "/", ":", "fill", "65", "100000000", "/big"],
            check=True, timeout=FIRST)
        lost = 0
        slowest = 0.0
        for n in range(RUNS):
            number = rng.choice((signal.SIGINT, signal.SIGTERM,
                                 signal.SIGHUP))
            wait = rng.uniform(0.03, 2.5)
            p = subprocess.Popen(
                command(disk, out), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                start_new_session=True,
                # Whatever started the tests in the background ignores it.
                preexec_fn=lambda: signal.signal(signal.SIGINT,
                                                 signal.SIG_DFL))
            # Not before the program has installed its handler.
            time.sleep(wait)
            p.send_signal(number)
            begin = time.monotonic()
            try:
                said = p.communicate(timeout=60)[1].decode()
            except subprocess.TimeoutExpired:
                p.kill()
                said = p.communicate()[1].decode() + "(never ended)"
            took = time.monotonic() - begin
            slowest = max(slowest, took)
            # A shell that had not yet become the program dies of it.
            good = p.returncode in (128 + number, -number) and took < SOON
            left = [x for x in os.listdir(folder)
                    if x not in ("disk.img", "out.tar")]
            if os.path.exists(out):
                os.unlink(out)
            if not good or left:
                lost += 1
                print(f"run {n}: {number.name} after {wait:.3f} s: exit "
                      f"{p.returncode}, {took:.2f} s later, left {left}: "
                      f"{said.strip()[-200:]}", flush=True)
        print(f"{RUNS} signals (seed {seed}), {lost} lost; the slowest end "
              f"took {slowest:.2f} s")
        sys.exit(lost > 0)


if __name__ == "__main__":
    main()
