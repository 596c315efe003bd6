#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Power failures while a disk is written; and the test finds damage where the
# flushes are left out.
# WORKLOADS=N: that many instead of 200.
. "${srcdir:?}/tests/lib.sh"
requires nbdkit python --version
requires python3 --version
cd "$work"
export TMPDIR=$work
"${PYTHON:-python3}" "$srcdir/tests/faults/power.py" 12 1 --unsafe ||
    fail "no damage is found without flushes"
"${PYTHON:-python3}" "$srcdir/tests/faults/power.py" "${WORKLOADS:-200}"
