#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# virt-inspector's document and ours, of the same images: every field that
# they have is equal in ours.  (A snapshot, which they list as a system of its
# own, is not among these images.)
. "$(dirname "$0")/../lib.sh"
cd "$work"
requires command -v virt-inspector
export LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=force_tcg
failed=0
for name in ${IMAGES:-debian gpt mbr md luks}; do
    image=$("$srcdir/tests/images/get.sh" "$name")
    arguments=(-a "$image")
    [ "$name" != md ] || arguments+=(-a "$image.2")
    [ "$name" != luks ] || arguments+=(--key /dev/sda2:key:secret)
    virt-inspector "${arguments[@]}" > theirs.xml
    mayfly-inspector "${arguments[@]}" > ours.xml
    echo "$name:"
    "$srcdir/tests/slow/compare-xml.py" theirs.xml ours.xml ||
        failed=1
done
exit "$failed"
