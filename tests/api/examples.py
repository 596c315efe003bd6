#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run every example of the calls' documentation (api/README explains their
syntax) on the real appliance, by mayfish; with --libguestfs by guestfish.

One shell runs many examples of a kind as one script, with marks between
them; if it dies the example fails and another shell takes the rest.  Before
each example mayfish starts a new appliance on fresh disks, and guestfish,
whose appliance is slow to start, puts the disks back as they were.

usage: examples.py [--libguestfs] [--keep] [--every N] [ID...]
One line a test, TAP.  --every 4 runs each fourth example.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

SRCDIR = os.environ.get("srcdir") or os.path.join(os.path.dirname(
    os.path.abspath(__file__)), "..", "..")
BUILDDIR = os.environ.get("builddir") or SRCDIR
SIZE = 512 << 20
SKIP = 77
MARK = "@@@"
# Enough that the start of a shell does not matter, few enough to show
# progress.
BATCH = 60
# An example may start programs of the appliance, several of them.
SECONDS_EACH = 120


class Shell:
    """What is the same for both shells."""

    def __init__(self, folder):
        self.folder = folder

    def run(self, kind, examples):
        """The output of one script; ends early if the shell does."""
        lines = self.start(kind)
        for n, e in enumerate(examples):
            lines += [f"echo {MARK} reset {n}"] + self.reset(kind, e)
            lines += [f"echo {MARK} run {n}"]
            for i, command in enumerate(e["commands"]):
                if i + 1 == len(e["commands"]):
                    lines += [f"echo {MARK} last {n}"]
                lines += ["-" + command] + e["keys"][i]
            lines += [f"echo {MARK} end {n}"]
        script = "\n".join(lines) + "\n"
        self.prepare(kind)
        try:
            p = subprocess.run(
                self.command(kind) + ["--keys-from-stdin"],
                input=script.encode(), stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, cwd=self.folder, env=self.env(),
                timeout=SECONDS_EACH * len(examples) + 60)
            return p.stdout.decode("utf-8", "backslashreplace")
        except subprocess.TimeoutExpired as e:
            return (e.stdout or b"").decode("utf-8", "backslashreplace")

    def blank(self, name):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as f:
            f.truncate(SIZE)
        return path


class Mayfish(Shell):
    name = "mayfish"
    error = re.compile(r"^mayfish: (?:[^ ]+:\d+: )?(?!warning: )(.*)")
    noise = re.compile(r"^mayfish: warning: ")

    def command(self, _kind):
        return [os.path.join(BUILDDIR, "run"), "mayfish"]

    def env(self):
        return {**os.environ, "MAYFLY_TRACE": "", "MAYFLY_DEBUG": ""}

    def prepare(self, _kind):
        """The disks that every example starts from: blank, and ext4."""
        if not os.path.exists(os.path.join(self.folder, "fs.base")):
            blank, fs = self.blank("blank"), self.blank("fs")
            subprocess.run(
                self.command("fs") + ["-a", fs, "--", "run", ":", "part-disk",
                                      "/dev/sda", "mbr", ":", "mkfs", "ext4",
                                      "/dev/sda1"],
                check=True, env=self.env())
            # Renamed, not copied: they have to stay sparse.
            os.rename(fs, fs + ".base")
            os.rename(blank, blank + ".base")

    def start(self, _kind):
        return []

    def reset(self, kind, _example):
        if kind == "none":
            return ["-reopen"]
        first = "fs" if kind == "fs" else "blank"
        # A sparse copy of a mostly empty disk takes a millisecond or two.
        return ["-reopen",
                f"-!cp --sparse=always {first}.base sda",
                "-!cp --sparse=always blank.base sdb",
                "-add-drive sda format:raw", "-add-drive sdb format:raw",
                "-run"] + (["-mount /dev/sda1 /"] if kind == "fs" else [])


class Guestfish(Shell):
    name = "guestfish"
    error = re.compile(r"^(?:[^ ]+:\d+: )?libguestfs: error: (.*)"
                       r"|^(.*: unknown command.*)"
                       r"|^(error: .*)|^([\w-]+: .*(?:invalid|unknown).*)")
    noise = re.compile(r"^type 'help |^use 'help|^$^")

    def command(self, kind):
        # Its output must come in the order in which it is made.
        disks = [] if kind == "none" else \
            ["--format=raw", "-a", self.blank("sda"), "-a", self.blank("sdb")]
        return ["stdbuf", "-oL", "guestfish"] + disks

    def env(self):
        return {**os.environ, "LIBGUESTFS_BACKEND": "direct",
                "LIBGUESTFS_BACKEND_SETTINGS": "force_tcg"}

    def prepare(self, _kind):
        pass

    def start(self, kind):
        return {"none": [], "disk": ["run"],
                "fs": ["run", "part-disk /dev/sda mbr"]}[kind]

    def reset(self, kind, example):
        if kind == "none":
            return ["-reopen"]
        out = ["-umount-all", "-umask 022"]
        if kind == "fs":
            return out + ["-mkfs ext4 /dev/sda1", "-mount /dev/sda1 /"]
        out += ["-rmmountpoint /m", "-lvm-clear-filter", "-lvm-remove-all",
                "-cryptsetup-close /dev/mapper/x", "-glob md-stop /dev/md*"]
        # Writing zeros everywhere takes seconds, and few examples can see a
        # difference.
        whole = re.search("zero|checksum_device", example["id"])
        zero = "zero-device" if whole else "zero"
        for disk in ("/dev/sda", "/dev/sdb"):
            out += [f"-blockdev-setrw {disk}", f"-{zero} {disk}",
                    f"-blockdev-rereadpt {disk}"]
        return out


def sections(output):
    """What was printed between the marks: {(what, number): lines}."""
    out, key = {}, ("start", 0)
    for line in output.split("\n"):
        m = re.match(rf"(.*){MARK} (\w+) (\d+)$", line)
        if m:
            # Output that does not end in a newline comes before the mark.
            if m[1]:
                out.setdefault(key, []).append(m[1])
            key = (m[2], int(m[3]))
            out.setdefault(key, [])
        else:
            out.setdefault(key, []).append(line)
    return out


def split(shell, lines):
    """The errors, and the rest."""
    errors, text = [], []
    for line in lines:
        m = shell.error.match(line)
        if m:
            errors.append(next(g for g in m.groups() if g is not None))
        elif not shell.noise.match(line):
            text.append(line)
    return errors, "\n".join(text).strip("\n")


def judge(shell, example, before, last):
    """None if the example does what it says, else what is wrong.  LAST was
    printed by its last command, BEFORE by the others."""
    errors, _ = split(shell, before)
    if errors:
        return f"failed too early: {'; '.join(errors)}"
    errors, got = split(shell, last)
    if example["fails"] is not None:
        if not errors:
            return f"succeeded, not failed; printed {got!r}"
        if example["fails"] not in "\n".join(errors + [got]):
            return f"failed with {errors}, not '{example['fails']}'"
        return None
    if errors:
        return f"failed: {'; '.join(errors)}"
    want = example["expect"]
    if want is not None and got != want.strip("\n"):
        return f"printed {got!r}, not {want!r}"
    return None


def run_kind(shell, kind, examples):
    """Yield (example, fault) for all, whatever happens to the shell."""
    todo = list(examples)
    while todo:
        batch = todo[:BATCH]
        got = sections(shell.run(kind, batch))
        done = 0
        for n, e in enumerate(batch):
            if ("end", n) not in got:
                break
            yield e, judge(shell, e, got[("run", n)], got[("last", n)])
            done += 1
        if done < len(batch):
            last = [line for key, lines in got.items() for line in lines
                    if line][-3:]
            yield todo[done], f"{shell.name} ended in it: {' / '.join(last)}"
            done += 1
        todo = todo[done:]


def read_differences():
    """Examples that libguestfs is known to answer differently, and why."""
    path = os.path.join(SRCDIR, "tests", "api", "differences")
    out = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                name, _, reason = line.strip().partition(" ")
                out[name] = reason.strip()
    return out


def main():
    parser = argparse.ArgumentParser(add_help=True)
    parser.add_argument("--libguestfs", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("ids", nargs="*")
    args = parser.parse_args()
    with open(os.path.join(BUILDDIR, "gen", "examples.json"),
              encoding="utf-8") as f:
        examples = json.load(f)
    known = {}
    if args.libguestfs:
        if not shutil.which("guestfish"):
            print("skipped: guestfish is not installed")
            return SKIP
        examples = [e for e in examples if not e["ours"]]
        known = read_differences()
    if args.ids:
        examples = [e for e in examples
                    if e["id"] in args.ids or
                    e["id"].rpartition(".")[0] in args.ids]
    examples = examples[::args.every]
    if not examples:
        print("no such example")
        return 1
    folder = tempfile.mkdtemp(prefix="mayfly-examples.", dir="/var/tmp")
    failed = n = 0
    start = time.monotonic()
    try:
        shell = (Guestfish if args.libguestfs else Mayfish)(folder)
        for kind in ("none", "disk", "fs"):
            some = [e for e in examples if e["kind"] == kind]
            for e, fault in run_kind(shell, kind, some):
                n += 1
                what = f"{e['id']} {' ; '.join(e['commands'])}"
                if fault and e["id"] in known:
                    print(f"ok {n} - {what} # differs: {known[e['id']]}")
                elif fault:
                    failed += 1
                    print(f"not ok {n} - {what}\n# {e['where']}: {fault}")
                else:
                    print(f"ok {n} - {what}")
                sys.stdout.flush()
    finally:
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"1..{n}\n# {n} examples, {failed} failed, "
          f"{time.monotonic() - start:.1f} s")
    return 1 if failed or n != len(examples) else 0


if __name__ == "__main__":
    sys.exit(main())
