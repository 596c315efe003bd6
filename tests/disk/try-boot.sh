#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# try_boot: a boot sector of ours writes to the serial port; the disk that is
# chosen boots; nothing is written to it.
. "${srcdir:?}/tests/lib.sh" || exit 1
cd "$work"

# sector FILE TEXT: code that first overwrites itself on the disk (BIOS), then
# writes TEXT to the serial port and halts.
sector()
{
    "${PYTHON:-python3}" - "$1" "$2" << 'END'
import sys
text = sys.argv[2].encode() + b"\n\0"
code = bytes([
    0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xc0,     # xor ax, ax; ds = es = ax
    0xbb, 0x00, 0x7e,                       # mov bx, 0x7e00: zeroes
    0xb8, 0x01, 0x03,                       # mov ax, 0x0301: write a sector
    0xb9, 0x02, 0x00, 0x30, 0xf6,           # mov cx, 2: the second; dh = 0
    0xcd, 0x13,                             # int 0x13; dl is our disk
    0xbe, 0x00, 0x00,                       # mov si, text
    0xba, 0xf8, 0x03,                       # mov dx, 0x3f8
    0xac, 0x84, 0xc0, 0x74, 0x03,           # lodsb; test al, al; jz
    0xee, 0xeb, 0xf8,                       # out dx, al; again
    0xf4, 0xeb, 0xfd])                      # hlt, for ever
at = code.index(b"\xbe\x00\x00") + 1
place = 0x7c00 + len(code)
code = code[:at] + place.to_bytes(2, "little") + code[at + 2:]
with open(sys.argv[1], "wb") as f:
    f.write((code + text).ljust(510, b"\0") + b"\x55\xaa")
    f.write(b"data" * 128)
    f.truncate(1 << 20)
END
}

# The options of a disk that is added by a command.
boot()
{
    mayfish "$@" < /dev/null
}

sector one "this is one"
sector two "this is two"
qemu-img convert -O qcow2 two two.qcow2
sum=$(cat one two.qcow2 | sha256sum)

boot --format=raw -a one --format=qcow2 -a two.qcow2 \
    try-boot 120 wanted:one > out || fail "it does not boot"
grep -q '^this is one' out || fail "the console has: $(cat out)"
boot --ro --format=raw -a one --format=qcow2 -a two.qcow2 \
    try-boot 120 wanted:two first:1 screenshot:screen.png > out ||
    fail "the second does not boot"
grep -q '^this is two' out || fail "the console has: $(cat out)"
file screen.png | grep -q 'PNG image' || fail "no picture of its screen"
[ "$(cat one two.qcow2 | sha256sum)" = "$sum" ] || fail "a disk has changed"

# It does not print that: as long as it was told to.
SECONDS=0
boot --format=raw -a one try-boot 5 wanted:never > out || fail "it fails"
[ $SECONDS -ge 4 ] || fail "it took only $SECONDS s"

expect_error 1 'there is no disk 2' \
    boot --format=raw -a one -a two try-boot 5 first:2
expect_error 1 'no disk to boot from' boot try-boot 5
expect_error 1 'the appliance has the disks' \
    boot --format=raw -a one run : try-boot 5
