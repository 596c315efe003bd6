#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Pack a disk as an OVA.

write-ova.py [--version 1|2] [--sum sha1|...] [--href NAME] [--file NAME]
    [--kind tar|zip|folder] [--gzip] [--wrong] [--extra LINE]
    [--capacity MIB] OUT DISK.vmdk
"""
import argparse
import gzip
import hashlib
import io
import os
import tarfile
import zipfile

parser = argparse.ArgumentParser()
parser.add_argument("--version", default="1")
parser.add_argument("--sum", default="sha256")
parser.add_argument("--href", default="disk.vmdk")
parser.add_argument("--file")
parser.add_argument("--kind", default="tar")
parser.add_argument("--gzip", action="store_true")
parser.add_argument("--compression")
parser.add_argument("--wrong", action="store_true")
parser.add_argument("--extra", default="")
parser.add_argument("--capacity", default="8192", help="of the disk, in MiB")
parser.add_argument("--firmware", default="bios")
parser.add_argument("out")
parser.add_argument("disk")
args = parser.parse_args()
item = ("Item", "Item", "Item") if args.version == "1" else \
    ("Item", "StorageItem", "EthernetPortItem")
if args.gzip and not args.compression:
    args.compression = "gzip"
compression = (f' ovf:compression="{args.compression}"'
               if args.compression else "")
OVF = f"""<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/{args.version}"
 xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/{args.version}"
 xmlns:rasd="urn:rasd" xmlns:vmw="urn:vmw">
 <References>
  <File ovf:id="f1" ovf:href="{args.href}"{compression}/>
 </References>
 <DiskSection><Info/><Disk ovf:diskId="d1" ovf:fileRef="f1" ovf:capacity="{args.capacity}"
  ovf:capacityAllocationUnits="byte * 2^20"/>
 </DiskSection>
 <VirtualSystem ovf:id="identity">
  <Name>packed</Name>
  <VirtualHardwareSection>
   <Item><rasd:ResourceType>3</rasd:ResourceType>
    <rasd:VirtualQuantity>2</rasd:VirtualQuantity></Item>
   <Item><rasd:AllocationUnits>byte * 2^30</rasd:AllocationUnits>
    <rasd:ResourceType>4</rasd:ResourceType>
    <rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
   <{item[1]}><rasd:HostResource>ovf:/disk/d1</rasd:HostResource>
    <rasd:ResourceType>17</rasd:ResourceType></{item[1]}>
   <{item[2]}><rasd:Address>00:50:56:AA:BB:CC</rasd:Address>
    <rasd:ResourceType>10</rasd:ResourceType></{item[2]}>
   <vmw:Config ovf:required="false" vmw:key="firmware"
    vmw:value="{args.firmware}"/>
  </VirtualHardwareSection>
 </VirtualSystem>
</Envelope>
""".encode()
disk = open(args.disk, "rb").read()
if args.gzip:
    disk = gzip.compress(disk, 1)
name = args.file or args.href.rsplit("/", 1)[-1]


def line(of, data):
    digest = hashlib.new(args.sum, data).hexdigest()
    return f"{args.sum.upper()}({of})= {digest}\n"


manifest = line("m.ovf", OVF) + line(name, disk) + args.extra
if args.wrong:
    disk = disk[:-1] + bytes([disk[-1] ^ 1])
files = [("m.ovf", OVF), ("m.mf", manifest.encode()), ("._m.ovf", b"junk"),
         (name, disk)]
if args.file and args.file != args.href:
    files.insert(2, (args.href + ".000000000", b"an old one"))
if args.kind == "folder":
    os.mkdir(args.out)
    for of, data in files:
        open(f"{args.out}/{of}", "wb").write(data)
elif args.kind == "zip":
    with zipfile.ZipFile(args.out, "w") as archive:
        for of, data in files:
            archive.writestr(of, data)
else:
    with tarfile.open(args.out, "w") as archive:
        for of, data in files:
            entry = tarfile.TarInfo(of)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
