#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The drop-in exports what the distribution's library exports, no less and no
# more, under the same name; and all of the list, with which a newer guestfs.h
# is not content.
. "$(dirname "$0")/../lib.sh"
ours=$builddir/compat/.libs/libguestfs.so.0
[ -e "$ours" ] || skip "the drop-in is not built here (no guestfs.h)"
requires command -v nm

exported()
{
    nm -D --defined-only "$1" | awk '$3 != "" { print $3 }' | LC_ALL=C sort
}

exported "$ours" > "$work/ours"
missing=$(LC_ALL=C comm -23 "$srcdir/compat/symbols.txt" "$work/ours")
[ -z "$missing" ] || fail "missing: $missing"
header=$(echo '#include <guestfs.h>' | ${CC:-cc} -DGUESTFS_PRIVATE=1 -E -)
for name in $(LC_ALL=C comm -13 "$srcdir/compat/symbols.txt" "$work/ours"); do
    grep -qw "$name" <<< "$header" || fail "guestfs.h has no $name"
done
cut -d' ' -f2 "$builddir/gen/compat-coverage.txt" | LC_ALL=C sort \
    > "$work/covered"
diff "$work/ours" "$work/covered" || fail "the list of coverage is another"
objdump -p "$ours" | grep -q 'SONAME *libguestfs.so.0$' ||
    fail "the library has another soname"

theirs=$(ldconfig -p | sed -n 's/.*libguestfs.so.0 .*=> //p' | head -n 1)
[ -n "$theirs" ] || skip "the distribution's library is not here to compare"
exported "$theirs" > "$work/theirs"
diff "$work/theirs" "$work/ours" || fail "the distribution's symbols differ"
