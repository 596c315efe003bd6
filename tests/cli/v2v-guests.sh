# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Small Xen guests for the tests of mayfly-v2v, below $work:
#   make_guests
# makes disk (whole, with a table), root and swap (xvda2 and xvda1), disk.cfg
# and parts.cfg; they have a kernel $version and an initramfs without drivers.
: "${work:?}" "${srcdir:?}"
version=6.1.0-1-amd64

# Files of a Debian under Xen, in $work/tree and as $work/more.tar.
guest_tree()
{
    local tree=$work/tree initrd=$work/initrd d=kernel/drivers module

    mkdir -p "$tree"/boot/grub \
        "$tree"/etc/{default,network,systemd/network} \
        "$tree"/etc/systemd/system/getty.target.wants \
        "$tree/usr/lib/modules/$version/$d"/{block,virtio,net} \
        "$tree/usr/lib/udev/rules.d" "$initrd/conf/conf.d" "$initrd/usr/lib/modules/$version"
    # Debian with sysvinit has the udev of systemd as well.
    echo '#' > "$tree/usr/lib/udev/rules.d/80-net-setup-link.rules"
    for module in block/virtio_blk virtio/virtio virtio/virtio_ring \
        virtio/virtio_pci net/virtio_net; do
        echo "$module" > "$tree/usr/lib/modules/$version/$d/$module.ko"
    done
    cat > "$tree/usr/lib/modules/$version/modules.dep" << EOF
$d/virtio/virtio.ko:
$d/virtio/virtio_ring.ko: $d/virtio/virtio.ko
$d/virtio/virtio_pci.ko: $d/virtio/virtio_ring.ko $d/virtio/virtio.ko
$d/block/virtio_blk.ko: $d/virtio/virtio_ring.ko $d/virtio/virtio.ko
$d/net/virtio_net.ko: $d/virtio/virtio_ring.ko $d/virtio/virtio.ko
EOF
    echo kernel > "$tree/boot/vmlinuz-$version"
    echo 'RESUME=/dev/xvda1' > "$initrd/conf/conf.d/zz-resume-auto"
    echo '#!/bin/sh' > "$initrd/init"
    (cd "$initrd" && find . | cpio --quiet -o -H newc) | gzip \
        > "$tree/boot/initrd.img-$version"
    cat > "$tree/boot/grub/grub.cfg" << EOF
menuentry 'Debian' {
    linux /boot/vmlinuz-$version root=/dev/xvda2 ro console=hvc0
    initrd /boot/initrd.img-$version
}
EOF
    cat > "$tree/etc/default/grub" << 'EOF'
GRUB_CMDLINE_LINUX_DEFAULT="console=hvc0"
GRUB_CMDLINE_LINUX="console=tty0 console=hvc0 resume=/dev/xvda1"
GRUB_DISABLE_LINUX_UUID=true
EOF
    mkdir -p "$tree/var/cache/debconf" "$tree/etc/lvm"
    cat > "$tree/var/cache/debconf/config.dat" << 'EOF'
Name: grub-pc/hidden_timeout
Value: /dev/xvda

Name: grub-pc/install_devices
Template: grub-pc/install_devices
Value: /dev/xvda, /dev/xvdb
Owners: grub-pc

Name: tasksel/x
Value: /dev/xvda
EOF
    printf '\t# filter = [ "a|xvd|" ]\n' > "$tree/etc/lvm/lvm.conf"
    printf 'tty1\nhvc0' > "$tree/etc/securetty"
    printf '1:2345:respawn:/sbin/getty 38400 hvc0\n' > "$tree/etc/inittab"
    printf 'auto eth0\niface eth0 inet dhcp\n' > "$tree/etc/network/interfaces"
    ln -s /lib/systemd/system/serial-getty@.service \
        "$tree/etc/systemd/system/getty.target.wants/serial-getty@hvc0.service"
    tar --owner=0 --group=0 -C "$tree" -cf "$work/more.tar" .
}

make_guests()
{
    # shellcheck disable=SC2016
    bash -c '. "$0/tests/images/images.sh"; debian_tree; cp "$scratch/tree.tar" "$image"' \
        "$srcdir" "$work/phony.tar" << 'EOF'
/dev/xvda2 / ext4 noatime 0 1
/dev/xvda1 none swap sw 0 0
/dev/cdrom /media/cdrom iso9660 noauto 0 0
EOF
    guest_tree
    truncate -s 32M "$work/root" "$work/swap"
    truncate -s 72M "$work/disk"
    mayfish --format=raw -a "$work/disk" << EOF
run
part-init /dev/sda mbr
part-add /dev/sda p 2048 4095
part-add /dev/sda p 4096 -1
mkswap /dev/sda1
mkfs ext4 /dev/sda2
mount /dev/sda2 /
tar-in $work/phony.tar /
tar-in $work/more.tar /
EOF
    mayfish --format=raw -a "$work/root" -a "$work/swap" << EOF
run
mkfs ext4 /dev/sda
mkswap /dev/sdb
mount /dev/sda /
tar-in $work/phony.tar /
tar-in $work/more.tar /
EOF
    cat > "$work/disk.cfg" << EOF
name = "guest" # whole
memory = 256
vcpus = 2
bootloader = "pygrub"
uuid = "11111111-2222-3333-4444-555555555555"
disk = [ "$work/disk,raw,xvda,w", "format=raw,vdev=hdc,devtype=cdrom,target=/x" ]
vif = [ "mac=00:16:3E:00:00:01, bridge=br7" ]
EOF
    cat > "$work/parts.cfg" << EOF
name = "parts"
memory = 256
kernel = "$work/tree/boot/vmlinuz-$version"
extra = "quiet console=hvc0"
disk = [ "file:$work/root,xvda2,w", "file:$work/swap,xvda1,w" ]
EOF
}

# A guest with UEFI, its system partition at /boot/efi without a loader;
# standard input has more mayfish commands for it: uefi_guest IMAGE
uefi_guest()
{
    rm -f "$1"
    truncate -s 120M "$1"
    {
        cat << EOF
run
part-init /dev/sda gpt
part-add /dev/sda p 2048 133119
part-add /dev/sda p 133120 -2048
part-set-gpt-type /dev/sda 1 C12A7328-F81F-11D2-BA4B-00A0C93EC93B
mkfs vfat /dev/sda1 label:ESP
mkfs ext4 /dev/sda2
mount /dev/sda2 /
tar-in $work/phony.tar /
tar-in $work/more.tar /
write-append /etc/fstab "LABEL=ESP /boot/efi vfat defaults 0 1\n"
mkdir-p /boot/efi
mount /dev/sda1 /boot/efi
EOF
        cat
    } | mayfish --format=raw -a "$1"
}
