#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A registry hive: built by our own calls from a minimal one, read back by our
# calls and, where installed, by hivexget on the host.
. "$(dirname "$0")/../lib.sh"
cd "$work"

python3 "$srcdir/tests/images/hive.py" hive
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
