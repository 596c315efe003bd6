#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Databases of packages of every kind, on one disk with five systems.
. "$(dirname "$0")/../lib.sh"
cd "$work"
requires command -v rpmbuild
image=$("$srcdir/tests/images/get.sh" packages)

mayfly-inspector --json -a "$image" > packages.json
python3 -c '
import json
d = json.load(open("packages.json"))
for s in d["operating_systems"]:
    print(s["root"], s["hostname"], s["package_format"],
          s["package_management"], s.get("package_source"))
    for p in s["packages"]:
        print(" ", p["name"], p["version"], p["arch"], p.get("source"),
              repr(p.get("description")))
for n in d["notes"]:
    print(n["subject"], n["text"])
' > list
diff - list << 'END' || fail "the list differs"
/dev/sda1 fedora rpm yum /usr/lib/sysimage/rpm
  one 1.0-7.fc40 noarch one 'It is one.\nReally.'
  two 3:1.3-7.fc40 x86_64 two 'It is two.\nReally.'
/dev/sda2 suse rpm zypper None
/dev/sda3 alpine apk apk /lib/apk/db/installed
  musl 1.2.4_git20230717-r4 x86_64 musl 'the musl c library (libc) implementation'
/dev/sda4 arch pacman pacman /var/lib/pacman/local
  zlib 1:1.3-1 x86_64 None 'Compression library'
/dev/sda5 distroless deb apt /var/lib/dpkg/status.d
  tzdata 2024a-0+deb12u1 all None None
/dev/sda2 packages: /usr/lib/sysimage/rpm/Packages.db is empty, damaged, or of a kind (ndb) that the appliance's librpm does not read
END

# Bills of materials.
for format in spdx cyclonedx; do
    SOURCE_DATE_EPOCH=1700000000 mayfly-inspector --sbom $format -a "$image" \
        > $format.json
done
python3 << 'END'
import json
cdx = json.load(open("cyclonedx.json"))
purls = [c["purl"] for c in cdx["components"] if "purl" in c]
assert purls == [
    "pkg:rpm/fedora/one@1.0-7.fc40?arch=noarch&distro=fedora-40",
    "pkg:rpm/fedora/two@1.3-7.fc40?arch=x86_64&distro=fedora-40&epoch=3",
    "pkg:apk/alpine/musl@1.2.4_git20230717-r4?arch=x86_64&distro="
    "alpine-3.19.1",
    "pkg:alpm/arch/zlib@1:1.3-1?arch=x86_64",
    "pkg:deb/debian/tzdata@2024a-0%2Bdeb12u1?arch=all&distro=debian-12",
], purls
assert cdx["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"
refs = [c["bom-ref"] for c in cdx["components"]]
assert len(set(refs)) == len(refs)
spdx = json.load(open("spdx.json"))
ids = [p["SPDXID"] for p in spdx["packages"]]
assert [p["externalRefs"][0]["referenceLocator"] for p in spdx["packages"]
        if "externalRefs" in p] == purls
assert len(set(ids)) == len(ids) == len(purls) + 5
for r in spdx["relationships"]:
    assert r["relatedSpdxElement"] in ids, r
# "none" is no licence of SPDX's list.
assert [e["extractedText"] for e in spdx["hasExtractedLicensingInfos"]] == [
    "none"]
END

# Without a mounted file system the call mounts what it needs, for itself.
got=$(mayfish --ro -a "$image" run : inspect-os : \
    inspect-list-applications2 /dev/sda1 : mounts < /dev/null)
for want in /dev/sda1 /dev/sda5 "app2_name: two" "app2_epoch: 3" \
    "app2_release: 7.fc40"; do
    grep -q -- "$want" <<< "$got" || fail "no '$want' in '$got'"
done
[ "$(tail -1 <<< "$got")" = "}" ] || fail "mounted: $(tail -1 <<< "$got")"

# Several systems: -i does not choose.
expect_error 1 "operating systems found" \
    mayfish --ro -i -a "$image" ls / < /dev/null
expect_error 1 "/dev/sda9: no root that inspect_os has found" \
    mayfish --ro -a "$image" run : inspect-os : inspect-get-type /dev/sda9
expect_error 1 "/dev/sda1: call inspect_os first" \
    mayfish --ro -a "$image" run : inspect-get-type /dev/sda1
