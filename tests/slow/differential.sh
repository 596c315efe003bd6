#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/disk/differential.sh with 2000 images, other ones each time: the number
# of the seed is printed.
. "${srcdir:?}/tests/lib.sh"
requires qemu-img --version
requires strace -V
seed=${SEED:-$RANDOM}
echo "seed $seed"
TMPDIR=$work "${PYTHON:-python3}" "$srcdir/tests/disk/hostile.py" \
    "$builddir/tests/disk/disk-inspect" 2000 "$seed"
