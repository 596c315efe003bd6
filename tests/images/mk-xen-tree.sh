#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tree of a Debian 12 that runs under Xen and on bare machines, as a tar
# file: what the images of Xen guests are made of.
. "$(dirname "$0")/images.sh"
packages=linux-image-amd64,initramfs-tools,zstd,systemd-sysv,libpam-systemd
packages+=,dbus,udev,kmod,e2fsprogs,grub-pc-bin,grub2-common,ifupdown
packages+=,iproute2,procps,less,lvm2

# The mirror is the one that apt uses here.
sources=()
for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
    /etc/apt/sources.list.d/*.sources; do
    [ ! -s "$f" ] || sources+=("$f")
done
mmdebstrap --quiet --variant=minbase --include="$packages" \
    --aptopt='Apt::Install-Recommends "false"' --format=tar bookworm \
    "$image.part" "${sources[@]}"
mv "$image.part" "$image"
