#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The distribution's unmodified programs on our library: those that write.
. "$(dirname "$0")/../lib.sh"
. "$srcdir/tests/compat/lib.sh"
requires command -v virt-edit
requires command -v virt-resize
cd "$work"
make_image a.img

run()
{
    mayfly-guestfs "$@" > log 2>&1 < /dev/null || fail "'$*': $(cat log)"
}

run virt-edit -a a.img -m /dev/sda2 /etc/fstab -e 's/ROOT/CHANGED/'
run virt-cat -a a.img -m /dev/sda2 /etc/fstab
grep -qx 'LABEL=CHANGED / ext4 defaults 0 1' log || fail "virt-edit: $(cat log)"

# Into and out of an image.
mkdir tree
echo text > tree/file
ln -s file tree/link
run guestfish -a a.img -m /dev/sda2 copy-in tree /etc : copy-out /etc/sub .
[ "$(cat sub/a)" = aaaa ] || fail "copy-out"
run guestfish --ro -a a.img -m /dev/sda2 tar-out /etc/tree tree.tar
[ "$(tar xOf tree.tar ./file)" = text ] || fail "tar-out"

# The copy is larger and has the same content.
truncate -s 600M big.img
run virt-resize --expand /dev/sda2 a.img big.img
run virt-filesystems -a big.img --long --filesystems
size=$(awk '$1 == "/dev/sda2" { print $5 }' log)
[ "$size" -gt 300000000 ] || fail "virt-resize: $size bytes: $(cat log)"
run virt-cat -a big.img -m /dev/sda2 /etc/tree/file
[ "$(cat log)" = text ] || fail "virt-resize lost a file"

run virt-sparsify --in-place a.img
# Through an overlay that the program makes itself, in another folder.
mkdir tmp
run env TMPDIR="$PWD/tmp" virt-sparsify -q a.img thin.img
run virt-cat -a thin.img -m /dev/sda2 /etc/sub/a
[ "$(cat log)" = aaaa ] || fail "virt-sparsify has lost a file"
run virt-make-fs --type=ext4 --size=+20M tree fs.img
run virt-ls -a fs.img -m /dev/sda /
[ "$(sort log | tr '\n' ' ')" = "file link lost+found " ] ||
    fail "virt-make-fs: $(cat log)"
truncate -s 300M new.img
run virt-format -a new.img --partition=gpt --filesystem=ext4 --label=lab
run virt-filesystems -a new.img --long
grep -q '/dev/sda1 *filesystem *ext4 *lab ' log ||
    fail "virt-format: $(cat log)"
