#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Make hostile variants of an exported appliance.

usage: hostile.py BUNDLE FOLDER KEY

For each, FOLDER gets NAME.tar and NAME.why, a pattern of what import has to
say.  Some are signed by KEY, as by an owner who makes mistakes.
"""

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile

bundle, folder, key = sys.argv[1:]
with tarfile.open(bundle) as archive:
    MEMBERS = [(m.name, archive.extractfile(m).read()) for m in archive]
SIGNED = MEMBERS[0][1]
DATA = MEMBERS[1:]


def sign(text):
    return subprocess.run(
        ["gpg", "-q", "--batch", "--clearsign", "-u", key],
        input=text.encode(), stdout=subprocess.PIPE, check=True).stdout


def index():
    text = SIGNED.decode().split("\n\n", 1)[1]
    return json.loads(text.split("-----BEGIN PGP SIGNATURE")[0])


def save(name, data, why):
    with open(os.path.join(folder, name + ".tar"), "wb") as f:
        f.write(data)
    with open(os.path.join(folder, name + ".why"), "w") as f:
        f.write(why + "\n")


def tar(members, end=1024):
    """Members: (name, data) or (TarInfo, data)."""
    out = io.BytesIO()
    for name, data in members:
        info = name
        if isinstance(name, str):
            info = tarfile.TarInfo(name)
            info.size = len(data)
        out.write(info.tobuf(tarfile.USTAR_FORMAT))
        out.write(data + bytes(-len(data) % 512))
    return out.getvalue() + bytes(end)


def with_index(change):
    """The bundle with an index that KEY has signed after a change."""
    what = index()
    change(what)
    return tar([("index.asc", sign(json.dumps(what, indent=1)))] + DATA)


def special(name, kind, link=""):
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = link
    return info


def member(i, name=None, data=None):
    """The bundle with another name or content of a member."""
    members = list(MEMBERS)
    members[i] = (name or members[i][0], members[i][1] if data is None
                  else data)
    return tar(members)


def main():
    last = len(MEMBERS) - 1
    whole = tar(MEMBERS)
    save("empty", b"", "not a whole appliance")
    save("noise", bytes(range(256)) * 64, "not a whole appliance|no appliance")
    save("gzip", gzip.compress(whole), "not a whole appliance")
    save("text", b"<html>not found</html>\n" * 40, "not a whole appliance")

    # What the archive says, and what was signed.
    for i, name in enumerate(("index.asc", "first", "", "", "", "", "last")):
        if name:
            save(f"name-{name}", member(i, "../../evil"),
                 r"'\.\./\.\./evil' is where")
    save("absolute", member(last, "/etc/evil"), "'/etc/evil' is where")
    save("order", tar([MEMBERS[0]] + DATA[1:] + DATA[:1]), "is where the file")
    save("twice", tar(MEMBERS + DATA[-1:]), "it has [0-9]+ bytes, not")
    save("more", tar(MEMBERS, 4096), "it has [0-9]+ bytes, not")
    for kind, name in ((tarfile.SYMTYPE, "symlink"), (tarfile.LNKTYPE, "link"),
                       (tarfile.DIRTYPE, "folder"), (tarfile.CHRTYPE, "char"),
                       (tarfile.FIFOTYPE, "fifo")):
        save(name, tar(MEMBERS[:-1] + [
            (special(MEMBERS[last][0], kind, "/etc/passwd"),
             MEMBERS[last][1])]), "where the file initrd should be")
        save("index-" + name, tar([(special("index.asc", kind, "/etc/passwd"),
                                    b"")] + DATA), "where the file index.asc")
    flipped = bytearray(MEMBERS[last][1])
    flipped[-1] ^= 1
    save("flipped", member(last, data=bytes(flipped)), "not what was signed")
    info = tarfile.TarInfo(MEMBERS[last][0])
    info.size = (1 << 33) - 1
    save("size", tar(MEMBERS[:-1] + [(info, MEMBERS[last][1])]),
         "its initrd has 8589934591 bytes|not a whole")
    info = tarfile.TarInfo("index.asc")
    info.size = 1 << 32
    save("size-index", tar([(info, b"x" * 512)] + DATA),
         "its index.asc has 4294967296 bytes")

    # Whose signature, of what.
    text = json.dumps(index())
    save("unsigned", tar([("index.asc", text.encode())] + DATA),
         "not signed|no signature|signature")
    save("changed", tar([("index.asc", SIGNED.replace(b'"size": ',
                                                      b'"size": 1', 1))] +
                        DATA), "the text was changed")
    save("two", tar([("index.asc", SIGNED + SIGNED)] + DATA), "")

    # Signed nonsense.
    save("list", tar([("index.asc", sign("[1]"))] + DATA), "no appliance")
    save("number", tar([("index.asc", sign("1"))] + DATA), "no appliance")
    save("deep", tar([("index.asc", sign("[" * 20000 + "]" * 20000))] + DATA),
         "not JSON|65536")
    save("half", tar([("index.asc", sign(text[:len(text) // 2]))] + DATA),
         "not JSON")

    def format_2(what):
        what["mayfly-appliance"] = 2
    save("format", with_index(format_2), "it has format 2")

    def other_api(what):
        what["api"] = "0" * 64
    save("api", with_index(other_api), "another version of Mayfly")

    def short_api(what):
        what["api"] = "12"
    save("short-api", with_index(short_api), "not 64 hexadecimal digits")

    def no_files(what):
        del what["files"]
    save("no-files", with_index(no_files), "does not have 6 files")

    def huge(what):
        what["files"][-1]["size"] = 1 << 62
    save("huge", with_index(huge), "are possible")

    def negative(what):
        what["files"][-1]["size"] = -1
    save("negative", with_index(negative), "are possible")

    def word(what):
        what["files"][-1]["size"] = "12"
    save("word", with_index(word), "are possible")

    def path(what):
        what["files"][-1]["name"] = "../../evil"
    save("path", with_index(path), "does not have initrd in its place")

    def digits(what):
        what["files"][-1]["sha512"] = "x" * 128
    save("digits", with_index(digits), "not 128 hexadecimal digits")

    def swapped(what):
        files = what["files"]
        files[0]["sha512"] = files[1]["sha512"]
    save("swapped", with_index(swapped), "its api is not what was signed")

    def objects(what):
        what["files"][0] = None
    save("objects", with_index(objects), "not as it should be")


main()
