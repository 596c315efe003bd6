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

program=$builddir/tests/api/clash bash "$srcdir/tests/cli/example.sh"
