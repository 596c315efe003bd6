#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A registry hive: made by our own calls from a minimal one, read back by the
# same and, where it is installed, by hivexget on the host.
. "$(dirname "$0")/../lib.sh"
cd "$work"

# The smallest hive there is: a header and one bin with the root key.
python3 - << 'EOF'
import struct
NONE = 0xffffffff


def cell(data):
    size = len(data) + 4 + 7 & ~7
    return (struct.pack("<i", -size) + data).ljust(size, b"\0")


name = b"$$$PROTO.HIV"
# flags, time, parent, subkeys, their lists, values, their list, security.
# The cell is 0x60 bytes long and the first behind the bin's header of 0x20.
root = cell(b"nk" + struct.pack("<HQIIIIIIIIII", 0x2c, 0, 0, NONE, 0, 0, NONE,
    NONE, 0, NONE, 0x80, NONE) + struct.pack("<HHIIIIHH", 0, 0, 0, 0, 0, 0,
    len(name), 0) + name)
assert len(root) == 0x60
security = cell(b"sk" + struct.pack("<HIIII", 0, 0x80, 0x80, 1, 20) +
    b"\1\0\4\x80".ljust(20, b"\0"))
cells = root + security
bin_ = b"hbin" + struct.pack("<II8xQI", 0, 4096, 0, 0) + cells
bin_ += struct.pack("<i", 4096 - len(bin_))
bin_ += bytes(4096 - len(bin_))
head = b"regf" + struct.pack("<IIQIIIIIII", 1, 1, 0, 1, 3, 0, 1, 0x20, 4096, 1)
head += bytes(508 - len(head))
words = struct.unpack("<127I", head)
total = 0
for w in words:
    total ^= w
head += struct.pack("<I", total)
open("hive", "wb").write(head + bytes(4096 - len(head)) + bin_)
EOF
qemu-img create -q -f raw disk.img 64M
mayfish --format=raw -a disk.img run : mkfs ext4 /dev/sda : \
    mount /dev/sda / : upload hive /hive
m()
{
    mayfish --format=raw -a disk.img -m /dev/sda "$@"
}
root=$(m hivex-open /hive : hivex-root)
m hivex-open /hive write:true : hivex-node-add-child "$root" 'Größe' : \
    hivex-commit /new > /dev/null
child=$(m hivex-open /new : hivex-node-get-child "$root" größe)
[ "$child" -gt 0 ] || fail "no child"
m hivex-open /new write:true : \
    hivex-node-set-value "$child" number 4 abcd : hivex-commit /new
[ "$(m hivex-open /new : hivex-node-name "$child")" = Größe ] || fail "name"
value=$(m hivex-open /new : hivex-node-get-value "$child" NUMBER)
[ "$(m hivex-open /new : hivex-value-type "$value")" = 4 ] || fail "type"
[ "$(m hivex-open /new : hivex-value-value "$value")" = abcd ] || fail "value"
expect_error 1 'not opened for writing' \
    mayfish --format=raw -a disk.img -m /dev/sda hivex-open /new : \
    hivex-commit /new
if command -v hivexget > /dev/null; then
    m download /new new
    hivexget new Größe > said || fail "hivexget cannot read it"
    grep -q '"number"=' said || fail "hivexget: $(cat said)"
fi
