#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The image: the same inputs give the same bytes, whoever builds it; an agent
# that could not run in it is refused.
. "$srcdir/tests/lib.sh"

requires apt-get --version
agent=$builddir/appliance/agent/mayfly-agent
icudata=$builddir/appliance/built/icudata.so
build="$srcdir/appliance/image/build.sh"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mayfly

"$build" -q -a "$agent" -i "$icudata" -o "$work/one"
for file in kernel initrd manifest sources licences.zst api; do
    [ -s "$work/one/$file" ] || fail "no $file"
done
grep -q '^e2fsprogs ' "$work/one/manifest" || fail "the manifest"
grep -q '^linux' "$work/one/sources" || fail "the sources"
grep -qE '^[0-9a-f]{64}$' "$work/one/api" || fail "the api"

# Build again from the packages: in another folder, at another time of day and
# with another umask.
mkdir -p "$work/cache/mayfly"
ln -s "$cache/packages" "$work/cache/mayfly/packages"
(
    umask 077
    TZ=Asia/Tokyo XDG_CACHE_HOME=$work/cache \
        "$build" -q -a "$agent" -i "$icudata" -o "$work/two"
)
for file in kernel initrd manifest sources licences.zst api; do
    cmp "$work/one/$file" "$work/two/$file" || fail "two builds differ"
done

# It contains nothing of this machine.
requires zstd --version
zstd -dcq "$work/one/licences.zst" > "$work/licences"
for text in doc/e2fsprogs/copyright common-licenses/GPL-2; do
    grep -qxF "==== $text" "$work/licences" || fail "no $text"
done
zstd -dcq "$work/two/initrd" > "$work/base.cpio" 2> /dev/null || true
names=$(cpio -it --quiet < "$work/base.cpio")
! grep -q '^usr/share/doc' <<< "$names" || fail "licences in the initrd"
for path in etc/passwd usr/sbin/mkfs.ext4 etc/ld.so.cache; do
    grep -qx "$path" <<< "$names" || fail "no $path"
done
! grep -aq "$work" "$work/base.cpio" || fail "a path of the host in it"
cpio -itvn --quiet < "$work/base.cpio" |
    awk '$3 != 0 || $4 != 0 { print; exit 1 }' || fail "a foreign owner"

# An agent whose libraries it lacks is refused.
program=$(command -v qemu-img)
expect_error 1 "needs .*: add the package" \
    "$build" -k -q -a "$program" -i "$icudata" -o "$work/one"
expect_error 1 "no agent at /nonexistent" \
    "$build" -k -q -a /nonexistent -i "$icudata" -o "$work/one"
expect_error 1 "no output folder" "$build" -q
