#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mayfly-inspector, and the shell's -i, on disks of every layout.
. "$(dirname "$0")/../lib.sh"
cd "$work"
get=$srcdir/tests/images/get.sh

# Print an expression of the JSON in FILE; "d" is the document, "s" its first
# system.
json()
{
    python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
s = (d["operating_systems"] or [None])[0]
r = eval(sys.argv[2])
print(r if isinstance(r, str) else " ".join(map(str, r)))' "$1" "$2"
}

# is WANT FILE EXPRESSION
is()
{
    local got
    got=$(json "$2" "$3")
    [ "$got" = "$1" ] || fail "$2: $3 is '$got', not '$1'"
}
mounts='sorted(m["mountpoint"] + "=" + m["device"] for m in s["mountpoints"])'
types='[f["device"] + "=" + f.get("type", "?") + ":" + f.get("role", "")
    for f in d["filesystems"]]'
systems='[o["root"] for o in d["operating_systems"]]'

# GPT with an EFI system partition, /boot, /, swap.
gpt=$("$get" gpt)
before=$(sha256sum < "$gpt")
mayfly-inspector --json -a "$gpt" > gpt
[ "$(sha256sum < "$gpt")" = "$before" ] || fail "the image was written to"
is /dev/sda3 gpt "$systems"
is "/=/dev/sda3 /boot/efi=/dev/sda1 /boot=/dev/sda2" gpt "$mounts"
is "/dev/sda1=vfat:esp /dev/sda2=ext4:boot /dev/sda3=ext4:root \
/dev/sda4=swap:swap" gpt "$types"
is "/dev/sda3 /dev/sda2 /dev/sda1 /dev/sda4" gpt 's["filesystems"]'
is "debian 12.7 12 7 debian12 x86_64 phony deb apt bookworm" gpt \
    '[s["distro"], s["product_name"], s["version"]["major"],
      s["version"]["minor"], s["osinfo"], s["arch"], s["hostname"],
      s["package_format"], s["package_management"], s["codename"]]'
is "base-files=12.4+deb12u7 libedit2=3.1-20221030-2 vim-tiny=2:9.0.1378-2" \
    gpt '[p["name"] + "=" + p["version"] for p in s["packages"]]'
is "" gpt 'd["notes"] + d["locked"]'
got=$(mayfish --ro -i -a "$gpt" cat /boot/grub/grub.cfg : \
    ls /boot/efi/EFI/BOOT < /dev/null)
[ "$got" = $'# menu\nBOOTX64.EFI' ] || fail "mayfish -i shows '$got'"

# MBR with logical partitions, named as an old kernel named them.
mayfly-inspector --json --no-applications "$("$get" mbr)" > mbr
is /dev/sda5 mbr "$systems"
is "/=/dev/sda5 /boot=/dev/sda1 /home=/dev/sda6" mbr "$mounts"
is "/dev/sda1=ext2:boot /dev/sda5=ext4:root /dev/sda6=xfs:other \
/dev/sda7=swap:swap" mbr "$types"
is 5 mbr '[f["version"] for f in d["filesystems"] if "version" in f]'

# Subvolumes; the snapshot is not a second system.
btrfs=$("$get" btrfs)
mayfly-inspector --json -a "$btrfs" > btrfs
is btrfsvol:/dev/sda2/@ btrfs "$systems"
is "/=btrfsvol:/dev/sda2/@ /boot=/dev/sda1 /home=btrfsvol:/dev/sda2/@home" \
    btrfs "$mounts"
is "a snapshot of btrfsvol:/dev/sda2/@" btrfs '[n["text"] for n in d["notes"]
    if n["subject"] == "btrfsvol:/dev/sda2/snapshot"]'
got=$(mayfish --ro -i -a "$btrfs" cat /home/note < /dev/null)
[ "$got" = "in the subvolume" ] || fail "mayfish -i shows '$got'"

# RAID1 over two disks, and over one of them.
md=$("$get" md)
mayfly-inspector --json -a "$md" -a "$md.2" > md
mayfly-inspector --json -a "$md" > md-degraded
for f in md md-degraded; do
    is 2 $f '[len(s["mountpoints"])]'
    is "phony debian" $f '[s["hostname"], s["distro"]]'
    is "True" $f '[s["mountpoints"][0]["device"] == s["root"] and
        s["root"].startswith("/dev/md")]'
done
for disks in "$(printf -- '-a %q -a %q' "$md" "$md.2")" \
    "-a $("$get" mbr)"; do
    # shellcheck disable=SC2086
    got=$(mayfish --ro -i $disks cat /etc/hostname < /dev/null)
    [ "$got" = phony ] || fail "mayfish -i $disks shows '$got'"
done

# A vmdk without a system: its file systems, and names that are not ASCII.
vmdk=$("$get" vmdk)
expect_error 5 "^mayfly-inspector: no operating system found on /dev/sda1 \
\(ntfs\) and the others; --json shows what was tried$" \
    mayfly-inspector -a "$vmdk"
mayfly-inspector --json -a "$vmdk" > ./vmdk 2> /dev/null || [ $? -eq 5 ]
is "/dev/sda1=ntfs:other /dev/sda2=vfat:other" vmdk "$types"
is "Données" vmdk '[d["filesystems"][0]["label"]]'
got=$(mayfish --ro -a "$vmdk" -m /dev/sda1 cat \
    "/Größe und Maß/日本語.txt" < /dev/null)
[ "$got" = ntfs ] || fail "NTFS shows '$got'"
got=$(mayfish --ro -a "$vmdk" -m /dev/sda2:/:utf8 ls "/Ελληνικά" < /dev/null)
[ "$got" = "naïve café.txt" ] || fail "vfat shows '$got'"

# The document, and queries of it.
mayfly-inspector -a "$gpt" > gpt.xml
xpath()
{
    mayfly-inspector --xpath "$1" < gpt.xml
}
[ "$(xpath 'string(//root)')" = /dev/sda3 ] || fail "string(//root)"
[ "$(xpath 'count(//application)')" = 3 ] || fail "count(//application)"
[ "$(xpath '//hostname')" = "<hostname>phony</hostname>" ] || fail "//hostname"
[ "$(xpath '//filesystem/@dev' | head -1)" = ' dev="/dev/sda1"' ] ||
    fail "//filesystem/@dev"
[ "$(xpath '//nothing')" = "" ] || fail "//nothing"
[ "$(xpath 'boolean(//icon)')" = false ] || fail "boolean(//icon)"
mayfly-inspector --no-applications --no-icon -a "$gpt" > short.xml
grep -q '<application' short.xml && fail "--no-applications has no effect"
[ "$(head -3 short.xml)" = '<?xml version="1.0"?>
<operatingsystems>
  <operatingsystem>' ] || fail "the document starts with $(head -3 short.xml)"
exit 0
