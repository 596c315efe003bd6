#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mayfly-guestfs: what it says about a program, and how it fails.
. "$(dirname "$0")/../lib.sh"
[ -e "$builddir/compat/.libs/libguestfs.so.0" ] ||
    skip "the drop-in is not built here (no guestfs.h)"
requires command -v nm
requires command -v virt-cat

mayfly-guestfs --check virt-cat > "$work/virt-cat"
grep -qx 'real guestfs_download' "$work/virt-cat" || fail "no download"
grep -qx 'real guestfs_add_domain_argv' "$work/virt-cat" ||
    fail "no add_domain"
grep -qE '^[0-9]+ real, [0-9]+ stub, 0 unknown$' "$work/virt-cat" ||
    fail "no count: $(tail -n 1 "$work/virt-cat")"
# The counts match the lines.
read -r real _ stub _ < <(tail -n 1 "$work/virt-cat")
[ "$(grep -c '^real ' "$work/virt-cat")" = "$real" ] || fail "$real real?"
[ "$(grep -c '^stub ' "$work/virt-cat")" = "$stub" ] || fail "$stub stubs?"

mayfly-guestfs --list | grep -qx 'stub guestfs_ldmtool_scan' ||
    fail "ldmtool_scan is no stub"

expect_error 1 'no such folder' mayfly-guestfs --allow "$work/nosuch" true

expect_error 1 'imports nothing' mayfly-guestfs --check sh
expect_error 1 'no such program' mayfly-guestfs --check /nonexistent
expect_error 1 'unknown option' mayfly-guestfs --nonsense
expect_error 2 '' mayfly-guestfs
MAYFLY_GUESTFS=$work expect_error 1 'has no libguestfs' mayfly-guestfs true

# By another name it is that program: the next in PATH, not the link itself.
mkdir "$work/links" "$work/bin" "$work/more"
ln -s "$builddir/mayfly-guestfs" "$work/links/printlibs"
ln -s "$builddir/mayfly-guestfs" "$work/more/printlibs"
# shellcheck disable=SC2016
printf '#!/bin/sh\necho "$LD_LIBRARY_PATH|$*"\n' > "$work/bin/printlibs"
chmod +x "$work/bin/printlibs"
said=$(PATH=$work/links:$work/more:$work/bin:$PATH printlibs --check 'a  b')
case $said in
*compat/.libs*'|--check a  b') ;;
*) fail "through a link: $said" ;;
esac
expect_error 127 'printlibs: not found in PATH' \
    env PATH="$work/links:$work/more:$PATH" printlibs
