#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real Debian: the packages listed are those of dpkg-query.
. "$(dirname "$0")/../lib.sh"
cd "$work"
requires command -v mmdebstrap
requires command -v dpkg-query
image=$("$srcdir/tests/images/get.sh" debian)
list=${XDG_CACHE_HOME:-$HOME/.cache}/mayfly/test-images/tree-debian-12.tar.packages

mayfly-inspector --json -a "$image" > debian.json
python3 -c '
import json
s = json.load(open("debian.json"))["operating_systems"][0]
for p in s["packages"]:
    print(p["name"], p["version"], p["arch"], sep="\t")
' | LC_ALL=C sort > packages
[ "$(wc -l < packages)" -gt 100 ] || fail "only $(wc -l < packages) packages"
diff "$list" packages || fail "the packages differ from dpkg-query's"

# The list from the mounted system, by the call for that.
mayfish --ro -i -a "$image" inspect-list-applications2 /dev/sda3 \
    < /dev/null | sed -n 's/^ *app2_name: //p' | LC_ALL=C sort > names
cut -f1 packages | LC_ALL=C sort | diff - names ||
    fail "inspect-list-applications2 differs"
