#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole run in which one thing fails once.

    whole.py syscalls POINTS [SEED]       a system call, by strace
    whole.py allocations POINTS [SEED]    an allocation, by allocations.la

Reads a file of a small disk with mayfish, POINTS times; each time another call
fails, chosen by SEED (default 1).  Half of the system calls fail in mayfish,
half also in its children, QEMU among them.  Each run either prints the right
answer, or ends with an exit code and one line that names a cause.  It ends in
time, leaves no process and no file, and the disk is as before.
"""

import ctypes
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ANSWER = b"the right answer\n"
SECONDS = 60
PR_SET_CHILD_SUBREAPER = 36
BUILD = os.environ.get("builddir", ".")

# They cannot fail, or ld.so and libc end the process without a word.
NEVER = {"execve", "exit", "exit_group", "futex", "rt_sigreturn", "brk",
         "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "vfork",
         "restart_syscall", "getpid", "getuid", "geteuid", "getgid",
         "getegid", "gettid", "umask", "alarm", "sched_yield",
         "clock_gettime", "getppid", "rt_sigaction", "rt_sigprocmask"}
ERRORS = {"openat": "EMFILE EACCES EIO", "read": "EIO EINTR", "write":
          "EIO ENOSPC EINTR", "mmap": "ENOMEM", "poll": "EINTR ENOMEM",
          "ppoll": "EINTR", "clone": "EAGAIN", "clone3": "EAGAIN",
          "socketpair": "EMFILE", "pipe2": "EMFILE", "memfd_create": "EMFILE",
          "ftruncate": "ENOSPC EIO", "fallocate": "ENOSPC",
          "sendmsg": "EPIPE EINTR", "recvmsg": "ECONNRESET EINTR",
          "close": "EIO EINTR", "wait4": "EINTR", "mprotect": "ENOMEM",
          "unlinkat": "EACCES", "renameat": "ENOSPC", "renameat2": "ENOSPC"}
CALL = re.compile(r"^(\d+) +(\w+)\(")


class Place:
    """A disk, a cache with a saved appliance, and a folder for the rest."""

    def __init__(self, folder):
        self.folder = folder
        self.disk = os.path.join(folder, "disk")
        self.tmp = os.path.join(folder, "tmp")
        self.log = os.path.join(folder, "log")
        tree = os.path.join(folder, "tree")
        os.mkdir(self.tmp)
        os.mkdir(tree)
        os.chmod(folder, 0o755)
        with open(os.path.join(tree, "file"), "wb") as f:
            f.write(ANSWER)
        subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", tree, self.disk,
                        "8M"], check=True, stdout=subprocess.DEVNULL)
        self.sum = self.disk_sum()
        self.environment = dict(os.environ, TMPDIR=self.tmp)
        self.command = ["mayfish", "--ro", "--format=raw", "-a", self.disk,
                        "-m", "/dev/sda", "cat", "/file"]
        # The first run saves the appliance.
        self.answer = subprocess.run(
            self.command, env=self.environment, check=True,
            stdout=subprocess.PIPE).stdout
        if self.answer.strip() != ANSWER.strip():
            sys.exit(f"whole.py: wrong without a failure: {self.answer!r}")

    def disk_sum(self):
        with open(self.disk, "rb") as f:
            return hashlib.sha256(f.read()).digest()

    def left_in_cache(self):
        cache = os.environ.get("XDG_CACHE_HOME",
                               os.path.expanduser("~/.cache"))
        found = []
        for path, folders, files in os.walk(os.path.join(cache, "mayfly")):
            found += [os.path.join(path, n) for n in folders + files
                      if n.startswith(".new-")]
        return set(found)

    def run(self, prefix, environment):
        """(exit code or None, stdout, stderr)"""
        with subprocess.Popen(prefix + self.command, env=environment,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              start_new_session=True) as p:
            try:
                out, err = p.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, signal.SIGKILL)
                p.communicate()
                return None, b"", b""
        return p.returncode, out, err.decode(errors="replace")


def children():
    """Children of this process that outlived their parent."""
    found = []
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat") as f:
                fields = f.read().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        if int(fields[1]) == os.getpid() and fields[0] != "Z":
            found.append(int(name))
    return found


def reap(seconds):
    """Wait for orphans; kill and return those that stay."""
    end = time.monotonic() + seconds
    while children() and time.monotonic() < end:
        time.sleep(0.05)
    left = children()
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.05)
        except ChildProcessError:
            return left


def judge(place, before, code, out, err, silent):
    """What is wrong with a run; SILENT: its message may be what was lost."""
    lines = [x for x in err.splitlines() if x.strip()]
    errors = [x for x in lines if "warning" not in x]
    left = reap(5)
    tmp = os.listdir(place.tmp)
    for name in tmp:
        path = os.path.join(place.tmp, name)
        shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
    if code is None:
        return f"no end within {SECONDS} s"
    if code < 0 or code >= 128:
        return f"exit {code}: {err.strip()}"
    if code == 0 and out != place.answer:
        return f"exit 0 with {out!r}: {err.strip()}"
    if code != 0 and len(errors) != 1 and not silent:
        return f"exit {code}, {len(errors)} lines: {err.strip()!r}"
    if left:
        return f"{len(left)} processes stay: {err.strip()}"
    if tmp:
        return f"{tmp} stays in TMPDIR: {err.strip()}"
    if place.left_in_cache() - before:
        return f"half an appliance stays in the cache: {err.strip()}"
    if place.disk_sum() != place.sum:
        return "the disk has changed"
    return None


# --- system calls ---

def seen_calls(place):
    """{(children too, name): most calls of one process}"""
    counts = {}
    subprocess.run(["strace", "-f", "-o", place.log, *place.command],
                   env=place.environment, check=True,
                   stdout=subprocess.DEVNULL)
    with open(place.log, errors="replace") as f:
        rows = [m.groups() for m in map(CALL.match, f) if m]
    first = rows[0][0]
    for pid, name in rows:
        if name not in NEVER:
            counts[pid, name] = counts.get((pid, name), 0) + 1
    most = {}
    for (pid, name), n in counts.items():
        key = (pid != first, name)
        most[key] = max(most.get(key, 0), n)
    return most


def syscall_points(place, number, chance):
    most = seen_calls(place)
    points, seen = [], set()
    for i in range(number * 20):
        if len(points) == number:
            break
        deep = bool(i % 2)
        name = chance.choice(sorted(n for d, n in most if d == deep))
        # The first calls are those that set things up.
        n = min(int(chance.paretovariate(0.5)), most[deep, name])
        error = chance.choice(ERRORS.get(name, "EIO").split())
        if (deep, name, n, error) not in seen:
            seen.add((deep, name, n, error))
            points.append((deep, name, n, error))
    return points


def try_syscall(place, point):
    deep, name, n, error = point
    if os.path.exists(place.log):
        os.unlink(place.log)
    before = place.left_in_cache()
    prefix = ["strace", *(["-f"] if deep else []), "-o", place.log,
              "-e", f"trace={name}",
              "-e", f"inject={name}:error={error}:when={n}"]
    code, out, err = place.run(prefix, place.environment)
    with open(place.log, errors="replace") as f:
        hit = [x for x in f if "(INJECTED)" in x]
    silent = any(re.search(r"write\(2,", x) for x in hit)
    wrong = judge(place, before, code, out, err, silent)
    what = f"{name} {n} {error}" + (" in each process" if deep else "")
    return bool(hit), what, code, wrong


# --- allocations ---

def allocation_points(place, number, chance):
    environment = dict(place.environment, MAYFLY_FAIL_ALLOCATION="0",
                       LD_PRELOAD=preloaded())
    _, out, err = place.run([], environment)
    found = re.search(r"allocations: (\d+)", err)
    if out != place.answer or not found:
        sys.exit(f"whole.py: cannot count allocations: {err}")
    total = int(found.group(1))
    print(f"{total} allocations in a run")
    every = range(1, total + 1)
    return sorted(chance.sample(every, min(number, total)))


def preloaded():
    return os.path.abspath(
        os.path.join(BUILD, "tests/faults/.libs/allocations.so"))


def try_allocation(place, point):
    before = place.left_in_cache()
    environment = dict(place.environment, LD_PRELOAD=preloaded(),
                       MAYFLY_FAIL_ALLOCATION=str(point),
                       MAYFLY_FAIL_SPARED=place.log)
    if os.path.exists(place.log):
        os.unlink(place.log)
    code, out, err = place.run([], environment)
    wrong = judge(place, before, code, out, err, False)
    return (not os.path.exists(place.log), f"allocation {point}", code,
            wrong)


KINDS = {"syscalls": (syscall_points, try_syscall),
         "allocations": (allocation_points, try_allocation)}


def main():
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in KINDS:
        sys.exit(__doc__)
    kind, number = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if sys.argv[3:] else 1
    choose, attempt = KINDS[kind]
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    folder = tempfile.mkdtemp(prefix="mayfly-test.", dir="/var/tmp")
    tried = bad = refused = 0
    try:
        place = Place(folder)
        for point in choose(place, number, random.Random(seed)):
            hit, what, code, wrong = attempt(place, point)
            if not hit and not wrong:
                continue
            tried += 1
            bad += bool(wrong)
            refused += code != 0
            if wrong:
                print(f"WRONG {what}: {wrong}", flush=True)
    finally:
        shutil.rmtree(folder)
    print(f"{kind}: {tried - bad} of {tried} points end well, {refused} of "
          f"them with an error (seed {seed})")
    sys.exit(bad > 0 or tried == 0)


if __name__ == "__main__":
    main()
