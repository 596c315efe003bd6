# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the guests of Xen among the images share, sourced behind images.sh.
: "${image:?}" "${scratch:?}"
tree=$("$(dirname "$0")/get.sh" xen-tree)

# What makes the tree a guest that has only ever seen Xen, as an archive
# $scratch/more.tar: xen_settings ROOT-DEVICE SWAP-DEVICE
xen_settings()
{
    local m=$scratch/more

    mkdir -p "$m"/etc/{default,initramfs-tools/conf.d,network} \
        "$m/etc/systemd/system/getty.target.wants"
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
    # A new initramfs in a minute, not in ten: they run without KVM.  It has
    # what the guest finds itself on, which by then is another machine.
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
    tar --owner=0 --group=0 --mode=u=rwX,go=rX -C "$m" \
        -cf "$scratch/more.tar" .
}
