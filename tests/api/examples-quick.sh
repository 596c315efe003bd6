#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each sixth example of the documentation; all of them take twenty minutes
# without KVM and run in `make check-slow`.  (A name of its own: examples.py
# would have the same log.)
exec "${PYTHON:-python3}" "${srcdir:?}/tests/api/examples.py" --every 6
