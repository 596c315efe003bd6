#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# POINTS=N: that many points instead of 400.
. "${srcdir:?}/tests/lib.sh"
requires mke2fs -V
"${PYTHON:-python3}" "$srcdir/tests/faults/whole.py" allocations "${POINTS:-400}"
