#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tree of mk-xen-tree.sh with GRUB 1 and without ifupdown.  GRUB 1 is
# installed after the kernel, for which it would look for a disk.
# shellcheck disable=SC2034
loader=less network=systemd late=grub-legacy
. "$(dirname "$0")/mk-xen-tree.sh"
