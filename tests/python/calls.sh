#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Python module: every kind of argument, option and result, errors, events,
# threads; and its stub names what it has.
. "${srcdir:?}/tests/lib.sh" || exit 1
cd "$work"
truncate -s 64M disk
# Names of a guest do not depend on the locale.
LC_ALL=C PYTHONCOERCECLOCALE=0 PYTHONUTF8=0 \
    python3 "$srcdir/tests/python/values.py" disk \
    "${builddir:?}/gen/python/__init__.pyi"
