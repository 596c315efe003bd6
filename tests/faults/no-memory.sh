#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every allocation of what reads foreign bytes fails once.
. "${srcdir:?}/tests/lib.sh"
requires qemu-img --version
[ "$(basename "${VALGRIND:-}")" = "" ] || skip "has an allocator of its own"

# shellcheck disable=SC2046
"${PYTHON:-python3}" "$srcdir/fuzz/seeds.py" "$work" $(
    sed "s|^|$srcdir/|" "$builddir/fuzz/api-files")
"$builddir/tests/faults/no-memory" "$work"
