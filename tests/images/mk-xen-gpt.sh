#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian 12 as a PV guest with a whole disk: GPT, GRUB 2 on it, read by
# pygrub under Xen.  User root, password xen.  Beside it the kernel and the
# initrd (.vmlinuz, .initrd), which boot it under Xen without pygrub.
. "$(dirname "$0")/images.sh"
. "$(dirname "$0")/xen.sh"
xen_settings /dev/xvda3 /dev/xvda2
cat > "$scratch/finish" << 'END'
grub-install --target=i386-pc /dev/sda
update-grub
sed -i 's,/dev/sda3,/dev/xvda3,' /boot/grub/grub.cfg
echo '(hd0) /dev/xvda' > /boot/grub/device.map
END
xen_make 3G << END
part-init /dev/sda gpt
part-add /dev/sda p 2048 4095
part-add /dev/sda p 4096 135167
part-add /dev/sda p 135168 -2048
part-set-gpt-type /dev/sda 1 21686148-6449-6E6F-744E-656564454649
part-set-gpt-type /dev/sda 2 0657FD6D-A4AB-43C4-84E5-0933C84B4F4F
mkswap /dev/sda2
mkfs ext4 /dev/sda3
mount /dev/sda3 /
END
