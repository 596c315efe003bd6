#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A program whose functions have the names of the library's helpers reads a
# file of a guest; each name is one that the library has inside.
. "$(dirname "$0")/../lib.sh"
requires command -v nm
inside=$(nm "$builddir"/.libs/libmayfly-testing.a "$builddir"/.libs/libbase.a \
    "$builddir"/.libs/libwire.a | awk '$2 == "T" { print $3 }')
while read -r name; do
    grep -qx "$name" <<< "$inside" || fail "the library has no $name"
done < <(sed -n 's/^OWN(\(.*\))$/\1/p' "$srcdir/tests/api/clash.c")

mayfish << END
sparse $work/disk.img 64M
run
part-disk /dev/sda mbr
mkfs ext4 /dev/sda1
mount /dev/sda1 /
write /greeting "hello from the guest\n"
END
got=$("$builddir/tests/api/clash" "$work/disk.img" /dev/sda1 /greeting)
[ "$got" = "hello from the guest" ] || fail "got '$got'"
expect_error 1 '/nosuch: No such file or directory' \
    "$builddir/tests/api/clash" "$work/disk.img" /dev/sda1 /nosuch
