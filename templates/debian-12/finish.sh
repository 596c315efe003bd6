#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs inside the new tree: installs the boot loader and cleans up.
#   finish.sh UUID     of the root file system
set -eu
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin

# There is no udev here; update-grub writes root=UUID= only if it sees this.
mkdir -p /dev/disk/by-uuid
ln -sf ../../sda3 "/dev/disk/by-uuid/$1"
grub-install --target=i386-pc /dev/sda
update-grub

systemctl enable systemd-networkd.service systemd-resolved.service \
    ssh-host-keys.service

# Remove what every copy must have of its own, and what is not needed.
rm -f /etc/ssh/ssh_host_* /var/lib/dbus/machine-id \
    /var/lib/systemd/random-seed /var/lib/systemd/credential.secret
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old \
    /var/log/* /var/cache/ldconfig/* /tmp/* /run/*
