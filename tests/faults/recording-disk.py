# SPDX-License-Identifier: GPL-2.0-or-later
"""A plugin of nbdkit: a disk in a file, with a log of what it was asked.

    nbdkit python recording-disk.py file=DISK log=LOG

Each entry of the log is a letter (W: written, F: all before it is stored), the
offset and the length as 64-bit numbers, and the bytes of a W.
"""

import builtins
import os
import struct

import nbdkit

API_VERSION = 2
HEAD = struct.Struct(">cQQ")
settings = {}
files = {}


def config(key, value):
    settings[key] = value


def get_ready():
    files["disk"] = os.open(settings["file"], os.O_RDWR)
    files["log"] = builtins.open(settings["log"], "ab", buffering=0)


def thread_model():
    return nbdkit.THREAD_MODEL_SERIALIZE_ALL_REQUESTS


def open(readonly):
    return 1


def get_size(h):
    return os.fstat(files["disk"]).st_size


def can_flush(h):
    return True


def can_fua(h):
    return nbdkit.FUA_NATIVE


def pread(h, buf, offset, flags):
    os.preadv(files["disk"], [buf], offset)


def record(kind, offset=0, length=0, data=b""):
    files["log"].write(HEAD.pack(kind, offset, length) + data)


def pwrite(h, buf, offset, flags):
    os.pwrite(files["disk"], buf, offset)
    record(b"W", offset, len(buf), bytes(buf))
    if flags & nbdkit.FLAG_FUA:
        record(b"F", offset, len(buf))


def zero(h, count, offset, flags):
    pwrite(h, bytes(count), offset, flags)


def flush(h, flags):
    record(b"F")
