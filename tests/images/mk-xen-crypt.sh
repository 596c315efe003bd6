#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian 12 as a PV guest that is encrypted: GPT with GRUB 2 and /boot on
# it, "/" in the subvolume @ of a Btrfs in LUKS, the swap space with a new key
# at each start.  crypttab names both by their devices.  The key, secret, is
# also in the initramfs, so that no one has to type it.  User root, password
# xen.  Beside it are .vmlinuz and .initrd.
. "$(dirname "$0")/images.sh"
. "$(dirname "$0")/xen.sh"
xen_settings /dev/mapper/cr_root /dev/mapper/cr_swap
xen_list_modules xen-blkfront btrfs dm-crypt aesni-intel aes_generic xts \
    sha256_generic cbc ecb
m=$scratch/more/etc
rm "$m/initramfs-tools/conf.d/resume"
sed -i 's/ resume=[^"]*//' "$m/default/grub"
cat > "$m/fstab" << 'END'
/dev/mapper/cr_root / btrfs noatime,subvol=@ 0 0
/dev/mapper/cr_root /home btrfs noatime,subvol=@home 0 0
/dev/xvda2 /boot ext4 noatime 0 2
/dev/mapper/cr_swap none swap sw 0 0
xenfs /proc/xen xenfs defaults 0 0
END
mkdir -p "$m/cryptsetup-initramfs"
echo 'KEYFILE_PATTERN=/etc/keys/*' > "$m/cryptsetup-initramfs/conf-hook"
echo 'UMASK=0077' >> "$m/initramfs-tools/conf.d/small"
cat > "$m/crypttab" << 'END'
cr_root /dev/xvda4 /etc/keys/root.key luks,initramfs
cr_swap /dev/xvda3 /dev/urandom swap,cipher=aes-xts-plain64,size=256
END
cat > "$scratch/finish" << 'END'
mkdir -m 700 /etc/keys
(umask 077 && printf secret > /etc/keys/root.key)
grub-install --target=i386-pc /dev/sda
# The names that it will have.
for i in 2 3 4; do ln -s "sda$i" "/dev/xvda$i"; done
update-initramfs -u -k "$(ls /lib/modules)"
update-grub
rm /dev/xvda?
echo '(hd0) /dev/xvda' > /boot/grub/device.map
END
xen_make 3G << END
part-init /dev/sda gpt
part-add /dev/sda p 2048 4095
part-add /dev/sda p 4096 413695
part-add /dev/sda p 413696 544767
part-add /dev/sda p 544768 -2048
part-set-gpt-type /dev/sda 1 21686148-6449-6E6F-744E-656564454649
mkfs ext4 /dev/sda2
luks-format /dev/sda4 0
secret
cryptsetup-open /dev/sda4 cr_root
secret
mkfs-btrfs /dev/mapper/cr_root
mount /dev/mapper/cr_root /
btrfs-subvolume-create /@
btrfs-subvolume-create /@home
umount /
mount-options subvol=@ /dev/mapper/cr_root /
mkdir /home
mount-options subvol=@home /dev/mapper/cr_root /home
mkdir /boot
mount /dev/sda2 /boot
END
