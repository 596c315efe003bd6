# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Sourced: an image with one file, without a partition table and without us.
set -eu
cd "${AUTOPKGTEST_TMP:-$(mktemp -d)}"
mkdir -p tree/etc
echo autopkgtest > tree/etc/hostname
truncate -s 64M disk.img
/usr/sbin/mke2fs -q -t ext4 -d tree disk.img
