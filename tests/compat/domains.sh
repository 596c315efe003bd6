#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libvirt domains in the distribution's programs on our library, with
# libvirt's own test driver, which needs no daemon: disks of every kind, what
# is left out, and what is refused.
. "$(dirname "$0")/../lib.sh"
. "$srcdir/tests/compat/lib.sh"
grep -q '^#define HAVE_LIBVIRT' "$builddir/config.h" ||
    skip "built without libvirt's header"
requires command -v virt-cat
requires command -v guestfish
requires virsh -c test:///default list
cd "$work"
make_image a.img
before=$(sha256sum < a.img)
qemu-img create -q -f qcow2 -b a.img -F raw over.qcow2
truncate -s 1M blank.img

n_domains=0
# domain NAME STATE DISKS: 1 runs, 5 is off
uuid=01234567-89ab-cdef-0123-000000000000
domain()
{
    uuid=${uuid%??}$((10 + n_domains++))
    cat << END_DOMAIN
<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
<name>$1</name><uuid>$uuid</uuid><memory>65536</memory><os><type>hvm</type></os>
<devices>$3</devices>
<test:runstate>$2</test:runstate>
</domain>
END_DOMAIN
}

# disk FILE FORMAT TARGET [MORE]
disk()
{
    echo "<disk type='file'><driver type='$2'/><source file='$PWD/$1'/>" \
        "<target dev='$3'/>${4:-}</disk>"
}

network()
{
    echo "<disk type='network'><source protocol='$1' name='pool/x'>" \
        "<host name='127.0.0.1' port='1'/></source>" \
        "<target dev='vda'/>${2:-}</disk>"
}
empty="<disk type='file' device='cdrom'><target dev='hdc'/><readonly/></disk>"
secret="<auth username='u'><secret type='ceph' usage='s'/></auth>"
luks="<encryption format='luks'><secret type='passphrase'
 uuid='00112233-4455-6677-8899-aabbccddeeff'/></encryption>"
printf secret > key
qemu_img_with_key create -q --object secret,id=s,file=key -f qcow2 \
    -o encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10 \
    luks.qcow2 10M
{
    echo '<node>'
    domain off 5 "$(disk a.img raw vda)$empty"
    domain on 1 "$(disk over.qcow2 qcow2 vda)$(disk blank.img raw vdb)"
    domain locked 5 "$(disk a.img raw vda)$(disk blank.img raw vdb \
        '<readonly/>')"
    domain far 5 "$(network nbd)"
    domain ceph 5 "$(network rbd "$secret")"
    domain luks 5 "$(disk luks.qcow2 qcow2 vda "$luks")"
    domain vdi 5 "$(disk blank.img vdi vda "$luks")"
    domain none 5 "$empty"
    echo '</node>'
} > node.xml
uri=test://$PWD/node.xml
virsh -c "$uri" list --all > domains 2> errors ||
    fail "libvirt's test driver does not take our file: $(cat errors)"

run()
{
    local program=$1
    shift
    mayfly-guestfs "$program" -c "$uri" "$@" < /dev/null
}

# is WANT COMMAND...
is()
{
    local want=$1 got
    shift
    got=$(run "$@") || fail "'$*' exited $?"
    [ "$got" = "$want" ] || fail "'$*' printed '$got', not '$want'"
}
is aaaa virt-cat -d off -m /dev/sda2 /etc/sub/a
is aaaa virt-cat -d on -m /dev/sda2 /etc/sub/a
is $'/dev/sda\n/dev/sdb' guestfish --ro -d on run : list-devices
is aaaa virt-cat -d 01234567-89ab-cdef-0123-000000000010 -m /dev/sda2 /etc/sub/a
[ "$(sha256sum < a.img)" = "$before" ] || fail "reading changed the disk"

# All domains at once; those without a disk are no reason to stop.
run virt-df --csv 2> errors | cut -d, -f1-3 | sort > usage || true
for line in off,/dev/sda2,137349 on,/dev/sda1,102174 locked,/dev/VG/LV1,37906
do
    grep -qx "$line" usage || fail "virt-df has no $line in $(cat usage)"
done

# A domain is written to only while it is off.
is "" guestfish -d off -m /dev/sda2 write /etc/sub/a bbbb
is bbbb virt-cat -d locked -m /dev/sda2 /etc/sub/a
expect_error 1 'live virtual machine' run guestfish -d on run
# The program's -d keeps read-only disks read-only: writes go to a throwaway
# overlay.
is 3 guestfish -d locked run : pwrite-device /dev/sdb abc 0
[ "$(head -c 3 blank.img | tr -d '\0')" = "" ] ||
    fail "a read-only disk was written to"
# add_domain with its own options.
expect_error any 'blank.img is <readonly/>' mayfly-guestfs \
    guestfish domain locked libvirturi:"$uri" readonlydisk:error
got=$(mayfly-guestfs guestfish domain locked libvirturi:"$uri" \
    readonlydisk:ignore : run : list-devices)
# The count includes the disk that is left out.
[ "$got" = $'2\n/dev/sda' ] || fail "readonlydisk:ignore shows '$got'"

expect_error 1 'no libvirt domain called .nosuch' run virt-cat -d nosuch /x
expect_error 1 'no disks' run virt-cat -d none /x
expect_error 1 'libvirt secret' run virt-cat -d ceph /x
expect_error 1 'luks.qcow2.* is encrypted .LUKS in qcow2. and there is no key' \
    run virt-cat -d luks /x
expect_error 1 'blank.img is encrypted in its vdi format' \
    run virt-cat -d vdi /x
expect_error 1 'nbd' run virt-cat -d far /x
expect_error 1 'cannot connect to libvirt' \
    mayfly-guestfs virt-cat -c test:///nonexistent -d x /x
