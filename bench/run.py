#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measure mayfly and libguestfs side by side, in one run, and print a table.

usage: bench/run.py [--rounds N] [--json FILE] [--compare FILE]
                    [--only ROW,...] [--image DISK] [--repo DIR] [--bulk]

--compare  also compare our medians with those of an earlier --json

--image  a Debian disk image with a GPT (default: out/debian-12.qcow2)
--repo   a template repository made by mayfly-repo (default: out/repo)

--bulk   also rows of bulk data: half a GiB and a tree, in and out

Each row is run --rounds times (default 5), ours and theirs in turn, each in
a process of its own; the table shows the medians of wall time, the largest
resident memory of the whole process tree, and the ratios.  The memory is
sampled in the run before, which warms the caches: sampling a hundred times a
second takes a fifth of a processor from the program under test.  Rows of
bulk data count the time of the call alone, as the shells' own `time` prints
it: next to a start of eight seconds nothing else would be seen.  Nothing is
quoted from earlier runs.  A program that is not installed leaves its column
empty.  Run it from the build folder, with nothing else running.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

CALLS = 3000
BULK = 512 << 20    # bytes of random data
SPARSE = 8 << 30    # bytes, with one MiB of data
SAMPLE = 0.01       # seconds between two looks at the process tree
PASSWORD = "password:bench"


def children_of(pid):
    """The process and all below it."""
    pids, queue = [], [pid]
    while queue:
        p = queue.pop()
        pids.append(p)
        try:
            for task in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{task}/children",
                          encoding="ascii") as f:
                    queue += [int(c) for c in f.read().split()]
        except OSError:
            pass
    return pids


def resident(pid):
    """Bytes of resident memory: pages shared within the tree count once for
    each process, for both sides alike."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0


class Memory(threading.Thread):
    """Watches a process tree until stopped."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.stop = pid, 0, threading.Event()

    def run(self):
        while not self.stop.is_set():
            total = sum(resident(p) for p in children_of(self.pid))
            self.peak = max(self.peak, total)
            self.stop.wait(SAMPLE)


def elapsed(text):
    """The time that `time` of either shell printed."""
    return sum(float(s) for s in re.findall(
        r"elapsed time: ([0-9.]+) seconds", text))


def run(command, environment, stdin=None, inner=False, watched=False):
    """Run once: (seconds, peak bytes if WATCHED).  Failure ends the bench."""
    with tempfile.TemporaryFile() as errors, \
            tempfile.TemporaryFile() as output:
        start = time.monotonic()
        with subprocess.Popen(command, env=environment, stderr=errors,
                              stdin=open(stdin, "rb") if stdin
                              else subprocess.DEVNULL,
                              stdout=output) as p:
            memory = Memory(p.pid)
            if watched:
                memory.start()
            code = p.wait()
            seconds = time.monotonic() - start
            if watched:
                memory.stop.set()
                memory.join()
        if code != 0:
            errors.seek(0)
            sys.exit(f"bench: {' '.join(command)} exited {code}:\n"
                     f"{errors.read().decode(errors='replace')[-2000:]}")
        if inner:
            output.seek(0)
            seconds = elapsed(output.read().decode(errors="replace"))
    return seconds, memory.peak


class Row:
    def __init__(self, name, ours, theirs, stdin=None, before=None,
                 inner=False):
        self.name, self.commands = name, {"ours": ours, "theirs": theirs}
        self.stdin, self.before, self.inner = stdin, before, inner
        self.seconds = {"ours": [], "theirs": []}
        self.memory = {"ours": [], "theirs": []}

    def warm(self, side, environment):
        self.measure(side, environment, watched=True)
        self.seconds[side].clear()

    def measure(self, side, environment, watched=False):
        command = self.commands[side]
        if not command or not shutil.which(command[0],
                                           path=environment["PATH"]):
            return
        if self.before:
            self.before()
        seconds, peak = run(command, environment, self.stdin, self.inner,
                            watched)
        self.seconds[side].append(seconds)
        if watched:
            self.memory[side].append(peak)

    def result(self):
        out = {"name": self.name}
        for side in ("ours", "theirs"):
            if self.seconds[side]:
                out[side] = {
                    "median": statistics.median(self.seconds[side]),
                    "all": self.seconds[side],
                    "peak_memory": max(self.memory[side])}
        return out


def call_script(path, image_root, n):
    with open(path, "w", encoding="ascii") as f:
        f.write(f"run\nmount-ro {image_root} /\n")
        f.write("is-file /etc/passwd\n" * n)


def find_root(image, environment):
    """The device of the root file system, by our own inspection."""
    out = subprocess.run(["mayfish", "--ro", "-a", image, "run", ":",
                          "inspect-os"], env=environment, check=True,
                         capture_output=True, text=True).stdout
    return out.split()[0]


def rows(options, work, environment):
    image = os.path.abspath(options.image)
    root = find_root(image, environment)
    output = os.path.join(work, "built.qcow2")
    scripts = {n: os.path.join(work, f"script-{n}") for n in (1, CALLS)}
    for n, path in scripts.items():
        call_script(path, root, n)

    def remove_output():
        if os.path.exists(output):
            os.unlink(output)

    shell = ["--ro", "-a", image]
    first = shell + ["-m", root, "cat", "/etc/os-release"]
    yield Row("bare resume to first answer",
              ["mayfish", "run", ":", "ping-daemon"], None)
    yield Row("first file", ["mayfish"] + first, ["guestfish"] + first)
    yield Row("inspect with packages", ["mayfly-inspector", "-a", image],
              ["virt-inspector", "-a", image])
    index = os.path.join(os.path.abspath(options.repo), "index.asc")
    if os.path.exists(index):
        with open(os.path.join(options.repo, "fingerprint"),
                  encoding="ascii") as f:
            fingerprint = f.read().strip()
        build = ["debian-12", "--source", f"file://{index}",
                 "--fingerprint", fingerprint, "--size", "4G",
                 "--hostname", "bench", "--root-password", PASSWORD,
                 "--write", "/etc/bench:written", "--format", "qcow2",
                 "--output", output]
        yield Row("build from a cached template", ["mayfly-builder"] + build,
                  ["virt-builder"] + build, before=remove_output)
    yield Row("script of 1 call", ["mayfish"] + shell, ["guestfish"] + shell,
              stdin=scripts[1])
    yield Row(f"script of {CALLS} calls", ["mayfish"] + shell,
              ["guestfish"] + shell, stdin=scripts[CALLS])


def both(*arguments):
    """The same for either shell."""
    return ["mayfish", *arguments], ["guestfish", *arguments]


def bulk_files(work):
    """A file of random bytes and one that is nearly all hole."""
    data, sparse = os.path.join(work, "data"), os.path.join(work, "sparse")
    with open(data, "wb") as f:
        for _ in range(BULK >> 20):
            f.write(os.urandom(1 << 20))
    with open(sparse, "wb") as f:
        f.truncate(SPARSE)
        f.seek(SPARSE // 2)
        f.write(os.urandom(1 << 20))
    return data, sparse


def bulk_rows(options, work, environment):
    """Bytes in and out, on a new ext4 in each of two formats."""
    image = os.path.abspath(options.image)
    root = find_root(image, environment)
    data, sparse = bulk_files(work)
    out, tar = os.path.join(work, "out"), os.path.join(work, "usr.tar")
    for kind in ("raw", "qcow2"):
        disk = os.path.join(work, "disk." + kind)
        subprocess.run(["qemu-img", "create", "-q", "-f", kind, disk, "20G"],
                       check=True)
        subprocess.run(["mayfish", "-a", disk, "run", ":", "part-disk",
                        "/dev/sda", "gpt", ":", "mkfs", "ext4", "/dev/sda1"],
                       env=environment, check=True)
        at = ["-a", disk, "-m", "/dev/sda1"]
        yield Row(f"upload 512 MiB, {kind}",
                  *both(*at, "time", "upload", data, "/data"), inner=True)
        yield Row(f"download 512 MiB, {kind}",
                  *both(*at, "time", "download", "/data", out), inner=True)
    yield Row("upload 8 GiB, 1 MiB of data",
              *both(*at, "time", "upload", sparse, "/sparse"), inner=True)
    yield Row("tar_out of /usr", *both(
        "--ro", "-a", image, "-m", root, "time", "tar-out", "/usr", tar),
        inner=True)
    yield Row("checksums of /usr", *both(
        "--ro", "-a", image, "-m", root, "time", "checksums-out", "sha256",
        "/usr", os.path.join(work, "sums")), inner=True)
    yield Row("tar_in of /usr", *both(
        *at, "rm-rf", "/u", ":", "mkdir", "/u", ":", "time", "tar-in", tar,
        "/u"), inner=True)


def import_key(repo, environment):
    """virt-builder looks for the key in the user's keyring."""
    key = os.path.join(repo, "key.asc")
    if os.path.exists(key) and shutil.which("gpg"):
        subprocess.run(["gpg", "--quiet", "--import", key], env=environment,
                       check=False, capture_output=True)


def show(results):
    print(f"\n{'':34}{'ours':>10}{'theirs':>10}{'ratio':>8}"
          f"{'memory':>10}{'theirs':>10}{'ratio':>8}")
    for r in results:
        ours, theirs = r.get("ours"), r.get("theirs")
        line = f"{r['name']:34}"
        line += f"{ours['median']:9.3f}s" if ours else f"{'-':>10}"
        line += f"{theirs['median']:9.3f}s" if theirs else f"{'-':>10}"
        line += f"{theirs['median'] / ours['median']:7.1f}x" \
            if ours and theirs else f"{'-':>8}"
        if "per_call" not in r:
            line += f"{ours['peak_memory'] / 1e6:7.0f} MB" if ours else ""
            line += f"{theirs['peak_memory'] / 1e6:7.0f} MB" if theirs else ""
            line += f"{theirs['peak_memory'] / ours['peak_memory']:7.1f}x" \
                if ours and theirs and ours["peak_memory"] else ""
        print(line)


def compare(results, path):
    """Ours against ours: on the same machine, at another time."""
    with open(path, encoding="ascii") as f:
        before = {r["name"]: r for r in json.load(f)["rows"]}
    print(f"\nagainst {path}:")
    for r in results:
        old = before.get(r["name"], {}).get("ours")
        if old and "ours" in r:
            print(f"{r['name']:34}{r['ours']['median']:9.3f}s"
                  f"{old['median']:9.3f}s"
                  f"{r['ours']['median'] / old['median']:7.2f}")


def per_call(results):
    """The cost of one more call, from the two scripts."""
    by_name = {r["name"]: r for r in results}
    one = by_name.get("script of 1 call")
    many = by_name.get(f"script of {CALLS} calls")
    if not one or not many:
        return
    row = {"name": "one call", "per_call": True}
    for side in ("ours", "theirs"):
        if side in one and side in many:
            seconds = (many[side]["median"] - one[side]["median"]) / \
                (CALLS - 1)
            row[side] = {"median": max(seconds, 1e-9)}
    results.append(row)
    print("one more call:", ", ".join(
        f"{side} {row[side]['median'] * 1e6:.0f} us"
        for side in ("ours", "theirs") if side in row))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json")
    parser.add_argument("--compare")
    parser.add_argument("--only", default="")
    parser.add_argument("--bulk", action="store_true")
    parser.add_argument("--image", default="out/debian-12.qcow2")
    parser.add_argument("--repo", default="out/repo")
    options = parser.parse_args()
    environment = dict(os.environ, LIBGUESTFS_BACKEND="direct",
                       LIBGUESTFS_BACKEND_SETTINGS="force_tcg",
                       LC_ALL="C")
    only = [name for name in options.only.split(",") if name]
    with tempfile.TemporaryDirectory(dir="/var/tmp") as work:
        # Only the given repository.
        environment["VIRT_BUILDER_DIRS"] = work
        import_key(options.repo, environment)
        makers = [rows] + ([bulk_rows] if options.bulk else [])
        table = [r for make in makers
                 for r in make(options, work, environment)
                 if not only or any(o in r.name for o in only)]
        for r in table:
            # Caches of both sides warm, as they are in daily use.
            for side in ("ours", "theirs"):
                r.warm(side, environment)
            for _ in range(options.rounds):
                for side in ("ours", "theirs"):
                    r.measure(side, environment)
            print(r.name, *(f"{side} {statistics.median(s):.3f}s"
                            for side, s in r.seconds.items() if s),
                  file=sys.stderr, flush=True)
        results = [r.result() for r in table]
    show(results)
    per_call(results)
    if options.compare:
        compare(results, options.compare)
    if options.json:
        with open(options.json, "w", encoding="ascii") as f:
            json.dump({"rounds": options.rounds, "rows": results}, f,
                      indent=2)


if __name__ == "__main__":
    main()
