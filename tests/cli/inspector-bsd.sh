#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# FreeBSD, OpenBSD and NetBSD on one disk.
. "$(dirname "$0")/../lib.sh"
cd "$work"
requires command -v makefs
image=$("$srcdir/tests/images/get.sh" bsd)

mayfly-inspector --json -a "$image" > bsd.json
python3 -c '
import json
d = json.load(open("bsd.json"))
for s in d["operating_systems"]:
    print(s["root"], s["type"], s["distro"], s["product_name"], s["version"],
          s["hostname"], s["arch"], s["osinfo"])
    print(" ", *sorted(m["mountpoint"] + "=" + m["device"]
                       for m in s["mountpoints"]), s["filesystems"])
    for p in s["packages"]:
        print(" ", p["name"], p["version"], p["summary"])
for f in d["filesystems"]:
    print(f["device"], f.get("type"), f.get("role"))
' > list
diff - list << 'END' || fail "the list differs"
/dev/sda5 freebsd freebsd FreeBSD 14.1-RELEASE-p5 {'major': 14, 'minor': 1} beastie.example.org x86_64 freebsd14.1
  /=/dev/sda5 /usr=/dev/sda7 ['/dev/sda5', '/dev/sda6', '/dev/sda7']
/dev/sda8 openbsd openbsd OpenBSD 7.5 {'major': 7, 'minor': 5} puffy.example.org x86_64 openbsd7.5
  /=/dev/sda8 ['/dev/sda9', '/dev/sda8']
  curl 8.6.0p1 transfer files with FTP, HTTP, HTTPS
/dev/sda10 netbsd netbsd NetBSD 9.3/amd64 {'major': 9, 'minor': 3} net.example.org x86_64 netbsd9.3
  /=/dev/sda10 ['/dev/sda10']
  perl 5.38.2nb1 Practical Extraction and Report Language
/dev/sda5 ufs root
/dev/sda6 None None
/dev/sda7 ufs other
/dev/sda8 ufs root
/dev/sda9 None None
/dev/sda10 ufs root
/dev/sda11 None None
END
got=$(mayfish --ro -a "$image" -m /dev/sda5 -m /dev/sda7:/usr \
    cat /usr/local/note < /dev/null)
[ "$got" = usr ] || fail "mayfish reads '$got'"
