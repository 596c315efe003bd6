#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -d and -c: the disks of libvirt domains, with libvirt's own test driver,
# which needs no daemon, and with a fake libvirt where a secret is needed.
. "$(dirname "$0")/../lib.sh"
[ -x "${MAYFLY_DOMAIN:-}" ] || skip "built without libvirt's header"
requires virsh -c test:///default list
cd "$work"
gpt=$("$srcdir/tests/images/get.sh" gpt)
cp --sparse=always "$gpt" gpt.img
qemu-img create -q -f qcow2 -b gpt.img -F raw over.qcow2
truncate -s 1M blank.img
before=$(sha256sum < gpt.img)

# disk FILE FORMAT TARGET [MORE]
disk()
{
    echo "<disk type='file'><driver type='$2'/><source file='$PWD/$1'/>" \
        "<target dev='$3'/>${4:-}</disk>"
}
# domain NAME STATE DISKS: 1 runs, 5 is off
domain()
{
    cat << END_DOMAIN
<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
<name>$1</name><uuid>01234567-89ab-cdef-0123-0000000000$2</uuid>
<memory>65536</memory><os><type>hvm</type></os>
<devices>$4</devices><test:runstate>$3</test:runstate></domain>
END_DOMAIN
}
{
    echo '<node>'
    domain off 10 5 "$(disk gpt.img raw vda)"
    domain on 11 1 "$(disk over.qcow2 qcow2 vda)$(disk blank.img raw vdb)"
    domain part 12 5 "$(disk blank.img raw vda '<readonly/>')"
    domain none 13 5 ""
    domain ceph 14 5 "<disk type='network'><source protocol='rbd' name='a/b'>
        <host name='h'/></source><target dev='vda'/></disk>"
    domain tls 15 5 "<disk type='network'><source protocol='nbd' name='a'
        tls='yes'><host name='h'/></source><target dev='vda'/></disk>"
    domain slice 16 5 "<disk type='file'><source file='$PWD/blank.img'><slices>
        <slice type='storage' offset='0' size='4096'/></slices></source>
        <target dev='vda'/></disk>"
    echo '</node>'
} > node.xml
uri=test://$PWD/node.xml

is()
{
    local want=$1 got
    shift
    got=$("$@" < /dev/null) || fail "'$*' exited $?"
    [ "$got" = "$want" ] || fail "'$*' printed '$got', not '$want'"
}
is phony mayfish --ro -c "$uri" -d off -i cat /etc/hostname
# Options in any order, a domain among other disks, by its UUID.
is phony mayfish -d 01234567-89ab-cdef-0123-000000000011 --ro -c "$uri" -i \
    cat /etc/hostname
is $'/dev/sda\n/dev/sdb\n/dev/sdc' \
    mayfish --ro -c "$uri" -a blank.img -d on run : list-devices
# -N formats the new disk, not one of the domain's disks.
got=$(mayfish -c "$uri" -d part -N new.img=part list-partitions < /dev/null)
[ "$got" = /dev/sdb1 ] || fail "-N after -d makes '$got'"
mayfly-inspector -c "$uri" -d off > found.xml || fail "mayfly-inspector -d"
grep -q '<hostname>phony' found.xml || fail "no guest in $(cat found.xml)"
mayfly-inspector -c "$uri" -d on > found.xml || fail "inspecting one that runs"

# A domain that is off may be written to.
mayfish -c "$uri" -d off -m /dev/sda3 write /etc/new text < /dev/null ||
    fail "cannot write"
is text mayfish --ro -a gpt.img -m /dev/sda3 cat /etc/new
[ "$(sha256sum < gpt.img)" != "$before" ] || fail "nothing was written"
mayfish -c "$uri" -d part run : pwrite-device /dev/sda abc 0 \
    < /dev/null > /dev/null || fail "a read-only disk has no overlay"
cmp -n 4096 blank.img /dev/zero || fail "a read-only disk was written to"

expect_error 3 'domain on: it is running.*--ro' mayfish -c "$uri" -d on run
expect_error 3 "no libvirt domain called 'x'" mayfish -c "$uri" -d x run
expect_error 3 'no disks' mayfish -c "$uri" -d none run
expect_error 3 "a 'rbd' disk, which Mayfly cannot reach" mayfish -c "$uri" -d ceph run
expect_error 3 'reached by TLS' mayfish --ro -c "$uri" -d tls run
expect_error 3 'a slice of a file' mayfish --ro -c "$uri" -d slice run
expect_error 3 'cannot connect to libvirt' mayfish -c test:///nosuch -d x run
MAYFLY_DOMAIN=/nonexistent expect_error 3 'built without libvirt' \
    mayfish -d off run

# LUKS on the whole disk: libvirt's encryption of a raw disk is just that.
fake=$builddir/tests/cli/.libs/fake-libvirt.so
[ -e "$fake" ] || fail "no $fake"
mkdir lib
cp "$fake" lib/libvirt.so.0
printf 'a "key" = from libvirt' > secret
printf 'another' > wrong
truncate -s 256M locked.img
mayfish --ro -a gpt.img -m /dev/sda3 tar-out / tree.tar < /dev/null
mayfish --keys-from-stdin -a locked.img << END || fail "cannot make the disk"
run
luks-format /dev/sda 0
$(cat secret)
cryptsetup-open /dev/sda crypt
$(cat secret)
mkfs ext4 /dev/mapper/crypt
mount /dev/mapper/crypt /
tar-in tree.tar /
END
export FAKE_UUID=00112233-4455-6677-8899-aabbccddeeff FAKE_XML=$PWD/luks.xml
export FAKE_SECRET=$PWD/secret
domain locked 16 5 "$(disk locked.img raw vda "<encryption format='luks'>
    <secret type='passphrase' uuid='$FAKE_UUID'/></encryption>")" > luks.xml
faked()
{
    LD_LIBRARY_PATH=$PWD/lib:$LD_LIBRARY_PATH "$@" < /dev/null
}
is phony faked mayfish --ro -d locked -i cat /etc/hostname
faked mayfly-inspector -d locked > found.xml || fail "the guest on the disk with a secret was not found"
grep -q '<hostname>phony' found.xml || fail "no guest in $(cat found.xml)"
# That of a qcow2 image is QEMU's.
qemu_img_with_key convert --object "secret,id=s,file=secret" -O qcow2 \
    -o encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10 \
    gpt.img luks.qcow2
cp luks.xml locked.xml
domain locked 16 5 "$(disk luks.qcow2 qcow2 vda "<encryption format='luks'>
    <secret type='passphrase' uuid='$FAKE_UUID'/></encryption>")" > luks.xml
is phony faked mayfish --ro -d locked -i cat /etc/hostname
mv locked.xml luks.xml
export FAKE_SECRET=$PWD/wrong
expect_error 4 '/dev/sda' faked mayfish --ro -d locked -i cat /etc/hostname
export FAKE_UUID=99999999-4455-6677-8899-aabbccddeeff
expect_error 3 'the secret 00112233.*of .*locked.img' \
    faked mayfish --ro -d locked -i cat /etc/hostname
