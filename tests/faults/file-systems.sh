#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Damaged file systems, volumes and partition tables.
# IMAGES=N: that many instead of 10000.
. "${srcdir:?}/tests/lib.sh"
requires python3 --version
export TMPDIR=$work
"${PYTHON:-python3}" "$srcdir/tests/faults/file-systems.py" "${IMAGES:-10000}"
