#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does QEMU open a file that our reader does not know of?

    hostile.py INSPECT MUTANTS [SEED [KEEP]]

Makes hostile images of every format.  INSPECT (tests/disk/inspect.c) prints
which files the library opens for each, with no policy in the way, or refuses
it.  qemu-img, under strace, opens the same image by its name, with the format
it guesses and with the one given to the library.  Every file that it tries to
open, and every socket, must be one of ours.  Prints the figures; fails if one
is not.  With KEEP those images stay in that folder.
"""

import collections
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile

SECTOR = 512
LONG = "./" * 252 + "/secret"  # 511 bytes: as much as QEMU reads of a name
OPENED = re.compile(
    r'(?:open(?:at2?)?\((?:[^",]*, )?|sun_path=)"((?:[^"\\]|\\.)*)"')
BLANKS = [" ", "\t", "\n", "\f", "\v", "\r", "\r\n", "  ", ""]
MAGICS = [(0, b"QFI\xfb\0\0\0\3"), (0, b"QFI\xfb\0\0\0\1"), (0, b"KDMV"),
          (0, b"COWD"), (0, b"QED\0"), (0, b"conectix"), (0, b"vhdxfile"),
          (64, struct.pack("<I", 0xbeda107f)), (0, b"version=1\n"),
          (0, b"# Disk DescriptorFile\nversion=1\n")]


def descriptor(*lines):
    return "\n".join(["# Disk DescriptorFile", "version=1", "CID=12345678",
                      "parentCID=ffffffff", 'createType="monolithicFlat"',
                      *lines, ""]).encode()


# --- good images, and the files that they could be made to name ---

def qemu_img(folder, *command):
    subprocess.run(["qemu-img", *command], check=True, cwd=folder,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_baits(folder):
    for name in "secret", "secretx":
        with open(os.path.join(folder, name), "wb") as f:
            f.write(b"SECRET\n" * 20000)
    with open(os.path.join(folder, "text.vmdk"), "wb") as f:
        f.write(descriptor('RW 64 FLAT "secret" 0'))
    qemu_img(folder, "create", "-f", "qcow2", "-b", "secret", "-F", "raw",
             "over.qcow2")
    qemu_img(folder, "create", "-f", "vmdk", "base.vmdk", "1M")
    with open(os.path.join(folder, "base.vmdk"), "rb") as f:
        nested = bytearray(f.read())
    nested[12:20] = bytes(8)  # no capacity: QEMU reads its text, and extents
    text = descriptor('RW 64 FLAT "secret" 0')
    nested[SECTOR:SECTOR + len(text) + 1] = text + b"\0"
    with open(os.path.join(folder, "nested.vmdk"), "wb") as f:
        f.write(nested)


SEEDS = [
    ("x.qcow2", "qcow2", ["-o", "cluster_size=512"]),
    ("x.qcow2", "qcow2", ["-o", "compat=0.10"]),
    ("x.qcow2", "qcow2", ["-o", "data_file=x.raw"]),
    ("x.qcow2", "qcow2", ["-b", "over.qcow2", "-F", "qcow2"]),
    ("x.vmdk", "vmdk", ["-o", "subformat=monolithicSparse"]),
    ("x.vmdk", "vmdk", ["-o", "subformat=streamOptimized"]),
    ("x.vmdk", "vmdk", ["-o", "subformat=monolithicFlat"]),
    ("x.vmdk", "vmdk", ["-o", "subformat=twoGbMaxExtentSparse"]),
    ("x.vmdk", "vmdk", ["-b", "base.vmdk", "-F", "vmdk"]),
    ("x.vdi", "vdi", []),
    ("x.vhd", "vpc", ["-o", "subformat=dynamic"]),
    ("x.vhd", "vpc", ["-o", "subformat=fixed,force_size"]),
    ("x.vhdx", "vhdx", ["-o", "block_size=1M"]),
    ("x", "qed", []),
    ("x", "qcow", ["-b", "secret", "-F", "raw"]),
    ("x.img", "raw", []),
]


def make_seeds(baits, work):
    """A list of (name, format, folder) in the order of SEEDS."""
    seeds = []
    for number, (name, form, options) in enumerate(SEEDS):
        folder = os.path.join(work, f"seed-{number}")
        shutil.copytree(baits, folder)
        qemu_img(folder, "create", "-f", form, *options, name, "1M")
        seeds.append((name, form, folder))
    return seeds


# --- changes ---

def any_extent(rng):
    access = rng.choice(["RW"] * 6 + ["RDONLY", "NOACCESS", "rw", "# RW", "xRW"])
    kind = rng.choice(["FLAT", "FLAT", "VMFS", "SPARSE", "ZERO", "VMFSSPARSE",
                       "SESPARSE", "flat"])
    name = rng.choice(["secret", "secret", "nested.vmdk", "base.vmdk",
                       "text.vmdk", LONG, LONG + "x"])
    size = rng.choice(["8", "8", "64", "+8", "0", "-1", "08"])
    words = [access, size, kind, f'"{name}"']
    if kind == "FLAT" or rng.random() < 0.2:
        words.append("0")
    text = words[0]
    for word in words[1:]:
        text += (rng.choice(BLANKS) if rng.random() < 0.4 else " ") + word
    return rng.choice(["", "", "", " ", "\t", "\f", "\n", "\r", "x\r"]) + text


def any_hint(rng, path):
    name = rng.choice([
        "secret", "base.vmdk", "text.vmdk", "over.qcow2", "", path,
        "json:{'driver':'raw','file':{'driver':'file','filename':'secret'}}",
        "nbd:unix:" + os.path.join(os.path.dirname(path), "socket"),
        "file:secret"])
    key = rng.choice(["parentFileNameHint"] * 6 +
                     ["# parentFileNameHint", "xparentFileNameHint",
                      "parentfilenamehint", "parentFileNameHint ",
                      "parentFileNameHint\0", "parentFileNameHintx",
                      "\rparentFileNameHint", "ddb.parentFileNameHint"])
    equals = rng.choice(["=", "=", "= ", " = ", ":", "\n", ""])
    quote = rng.choice(['"', '"', '"', "", '""'])
    return f"{key}{equals}{quote}{name}" + rng.choice(['"', '"', '"x', ""])


def any_line(rng, path):
    return rng.choice([
        lambda: any_extent(rng), lambda: any_extent(rng),
        lambda: any_hint(rng, path), lambda: any_hint(rng, path),
        lambda: rng.choice(["parentCID=12345678", "parentCID=ffffffff",
                            "CID=1", "version=1", 'createType="vmfs"',
                            'createType="monolithicFlat"', "# comment",
                            '# createType="vmfs"', "word", "", "\0"])])()


def change_text(rng, text, path):
    """Lines of a descriptor: more, twice, out of order, cut, NULs."""
    lines = text.split("\n")
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(lines) + 1)
        what = rng.randrange(8)
        if what < 4:
            lines.insert(at, any_line(rng, path))
        elif what == 4 and lines:
            lines.insert(at, rng.choice(lines))
        elif what == 5 and lines:
            lines[at % len(lines)] = rng.choice(
                [str.upper, str.lower, lambda s: s.replace(" ", "\t"),
                 lambda s: s + "\r", lambda s: "\0" + s])(
                     lines[at % len(lines)])
        elif what == 6:
            lines.insert(at, "#" * rng.choice([100, 9000, 10240, 30000]))
        elif lines:
            rng.shuffle(lines)
    return rng.choice(["\n"] * 5 + ["\r\n", "\r"]).join(lines)


def change_descriptor(rng, data, path):
    start = data.find(b"# Disk DescriptorFile")
    if start < 0:
        return False
    end = data.find(b"\0", start)
    end = len(data) if end < 0 else end
    text = change_text(rng, data[start:end].decode("latin-1"), path)
    text = text.encode("latin-1")
    if start == 0:
        data[:] = text
        return True
    # Inside an image, with what follows it overwritten or kept.
    if rng.random() < 0.3:
        text = text[:20 * SECTOR]
    data[start:start + max(len(text) + 1, end - start)] = \
        text.ljust(end - start, b"\0") + b"\0"
    return True


def change_vmdk_header(rng, data, path):
    if data[:4] != b"KDMV":
        return False
    second = descriptor(*[any_line(rng, path)
                          for _ in range(rng.randint(1, 3))])
    while len(data) % SECTOR:
        data.append(0)
    at = rng.choice([1, 2, 8, len(data) // SECTOR])
    data[at * SECTOR:at * SECTOR + len(second)] = second
    data.extend(bytes(SECTOR * 20))
    struct.pack_into("<QQ", data, 28, rng.choice([at, at, 1, 0]),
                     rng.choice([20, 20, 1, 0, 512]))
    if rng.random() < 0.5:
        struct.pack_into("<Q", data, 12, 0)
    return True


def change_qcow2_header(rng, data, path):
    if data[:4] != b"QFI\xfb" or len(data) < 1024:
        return False
    name = rng.choice([b"secret", b"over.qcow2", b"text.vmdk", b"secret\0x",
                       os.fsencode(path),
                       b"json:{'driver':'file','filename':'secret'}"])
    for _ in range(rng.randint(1, 4)):
        what = rng.randrange(7)
        if what == 0:
            at = rng.choice([200, 300, 480, 104, 72])
            data[at:at + len(name)] = name
            struct.pack_into(">QI", data, 8, at,
                             len(name) + rng.choice([0, 0, 1, -1]))
        elif what in (1, 2):
            at = rng.choice([72, 104, 112, 120])
            kind = rng.choice([0x44415441, 0xe2792aca, 0x44415441, 0x537be77])
            value = rng.choice([name, b"vmdk", b"raw", b"qcow2"])
            struct.pack_into(">II", data, at, kind, len(value))
            data[at + 8:at + 8 + len(value)] = value
        elif what == 3:
            struct.pack_into(">Q", data, 72, rng.choice([4, 4, 0, 1, 16, 5]))
        elif what == 4:
            struct.pack_into(">I", data, 4, rng.choice([2, 3, 3, 1, 4]))
        elif what == 5:
            struct.pack_into(">I", data, 100, rng.choice([72, 104, 112, 120]))
        else:
            struct.pack_into(">I", data, 20, rng.choice([9, 12, 16, 21]))
    return True


def change_bytes(rng, data, _path):
    if not data:
        return False
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(min(len(data), rng.choice([128, 512, 4096, 1 << 18])))
        data[at] = rng.choice([0, 1, 255, 34, 10, 35, rng.randrange(256)])
    return True


def add_magic(rng, data, _path):
    at, magic = rng.choice(MAGICS)
    data[at:at + len(magic)] = magic
    if rng.random() < 0.3 and len(data) > 1024:
        text = descriptor('RW 8 FLAT "secret" 0')
        data[:len(text) + 1] = text + rng.choice([b"\0", b"\n"])
    return True


def splice(rng, data, other):
    """The start, or a piece, of another image."""
    n = rng.choice([64, 72, 104, 512, 1024, 4096])
    at = rng.choice([0, 0, 64, 512, 1024])
    data[at:at + n] = other[at:at + n]


def mutate(rng, seeds, work, number):
    """A folder with a hostile image: its path and its seed's format."""
    name, form, folder = rng.choice(seeds)
    place = os.path.join(work, f"mutant-{number}")
    shutil.copytree(folder, place)
    path = os.path.join(place, name)
    target = path
    if rng.random() < 0.1:
        target = os.path.join(place, rng.choice(sorted(
            f for f in os.listdir(place) if f != "secret")))
    with open(target, "rb") as f:
        data = bytearray(f.read())
    special = [change_descriptor, change_descriptor, change_vmdk_header,
               change_qcow2_header, change_qcow2_header]
    common = [change_bytes, add_magic]
    for _ in range(rng.randint(1, 2)):
        if rng.random() < 0.1:
            other = rng.choice(seeds)
            with open(os.path.join(other[2], other[0]), "rb") as f:
                splice(rng, data, f.read())
        elif rng.random() < 0.25 or not any(
                change(rng, data, path)
                for change in rng.sample(special, len(special))):
            rng.choice(common)(rng, data, path)
    with open(target, "wb") as f:
        f.write(data)
    return path, form


# --- the review's image: a slice of itself is its parent ---

def evil_vmdk(path, secret, start):
    """What a VMDK names as its parent is a text inside itself, whose extent is
    SECRET.  START: where the image will lie in the file PATH."""
    qemu_img(os.path.dirname(path), "create", "-f", "vmdk", path, "1M")
    with open(path, "rb") as f:
        data = bytearray(f.read())
    end = (len(data) + SECTOR - 1) // SECTOR * SECTOR
    data.extend(bytes(end - len(data)))
    data += descriptor(f'RW 128 FLAT "{secret}" 0').ljust(20 * SECTOR, b"\0")
    hint = ("json:{'file':{'driver':'raw','offset':%d,'size':%d,'file':"
            "{'driver':'file','filename':'%s'}}}"
            % (start + end, 20 * SECTOR, path))
    at = data.find(b"# Disk DescriptorFile")
    text = data[at:at + 20 * SECTOR].split(b"\0")[0].replace(
        b"parentCID=ffffffff\n",
        b'parentCID=ffffffff\nparentFileNameHint="' + hint.encode() + b'"\n')
    data[at:at + len(text) + 1] = text + b"\0"
    with open(path, "wb") as f:
        f.write(data)


def evil_ova(folder, secret):
    """The same in an OVA: its path, and where the image is in it."""
    ova = os.path.join(folder, "x.ova")
    image = os.path.join(folder, "x.ova.disk")
    start = SECTOR
    evil_vmdk(ova, secret, start)
    os.rename(ova, image)
    with tarfile.open(ova, "w", format=tarfile.USTAR_FORMAT) as t:
        t.add(image, arcname="x.vmdk")
    return ova, start, os.path.getsize(image)


# --- what is tried every time: lines of a VMDK that QEMU reads as it likes ---

TRICKS = [
    '\fRW 8 FLAT "secret" 0', '\vRW 8 FLAT "secret" 0',
    'RW\f8 FLAT "secret" 0', 'RW\t8\tFLAT\t"secret"\t0',
    'RW\n8\nFLAT\n"secret"\n0', 'RW\r\n8 FLAT "secret" 0',
    'RW 8 ZERO\n"secret"', f'RW 8 VMFS "{LONG}x"', 'RW 8 VMFS "secret',
    'RW 8 SPARSE "nested.vmdk"', 'RW 8 SPARSE "text.vmdk"',
    'parentFileNameHint="base.vmdk"', '# parentFileNameHint="base.vmdk"',
    'xparentFileNameHint: base.vmdk"', 'parentFileNameHint\n="base.vmdk"',
]


def trick_image(baits, work, number):
    place = os.path.join(work, f"trick-{number}")
    shutil.copytree(baits, place)
    path = os.path.join(place, "x.vmdk")
    with open(path, "wb") as f:
        f.write(descriptor('RW 8 FLAT "secretx" 0', TRICKS[number]))
    return path


# --- who opens what ---

def ours(inspect, path, form, part=None):
    """The files that the library opens; None: it refuses the image."""
    command = [inspect, "-l", "-p", "any"]
    command += ["-f", form] if form else []
    command += ["-s", "%d,%d" % part] if part else []
    done = subprocess.run([*command, path], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{path}: {command}: {done.returncode} {done.stderr!r}")
    if done.returncode == 1:
        return None
    return set(os.fsdecode(done.stdout).splitlines())


def theirs(path, form, command):
    """What qemu-img tries to open, each by its real path."""
    folder = os.path.dirname(path)
    log = os.path.join(folder, "strace.log")
    arguments = ["-f", form] if form else []
    image = path
    if isinstance(command, str):
        command, image = ["map", "-U"], command
    subprocess.run(
        ["strace", "-f", "-qq", "-s", "5000", "-o", log, "-e",
         "trace=open,openat,openat2,connect", "qemu-img", *command, *arguments,
         image], cwd=folder, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, timeout=60, check=False)
    found = set()
    with open(log, encoding="latin-1") as f:
        for line in f:
            if "AF_INET" in line:
                found.add("a network")
            for name in OPENED.findall(line):
                name = name.encode("latin-1").decode("unicode_escape")
                found.add(os.path.realpath(os.path.join(folder, name)))
    os.unlink(log)
    return found


def compare(inspect, path, form, baseline, counts):
    """The files that only QEMU tries to open."""
    extra = set()
    for said in {None, form}:
        mine = ours(inspect, path, said)
        commands = [["info", "-U", "--backing-chain"]]
        if mine is not None:
            commands.append(["map", "-U"])
        qemu = set().union(*(theirs(path, said, c) for c in commands))
        qemu -= baseline | {os.path.realpath(path)}
        counts["refused" if mine is None else "accepted"] += 1
        if mine is None and qemu:
            counts["refused with files"] += 1
        if mine is not None:
            counts["accepted with files"] += len(mine) > 1
            extra |= qemu - mine
    return extra


def compare_evil(inspect, folder, baseline):
    """The review's images must be refused; without that QEMU opens SECRET."""
    secret = os.path.join(folder, "secret")
    with open(secret, "wb") as f:
        f.write(bytes(128 * SECTOR))
    path = os.path.join(folder, "x.vmdk")
    evil_vmdk(path, secret, 0)
    ova, start, size = evil_ova(folder, secret)
    inside = ('json:{"driver":"vmdk","file":{"driver":"raw","offset":%d,'
              '"size":%d,"file":{"driver":"file","filename":"%s"}}}'
              % (start, size, ova))
    for name, opened, mine in [
            ("evil.vmdk", theirs(path, "vmdk", ["map", "-U"]),
             ours(inspect, path, "vmdk")),
            ("evil.ova", theirs(ova, None, inside),
             ours(inspect, ova, "vmdk", (start, size)))]:
        if secret not in opened - baseline:
            sys.exit(f"{name}: QEMU does not open the secret: a bad test")
        if mine is not None:
            sys.exit(f"{name}: accepted, with {sorted(mine)}")
        print(f"{name}: refused; QEMU would open {os.path.basename(secret)}")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.splitlines()[2].strip())
    inspect, number = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    keep = sys.argv[4] if len(sys.argv) > 4 else None
    rng = random.Random(seed)
    counts = collections.Counter()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as work:
        work = os.path.realpath(work)
        baits = os.path.join(work, "baits")
        evil = os.path.join(work, "evil")
        os.mkdir(baits)
        os.mkdir(evil)
        make_baits(baits)
        seeds = make_seeds(baits, work)
        plain = os.path.join(evil, "plain")
        with open(plain, "wb") as f:
            f.write(bytes(1 << 20))
        baseline = set().union(*(
            theirs(plain, "raw", c)
            for c in (["info", "-U", "--backing-chain"], ["map", "-U"])))
        compare_evil(inspect, evil, baseline)
        for i in range(-len(TRICKS), number):
            if i < 0:
                path, form = trick_image(baits, work, i), "vmdk"
            else:
                path, form = mutate(rng, seeds, work, i)
            extra = compare(inspect, path, form, baseline, counts)
            if extra:
                counts["differences"] += 1
                print(f"mutant {i} of seed {seed}, {form}: only QEMU opens",
                      " ".join(sorted(extra)))
                if keep:
                    shutil.copytree(os.path.dirname(path),
                                    os.path.join(keep, f"{seed}-{i}"))
            shutil.rmtree(os.path.dirname(path))
    print(f"{len(TRICKS)} tricks and {number} mutants,",
          "each with its format guessed and given:",
          f"{counts['accepted']} accepted"
          f" ({counts['accepted with files']} with other files),",
          f"{counts['refused']} refused"
          f" ({counts['refused with files']} of those with files for QEMU),",
          f"{counts['differences']} differences")
    if number >= 60 and (counts["accepted with files"] == 0 or
                         counts["refused with files"] == 0):
        sys.exit("the mutants are all of one kind: a bad test")
    return 1 if counts["differences"] else 0


if __name__ == "__main__":
    sys.exit(main())
