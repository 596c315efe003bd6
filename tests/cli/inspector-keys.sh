#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Encrypted disks: with the right keys, the wrong one, and none.
. "$(dirname "$0")/../lib.sh"
cd "$work"
luks=$("$srcdir/tests/images/get.sh" luks)
nested=$("$srcdir/tests/images/get.sh" nested)
options="--no-applications --no-icon"

# roots ARGUMENTS...: the root and mount points found.
roots()
{
    # shellcheck disable=SC2086
    mayfly-inspector $options "$@" < /dev/null > document.xml
    mayfly-inspector --xpath 'string(//root)' < document.xml
}

printf secret > key
printf 'secret\n' > key-line
for key in /dev/vda2:file:key all:file:key-line; do
    got=$(roots --key "$key" -a "$luks")
    [ "$got" = /dev/vg-a/root ] || fail "--key $key finds '$got'"
done
got=$(mayfly-inspector --xpath '//mountpoint' < document.xml)
[ "$got" = '<mountpoint dev="/dev/vg-a/root">/</mountpoint>
<mountpoint dev="/dev/sda1">/boot</mountpoint>
<mountpoint dev="/dev/vg-a/home">/home</mountpoint>' ] || fail "found $got"

# Selected by the UUID in the header; the first of two keys is for another
# device.
uuid=$(mayfish --ro -a "$luks" run : luks-uuid /dev/sda2 < /dev/null)
got=$(roots --key /dev/sda1:key:other --key "$uuid:key:secret" -a "$luks")
[ "$got" = /dev/vg-a/root ] || fail "--key UUID finds '$got'"

# shellcheck disable=SC2086
got=$(echo secret | mayfly-inspector $options --keys-from-stdin -a "$luks" |
    mayfly-inspector --xpath 'string(//root)')
[ "$got" = /dev/vg-a/root ] || fail "--keys-from-stdin finds '$got'"

got=$(mayfish --ro --key all:key:secret -i -a "$luks" \
    cat /etc/hostname < /dev/null)
[ "$got" = phony ] || fail "mayfish -i shows '$got'"

# Locked: one line that says what to do.
message="^mayfly-inspector: /dev/sda2 is encrypted and no key opens it; give \
one with --key /dev/sda2:key:PASSPHRASE or --key /dev/sda2:file:PATH$"
expect_error 4 "$message" mayfly-inspector -a "$luks" < /dev/null
expect_error 4 "$message" mayfly-inspector --key all:key:wrong -a "$luks" \
    < /dev/null
# A key for another device is not even tried.
expect_error 4 "$message" mayfly-inspector --key /dev/sdz:key:secret \
    -a "$luks" < /dev/null
expect_error 2 "key" mayfly-inspector --key nonsense -a "$luks"

# Headers that ask for years of work: such a slot is not tried, the others are.
# And an empty key.
PATH=$PATH:/usr/sbin:/sbin
requires cryptsetup --version
quick=(-q --pbkdf pbkdf2 --pbkdf-force-iterations 1000)
memory=(-q --pbkdf argon2id --pbkdf-force-iterations 4 --pbkdf-memory 32)
printf other > key2
for version in 1 2; do
    truncate -s 20M some$version
    cryptsetup luksFormat "${quick[@]}" --type luks$version some$version key
    more=("${quick[@]}")
    [ $version = 1 ] || more=("${memory[@]}")
    cryptsetup luksAddKey "${more[@]}" --key-file key some$version key2
    "$srcdir/tests/cases/luks-work.py" some$version 1
    cp some$version all$version
    "$srcdir/tests/cases/luks-work.py" all$version 0
done
truncate -s 20M empty
echo | cryptsetup luksFormat "${quick[@]}" --type luks2 empty
cat > script << 'END'
run
luks-open /dev/sda a
secret
-luks-open /dev/sda a2
other
luks-open /dev/sdb b
secret
-luks-open /dev/sdb b2
other
-luks-open /dev/sdc c
secret
-luks-open /dev/sdd d
secret
luks-open /dev/sde e

list-dm-devices
END
got=$(timeout 200 mayfish --ro --format=raw -a some1 -a some2 -a all1 -a all2 \
    -a empty --keys-from-stdin < script 2> said) || fail "$(cat said)"
[ "$got" = $'/dev/mapper/a\n/dev/mapper/b\n/dev/mapper/e' ] ||
    fail "LUKS with heavy slots: '$got'"
[ "$(grep -c 'not tried: key slot 1 asks for 4294967295' said)" = 2 ] &&
    [ "$(grep -c 'key slot . asks for .* made to keep the machine' said)" = 2 ] ||
    fail "LUKS with heavy slots: $(cat said)"
expect_error 4 'sda is encrypted and cannot be opened: key slot . asks' \
    timeout 200 mayfly-inspector --format=raw -a all1 --key all:file:key

# LUKS on LVM on LUKS on the whole disk.
got=$(roots --key all:key:outer --key all:key:inner -a "$nested")
case $got in
/dev/mapper/luks-*) ;;
*) fail "nested: '$got'" ;;
esac
got=$(mayfly-inspector --xpath 'string(//mountpoint)' < document.xml)
[ "$got" = / ] || fail "nested: mounted on '$got'"
expect_error 4 "/dev/vg/root is encrypted" \
    mayfly-inspector --key /dev/sda:key:outer -a "$nested" < /dev/null
