#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
. "${srcdir:?}/tests/lib.sh"
requires mke2fs -V
requires zstd --version
"${PYTHON:-python3}" "$srcdir/tests/faults/bombs.py"
