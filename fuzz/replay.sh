#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Run every fuzz target on its seeds and on a few thousand mutations of them.
. "${srcdir:?}/tests/lib.sh"
requires qemu-img --version

# shellcheck disable=SC2086
"${PYTHON:-python3}" "$srcdir/fuzz/seeds.py" "$work" $(
    sed "s|^|$srcdir/|" "$builddir/fuzz/api-files")
targets=$(cat "$builddir/fuzz/targets")
[ "$(wc -w <<< "$targets")" -ge 7 ] || fail "targets: $targets"
for target in $targets; do
    changes=200
    [ $target = codec ] && changes=20
    "$builddir/fuzz/$target" "$work/$target" $changes ||
        fail "$target crashed"
done
