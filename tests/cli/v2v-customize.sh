#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mayfly-v2v: the operations of customize/ after the conversion.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cli/v2v-guests.sh"
requires cpio --version
requires test -e "${builddir:?}/v2v/loader/core.img"
cd "$work"
make_guests
identity=0123456789abcdef0123456789abcdef
mayfish --format=raw -a disk -m /dev/sda2 << EOF
write /etc/machine-id "$identity\n"
write /etc/shadow "root:*:19000:0:99999:7:::\n"
EOF
sum=$(sha256sum disk)
mkdir out
echo a file > file

inside() { mayfish --ro --format=raw -a "$image" -m /dev/sda2 "$@"; }

mayfly-v2v -i xl disk.cfg -os out --report report.json --hostname new.example \
    --mkdir /srv/data --upload file:/srv/data/file --edit '/srv/data/file:s/a/no/' \
    --root-password password:secret --touch /srv/empty > said
image=out/guest-sda
[ "$(inside cat /etc/hostname | head -n 1)" = new.example ]
[ "$(inside cat /srv/data/file | head -n 1)" = "no file" ]
inside cat /etc/shadow | grep -q '^root:\$'
# It is the same machine, converted.
[ "$(inside cat /etc/machine-id | head -n 1)" = "$identity" ]
inside cat /etc/fstab | grep -q '^UUID=.* / ext4'
grep -q '^  hostname new.example (an option requested it)' said
if grep -q secret said report.json; then fail "a password is printed"; fi
python3 - << 'EOF'
import json
found = json.load(open("report.json"))["findings"]
asked = [f["what"] for f in found if f.get("why") == "an option requested it"]
assert asked == ["hostname new.example", "mkdir /srv/data",
                 "upload file:/srv/data/file", "edit /srv/data/file:s/a/no/",
                 "root-password ...", "touch /srv/empty"], asked
EOF

# A plan also runs them, and nothing stays; the JSON stays valid.
mayfly-v2v plan -i xl disk.cfg --json --root-password random > plan.json
python3 -c 'import json; json.load(open("plan.json"))'
[ "$(sha256sum disk)" = "$sum" ] || fail "the source was written"

# In place; a random password is printed once, and it is the one that is set.
cp --sparse=always disk place
mayfly-v2v --in-place -i disk place -q --root-password random > said
[ "$(grep -c 'random password' said)" -eq 1 ] || fail "said: $(cat said)"
image=place
inside cat /etc/shadow | grep -q '^root:\$'

expect_error 2 '--hostname' mayfly-v2v -i xl disk.cfg --hostname ''
expect_error 2 '--upload: .*none' \
    mayfly-v2v -i xl disk.cfg --upload none:/etc/none
expect_error 1 '--delete|--move' \
    mayfly-v2v -i xl disk.cfg -os out -on failed --move /none:/else
expect_error 1 'first-boot scripts need a guest with systemd' \
    mayfly-v2v -i xl disk.cfg -os out -on failed --firstboot-command true
[ ! -e out/failed-sda ]
[ -z "$(find . -name '.mayfly*')" ] || fail "a temporary folder is left"
