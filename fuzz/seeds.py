#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Make the seeds of the fuzz targets: seeds.py FOLDER API-FILE...

FOLDER gets one folder for each target.  Images come from qemu-img, messages
from the definition of the calls.  Nothing is random, so a seed
is the same everywhere.
"""

import os
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "api"))

import model  # noqa: E402  (needs the path above)

REPLY, PART, ERROR, DATA, PROGRESS = 3, 4, 5, 6, 10
DOWNLOAD_DATA = b"x" * 100


def save(folder, name, data):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data)


# --- images ---

IMAGES = [
    ("qcow2", "cluster_size=512"),
    ("qcow2", "cluster_size=512,compat=0.10"),
    ("qcow2", "cluster_size=16k,extended_l2=on"),
    ("qcow2", "lazy_refcounts=on,refcount_bits=1"),
    ("vmdk", "subformat=monolithicSparse"),
    ("vmdk", "subformat=streamOptimized"),
    ("vdi", ""),
    ("vdi", "static=on"),
    ("vpc", "subformat=dynamic"),
    ("vpc", "subformat=fixed,force_size"),
    ("vhdx", "subformat=dynamic,block_size=1M"),
]

DESCRIPTOR = b"""# Disk DescriptorFile
version=1
CID=12345678
parentCID=ffffffff
createType="twoGbMaxExtentFlat"
RW 4192256 FLAT "a-f001.vmdk" 0
RW 8 ZERO
RDONLY 16 SPARSE "b.vmdk"
"""


def sparse(path):
    """The file in the form that header.c describes."""
    with open(path, "rb") as f:
        data = f.read()
    out = b"SPRS" + struct.pack("<I", len(data))
    piece = 64
    start = None
    for at in range(0, len(data) + piece, piece):
        chunk = data[at:at + piece]
        if any(chunk) and (start is None or at - start < 32768):
            start = at if start is None else start
        elif start is not None:
            out += struct.pack("<IH", start, at - start) + data[start:at]
            start = at if any(chunk) else None
    return out


def images(folder, work):
    for number, (form, options) in enumerate(IMAGES):
        path = os.path.join(work, "image")
        command = ["qemu-img", "create", "-q", "-f", form]
        command += ["-o", options] if options else []
        subprocess.run([*command, path, "2M"], check=True)
        if "streamOptimized" not in options:
            subprocess.run(["qemu-io", "-f", form, "-c", "write -P 1 0 64k",
                            path], check=True, stdout=subprocess.DEVNULL)
        save(folder, f"{form}-{number}", sparse(path))
        # A snapshot needs counts above 1.
        if form == "qcow2" and "refcount_bits=1" not in options:
            subprocess.run(["qemu-img", "snapshot", "-c", "s", path],
                           check=True)
            save(folder, f"{form}-{number}-snapshot", sparse(path))
        os.unlink(path)
    header = bytearray(1024)
    struct.pack_into(">4sIQIIQ", header, 0, b"QFI\xfb", 3, 200, 9, 9, 32768)
    struct.pack_into(">IQQI", header, 36, 1, 512, 512, 1)
    struct.pack_into(">QQQII", header, 72, 4, 0, 0, 4, 104)
    struct.pack_into(">II8sII8s", header, 104, 0xe2792aca, 3, b"raw",
                     0x44415441, 6, b"x.data")
    header[200:209] = b"/etc/evil"
    save(folder, "qcow2-names", bytes(header))
    save(folder, "vmdk-text", DESCRIPTOR)
    save(folder, "vmdk-text-esx", DESCRIPTOR.replace(b"SPARSE", b"SESPARSE")
         .replace(b"FLAT", b"VMFSSPARSE").replace(b" 0\n", b"\n"))
    cowd = struct.pack("<4s7I", b"COWD", 1, 3, 8192, 1, 4, 2, 38)
    save(folder, "cowd", cowd.ljust(2048, b"\0") + struct.pack("<I", 5).ljust(
        512, b"\0") + struct.pack("<I", 37).ljust(16384 + 512, b"\0"))
    sesparse = struct.pack("<26Q", 0xcafebabe, 0x200000001, 32768, 8, 64, 0, 0,
                           0, 0, 0, 1, 1, 0, 0, 0, 0, 2, 1, 3, 64, 0, 0, 0, 0,
                           67, 8)
    save(folder, "sesparse", sesparse.ljust(512, b"\0")
         + struct.pack("<Q", 0xcafecafe).ljust(512, b"\0")
         + struct.pack("<Q", 1 << 60).ljust(512, b"\0")
         + struct.pack("<Q", 3 << 60).ljust(32768 + 4096, b"\0"))
    save(folder, "gpt", b"\0" * 510 + b"\x55\xaaEFI PART")


# --- messages ---

class Messages:
    def __init__(self, api):
        self.api = api

    def value(self, t, rich):
        if t.optional:
            return b"\1" + self.plain(t, rich) if rich else b"\0"
        return self.plain(t, rich)

    def plain(self, t, rich):
        if t.kind in ("in", "out"):
            return b""
        if t.kind == "bool":
            return b"\1" if rich else b"\0"
        if t.kind in model.SCALARS:
            size = model.SCALARS[t.kind]
            n = t.low if t.low is not None else 7 if rich else 0
            return (n % (1 << 8 * size)).to_bytes(size, "little")
        if t.kind == "enum":
            return struct.pack("<I", 0)
        if t.kind in ("string", "bytes"):
            text = b"/a" if t.kind == "string" else b"\0\xff"
            text = text[:t.bound] if rich else b""
            if t.kind == "string" and t.checked:
                text = b"a"
            return struct.pack("<I", len(text)) + text
        if t.kind == "list":
            n = min(2, t.bound) if rich else 0
            return struct.pack("<I", n) + self.value(t.element, rich) * n
        if t.kind == "map":
            n = 1 if rich else 0
            pair = self.value(t.key, rich) + self.value(t.element, rich)
            return struct.pack("<I", n) + pair * n
        fields = self.api.declarations[t.name].fields
        return b"".join(self.value(f.type, rich) for f in fields)

    def arguments(self, method, rich):
        out = b""
        for f in method.fields:
            if f.optional_argument:
                out += b"\1" + self.plain(f.type, rich) if rich else b"\0"
            else:
                out += self.value(f.type, rich)
        return out

    def result(self, method, rich):
        return self.value(method.result, rich) if method.result else b""


def codec(folder, messages):
    """In the order of gen/fuzz-decoders.h: arguments, result, by call."""
    for number, m in enumerate(messages.api.calls):
        for rich in (False, True):
            for which, data in ((0, messages.arguments(m, rich)),
                                (1, messages.result(m, rich))):
                prefix = struct.pack("<H", 2 * number + which)
                kind = "result" if which else "arguments"
                save(folder, f"{m.name}-{kind}-{int(rich)}", prefix + data)


def frame(kind, call, serial, data):
    return struct.pack("<IHHI", len(data), kind, call, serial) + data


def channel(folder, messages):
    """Good answers to the calls that channel.c makes, and some that fail."""
    names = ["is_dir", "readlink", "list_devices", "stat", "readdir",
             "download"]
    calls = [messages.api.declarations[n] for n in names]
    good = failing = slow = b""
    for serial, m in enumerate(calls, 1):
        reply = messages.result(m, True)
        text = b"\x1b[1mno"
        error = struct.pack("<iI", 5, len(text)) + text
        progress = frame(PROGRESS, m.number, serial, b"\0" * 16)
        if m.name == "download":
            good += frame(DATA, m.number, serial, DOWNLOAD_DATA)
        good += frame(REPLY, m.number, serial, reply)
        failing += frame(ERROR, m.number, serial, error)
        slow += progress * 3
        slow += frame(PART, m.number, serial, reply[:1]) if reply else b""
        slow += frame(REPLY, m.number, serial, reply[1:])
    save(folder, "good", good)
    save(folder, "failing", failing)
    save(folder, "slow", slow)
    save(folder, "cut", good[:len(good) // 2])


# --- the index ---

INDEX = """[debian-12]
name=Debian 12
osinfo=debian12
arch=x86_64
file=debian-12.xz
checksum[sha512]={sum}
format=raw
size=6442450944
compressed_size=123456
expand=/dev/sda1
aliases=debian bookworm
notes=One line
 and another

 and a third
notes[de]=Auf Deutsch
revision=3

[old]
arch=i686
file=old/disk.qcow2
format=qcow2
size=1
hidden=true
# a comment
""".format(sum="0123456789abcdef" * 8)


def contents(folder):
    """Rounds of files as in wire/contents.h: (size, group, path)."""
    def round_of(*files):
        table = b"".join(struct.pack("<QII", size, group, len(path)) + path
                         for size, group, path in files)
        return struct.pack("<II", len(files), len(table)) + table

    block = b"x" * 4096
    save(folder, "empty", b"")
    save(folder, "one", round_of((5, 0, b"a")) + block)
    save(folder, "several", round_of((0, 0, b"d/none"), (4096, 0, b"a\nb"),
                                     (4097, 0, b"long")) + 3 * block +
         round_of((1, 0, b"last")) + block)
    save(folder, "names", round_of((7, 1, b"a"), (7, 1, b"again")) + block +
         round_of((7, 1, b"and again"), (0, 2, b"b")))


def index(folder):
    save(folder, "full", INDEX.encode())
    save(folder, "minimal", b"[t]\narch=amd64\nfile=t.xz\nsize=1024\n")
    save(folder, "empty", b"\n")


# --- files of a guest: see the table in guest.c ---

GUEST = [
    "Package: a\nStatus: install ok installed\nVersion: 1:2-3\n"
    "Source: b (1)\nDescription: c\n d\n .\n e\n\n",
    "P:musl\nV:1.2-r3\nA:x86_64\nT:libc\nU:https://x/\no:musl\n\n",
    "%NAME%\nzlib\n\n%VERSION%\n1:1.3-1\n\n%ARCH%\nany\n",
    "ID=neon\nID_LIKE=\"ubuntu debian\"\nVERSION_ID='22.04'\n"
    "PRETTY_NAME=\"a \\\"b\\\"\"\n",
    "LABEL=\"x y\" / ext4 rw 0 1\n/dev/vda2 /a\\040b btrfs subvol=/@ 0 0\n"
    "/dev/disk/by-id/a-part1 /c xfs\n",
    "a UUID=1-2 none luks\nb /dev/mapper/a none\n",
    "ARRAY /dev/md/0 metadata=1.2\n UUID=a:0\n",
    "\x7fELF\2\1\1" + 40 * "\0",
    "Red Hat Enterprise Linux AS release 4 (Nahant Update 8)\n",
    "SUSE Linux Enterprise Server 11\nVERSION = 11\nPATCHLEVEL = 3\n",
    "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=10.10\n",
    "12.5\n",
    "# a\nhost\n",
    "HOSTNAME=\"a\"\n",
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0 \0\0\0 ",
    "USERLAND_VERSION=\"14.1-RELEASE-p5\"\n",
    "NetBSD 9.3/amd64\n",
    "OpenBSD 7.5 (GENERIC.MP) #82: Wed Mar 20\n",
    "hostname=\"a.example.org\"\n",
    "3.4.0\n",
    "Package: a\nVersion: 1-2\nStatus: install user installed\n",
    "<plist><dict><key>a</key><dict><key>pkgver</key><string>a-1_1</string>"
    "</dict></dict></plist>",
    "GPL-2+\n",
]


def guest(folder):
    for i, text in enumerate(GUEST):
        save(folder, str(i), bytes([i]) + text.encode("latin-1"))


XL = b"""x# a guest
name = "a"; memory = 0x200
disk = [ 'phy:vg/a,xvda1,w', "format=raw,vdev=xvdb,target=/b", ]
disk += ['/c,,hdc:cdrom,r']
vif = [ 'mac=00:16:3e:00:00:01' 'bridge=x', ]
extra = "a=%s" % name + '\\x41'
"""

OVF = b"""o<Envelope><References><File id="f" href="d.vmdk"/></References>
<DiskSection><Disk diskId="d" fileRef="f"/></DiskSection><VirtualSystem id="n">
<VirtualHardwareSection><Item><ResourceType>17</ResourceType><HostResource>
ovf:/disk/d</HostResource></Item><Item><ResourceType>4</ResourceType>
<VirtualQuantity>9</VirtualQuantity></Item></VirtualHardwareSection>
</VirtualSystem></Envelope>"""

OVF_PLACES = b"""o<Envelope><References><File id="f" href="a%20d.vmdk"/>
</References><DiskSection><Disk diskId="d" fileRef="f"/><Disk diskId="e"
capacity="9"/></DiskSection><VirtualSystem id="n"><VirtualHardwareSection>
<System><VirtualSystemSubType>Microsoft:Hyper-V:SubType:2</VirtualSystemSubType>
</System><Item><ResourceType>20</ResourceType><InstanceID>3</InstanceID>
<Address>1</Address><ResourceSubType>vmware.nvme.controller</ResourceSubType>
</Item><Item><ResourceType>17</ResourceType><HostResource>ovf:/disk/d
</HostResource><Parent>3</Parent><AddressOnParent>2</AddressOnParent></Item>
<Item><ResourceType>19</ResourceType><InstanceID>e</InstanceID><Connection>
device=3,mode=rw</Connection></Item><VirtualSystemOtherConfigurationData
Name="HVM_boot_params"><Value>firmware=uefi</Value>
</VirtualSystemOtherConfigurationData></VirtualHardwareSection><Machine>
<Hardware><Firmware type="EFI"/></Hardware></Machine></VirtualSystem>
</Envelope>"""


def rpc(value):
    """A value as XML-RPC writes it."""
    if isinstance(value, dict):
        return "<value><struct>" + "".join(
            f"<member><name>{k}</name>{rpc(v)}</member>"
            for k, v in value.items()) + "</struct></value>"
    if isinstance(value, list):
        return "<value><array><data>" + "".join(map(rpc, value)) + \
            "</data></array></value>"
    return f"<value>{value}</value>"


def v2v(folder, work):
    save(folder, "xl", XL)
    save(folder, "ovf", OVF)
    save(folder, "ovf-places", OVF_PLACES)
    save(folder, "manifest", b"mSHA1(disk.vmdk)= " + b"0" * 40 + b"\n")
    save(folder, "xva", b"a" + rpc({"objects": [
        {"class": "VM", "id": "Ref:0", "snapshot": {
            "name_label": "n", "memory_dynamic_max": 9, "VCPUs_at_startup": 1,
            "VBDs": ["Ref:1"], "VIFs": []}},
        {"class": "VBD", "id": "Ref:1", "snapshot": {
            "userdevice": 0, "VDI": "Ref:2"}},
        {"class": "VDI", "id": "Ref:2", "snapshot": {"virtual_size": 512}},
    ]}).encode())
    path = os.path.join(work, "v2v.vhd")
    subprocess.run(["qemu-img", "create", "-q", "-f", "vpc", path, "4M"],
                   check=True)
    with open(path, "rb") as f:
        save(folder, "vhd", b"v" + f.read())
    os.unlink(path)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.splitlines()[0])
    folder = sys.argv[1]
    messages = Messages(model.load(sys.argv[2:]))
    os.makedirs(folder, exist_ok=True)
    images(os.path.join(folder, "header"), folder)
    codec(os.path.join(folder, "codec"), messages)
    channel(os.path.join(folder, "channel"), messages)
    contents(os.path.join(folder, "contents"))
    index(os.path.join(folder, "index"))
    guest(os.path.join(folder, "guest"))
    v2v(os.path.join(folder, "v2v"), folder)


if __name__ == "__main__":
    main()
