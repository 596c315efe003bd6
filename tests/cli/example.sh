#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The README's example, or another PROGRAM with the same words, prints a file
# of a disk made by the shell.
. "$(dirname "$0")/../lib.sh"
: "${program:=$builddir/tests/example}"
mayfish << END
sparse $work/disk.img 64M
run
part-disk /dev/sda mbr
mkfs ext4 /dev/sda1
mount /dev/sda1 /
write /greeting "hello from the guest\n"
END
got=$("$program" "$work/disk.img" /dev/sda1 /greeting)
[ "$got" = "hello from the guest" ] || fail "got '$got'"
expect_error 1 '/nosuch: No such file or directory' \
    "$program" "$work/disk.img" /dev/sda1 /nosuch
expect_error 1 'nosuch.img: No such file' \
    "$program" "$work/nosuch.img" /dev/sda1 /greeting
