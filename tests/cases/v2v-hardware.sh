#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Settings that fit the old machine only, or keep the drivers of the new one
# away: folders shared by the old hypervisor, blacklists, cards that the
# initramfs configures by name, names of disks where only people write them.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cases/linux-guest.sh"
linux_guest_requires
cd "$work"
swap_uuid=33333333-0000-0000-0000-000000000002

# A system and swap.
system() # DIR
{
    rm -f a
    truncate -s 44M a
    printf 'label-id: 0xaaaa0001\nstart=2048, size=65536, type=83, bootable\nstart=67584, size=16384, type=82\n' |
        sfdisk -q a
    boot_code a
    ext4 a 2048 32 "$root_uuid" "$1"
    truncate -s 8M swap
    chmod 600 swap
    mkswap -U "$swap_uuid" swap > /dev/null 2>&1
    dd if=swap of=a bs=512 seek=67584 conv=notrunc status=none
}
told() { sed -n '/^Look at:/,/^[^ ]/p' said | grep -c '^  '; }

# --- Debian: everything at once ---

v=6.1.0-18-amd64
tree t debian
kernel t $v
mkdir -p t/etc/systemd/system t/etc/cron.daily t/var/spool/cron/crontabs \
    t/usr/local/bin t/etc/modprobe.d t/etc/modules-load.d \
    t/etc/initramfs-tools/{scripts/local-top,conf.d} t/etc/default
cat > t/etc/fstab << 'END'
/dev/sda1 / ext4 errors=remount-ro 0 1
ID=scsi-36000c29-part2 none swap sw 0 0
share /mnt/share vboxsf defaults 0 0
.host:/ /mnt/hgfs fuse.vmhgfs-fuse defaults,allow_other 0 0
vmhgfs-fuse /mnt/hgfs2 fuse nofail 0 0
tag0 /mnt/9p 9p trans=virtio 0 0
server /mnt/tcp 9p trans=tcp 0 0
# old /mnt/old vboxsf defaults 0 0
UUID=11111111-2222-3333-4444-555555555555 /again ext4 noauto,x-systemd.requires=dev-sda2.device,journal_path=/dev/sda2 0 0
END
printf '[Mount]\nWhat=vmhgfs-fuse\nWhere=/mnt/a\nType=fuse\n' \
    > t/etc/systemd/system/mnt-a.mount
printf '[Unit]\nConditionVirtualization=vmware\n[Mount]\nWhat=.host:/\nType=fuse.vmhgfs-fuse\n' \
    > t/etc/systemd/system/mnt-b.mount
echo 'v /dev/sda2 /dev/sda1 00ff auto' > t/etc/veritytab
echo 'i /dev/sda2 - journal-crypt' > t/etc/integritytab
printf 'boot=/dev/sda\nimage=/vmlinuz\n root=/dev/sda1\n' > t/etc/lilo.conf
printf '# blacklist virtio_pci\nblacklist virtio-net\ninstall virtio_blk /bin/false\ninstall virtio_pci /sbin/modprobe -i virtio_pci\nblacklist floppy\n' \
    > t/etc/modprobe.d/hardening.conf
printf 'loop\nvmw_pvscsi\n' > t/etc/modules-load.d/vmware.conf
printf '0 3 * * * dump -f /x /dev/sda1\n' > t/var/spool/cron/crontabs/root
printf '#!/bin/sh\nblockdev --setra 64 /dev/sda2 > /dev/null\n' \
    > t/etc/cron.daily/ahead
cp t/etc/cron.daily/ahead t/usr/local/bin/ahead
cp t/usr/bin/ls t/usr/local/bin/program
printf '/dev/sda1' >> t/usr/local/bin/program
cp t/etc/cron.daily/ahead t/etc/initramfs-tools/scripts/local-top/ahead
printf '[Unit]\nAfter=dev-sda2.device\nRequires=dev-ttyS0.device\n' \
    > t/etc/systemd/system/db.service
printf 'DISK=/dev/sda\n' > t/etc/default/own
mkdir -p t/etc/kernel/cmdline.d t/etc/mkinitcpio.d
echo 'root=/dev/sda1 single' > t/etc/kernel/cmdline_fallback
echo 'root=/dev/sda1' > t/etc/kernel/cmdline.d/root.conf
printf '[UKI]\nCmdline=root=/dev/sda1 rw\n' > t/etc/kernel/uki.conf
echo 'LINUX_OPTIONS="root=/dev/sda1 quiet"' > t/etc/sdboot-manage.conf
echo 'default_options="--cmdline /etc/kernel/cmdline_fallback"' \
    > t/etc/mkinitcpio.d/linux.preset
echo 'IP=192.0.2.9::192.0.2.1:255.255.255.0:box:ens192:off' \
    > t/etc/initramfs-tools/conf.d/ip
cat > t/boot/grub/grub.cfg << END
menuentry 'Debian' {
	linux	/boot/vmlinuz-$v root=/dev/sda1 modprobe.blacklist=floppy,virtio_blk ip=ens192:dhcp:1500:00:50:56:aa:be:cc ifname=lan0:00:50:56:aa:be:cc bond=bond0:lan0,ens224 ip=bond0:dhcp ip=192.0.2.3::::lan0:off
	initrd	/boot/initrd.img-$v
}
END
system t
convert a
files sda 1
has etc/fstab "^UUID=$root_uuid / ext4"
has etc/fstab "^UUID=$swap_uuid none swap"
has etc/fstab '^# share /mnt/share vboxsf'
has etc/fstab '^# .host:/ /mnt/hgfs'
has etc/fstab '^vmhgfs-fuse /mnt/hgfs2 fuse nofail'
has etc/fstab '^# tag0 /mnt/9p'
has etc/fstab '^server /mnt/tcp'
u=33333333.x2d0000.x2d0000.x2d0000.x2d000000000002
has etc/fstab "x-systemd.requires=dev-disk-by.x2duuid-$u.device,journal_path=/dev/disk/by-uuid/$swap_uuid"
has etc/veritytab "^v UUID=$swap_uuid UUID=$root_uuid 00ff auto"
has etc/integritytab "^i UUID=$swap_uuid - journal-crypt"
has etc/kernel/cmdline_fallback "^root=UUID=$root_uuid single"
has etc/kernel/cmdline.d/root.conf "^root=UUID=$root_uuid"
has etc/kernel/uki.conf "^Cmdline=root=UUID=$root_uuid rw"
has etc/sdboot-manage.conf "\"root=UUID=$root_uuid quiet\""
has etc/modules-load.d/vmware.conf '^# vmw_pvscsi'
has etc/modules-load.d/vmware.conf '^loop'
has usr/local/bin/ahead '/dev/sda2'
tells '/etc/fstab: share .vboxsf. was shared by the old .*line 3'
tells '/etc/fstab: .host:/ .* was shared .*line 4'
tells '/etc/fstab: vmhgfs-fuse .fuse. was shared .*line 5'
tells '/etc/fstab: tag0 .9p. was shared .*line 6'
tells "/etc/lilo.conf: /dev/sda1 .* now it is /dev/disk/by-uuid/$root_uuid .line 3"
tells '/etc/lilo.conf: /dev/sda .* name of the old machine'
tells 'hardening.conf: .blacklist. keeps the driver virtio_net .*line 2'
tells 'hardening.conf: .install. keeps the driver virtio_blk .*line 3'
tells '/boot/grub/grub.cfg: .modprobe.blacklist. keeps the driver virtio_blk'
tells '/boot/grub/grub.cfg: the initramfs configures .* ens192,'
tells '/boot/grub/grub.cfg: the initramfs configures .* ens224,'
tells 'conf.d/ip: the initramfs configures the network card ens192, .*line 1'
tells '/crontabs/root: /dev/sda1 is a name of the old machine'
tells '/cron.daily/ahead: /dev/sda2 .*line 2'
tells '/usr/local/bin/ahead: /dev/sda2 .*line 2'
tells '/local-top/ahead: /dev/sda2 .*line 2'
tells "db.service: /dev/sda2 .* now it is /dev/disk/by-uuid/$swap_uuid .line 2"
tells '/etc/default/own: /dev/sda .*line 1'
tells 'mnt-a.mount: vmhgfs-fuse .fuse. was shared .*line 4'
[ "$(told)" = 20 ] || fail "$(told) to look at: $(cat said)"

# --- RHEL: dracut's lists and the words of BLS; names that the kernel counts;
# what a cloud gives ---

v=5.14.0-427.el9.x86_64
tree t rhel
kernel t $v "boot/vmlinuz-$v" "boot/initramfs-$v.img"
d=initramfs/var/lib/dracut/hooks/initqueue/finished
mkdir -p $d t/etc/modprobe.d
touch "$d/devexists-\\x2fdev\\x2fdisk\\x2fby-path\\x2fpci-0000:03:00.0-scsi-0:0:0:0-part2.sh" \
    "$d/devexists-\\x2fdev\\x2fdisk\\x2fby-uuid\\x2f$root_uuid.sh" \
    "$d/devexists-\\x2fdev\\x2fmapper\\x2fvg-root.sh" "$d/wait.sh"
(cd initramfs && find . | cpio --quiet -o -H newc) | gzip \
    > "t/boot/initramfs-$v.img"
echo 'omit_drivers+=" floppy virtio_net virtio-pci "' > t/etc/dracut.conf.d/x.conf
printf 'title x\nlinux /boot/vmlinuz-%s\ninitrd /boot/initramfs-%s.img\noptions root=UUID=%s rd.driver.blacklist=virtio_pci net.ifnames=0 rd.lvm.lv=old/swap rd.luks.uuid=luks-12345678-aaaa rd.md.uuid=1:2:3:4 ip=eth0:dhcp bootdev=eth0 ip=[2001:db8::2]::[2001:db8::1]:64:box:eth0:none\n' \
    $v $v $root_uuid > t/boot/loader/entries/1-$v.conf
printf 'alias virtio_net off\nalias net-pf-10 off\noptions virtio_net napi_tx=1\n' \
    > t/etc/modprobe.d/old.conf
mkdir -p t/etc/cloud/cloud.cfg.d t/etc/X11/xorg.conf.d t/etc/runlevels/default
printf 'pool 2.pool.ntp.org iburst\n# refclock PHC /dev/ptp0\nrefclock PHC /dev/ptp_hyperv poll 3 dpoll -2\n' \
    > t/etc/chrony.conf
printf 'datasource_list: [ NoCloud, None ]\nusers: [ default ]\n' \
    > t/etc/cloud/cloud.cfg
printf '# Azure\ndatasource_list:\n  - Azure\nsystem_info:\n  distro: x\n' \
    > t/etc/cloud/cloud.cfg.d/91-azure.cfg
printf 'Section "Device"\n  Driver "vmware"\n\tBusID "PCI:0:15:0"\nEndSection\n' \
    > t/etc/X11/xorg.conf.d/20-card.conf
ln -s ../../init.d/agetty t/etc/runlevels/default/agetty.hvc0
system t
convert a
tells 'x.conf: .omit_drivers.*virtio_net'
tells 'x.conf: .omit_drivers.*virtio_pci'
tells '1-.*.conf: .rd.driver.blacklist. keeps the driver virtio_pci .*line 4'
tells 'old.conf: .alias. keeps the driver virtio_net .*line 1'
tells '/etc/chrony.conf: chronyd takes the time from /dev/ptp_hyperv, .*line 3'
tells '91-azure.cfg: cloud-init only looks for Azure, .*line 2'
tells '20-card.conf: the graphics driver vmware .*line 2'
grep -q '/etc/runlevels/default/agetty.hvc0: the login' said || fail "$(cat said)"
tells "initramfs-$v.img: it waits for /dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:0:0-part2, a"
tells '20-card.conf: the graphics card was in the place PCI:0:15:0, .*line 3'
for i in 'rd.lvm.lv=old/swap' 'rd.luks.uuid=luks-12345678-aaaa' \
    'rd.md.uuid=1:2:3:4'; do
    tells "1-.*.conf: $i is not on the guest's disks, and the .*line 4"
done
[ "$(told)" = 12 ] || fail "$(told) to look at: $(cat said)"

# --- SUSE: nothing of this kind ---

v=5.14.21-default
tree t suse
kernel t $v "boot/vmlinuz-$v" "boot/initrd-$v"
mkdir -p t/etc/modprobe.d t/etc/cron.daily t/usr/local/bin
printf 'blacklist vmw_balloon\ninstall dccp /bin/true\n' > t/etc/modprobe.d/a.conf
printf '#!/bin/sh\n# /dev/sdb was here\ncp /dev/null /x; cat /dev/sr0\n' \
    > t/etc/cron.daily/a
mkdir -p t/etc/cloud/cloud.cfg.d t/etc/X11
printf 'refclock SHM 0\nserver 192.0.2.1\n' > t/etc/chrony.conf
printf 'datasource_list: [ Azure ]\n' > t/etc/cloud/cloud.cfg
printf 'datasource_list: [ ConfigDrive, Ec2 ]\n' > t/etc/cloud/cloud.cfg.d/9.cfg
printf 'Section "Device"\n Driver "modesetting"\nEndSection\n' > t/etc/X11/xorg.conf
printf 'tmpfs /x tmpfs size=1g 0 0\nserver:/x /y nfs defaults 0 0\n' >> t/etc/fstab
printf "menuentry 'x' {\nlinux /boot/vmlinuz-%s root=UUID=%s ip=dhcp ip=192.0.2.1\ninitrd /boot/initrd-%s\n}\n" \
    $v $root_uuid $v > t/boot/grub2/grub.cfg
system t
convert a
silent
