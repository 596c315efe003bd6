#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Many resumes in a row leave nothing and repeat nothing; RESUMES sets how
# many.
. "$(dirname "$0")/../lib.sh"
mkdir "$work/tmp"
TMPDIR=$work/tmp "$builddir/tests/slow/resumes" "${RESUMES:-100}"
