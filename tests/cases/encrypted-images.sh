#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# qcow2 images that are encrypted by LUKS inside their format, as Cinder and
# Nova make them: every program opens them with a key, and no one sees it.
# A command of --run is in single quotes: $uri is its own.
# shellcheck disable=SC2016
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cases/linux-guest.sh"
linux_guest_requires
requires qemu-img --version
requires nbdcopy --version
cd "$work"

luks() # KEY-FILE ARGUMENT...: qemu-img with that key
{
    local key=$1
    shift
    qemu_img_with_key "$1" --object "secret,id=s,file=$key" "${@:2}"
}
encrypt="encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10"

tree t debian
echo guest > t/etc/hostname
kernel t 6.1.0-18-amd64
printf 'UUID=%s / ext4 defaults 0 1\n' "$root_uuid" > t/etc/fstab
truncate -s 66M d.img
echo 'start=2048, type=83, bootable' | sfdisk -q d.img
printf '\353\143\220GRUB' | dd of=d.img conv=notrunc status=none
ext4 d.img 2048 64 "$root_uuid" t
sum="$(sha256sum < d.img | cut -d ' ' -f 1)"
printf 'a "key": \303\251' > key
echo other > newline
printf 'third' > third
luks key convert -O qcow2 -o "$encrypt" d.img luks.qcow2

# The guest, and all bytes.
got=$(mayfish --ro --key all:file:key -a luks.qcow2 -i cat /etc/hostname)
[ "$got" = guest ] || fail "mayfish printed '$got'"
got=$(mayfish --ro --key luks.qcow2:file:key --key all:key:wrong -a luks.qcow2 \
    run : checksum-device sha256 /dev/sda)
[ "$got" = "$sum" ] || fail "other bytes: $got"

# No key, none that fits, one for another image.
for option in "" "--key all:key:wrong" "--key other.qcow2:file:key"; do
    # shellcheck disable=SC2086
    expect_error 4 'luks.qcow2: it is encrypted \(LUKS in qcow2\).*--key' \
        mayfish --ro $option -a luks.qcow2 run
done

# A header that asks for years of work is refused; a slot that comes before
# the one that does is of use.
for place in 0 digest; do
    cp luks.qcow2 heavy.qcow2
    "$srcdir/tests/cases/luks-work.py" heavy.qcow2 $place
    expect_error 3 'heavy.qcow2: .*LUKS header asks for 4294967295 iterations' \
        timeout 30 mayfish --ro --key all:file:key -a heavy.qcow2 run
done
cp luks.qcow2 heavy.qcow2
"$srcdir/tests/cases/luks-work.py" heavy.qcow2 1
got=$(mayfish --ro --key all:file:key -a heavy.qcow2 -i cat /etc/hostname)
[ "$got" = guest ] || fail "the slot before a heavy one: '$got'"

# It stays encrypted when it is written to.
cp luks.qcow2 written.qcow2
mayfish --rw --key "$PWD/written.qcow2:file:key" -a written.qcow2 -i \
    write /etc/hostname 'EXACTLY-THIS-NAME'
! grep -q EXACTLY-THIS-NAME written.qcow2 || fail "it is written in the clear"
got=$(mayfish --ro --key all:file:key -a written.qcow2 -i cat /etc/hostname)
[ "$got" = EXACTLY-THIS-NAME ] || fail "what was written is lost: '$got'"

# A chain whose images have keys of their own; the last one ends in a newline
# that is no part of it.
luks newline create -q -f qcow2 -o "$encrypt" -b luks.qcow2 -F qcow2 -u \
    top.qcow2 66M
got=$(mayfish --ro --key top.qcow2:file:newline --key luks.qcow2:file:key \
    -a top.qcow2 -i cat /etc/hostname)
[ "$got" = guest ] || fail "a chain of two: '$got'"
expect_error 4 'its backing file .*luks.qcow2: it is encrypted' \
    mayfish --ro --key top.qcow2:file:newline -a top.qcow2 run

# Plugged into a live appliance, with a failure in between.
got=$(mayfish --ro --key all:file:third --key luks.qcow2:file:key << 'END'
scratch 1M
run
-add-ro top.qcow2
add-ro luks.qcow2
checksum-device sha256 /dev/sdb
END
) 2> said || fail "hot: $(cat said)"
[ "$got" = "$sum" ] || fail "plugged in: $got"

# The other programs.
mayfly-inspector --key all:file:key -a luks.qcow2 > found.xml
grep -q '<hostname>guest' found.xml || fail "inspector: $(cat found.xml)"
mayfly-serve --key all:file:key luks.qcow2 --run 'nbdcopy "$uri" got.raw'
cmp got.raw d.img || fail "mayfly-serve: other bytes"
expect_error 4 'luks.qcow2: it is encrypted' \
    mayfly-serve luks.qcow2 --run 'nbdcopy "$uri" got.raw'
convert luks.qcow2 --key all:file:key
grep -q "luks.qcow2 is encrypted (LUKS in qcow2); a new image" said ||
    fail "nothing says that the copy is not: $(cat said)"
files sda 1
has etc/hostname "^guest$"
expect_error 4 'luks.qcow2: it is encrypted' \
    mayfly-v2v -q -i disk luks.qcow2 -o local -os . -on x

# The key is in no argument, no trace and no debug line.
MAYFLY_TRACE=1 MAYFLY_DEBUG=1 mayfish --ro --key all:file:key -a luks.qcow2 \
    run : sh 'true' > said 2>&1 || true
grep -q add_image_key said || fail "the call is not traced: $(cat said)"
! grep -qF -e 'a "key"' -e "$(base64 -w0 key)" said || fail "the key is said"

# The old AES of qcow2 is weak: by its name.
luks third create -q -f qcow2 \
    -o encrypt.format=aes,encrypt.key-secret=s aes.qcow2 10M 2> /dev/null
expect_error 3 "aes.qcow2: encrypted with qcow2's old AES" \
    mayfish --ro --key all:file:third -a aes.qcow2 run
