# SPDX-License-Identifier: GPL-2.0-or-later
"""pwrite and pwrite_device of more than fits one frame, on the library that
the module finds: pwrite.py SCRATCH-IMAGE.  What comes back is compared with a
model in memory; 4 MiB is the longest that libguestfs takes."""
import hashlib
import random
import sys

import guestfs

MIB = 1 << 20
# (offset, size): around the frames of either, overlapping, over the end.
WRITES = ((0, 3 * MIB), (1, 1), (65535, 65537), (MIB - 1, 2 * MIB + 3),
          (3 * MIB - 7, 4 * MIB - 4096), (9 * MIB + 5, 1 * MIB), (12, 0))


def check(name, write, digest, model):
    """Write everything; the file or device must be what the model is."""
    for offset, size in WRITES:
        data = random.Random(size).randbytes(size)
        done = write(data, offset)
        print(name, offset, size, done)
        if len(model) < offset:
            model.extend(bytes(offset - len(model)))
        model[offset:offset + size] = data
    same = digest() == hashlib.md5(model).hexdigest()
    print(name, "is", "as written" if same else "WRONG")


g = guestfs.GuestFS(python_return_dict=True)
g.add_drive_opts(sys.argv[1], format="raw")
g.launch()
g.part_disk("/dev/sda", "mbr")
check("device", lambda data, at: g.pwrite_device("/dev/sda1", data, at),
      lambda: g.checksum_device("md5", "/dev/sda1"),
      bytearray(g.blockdev_getsize64("/dev/sda1")))
g.mkfs("ext4", "/dev/sda1")
g.mount("/dev/sda1", "/")
g.touch("/file")
check("file", lambda data, at: g.pwrite("/file", data, at),
      lambda: g.checksum("md5", "/file"), bytearray())
g.close()
