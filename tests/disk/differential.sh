#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# QEMU opens no file of a hostile image that our reader does not know of: see
# hostile.py.  tests/slow/differential.sh tries more.
. "${srcdir:?}/tests/lib.sh"
requires qemu-img --version
requires strace -V
TMPDIR=$work "${PYTHON:-python3}" "$srcdir/tests/disk/hostile.py" \
    "$builddir/tests/disk/disk-inspect" 60
