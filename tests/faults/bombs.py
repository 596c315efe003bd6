#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Small files that become large: each ends in time, in bounded memory, with
the right answer or one line that names a cause, and leaves nothing.

    bombs.py [NAME]
"""

import gzip
import io
import lzma
import os
import resource
import signal
import struct
import subprocess
import sys
import tarfile
import tempfile
import time

SECONDS = 120   # a guest under TCG is slow
MEMORY = 1200   # MiB, with QEMU
HOST_MEMORY = 700  # MiB, with one that has just started
MIB = 1 << 20

OS_RELEASE = b"ID=debian\nVERSION_ID=12\nPRETTY_NAME=\"A guest\"\n"
GUEST = {"etc/os-release": OS_RELEASE, "etc/fstab": b"/dev/sda / ext4 rw 0 1\n",
         "etc/hostname": b"host\n", "etc/debian_version": b"12.5\n",
         "bin/ls": b"\x7fELF\2\1\1" + b"\0" * 11 + b"\x3e\0" + b"\0" * 40,
         "var/lib/dpkg/status": b"Package: a\nStatus: install ok installed\n"
         b"Version: 1\nArchitecture: amd64\n\n", "usr/x": b"", "sbin/x": b"",
         "lib/x": b"", "home/x": b"", "boot/x": b"", "proc/x": b""}


def package(i):
    return (f"Package: p{i}\nStatus: install ok installed\nVersion: 1\n"
            f"Architecture: amd64\n\n").encode()


# --- in a guest: what replaces or joins the files above ---

def long_line():
    return {"etc/os-release": OS_RELEASE + b"A=" + b"x" * (8 * MIB)}


def many_lines():
    return {"etc/os-release": OS_RELEASE + b"A=1\n" * 10 ** 6}


def fstab_lines():
    return {"etc/fstab": b"".join(b"/dev/sda%d /m%d ext4 rw 0 0\n" % (i, i)
                                  for i in range(3 * 10 ** 5))}


def fstab_line():
    return {"etc/fstab": b"/dev/sda / ext4 " + b"o," * (4 * MIB)}


def packages_many():
    return {"var/lib/dpkg/status": b"".join(map(package, range(10 ** 5)))}


def package_long():
    return {"var/lib/dpkg/status": b"Package: " + b"a" * (32 * MIB) + b"\n"
            b"Status: install ok installed\nVersion: 1\n\n"}


def package_text():
    return {"var/lib/dpkg/status": package(1)[:-1] + b"Description: a\n"
            + b" line\n" * (6 * 10 ** 6)}


def hostname_long():
    return {"etc/hostname": b"h" * (8 * MIB)}


def crypttab_lines():
    return {"etc/crypttab": b"a UUID=1-2 none luks\n" * 10 ** 6}


def arrays():
    return {"etc/mdadm.conf": b"ARRAY /dev/md0 metadata=1.2 UUID=a:0\n"
            * 10 ** 6}


def release_link():
    return {"etc/os-release": "/dev/zero"}


def release_loop():
    return {"etc/os-release": "os-release"}


def sparse_release():
    return {"etc/os-release": ("sparse", 1 << 40)}


def sparse_status():
    return {"var/lib/dpkg/status": ("sparse", 1 << 40)}


def sparse_file():
    return {"big": ("sparse", 1 << 43)}


def wide():
    return {"wide": ("wide", 8000)}


def deep():
    return {"deep": ("deep", 1500)}


def links():
    return {f"l{i}": f"l{i + 1}" for i in range(100)}


INSPECT = ["mayfly-inspector", "-a", "DISK"]


def fish(*words):
    return ["mayfish", "--ro", "--format=raw", "-a", "DISK", "-m", "/dev/sda",
            *words]


GUESTS = [(f, INSPECT) for f in (
    long_line, many_lines, fstab_lines, fstab_line, packages_many,
    package_long, package_text, hostname_long, crypttab_lines, arrays,
    release_link, release_loop, sparse_release, sparse_status)] + [
    (sparse_file, fish("cat", "/big")),
    (sparse_file, fish("read-lines", "/big")),
    (sparse_file, fish("head", "/big")),
    (wide, fish("ls", "/wide")),
    (wide, fish("copy-out", "/wide", "OUT")),
    (deep, fish("find", "/deep")),
    (deep, fish("copy-out", "/deep", "OUT")),
    (deep, fish("tar-out", "/deep", "OUT/tar")),
    (links, fish("cat", "/l0"))]


def make_tree(tree, files):
    for name, data in files.items():
        path = os.path.join(tree, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if isinstance(data, bytes):
            with open(path, "wb") as f:
                f.write(data)
        elif isinstance(data, str):
            os.symlink(data, path)
        elif data[0] == "sparse":
            with open(path, "wb") as f:
                os.truncate(f.fileno(), data[1])
        elif data[0] == "wide":
            os.mkdir(path)
            for i in range(data[1]):
                with open(os.path.join(path, f"f{i}"), "wb"):
                    pass
        elif data[0] == "deep":
            os.mkdir(path)
            home = os.open(".", os.O_RDONLY)
            os.chdir(path)
            for _ in range(data[1]):
                os.mkdir("d")
                os.chdir("d")
            os.fchdir(home)
            os.close(home)


def make_guest(folder, files):
    tree, disk = os.path.join(folder, "tree"), os.path.join(folder, "disk")
    make_tree(tree, {**GUEST, **files})
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-N", "120000", "-d", tree,
                    disk, "300M"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["rm", "-rf", tree], check=True)
    return disk


# --- on the host ---

OVF = """<Envelope><References><File id="f" href="d.vmdk"{}/></References>
<DiskSection><Disk diskId="d" fileRef="f"/></DiskSection><VirtualSystem id="n">
<VirtualHardwareSection><Item><ResourceType>17</ResourceType><HostResource>
ovf:/disk/d</HostResource></Item></VirtualHardwareSection></VirtualSystem>
</Envelope>"""


def member(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def archive(path, mode, *members):
    with tarfile.open(path, mode, format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members:
            member(tar, name, data)
    return ["mayfly-v2v", "plan", "-i", "ova", path]


def zeros(form, size):
    """SIZE zero bytes, compressed."""
    out = io.BytesIO()
    pipe = form(out, "wb")
    for _ in range(size // MIB):
        pipe.write(bytes(MIB))
    pipe.close()
    return out.getvalue()


PACKED = ' ovf:compression="gzip" xmlns:ovf="x"'


def ova_disk_gz(folder):
    return archive(f"{folder}/a.ova", "w", ("m.ovf", OVF.format(
        PACKED).encode()), ("d.vmdk", zeros(GzipWriter, 1024 * MIB)))


def ova_whole_gz(folder):
    path = f"{folder}/a.ova.gz"
    with open(path, "wb") as f:
        f.write(zeros(GzipWriter, 1024 * MIB))
    return ["mayfly-v2v", "plan", "-i", "ova", path]


def ova_whole_xz(folder):
    path = f"{folder}/a.ova.xz"
    with open(path, "wb") as f:
        f.write(zeros(lzma.LZMAFile, 512 * MIB))
    return ["mayfly-v2v", "plan", "-i", "ova", path]


def ova_whole_zstd(folder):
    path = f"{folder}/a.ova.zst"
    subprocess.run("head -c 4G /dev/zero | zstd -q -1 -o " + path, shell=True,
                   check=True)
    return ["mayfly-v2v", "plan", "-i", "ova", path]


def tar_entries(folder):
    """10^6 of them."""
    header = tarfile.TarInfo("x").tobuf(tarfile.USTAR_FORMAT)
    path = f"{folder}/a.ova.gz"
    with gzip.open(path, "wb", compresslevel=1) as f:
        for _ in range(1000):
            f.write(header * 1000)
    return ["mayfly-v2v", "plan", "-i", "ova", path]


def ovf_entities(folder):
    text = '<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">' + "".join(
        f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12)
    ) + "]>" + OVF.format("").replace('id="n"', 'id="&a11;"')
    return archive(f"{folder}/a.ova", "w", ("m.ovf", text.encode()),
                   ("d.vmdk", b"x" * 512))


def ovf_deep(folder):
    text = "<a>" * 10 ** 6 + "</a>" * 10 ** 6
    return archive(f"{folder}/a.ova", "w", ("m.ovf", text.encode()),
                   ("d.vmdk", b"x" * 512))


def ovf_disks(folder):
    text = OVF.format("").replace(
        "<Disk ", "".join(f'<Disk diskId="d{i}" fileRef="f"/>'
                          for i in range(10 ** 5)) + "<Disk ")
    return archive(f"{folder}/a.ova", "w", ("m.ovf", text.encode()),
                   ("d.vmdk", b"x" * 512))


def ovf_large(folder):
    return archive(f"{folder}/a.ova", "w", ("m.ovf", b" " * (256 * MIB)),
                   ("d.vmdk", b"x" * 512))


def xva_large(folder):
    path = f"{folder}/a.xva"
    archive(path, "w", ("ova.xml", b"<value>" * (8 * MIB)))
    return ["mayfly-v2v", "plan", "-i", "xva", path]


def xl_lists(folder):
    path = f"{folder}/a.cfg"
    with open(path, "w", encoding="ascii") as f:
        f.write("disk = " + "[" * 500000 + "]" * 500000 + "\n")
    return ["mayfly-v2v", "plan", "-i", "xl", path]


def xl_large(folder):
    path = f"{folder}/a.cfg"
    with open(path, "w", encoding="ascii") as f:
        f.write("a = 'x' 'y'\n" * 10 ** 6)
    return ["mayfly-v2v", "plan", "-i", "xl", path]


def vmdk_extents(folder):
    path = f"{folder}/a.vmdk"
    with open(path, "w", encoding="ascii") as f:
        f.write("# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID="
                "ffffffff\ncreateType=\"twoGbMaxExtentFlat\"\n")
        f.write('RW 1 FLAT "a" 0\n' * 10 ** 6)
    return ["mayfish", "disk-virtual-size", path]


def qcow2_chain(folder):
    below = f"{folder}/0"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", below, "1M"],
                   check=True)
    with open(below, "rb") as f:
        head = bytearray(f.read())
    for i in range(1, 300):
        name = f"{i - 1}".encode()
        data = bytearray(head)
        struct.pack_into(">QI", data, 8, 4096, len(name))
        data[4096:4096 + len(name)] = name
        with open(f"{folder}/{i}", "wb") as f:
            f.write(data)
    return ["mayfish", "--ro", "-a", f"{folder}/299", "run"]


def qcow2_tables(folder):
    """A disk of 2^61 bytes."""
    path = f"{folder}/a.qcow2"
    data = bytearray(1024)
    struct.pack_into(">4sIQIIQ", data, 0, b"QFI\xfb", 3, 0, 0, 21, 1 << 61)
    struct.pack_into(">IIQQI", data, 32, 0, 1 << 22, 1 << 21, 1 << 30, 1)
    struct.pack_into(">QQQII", data, 72, 0, 0, 0, 4, 104)
    with open(path, "wb") as f:
        f.write(data)
        os.truncate(f.fileno(), 1 << 32)
    return ["mayfish", "disk-virtual-size", path]


HOSTS = [ova_disk_gz, ova_whole_gz, ova_whole_xz, ova_whole_zstd, tar_entries,
         ovf_entities, ovf_deep, ovf_disks, ovf_large, xva_large, xl_lists,
         xl_large, vmdk_extents, qcow2_chain, qcow2_tables]


class GzipWriter(gzip.GzipFile):
    def __init__(self, out, mode):
        super().__init__(fileobj=out, mode=mode, compresslevel=1)




# --- the judge ---

def run(folder, command):
    """(what is wrong or None, what was seen)"""
    out, tmp = os.path.join(folder, "out"), os.path.join(folder, "tmp")
    os.mkdir(out)
    os.mkdir(tmp)
    command = [w.replace("OUT", out).replace(
        "DISK", os.path.join(folder, "disk")) for w in command]
    start = time.monotonic()
    with open(os.path.join(folder, "said"), "w+b") as said:
        # No more than this is written anywhere, whatever was claimed.
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=said, env=dict(os.environ, TMPDIR=tmp),
            start_new_session=True, preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_CORE, (0, 0)))
        late = False
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() - start > SECONDS and not late:
                late = True
                os.killpg(child.pid, signal.SIGKILL)
            time.sleep(0.02)
        said.seek(0)
        text = said.read().decode(errors="replace").strip()
    code = os.waitstatus_to_exitcode(status)
    child.returncode = code
    seconds, memory = time.monotonic() - start, usage.ru_maxrss // 1024
    seen = f"exit {code}, {seconds:.1f} s, {memory} MiB: {text[:150]}"
    lines = [x for x in text.splitlines() if "warning" not in x]
    most = MEMORY if "disk" in os.listdir(folder) else HOST_MEMORY
    if late:
        return f"no end within {SECONDS} s", seen
    if code < 0 or code >= 126:
        return "it crashed", seen
    if memory > most:
        return f"more than {most} MiB", seen
    if code != 0 and len(lines) != 1:
        return f"{len(lines)} lines", seen
    if len(text) > 8192:
        return f"a message of {len(text)} bytes", seen
    if os.listdir(tmp):
        return f"{os.listdir(tmp)} stays in TMPDIR", seen
    return None, seen


def main():
    only = sys.argv[1] if sys.argv[1:] else None
    tried = bad = 0
    jobs = [(f"{f.__name__} {c[-2] if c[0] == 'mayfish' else 'inspect'}",
             lambda d, f=f, c=c: (make_guest(d, f()), c)[1])
            for f, c in GUESTS] + [(f.__name__, f) for f in HOSTS]
    for name, make in jobs:
        if only and not name.startswith(only):
            continue
        folder = tempfile.mkdtemp(prefix="mayfly-test.", dir="/var/tmp")
        os.chmod(folder, 0o755)
        try:
            wrong, seen = run(folder, make(folder))
        finally:
            subprocess.run(["rm", "-rf", folder], check=False)
        tried += 1
        bad += bool(wrong)
        print(f"{'WRONG' if wrong else 'ok'} {name}: "
              f"{wrong + '; ' if wrong else ''}{seen}", flush=True)
    print(f"bombs: {tried - bad} of {tried} end well")
    sys.exit(bad > 0 or tried == 0)


if __name__ == "__main__":
    main()
