#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# POINTS=N: that many points instead of 2000.
. "${srcdir:?}/tests/lib.sh"
requires strace -V
requires mke2fs -V
"${PYTHON:-python3}" "$srcdir/tests/faults/whole.py" syscalls "${POINTS:-2000}"
