# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of the drop-in share.  Sourced after tests/lib.sh.
[ -e "$builddir/compat/.libs/libguestfs.so.0" ] ||
    skip "the drop-in is not built here (no guestfs.h)"
# Programs format dates and sort by these.
export TZ=UTC LC_ALL=C.UTF-8

# An image with a bit of everything: GPT, FAT, ext4, LVM, links, owners.
# make_image FILE; needs mayfish.
make_image()
{
    mayfish > "$work/make" << END || fail "cannot make $1"
disk-create $1 raw 400M
add-drive $1 format:raw
run
part-init /dev/sda gpt
part-add /dev/sda p 2048 206847
part-add /dev/sda p 206848 512000
part-add /dev/sda p 514048 700000
part-set-name /dev/sda 1 first
mkfs vfat /dev/sda1 label:BOOT
mkfs ext4 /dev/sda2 label:ROOT
pvcreate /dev/sda3
vgcreate VG /dev/sda3
lvcreate LV1 VG 40
mkfs ext2 /dev/VG/LV1
mount /dev/sda2 /
mkdir-p /etc/sub
write /etc/fstab "# fstab\nLABEL=ROOT / ext4 defaults 0 1\n"
write /etc/sub/a aaaa
ln-s fstab /etc/link
chmod 0600 /etc/sub/a
chown 1000 1000 /etc/sub/a
fill 65 5000 /big
END
}
