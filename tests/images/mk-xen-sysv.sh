#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian 12 as xen-tools made them before systemd: System V init, whose
# inittab has the only login on the Xen console; the layout of
# mk-xen-tools.sh.  User root, password xen.
. "$(dirname "$0")/images.sh"
# shellcheck disable=SC2034
XEN_TREE=sysv-tree
. "$(dirname "$0")/xen.sh"
xen_settings /dev/xvda2 /dev/xvda1
rm -r "$scratch/more/etc/default/grub" "$scratch/more/etc/systemd"
cat > "$scratch/finish" << 'END'
# The changes that the "editor" role of xen-tools makes.
sed -i -e 's,^[2-6]:.*tty[2-6].*,# &,' \
    -e 's,^1:.*tty1.*,1:2345:respawn:/sbin/getty 38400 hvc0,' /etc/inittab
END
xen_make 2G 64M << END
mkfs ext4 /dev/sda
mkswap /dev/sdb
mount /dev/sda /
END
xen_to_dom0
