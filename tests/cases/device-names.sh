#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The names that a guest has for devices: resolved by what they say, or
# reported; file systems that are found by the type of their partition; what is
# missing or cut off, by name, in every program.
. "${srcdir:?}/tests/lib.sh" || exit 1
cd "$work"
tree()
{
    rm -rf t
    mkdir -p t/{boot,efi,etc,home,mnt,opt,srv,tmp,usr/bin,var/tmp}
    ln -s usr/bin t/bin
    printf 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\nVERSION_ID="12"\n' \
        > t/etc/os-release
    echo phony > t/etc/hostname
    : > t/etc/machine-id
    cat > t/etc/fstab
    tar -C t --owner=0 --group=0 -cf t.tar .
}

# A disk known by its number, from the line of "/"; another by its path, which
# is not there; a label that is on no disk; type auto.
by=/dev/disk/by-id/scsi-0QEMU_HARDDISK_drive-part1
tree << EOF
$by-part2 / ext4 defaults 0 1
$by-part1 /boot auto defaults 0 2
/dev/disk/by-path/pci-0000:00:05.0-part1 /srv ext4 defaults 0 2
LABEL=gone /opt ext4 defaults 0 2
EOF
truncate -s 100M a.img
mayfish --format=raw -a a.img << EOF
run
part-init /dev/sda gpt
part-add /dev/sda p 2048 67583
part-add /dev/sda p 67584 199999
mkfs ext2 /dev/sda1
mkfs ext4 /dev/sda2
mount /dev/sda2 /
tar-in t.tar /
EOF
got=$(mayfish --ro --format=raw -a a.img -i mountpoints 2> said |
    sort | tr '\n' ' ')
[ "$got" = "/dev/sda1: /boot /dev/sda2: / " ] || fail "mounted: $got"
grep -q 'warning: .*/srv: .*/dev/disk/by-path/pci-0000:00:05.0-part1' said ||
    fail "/srv is not reported: $(cat said)"
grep -q 'warning: LABEL=gone: in the fstab' said ||
    fail "/opt is not reported: $(cat said)"

# Without fstab: /home, /srv and swap by type, but not what is marked; the ESP
# in /efi, since there is one for /boot.
tree < /dev/null
rm t/etc/fstab
tar -C t --owner=0 --group=0 -cf t.tar .
rm -f b.img
truncate -s 300M b.img
mayfish --format=raw -a b.img << EOF
run
part-init /dev/sda gpt
part-add /dev/sda p 2048 99999
part-add /dev/sda p 100352 199999
part-add /dev/sda p 200704 299999
part-add /dev/sda p 301056 399999
part-add /dev/sda p 401408 499999
part-add /dev/sda p 501760 599999
part-set-gpt-type /dev/sda 1 C12A7328-F81F-11D2-BA4B-00A0C93EC93B
part-set-gpt-type /dev/sda 2 BC13C2FF-59E6-4262-A352-B275FD6F7172
part-set-gpt-type /dev/sda 3 933AC7E1-2EB4-4F13-B844-0E14E2AEF915
part-set-gpt-type /dev/sda 4 3B8F8425-20E0-4F3B-907F-1A25A76F98E8
part-set-gpt-type /dev/sda 5 0657FD6D-A4AB-43C4-84E5-0933C84B4F4F
part-set-gpt-attributes /dev/sda 4 -9223372036854775808
mkfs vfat /dev/sda1
mkfs vfat /dev/sda2
mkfs ext4 /dev/sda3
mkfs ext4 /dev/sda4
mkswap /dev/sda5
mkfs ext4 /dev/sda6
mount /dev/sda6 /
tar-in t.tar /
EOF
got=$(mayfish --ro --format=raw -a b.img -i mountpoints | sort | tr '\n' ' ')
[ "$got" = "/dev/sda1: /efi /dev/sda2: /boot /dev/sda3: /home /dev/sda6: / " ] ||
    fail "by types: $got"

# btrfs: a subvolume by its number, in a line of type auto.
tree << 'EOF'
LABEL=pool / btrfs subvol=@ 0 0
LABEL=pool /home auto subvolid=257 0 0
LABEL=pool /opt btrfs subvolid=999 0 0
EOF
truncate -s 200M c.img
mayfish --format=raw -a c.img << EOF
run
mkfs btrfs /dev/sda label:pool
mount /dev/sda /
btrfs-subvolume-create /@
btrfs-subvolume-create /data
tar-in t.tar /@
EOF
got=$(mayfish --ro --format=raw -a c.img run : inspect-os : \
    inspect-get-mountpoints btrfsvol:/dev/sda/@)
grep -q '^/home: btrfsvol:/dev/sda/data$' <<< "$got" || fail "by number: $got"
mayfish --ro --format=raw -a c.img -i ll / > got 2> said
grep -q 'LABEL=pool: .*without such a subvolume' said || fail "$(cat said)"

# Keys by the names of an array and of a volume, also without /dev.
truncate -s 100M d.img
mayfish --format=raw --keys-from-stdin -a d.img << EOF
run
part-disk /dev/sda gpt
pvcreate /dev/sda1
vgcreate vg-a /dev/sda1
lvcreate root vg-a 60
luks-format /dev/vg-a/root 0
pass
cryptsetup-open /dev/vg-a/root x
pass
mkfs ext4 /dev/mapper/x
mount /dev/mapper/x /
tar-in t.tar /
EOF
for id in /dev/mapper/vg--a-root vg-a/root; do
    mayfish --ro --format=raw -a d.img --key "$id:key:pass" -i cat /etc/hostname \
        > got 2> said || fail "--key $id: $(cat said)"
done
expect_error 4 'vg-x/root: a key was given for it, but no encrypted device' \
    mayfish --ro --format=raw -a d.img --key vg-x/root:key:pass -i ll /
# A locked disk has a document all the same.
code=0
mayfly-inspector --json --format=raw -a d.img > got 2> said || code=$?
[ "$code" -eq 4 ] || fail "locked: $code"
python3 -c '
import json
locked = json.load(open("got"))["locked"]
assert [l["device"] for l in locked] == ["/dev/vg-a/root"], locked'

# Cut off; a group without its second disk.
truncate -s 100M e.img
mke2fs -q -F -t ext4 e.img
truncate -s 70M e.img
expect_error 5 'larger than its device, 104857600 bytes of 73400320' \
    mayfish --ro --format=raw -a e.img -i ll /
expect_error 5 'larger than its device' mayfly-inspector --format=raw -a e.img
truncate -s 60M f.img g.img
mayfish --format=raw -a f.img -a g.img << EOF
run
pvcreate /dev/sda
pvcreate /dev/sdb
vgcreate vg "/dev/sda /dev/sdb"
lvcreate all vg 100
EOF
expect_error 5 'vg: a volume group that is not complete: .* give all disks' \
    mayfish --ro --format=raw -a g.img -i ll /
expect_error 5 'vg: a volume group that is not complete' \
    mayfly-inspector --format=raw -a g.img

# A table of sectors of 4096 bytes, without --blocksize.
truncate -s 60M h.img
mayfish --format=raw --blocksize=4096 -a h.img run : part-disk /dev/sda gpt : \
    mkfs ext4 /dev/sda1
[ "$(mayfish --ro --format=raw -a h.img run : vfs-type /dev/sda1)" = ext4 ] ||
    fail "4096"
qemu-img convert -f raw -O qcow2 h.img h.qcow2
[ "$(mayfish --ro -a h.qcow2 run : vfs-type /dev/sda1)" = ext4 ] ||
    fail "4096 in a qcow2"
