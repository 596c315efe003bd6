#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Systems in unusual places, several disks at once: each is found, or a warning
# says where it is and that it was not opened.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cases/linux-guest.sh"
requires mke2fs -V
requires sfdisk --version
requires mksquashfs -version
cd "$work"

# A file system at sector $2 of an image, labelled $5: fs IMAGE SECTOR MIB DIR
fs()
{
    mke2fs -q -F -t ext4 -O ^metadata_csum_seed,^orphan_file \
        -E offset=$(($2 * 512)) -d "$4" "$1" "$3M" 2> mke2fs.err ||
        fail "$(cat mke2fs.err)"
}
disk() # IMAGE DIR
{
    truncate -s 18M "$1"
    echo 'start=2048, type=83' | sfdisk -q "$1"
    fs "$1" 2048 16 "$2"
}
release() { mkdir -p "$(dirname "$1")" && printf '%b' "$2" > "$1"; }

# NixOS: links, two deep.
tree n debian
rm -rf n/etc n/usr/lib/os-release n/var/lib/dpkg
mkdir -p n/etc n/nix/store/1-etc
release n/nix/store/2-os/release 'ID=nixos\nVERSION_ID="24.11"\n'
ln -s /nix/store/2-os/release n/nix/store/1-etc/os-release
ln -s /nix/store/1-etc n/etc/static
ln -s /etc/static/os-release n/etc/os-release
disk nixos.img n

# OSTree: two deployments, and what is none.
d=o/ostree/deploy/fedora/deploy
mkdir -p o/boot o/sysroot $d/empty.0
release $d/0123.0/usr/lib/os-release 'NAME="Fedora Linux"\nPRETTY_NAME="Fedora CoreOS 40"\n'
release $d/4567.1/usr/lib/os-release 'NAME=Fedora\n'
disk ostree.img o

# Flatcar: /usr alone, its root is made at the first start.
mkdir -p u/bin u/share f/lost
release u/lib/os-release 'PRETTY_NAME="Flatcar 3815"\nID=flatcar\n'
truncate -s 34M flatcar.img
printf 'label: gpt\nstart=2048, size=32768, name=USR-A\nstart=34816, size=16384, name=ROOT\n' |
    sfdisk -q flatcar.img
fs flatcar.img 2048 16 u
fs flatcar.img 34816 8 f

# A live system in a file.
mkdir -p l/live
echo squashfs > l/live/filesystem.squashfs
disk live.img l

# A file system over the whole disk, and a table.
tree b debian
truncate -s 16M both.img
fs both.img 0 16 b
echo 'start=8192, type=83' | sfdisk -q --wipe never both.img 2> /dev/null

# Names of machines: OpenRC with a comment, OpenWrt.
tree g debian
rm -rf g/var/lib/dpkg g/etc/debian_version
release g/usr/lib/os-release 'ID=gentoo\n'
release g/etc/conf.d/hostname '# hostname="no"\nhostname="larry" # the cow\n'
disk gentoo.img g
mkdir -p w/{bin,sbin,lib,usr,dev,proc}
release w/etc/os-release 'ID=openwrt\nVERSION_ID="23.05.3"\n'
release w/etc/config/system "config system\n\toption ttylogin '0'\n\toption hostname 'router7'\n"
mksquashfs w w.sq -quiet -noappend > /dev/null 2>&1
truncate -s 4M openwrt.img
echo 'start=2048, type=83' | sfdisk -q openwrt.img
dd if=w.sq of=openwrt.img bs=512 seek=2048 conv=notrunc status=none

# Partitions that cannot be opened here, by their types.
truncate -s 8M mbr.img gpt.img
printf 'start=2048,size=2048,type=42\nstart=4096,size=2048,type=a6\nstart=6144,size=2048,type=83\n' |
    sfdisk -q mbr.img
printf 'label: gpt\nstart=2048,size=2048,type=E75CAF8F-F680-4CEE-AFA3-B001E56EFC2D\nstart=4096,size=2048,type=7C3457EF-0000-11AA-AA11-00306543ECAC\n' |
    sfdisk -q gpt.img

options=()
for i in nixos ostree flatcar live both gentoo openwrt; do
    options+=(--format=raw -a "$i.img")
done
mayfly-inspector "${options[@]}" > found 2> warned || fail "$(cat warned)"
[ "$(grep -c '<operatingsystem>' found)" = 3 ] || fail "$(cat found)"
for want in '<distro>nixos' '<minor_version>11' '<distro>gentoo' \
    '<hostname>larry</hostname>' '<distro>openwrt' '<hostname>router7</hostname>'; do
    grep -q "$want" found || fail "no $want: $(cat found)"
done
d=/dev/sdb1:/ostree/deploy/fedora/deploy
for want in "$d/0123.0: Fedora CoreOS 40, deployed by OSTree" \
    "$d/4567.1: Fedora, deployed by OSTree" \
    '/dev/sdc1:/lib/os-release: /usr of Flatcar 3815, whose root was not' \
    '/dev/sdd1:/live/filesystem.squashfs: a system inside a file' \
    '/dev/sde: it has a partition table and is a file system as a whole .ext'; do
    grep -q "$want" warned || fail "no '$want': $(cat warned)"
done
[ "$(grep -c . warned)" = 5 ] || fail "more than that: $(cat warned)"

# Alone: the reason.
alone() # IMAGE PATTERN...
{
    if mayfly-inspector --format=raw -a "$1" > found 2> warned; then
        fail "$(cat found)"
    fi
    for want in "${@:2}"; do
        grep -q "$want" warned || fail "no '$want': $(cat warned)"
    done
}
alone ostree.img 'Fedora CoreOS 40, deployed by OSTree'
alone mbr.img '/dev/sda1: by the type .* part of a dynamic disk of Windows, which' \
    '/dev/sda2: by the type of the partition it is slices of OpenBSD' \
    '/dev/sda3: no known file system'
alone gpt.img '/dev/sda1: by the type .* part of a storage space of Windows' \
    '/dev/sda2: by the type .* APFS'
