# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the images of Xen guests share; sourced after images.sh.
: "${image:?}" "${scratch:?}"
tree=$("$(dirname "$0")/get.sh" "${XEN_TREE:-xen-tree}")

# Write the files that make the tree a guest that has only ever run under Xen,
# to the folder $scratch/more; more files can be added there: xen_settings
# ROOT-DEVICE SWAP-DEVICE
xen_settings()
{
    local m=$scratch/more

    mkdir -p "$m"/etc/{default,initramfs-tools/conf.d,network} \
        "$m/etc/systemd/system/getty.target.wants" \
        "$m/etc/systemd/system.conf.d"
    # A busy host without KVM needs more than the 90 seconds that systemd has
    # for a disk to appear.
    cat > "$m/etc/systemd/system.conf.d/busy-host.conf" << 'END'
[Manager]
DefaultDeviceTimeoutSec=15min
DefaultTimeoutStartSec=15min
END
    cat > "$m/etc/fstab" << END
# made under Xen
$1 / ext4 noatime,errors=remount-ro 0 1
$2 none swap sw 0 0
xenfs /proc/xen xenfs defaults 0 0
END
    echo xenguest > "$m/etc/hostname"
    printf '127.0.0.1 localhost\n127.0.1.1 xenguest\n' > "$m/etc/hosts"
    cat > "$m/etc/default/grub" << END
GRUB_DEFAULT=0
GRUB_TIMEOUT=1
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX_DEFAULT="console=hvc0 resume=$2"
GRUB_CMDLINE_LINUX="console=hvc0 elevator=noop"
GRUB_DISABLE_LINUX_UUID=true
END
    echo "RESUME=$2" > "$m/etc/initramfs-tools/conf.d/resume"
    printf 'xen-blkfront\nxen-netfront\n' > "$m/etc/modules"
    # A new initramfs takes a minute, not ten, without KVM. It has the drivers
    # for the machine the guest then runs on, which is another one.
    printf 'MODULES=dep\nCOMPRESS=gzip\n' \
        > "$m/etc/initramfs-tools/conf.d/small"
    cat > "$m/etc/network/interfaces" << 'END'
auto lo
iface lo inet loopback
auto eth0
iface eth0 inet static
    address 192.0.2.7/24
END
    printf 'console\ntty1\nhvc0\nxvc0\n' > "$m/etc/securetty"
    ln -s /lib/systemd/system/serial-getty@.service \
        "$m/etc/systemd/system/getty.target.wants/serial-getty@hvc0.service"
}

# List the only modules that the initramfs has.
xen_list_modules()
{
    local folder=$scratch/more/etc/initramfs-tools

    printf 'MODULES=list\nCOMPRESS=gzip\n' > "$folder/conf.d/small"
    printf '%s\n' "$@" > "$folder/modules"
}

# Make the guest on disks of these sizes: xen_make SIZE [SWAP-SIZE]
# Standard input has the commands of mayfish that divide and mount them, as
# /dev/sda and /dev/sdb.  The system goes there, and the guest runs what
# $scratch/finish says, if there is one.  The disks become $image and
# $image.swap; a kernel and an initramfs of the guest lie beside them.
xen_make()
{
    local disks=(-a "$scratch/raw") commands=$scratch/commands

    disk "$scratch/raw" "$1"
    if [ $# -gt 1 ]; then
        disk "$scratch/swap" "$2"
        disks+=(-a "$scratch/swap")
    fi
    {
        echo 'set -e'
        echo 'export PATH=/usr/sbin:/usr/bin:/sbin:/bin'
        echo 'echo root:xen | chpasswd'
        [ ! -e "$scratch/finish" ] || cat "$scratch/finish"
    } > "$scratch/script"
    tar --owner=0 --group=0 --mode=u=rwX,go=rX -C "$scratch/more" \
        -cf "$scratch/more.tar" .
    {
        echo run
        cat
        cat << END
tar-in $tree /
tar-in $scratch/more.tar /
upload $scratch/script /tmp/script
sh "sh /tmp/script"
rm /tmp/script
download /vmlinuz $image.vmlinuz
download /initrd.img $image.initrd
END
    } > "$commands"
    fish --keys-from-stdin --format=raw "${disks[@]}" < "$commands"
    [ $# -eq 1 ] || mv "$scratch/swap" "$image.swap"
    mv "$scratch/raw" "$image"
}

# The kernel moves out of the guest into $image.dom0, the /boot of dom0.
xen_to_dom0()
{
    rm -rf "$image.dom0" "$image.vmlinuz" "$image.initrd"
    fish --format=raw -a "$image" << END
run
mount /dev/sda /
copy-out /boot $scratch
glob rm-rf /boot/*
rm-f /vmlinuz
rm-f /initrd.img
END
    mv "$scratch/boot" "$image.dom0"
}
