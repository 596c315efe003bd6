#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every form of a disk's name, in the files of several distributions: it becomes
# one that the new machine has, or is reported by file and line.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cases/linux-guest.sh"
linux_guest_requires
cd "$work"
data_uuid=22222222-0000-0000-0000-000000000001
more_uuid=33333333-0000-0000-0000-000000000002

# Disk a: system, swap.  Disk b: data, unused.
two_disks() # DIR
{
    rm -f a b
    truncate -s 44M a
    truncate -s 22M b
    printf 'label-id: 0xaaaa0001\nstart=2048, size=65536, type=83, bootable\nstart=67584, size=16384, type=82\n' |
        sfdisk -q a
    printf 'label-id: 0xbbbb0002\nstart=2048, size=16384, type=83\nstart=18432, size=16384, type=83\n' |
        sfdisk -q b
    boot_code a
    ext4 a 2048 32 "$root_uuid" "$1"
    truncate -s 8M swap
    chmod 600 swap
    mkswap -U "$more_uuid" swap > /dev/null 2>&1
    dd if=swap of=a bs=512 seek=67584 conv=notrunc status=none
    mkdir -p data
    ext4 b 2048 8 "$data_uuid" data data
}

# --- Debian, NVMe: GRUB 2, crypttab, initramfs-tools, kdump, units ---

v=6.1.0-18-amd64
tree t debian
kernel t $v
mkdir -p t/etc/initramfs-tools/conf.d t/etc/systemd/system t/etc/grub.d \
    t/etc/lvm t/etc/mdadm
cat > t/etc/fstab << 'END'
# /dev/nvme0n1p1 stays in a comment
/dev/nvme0n1p1	/	ext4	errors=remount-ro	0	1
/dev/nvme0n1p2 none swap sw,pri=5 0 0
/dev/nvme1n1p1 /data auto defaults,x-systemd.requires=/dev/nvme1n1p1 0 2
LABEL="data" /again ext4 noauto 0 0
/dev/disk/by-label/data /third ext4 noauto 0 0
/dev/sr0 /media/cdrom udf,iso9660 user,noauto 0 0
/srv/x /srv/y none bind 0 0
tmpfs /tmp tmpfs size=1g 0 0
END
cat > t/etc/crypttab << 'END'
random /dev/nvme1n1p2 /dev/urandom swap,cipher=aes-xts-plain64
END
echo RESUME=/dev/nvme0n1p2 > t/etc/initramfs-tools/conf.d/resume
cat > t/boot/grub/grub.cfg << END
menuentry 'Debian (on /dev/nvme0n1p1)' {
	linux	/boot/vmlinuz-$v root=/dev/nvme0n1p1 ro quiet resume=/dev/nvme0n1p2
	initrd	/boot/initrd.img-$v
}
END
echo "linux /boot/vmlinuz-$v root=/dev/nvme0n1p1" > t/boot/grub/custom.cfg
printf '#!/bin/sh\nexec tail -n +3 $0\nlinux /boot/vmlinuz-%s root=/dev/nvme0n1p1\n' $v \
    > t/etc/grub.d/40_custom
printf '(hd0)\t/dev/nvme0n1\n(hd1)\t/dev/nvme1n1\n' > t/boot/grub/device.map
echo 'KDUMP_CMDLINE_APPEND="root=/dev/nvme0n1p1 nr_cpus=1"' \
    > t/etc/default/kdump-tools
printf '[Mount]\nWhat=/dev/nvme1n1p1\nWhere=/u\n' > t/etc/systemd/system/u.mount
printf '#!/bin/sh\n\nmount /dev/nvme1n1p1 /v >/dev/null 2>&1\n' > t/etc/rc.local
echo 'filter = [ "a|^/dev/sda.*|", "a|/dev/xvd[a-z]|", "r|.*|" ]' \
    > t/etc/lvm/lvm.conf
printf 'DEVICE /dev/sda1 /dev/sdb1\nARRAY /dev/md0 UUID=1:2:3:4 devices=/dev/sda1,/dev/sdb1\n' \
    > t/etc/mdadm/mdadm.conf
two_disks t
convert a b
files sda 1
has etc/fstab "^UUID=$root_uuid	/	ext4	errors=remount-ro"
has etc/fstab "^UUID=$more_uuid none swap sw,pri=5 0 0"
has etc/fstab "^UUID=$data_uuid /data auto defaults,x-systemd.requires=/dev/disk/by-uuid/$data_uuid 0 2"
has etc/fstab '^LABEL="data" /again'
has etc/fstab '^/dev/disk/by-label/data /third'
has etc/fstab '^/dev/sr0 /media'
has etc/fstab '^# /dev/nvme0n1p1 stays'
has etc/crypttab '^random PARTUUID=bbbb0002-02 /dev/urandom swap'
has etc/initramfs-tools/conf.d/resume "^RESUME=UUID=$more_uuid$"
has boot/grub/grub.cfg "root=UUID=$root_uuid ro quiet resume=UUID=$more_uuid"
has boot/grub/grub.cfg "menuentry 'Debian \(on /dev/nvme0n1p1\)'"
has boot/grub/custom.cfg "root=UUID=$root_uuid"
has etc/grub.d/40_custom "root=UUID=$root_uuid"
has boot/grub/device.map '^\(hd0\)	/dev/vda$'
has boot/grub/device.map '^\(hd1\)	/dev/vdb$'
has etc/default/kdump-tools "root=UUID=$root_uuid nr_cpus=1"
has etc/systemd/system/u.mount "^What=/dev/disk/by-uuid/$data_uuid$"
has etc/rc.local 'mount /dev/nvme1n1p1'
has etc/lvm/lvm.conf 'a\|\^/dev/vda.\*\|", "a\|/dev/vd\[a-z\]\|'
has etc/mdadm/mdadm.conf '^DEVICE partitions containers$'
has etc/mdadm/mdadm.conf '^ARRAY /dev/md0 UUID=1:2:3:4$'
tells "/etc/rc.local: /dev/nvme1n1p1 .* now it is /dev/disk/by-uuid/$data_uuid \(line 3\)"
[ "$(sed -n '/^Look at:/,/^[^ ]/p' said | grep -c '^  ')" = 1 ] ||
    fail "more to look at: $(cat said)"

# --- RHEL, names of the hardware: BLS, grubenv, dracut, kdump ---

v=5.14.0-427.el9.x86_64
tree t rhel
kernel t $v "boot/vmlinuz-$v" "boot/initramfs-$v.img"
id=/dev/disk/by-id/wwn-0x6000c295d5d1f0c3e5f2a9b9b5d2c6b1
cat > t/etc/fstab << END
$id-part1 / ext4 defaults 0 1
/dev/mapper/mpatha2 swap swap defaults 0 0
/dev/sdb1 /gone ext4 defaults 0 0
/dev/mapper/vg-lost /lost xfs defaults 0 0
UUID=99999999-0000-0000-0000-000000000000 /nowhere ext4 defaults 0 0
END
echo "options \$kernelopts" > t/boot/loader/entries/1-$v.conf
printf 'title x\nlinux /boot/vmlinuz-%s\ninitrd /boot/initramfs-%s.img\noptions root=%s-part1 resume=/dev/mapper/mpatha-part2 rd.lvm.lv=rhel/root\n' \
    $v $v $id > t/boot/loader/entries/2-$v.conf
{
    printf '# GRUB Environment Block\nsaved_entry=2-%s\nkernelopts=root=%s-part1 ro crashkernel=auto\n' $v $id
    head -c 700 /dev/zero | tr '\0' '#'
} | head -c 1024 > t/boot/grub2/grubenv
truncate -s 1024 t/boot/grub2/grubenv
tr '\0' '#' < t/boot/grub2/grubenv > e && mv e t/boot/grub2/grubenv
echo "kernel_cmdline=\"root=$id-part1\"" > t/etc/dracut.conf.d/x.conf
echo "add_device+=\" $id-part2 \"" > t/etc/dracut.conf.d/y.conf
printf 'ext4 %s-part1\npath /var/crash\n' $id > t/etc/kdump.conf
printf 'GRUB_CMDLINE_LINUX="root=%s-part1 crashkernel=1G"\n' $id \
    > t/etc/default/grub
two_disks t
convert a
files sda 1
has etc/fstab "^UUID=$root_uuid / ext4"
has etc/fstab "^UUID=$more_uuid swap swap"
has boot/loader/entries/2-$v.conf \
    "root=UUID=$root_uuid resume=UUID=$more_uuid rd.lvm.lv=rhel/root"
has boot/grub2/grubenv "^kernelopts=root=UUID=$root_uuid ro crashkernel=auto$"
[ "$(stat -c %s got/boot/grub2/grubenv)" = 1024 ] || fail "grubenv is cut"
has etc/dracut.conf.d/x.conf "kernel_cmdline=\"root=UUID=$root_uuid\""
has etc/dracut.conf.d/y.conf "add_device\+=\" /dev/disk/by-uuid/$more_uuid \""
has etc/kdump.conf "^ext4 /dev/disk/by-uuid/$root_uuid$"
has etc/default/grub "root=UUID=$root_uuid crashkernel=1G"
tells '/etc/fstab: /dev/sdb1 is not on the guest.*\(line 3\)'
tells '/etc/fstab: /dev/mapper/vg-lost is not on the guest.*\(line 4\)'
tells '/etc/fstab: UUID=99999999.* is not on the guest.*\(line 5\)'
mayfly-v2v plan -i disk a > plan
grep -q '^Readiness  *Review' plan

# --- Alpine, an SD card: extlinux ---

v=6.6.14-0-lts
tree t alpine
kernel t $v boot/vmlinuz-lts boot/initramfs-lts
printf '/dev/mmcblk0p1 / ext4 rw 0 1\n/dev/mmcblk0p2 swap swap defaults 0 0\n' \
    > t/etc/fstab
printf 'DEFAULT lts\nLABEL lts\n  MENU LABEL on /dev/mmcblk0p1\n  LINUX /boot/vmlinuz-lts\n  INITRD /boot/initramfs-lts\n  APPEND root=/dev/mmcblk0p1 modules=ext4\n' \
    > t/boot/extlinux/extlinux.conf
printf 'root=/dev/mmcblk0p1\ndefault_kernel_opts="quiet cryptroot=/dev/mmcblk0p2"\n' \
    > t/etc/update-extlinux.conf
two_disks t
convert a
files sda 1
has etc/fstab "^UUID=$root_uuid / ext4 rw"
has etc/fstab "^UUID=$more_uuid swap"
has boot/extlinux/extlinux.conf "APPEND root=UUID=$root_uuid modules"
has boot/extlinux/extlinux.conf 'MENU LABEL on /dev/mmcblk0p1'
has etc/update-extlinux.conf "^root=UUID=$root_uuid"
has etc/update-extlinux.conf "quiet cryptroot=UUID=$more_uuid\""
silent

# --- a cloud: volumes that are not given are not the disk that is ---

v=6.1.0-18-cloud-amd64
tree t debian
kernel t $v
cat > t/etc/fstab << END
UUID=$root_uuid / ext4 defaults 0 1
/dev/disk/by-id/scsi-0DO_Volume_db /db ext4 defaults,nofail 0 0
/dev/disk/by-id/google-data-part1 /google ext4 defaults 0 0
/dev/disk/cloud/azure_resource-part1 /mnt auto defaults,nofail 0 2
/dev/disk/by-id/scsi-0Google_PersistentDisk_x-part2 none swap sw 0 0
END
mkdir -p t/etc/udev/rules.d
echo 'KERNEL=="sdb?", OWNER="oracle"' > t/etc/udev/rules.d/99-asm.rules
two_disks t
convert a
files sda 1
has etc/fstab '^/dev/disk/by-id/scsi-0DO_Volume_db /db'
has etc/fstab '^/dev/disk/by-id/google-data-part1 /google'
has etc/fstab '^/dev/disk/cloud/azure_resource-part1 /mnt'
has etc/fstab "^UUID=$more_uuid none swap"
tells '/etc/fstab: /dev/disk/by-id/scsi-0DO_Volume_db is not on the guest.*line 2'
tells '/etc/fstab: /dev/disk/by-id/google-data-part1 is not on the .*line 3'
tells '/etc/fstab: /dev/disk/cloud/azure_resource-part1 is not on .*line 4'
tells '99-asm.rules: /dev/sdb\? is a name of the old machine'

# --- GRUB legacy, numbers; two disks with one UUID: a copy of the other ---

v=2.6.32-754.el6.x86_64
tree t rhel
kernel t $v "boot/vmlinuz-$v" "boot/initramfs-$v.img"
mkdir t/boot/grub
printf 'default=0\ntitle x\nroot (hd0,0)\nkernel /boot/vmlinuz-%s ro root=801\ninitrd /boot/initramfs-%s.img\ntitle y\nkernel /boot/vmlinuz-%s ro root=/dev/hda1\n' \
    $v $v $v > t/boot/grub/grub.conf
printf '# (hd0) /dev/hda\n(hd0)     /dev/hda\n' > t/boot/grub/device.map
echo '/dev/hda1 / ext4 defaults 1 1' > t/etc/fstab
echo '/dev/hdb1 /b ext4 defaults 1 1' >> t/etc/fstab
echo '/dev/hdc /media/cdrom iso9660 ro,noauto 0 0' >> t/etc/fstab
two_disks t
data_uuid=$root_uuid
ext4 b 2048 8 "$root_uuid" data data
convert a b
files sda 1
has boot/grub/grub.conf 'ro root=PARTUUID=aaaa0001-01'
hasnt boot/grub/grub.conf 'root=(801|/dev)'
has boot/grub/device.map '^\(hd0\)     /dev/vda$'
has etc/fstab '^PARTUUID=aaaa0001-01 / ext4'
has etc/fstab '^PARTUUID=bbbb0002-01 /b ext4'
has etc/fstab '^/dev/hdc /media/cdrom'
silent

# --- SUSE, disks given in another order than the guest had them ---

v=5.14.21-default
data_uuid=22222222-0000-0000-0000-000000000001
tree t suse
kernel t $v "boot/vmlinuz-$v" "boot/initrd-$v"
printf '/dev/sda1 / ext4 defaults 0 1\n/dev/sdb1 /b ext4 defaults 0 2\n' \
    > t/etc/fstab
echo 'LOADER_LOCATION=mbr
DEFAULT_APPEND="resume=/dev/sda2 splash=silent"' > t/etc/sysconfig/bootloader
echo /dev/sda > t/etc/default/grub_installdevice
two_disks t
convert b a
files sdb 1
has etc/fstab "^UUID=$root_uuid / ext4"
has etc/fstab "^UUID=$data_uuid /b ext4"
has etc/sysconfig/bootloader "resume=UUID=$more_uuid splash"
has etc/default/grub_installdevice '^/dev/vdb$'
tells "/etc/fstab: /dev/sdb1 .* taken to be UUID=$data_uuid \(line 2\)"

# Here only root= has the old name.
echo "UUID=$root_uuid / ext4 defaults 0 1" > t/etc/fstab
printf "menuentry 'x' {\nlinux /boot/vmlinuz-%s root=/dev/sda1 resume=/dev/disk/by-path/pci-0000:00:10.0-scsi-0:0:1:0-part2\ninitrd /boot/initrd-%s\n}\n" \
    $v $v > t/boot/grub2/grub.cfg
two_disks t
convert b a
files sdb 1
has boot/grub2/grub.cfg "root=UUID=$root_uuid resume=UUID=$more_uuid"
tells "/boot/grub2/grub.cfg: /dev/sda1 .* taken to be UUID=$root_uuid \(line 2\)"
