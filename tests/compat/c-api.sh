#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libguestfs' own generated test cases of its C API, linked with our library.
#
#     C_API_SOURCE=DIR tests/compat/c-api.sh
#
# DIR is an unpacked source tarball of libguestfs, of the version of guestfs.h
# (for Debian: apt-get source libguestfs).  Only a tarball will do: its
# tests/c-api/tests.c is generated.  Nothing of it stays.
#
# Each case must pass except those in c-api.known, each listed there with its
# cause; it is also an error if one of those passes, so that the list stays
# true.  C_API_LIBRARY=FILE runs another libguestfs.so.0, whose failures are
# only listed; TEST_ONLY="CALL CALL" runs the cases of these calls,
# C_API_RANGE=A-B those from number A to B, counted from 0 as the cases print
# it, and C_API_LOG=FILE keeps what the cases said.
. "$(dirname "$0")/../lib.sh"
. "$srcdir/tests/compat/lib.sh"
[ -n "${C_API_SOURCE:-}" ] || skip "C_API_SOURCE is not set"
[ -e "$C_API_SOURCE/tests/c-api/tests.c" ] ||
    skip "$C_API_SOURCE has no tests/c-api/tests.c: is it a source tarball?"
requires command -v genisoimage
requires pkg-config libpcre2-8 libxml-2.0
source=$(realpath "$C_API_SOURCE")
library=$(realpath "${C_API_LIBRARY:-$builddir/compat/.libs/libguestfs.so.0}")
log=${C_API_LOG:-$work/log}
known=$(realpath "$srcdir/tests/compat/c-api.known")
mayfly_library=$(realpath "$builddir/.libs")

# Build their sources by their own rules, without the part of automake that
# plain make does not read.
cp -r "$source" "$work/source"
cd "$work/source"
make_data()
(
    cd "test-data/$1"
    { sed '/^include /d' Makefile.am; echo "all: $2"; } > rules
    make -s -f rules srcdir=. top_srcdir=../.. MKISOFS=genisoimage all
)
{
    make_data files "\$(noinst_DATA)"
    make_data blank-disks "\$(noinst_DATA)"
    sed '/^include /d; /^if /d; /^endif/d' test-data/Makefile.am \
        > test-data/rules
    make -s -C test-data -f rules srcdir=. MKISOFS=genisoimage test.iso
} > "$work/data.log" 2>&1 || fail "no test data: $(tail -n 5 "$work/data.log")"

cat > config.h << 'END_CONFIG'
#define _GNU_SOURCE 1
#define PACKAGE "libguestfs"
#define PACKAGE_NAME "libguestfs"
#define HAVE_ATTRIBUTE_CLEANUP 1
END_CONFIG
cd tests
# They skip the tests of commands where kernels differ, in case the machine
# differs too; a static program of this machine runs in our appliance.
sed -i 's/return is_cross_appliance;/return 0;/' c-api/tests-main.c
range=${C_API_RANGE:-0-9999}
sed -i -e "s/for (test_num = 0;/for (test_num = ${range%-*};/" \
    -e "s/test_num < nr_tests;/test_num <= ${range#*-} \&\& &/" \
    c-api/tests-main.c
# shellcheck disable=SC2046 # several words are meant
gcc -w -O1 -DGUESTFS_PRIVATE=1 -I.. -I../common/utils -I../common/structs \
    -I../lib -I../gnulib/lib \
    $(pkg-config --cflags libpcre2-8 libxml-2.0 libguestfs) \
    c-api/tests.c c-api/tests-main.c ../common/structs/structs-cleanups.c \
    ../common/utils/{cleanups,utils,stringlists-utils}.c \
    ../common/utils/{libxml2,pcre2}-cleanups.c \
    -o c-api-tests "$library" -Wl,--allow-shlib-undefined \
    -Wl,-rpath,"$(dirname "$library")" -Wl,-rpath,"$mayfly_library" \
    $(pkg-config --libs libpcre2-8 libxml-2.0) 2> "$work/cc.log" ||
    fail "their tests do not compile: $(tail -n 5 "$work/cc.log")"
for program in command pwd; do
    gcc -w -O1 -static -I.. "c-api/test-$program.c" -o "c-api/test-$program"
done

# No time limit here: each call has its own, and so has the runner.
code=0
LD_LIBRARY_PATH=$mayfly_library srcdir=. timeout 3600 ./c-api-tests \
    > "$log" 2>&1 || code=$?
[ "$code" -le 1 ] || fail "they ended with $code: $(tail -n 5 "$log")"

sed -n 's/^FAIL: //p' "$log" | LC_ALL=C sort > "$work/failed"
sed -n 's/^ *\([A-Za-z0-9_]*\) skipped (reason: .*/\1/p' "$log" |
    LC_ALL=C sort > "$work/skipped"
sed -n 's/^ *[0-9]*\/ *[0-9]* \(test_[A-Za-z0-9_]*\)$/\1/p' "$log" |
    LC_ALL=C sort > "$work/ran"
[ -n "${C_API_RANGE:-}" ] || [ "$(wc -l < "$work/ran")" -ge 500 ] ||
    fail "only part of them ran: $(tail -n 5 "$log")"
LC_ALL=C comm -23 "$work/ran" "$work/failed" |
    LC_ALL=C comm -23 - "$work/skipped" > "$work/passed"
sed -n 's/^\(test_[A-Za-z0-9_]*\) .*/\1/p' "$known" | LC_ALL=C sort > "$work/known"
echo "$(wc -l < "$work/passed") passed, $(wc -l < "$work/failed") failed," \
    "$(wc -l < "$work/skipped") skipped"
[ -z "${C_API_LIBRARY:-}" ] || {
    cat "$work/failed"
    exit 0
}
new=$(LC_ALL=C comm -23 "$work/failed" "$work/known")
old=$(LC_ALL=C comm -12 "$work/passed" "$work/known")
[ -z "$new" ] || fail "these fail, and are not in c-api.known:
$new"
[ -z "$old" ] || fail "these pass, but are in c-api.known:
$old"
