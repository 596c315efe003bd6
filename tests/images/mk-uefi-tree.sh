#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tree of mk-xen-tree.sh for a machine with UEFI, its network by netplan.
# shellcheck disable=SC2034
loader=grub-efi-amd64-bin,grub2-common,dosfstools network=netplan.io
. "$(dirname "$0")/mk-xen-tree.sh"
