#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tree of a Debian 12 that runs under Xen and on bare machines, as a tar
# file: the Xen guests' images are made from it.
. "$(dirname "$0")/images.sh"
packages=${init:-systemd-sysv,libpam-systemd},linux-image-amd64
packages+=,initramfs-tools,zstd,dbus,udev,kmod,e2fsprogs,iproute2,procps,less
packages+=,lvm2,cryptsetup-initramfs,btrfs-progs,xfsprogs
packages+=,${loader:-grub-pc-bin,grub2-common,extlinux,syslinux-common}
packages+=,${network:-ifupdown}

# The mirror is the one that apt uses here.
sources=()
for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
    /etc/apt/sources.list.d/*.sources; do
    [ ! -s "$f" ] || sources+=("$f")
done
mmdebstrap --quiet --variant=minbase --include="$packages" \
    --aptopt='Apt::Install-Recommends "false"' --format=tar \
    ${late:+--customize-hook="chroot \"\$1\" apt-get install --yes $late"} \
    ${late:+--customize-hook='rm -rf "$1"/var/lib/apt/lists/*'} bookworm \
    "$image.part" "${sources[@]}"
mv "$image.part" "$image"
