#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The edge of libmayfly.  Equal in all directions: what the library exports,
# lib/libmayfly.symbols, and what the installed headers declare.  The programs
# and the drop-in take nothing else from it.  A program that was linked with
# an older build runs with this one.
#
#     UPDATE=1 tests/api/symbols.sh
#
# adds new calls to the list.  It never removes one, for that breaks programs:
# a library without it has to have another soname.
. "$(dirname "$0")/../lib.sh"
requires command -v nm
: "${COMPILE:=cc -std=gnu17}"
list=$srcdir/lib/libmayfly.symbols
library=$builddir/.libs/libmayfly.so
export LC_ALL=C

soname=$(objdump -p "$library" | awk '$1 == "SONAME" { print $2 }')
read -r listed_soname node < "$list"
sed 1d "$list" > "$work/listed"
sort -uc "$work/listed" || fail "$list is not sorted"

# What a program that includes <mayfly.h> may call.
echo '#include <mayfly.h>' > "$work/all.c"
$COMPILE -E -P -I"$srcdir/lib" -I"$builddir/gen" "$work/all.c" |
    grep -oE '\bmayfly_[A-Za-z0-9_]+ *\(' | tr -d ' (' | sort -u \
    > "$work/declared"
[ "$(wc -l < "$work/declared")" -gt 100 ] || fail "the headers say nothing"

removed=$(comm -13 "$work/declared" "$work/listed")
if [ "$soname" = "$listed_soname" ]; then
    [ -z "$removed" ] ||
        fail "$soname promises these, and no header declares them:" \
            $removed "(put them back, or change -version-info and the soname)"
elif [ -z "${UPDATE:-}" ]; then
    fail "the library is $soname, the list $listed_soname:" \
        "run UPDATE=1 tests/api/symbols.sh and read the diff"
fi
if [ -n "${UPDATE:-}" ]; then
    { echo "$soname MAYFLY_${soname##*.}"; cat "$work/declared"; } > "$list"
    echo "$list written; run make"
    exit 0
fi

added=$(comm -23 "$work/declared" "$work/listed")
[ -z "$added" ] ||
    fail "not in lib/libmayfly.symbols:" $added \
        "(run UPDATE=1 tests/api/symbols.sh, then make)"

# A name with its version is NAME@@NODE; the node itself is one as well.
nm -D --defined-only "$library" | awk '{ print $3 }' > "$work/versioned"
grep -vE "@@$node\$" "$work/versioned" | grep -vx "$node" > "$work/others" &&
    fail "exported without $node:" $(cat "$work/others")
sed -n "s/@@$node\$//p" "$work/versioned" | grep -vx "$node" | sort \
    > "$work/exported"
diff "$work/listed" "$work/exported" ||
    fail "the library exports other names than $list"

# A name that was promised by a release is promised for good.
if git -C "$srcdir" rev-parse > /dev/null 2>&1; then
    for tag in $(git -C "$srcdir" tag -l 'v[0-9]*'); do
        git -C "$srcdir" show "$tag:lib/libmayfly.symbols" > "$work/tag" ||
            continue
        [ "$(head -n 1 "$work/tag")" = "$soname $node" ] || continue
        gone=$(sed 1d "$work/tag" | comm -23 - "$work/listed")
        [ -z "$gone" ] || fail "$tag promised in $soname:" $gone
    done
fi

# The programs: their helpers are their own.
nm "$builddir"/.libs/libbase.a "$builddir"/.libs/libwire.a \
    "$builddir"/.libs/libmayfly-testing.a 2> /dev/null |
    awk '$2 ~ /[TDBR]/ && $3 !~ /^mayfly_/ { print $3 }' | sort -u \
    > "$work/inside"
[ -s "$work/inside" ] || fail "the library has no inside"
programs=0
for program in "$builddir"/.libs/{mayfish,mayfly-*} \
    "$builddir"/compat/.libs/libguestfs.so.0; do
    [ -e "$program" ] || continue
    nm -D --undefined-only "$program" | awk '{ print $2 }' > "$work/wanted"
    [ -s "$work/wanted" ] || continue
    sed 's/@.*//' "$work/wanted" | sort -u | comm -12 - "$work/inside" \
        > "$work/tangled"
    [ ! -s "$work/tangled" ] ||
        fail "$program takes from the library:" $(cat "$work/tangled")
    grep -c "^mayfly_.*@$node\$" "$work/wanted" > "$work/count" ||
        fail "$program takes nothing from the library"
    echo "${program##*/}: $(cat "$work/count") calls"
    programs=$((programs + 1))
done
[ "$programs" -ge 6 ] || fail "only $programs programs found"

# An older build of the library is one with the listed names and nothing
# else of this one; a program that uses them all is linked with that one and
# run with this one.
mkdir "$work/older"
awk '{ print "void " $1 "(void); void " $1 "(void) {}" }' "$work/listed" \
    > "$work/older.c"
awk '{ print "void " $1 "(void);" }
    { names = names "    " $1 ",\n" }
    END { print "static void (*const all[])(void) = {\n" names "};"
        print "int main(void) { return all[sizeof(all) / sizeof(all[0]) - 1]"
        print "    == 0; }" }' "$work/listed" > "$work/program.c"
# shellcheck disable=SC2086
{
    $COMPILE -fPIC -shared -o "$work/older/libmayfly.so" "$work/older.c" \
        -Wl,-soname,"$soname" \
        -Wl,--version-script="$builddir/lib/libmayfly.map"
    $COMPILE -o "$work/program" "$work/program.c" -L"$work/older" \
        -Wl,-z,now -lmayfly
}
LD_LIBRARY_PATH=$builddir/.libs "$work/program" ||
    fail "a program of an older build does not run"
nm -D --undefined-only "$work/program" | grep -c "@$node" |
    sed 's/$/ calls of a program of an older build/'
