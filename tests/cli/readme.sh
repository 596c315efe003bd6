#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The README's example is tests/example.c, word for word, in 30 lines.
. "$(dirname "$0")/../lib.sh"
sed -n '3,$p' "$srcdir/tests/example.c" > "$work/code"
sed -n '/^The C library/,/^That is tests/s/^    //p' "$srcdir/README" |
    sed '/^$/d' > "$work/readme"
sed '/^$/d' "$work/code" > "$work/expected"
diff -u "$work/expected" "$work/readme" || fail "README differs"
[ "$(wc -l < "$work/expected")" -le 30 ] || fail "more than 30 lines"
