#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Boot a PV guest under real Xen, which runs in QEMU: the proof that an image
# is a Xen guest before it is converted.
#
#     under-xen.sh [-t SECONDS] KERNEL INITRD COMMAND-LINE IMAGE=VDEV...
#
# Prints the guest's console, and succeeds when a login prompt was on it.  The
# raw images are read through overlays and stay as they are.
#
# Xen's own programs come from Debian's packages and are unpacked, not
# installed.  They run in a small busybox dom0 with Debian's kernel: QEMU loads
# the hypervisor and that kernel.  The guest's disks reach dom0 as virtio disks
# and the guest through xen-blkback.
set -euo pipefail

limit=300
if [ "${1:-}" = -t ]; then
    limit=$2
    shift 2
fi
if [ $# -lt 4 ]; then
    echo "usage: under-xen.sh [-t SECONDS] KERNEL INITRD COMMAND-LINE IMAGE=VDEV..." >&2
    exit 2
fi
kernel=$1 initrd=$2 command_line=$3
shift 3
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mayfly/xen
work=$(mktemp -d "${TMPDIR:-/var/tmp}/mayfly-xen.XXXXXX")
trap 'rm -rf "$work"' EXIT

hypervisor="xen-hypervisor-4.17-amd64"
programs=(xen-utils-4.17 xen-utils-common xenstore-utils libxencall1
    libxendevicemodel1 libxenevtchn1 libxenforeignmemory1 libxengnttab1
    libxenhypfs1 libxenmisc4.17 libxenstore4 libxentoolcore1 libxentoollog1
    libnl-3-200 libnl-route-3-200 libyajl2 libfdt1 libgcc-s1 busybox-static)
modules=(virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev
    virtio_pci virtio_blk xen-privcmd xenfs xen-evtchn xen-gntdev
    xen-gntalloc xen-blkback)

# The packages, once.
gather()
{
    local part=$cache/root.part package

    [ ! -e "$cache/root" ] || return 0
    rm -rf "$cache"
    mkdir -p "$cache/packages" "$part"
    package=$(apt-cache depends linux-image-amd64 |
        sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
    (cd "$cache/packages" &&
        apt-get -qq download "$hypervisor" "${programs[@]}" "$package" >&2)
    for package in "$cache"/packages/*.deb; do
        dpkg-deb -x "$package" "$part"
    done
    rm -rf "$cache/packages"
    zcat "$part"/boot/xen-4.17-amd64.gz > "$part/xen.elf"
    mv "$part" "$cache/root"
}

# A program of the packages, and the libraries that it needs.
add_program()
{
    local library

    mkdir -p "$dom0/${1%/*}"
    cp "$cache/root/$1" "$dom0/$1"
    LD_LIBRARY_PATH=$libraries ldd "$cache/root/$1" |
        sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | while read -r library; do
        cp -nL "$library" "$dom0/lib/"
    done
}

make_dom0()
{
    local program module

    mkdir -p "$dom0"/{bin,dev,etc,guest,lib,lib64,modules,proc,run,sys,tmp} \
        "$dom0"/var/{lib/xen,lib/xenstored,log/xen,run} "$dom0/etc/xen"
    cp "$cache/root/bin/busybox" "$dom0/bin/"
    cp -L /lib64/ld-linux-x86-64.so.2 "$dom0/lib64/"
    for program in xl xenstored xenconsoled xen-init-dom0; do
        add_program "$xen/bin/$program"
    done
    add_program usr/bin/xenstore
    # The library that ends a thread is loaded by name.
    cp -L "$cache/root/lib/x86_64-linux-gnu/libgcc_s.so.1" "$dom0/lib/"
    touch "$dom0/etc/xen/xl.conf"
    for module in "${modules[@]}"; do
        find "$cache/root/lib/modules" -name "$module.ko" \
            -exec cp {} "$dom0/modules/" \;
    done
    cp "$kernel" "$dom0/guest/vmlinuz"
    cp "$initrd" "$dom0/guest/initrd"

    # What Xen's own scripts do, without bash, udev and losetup.
    cat > "$dom0/bin/attach" << 'END'
#!/bin/busybox sh
[ "$1" = add ] || exit 0
device=$(xenstore read "$XENBUS_PATH/params")
numbers=$(cat "/sys/block/${device##*/}/dev")
xenstore write "$XENBUS_PATH/physical-device" \
    "$(printf '%x:%x' "${numbers%:*}" "${numbers#*:}")" \
    "$XENBUS_PATH/physical-device-path" "$device" \
    "$XENBUS_PATH/hotplug-status" connected
END
    cat > "$dom0/guest/config" << END
name = "guest"
kernel = "/guest/vmlinuz"
ramdisk = "/guest/initrd"
cmdline = "$command_line"
memory = 400
vcpus = 1
disk = [ $specs ]
on_reboot = "destroy"
on_crash = "destroy"
END
    cat > "$dom0/init" << END
#!/bin/busybox sh
export PATH=/bin:/usr/bin:/$xen/bin LD_LIBRARY_PATH=/lib
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts
mount -t devpts pts /dev/pts
for module in ${modules[*]}; do
    [ ! -e /modules/\$module.ko ] || insmod /modules/\$module.ko
done
mount -t xenfs xenfs /proc/xen
xenstored --pid-file /run/xenstored.pid || poweroff -f
until xenstore read / > /dev/null 2>&1; do sleep 0.2; done
xen-init-dom0
xenconsoled --log=guest --log-dir=/var/log/xen --pid-file=/run/xenconsoled.pid
until [ -b /dev/$last ]; do sleep 0.2; done
xl create /guest/config || poweroff -f
log=/var/log/xen/guest-guest.log
(tail -F \$log 2> /dev/null | sed 's/^/guest: /') &
end=\$((\$(cut -d. -f1 /proc/uptime) + $limit))
while [ \$(cut -d. -f1 /proc/uptime) -lt \$end ]; do
    sleep 1
    if grep -qa 'login:' \$log; then
        sleep 1
        echo 'guest: === login prompt under Xen ==='
        break
    fi
done
xl destroy guest
poweroff -f
END
    chmod +x "$dom0/init" "$dom0/bin/attach"
    (cd "$dom0" && find . | cpio --quiet -o -H newc | gzip -1) > "$work/dom0.gz"
}

gather
xen=usr/lib/xen-4.17
libraries=$cache/root/usr/lib/x86_64-linux-gnu
libraries+=:$cache/root/$xen/lib/x86_64-linux-gnu:$cache/root/lib/x86_64-linux-gnu
dom0=$work/dom0
drives=() specs='' last='' letters=abcdefgh n=0
for disk in "$@"; do
    last=vd${letters:n:1}
    qemu-img create -q -f qcow2 -F raw -b "$(realpath "${disk%=*}")" \
        "$work/$n.qcow2"
    drives+=(-drive "if=virtio,format=qcow2,file=$work/$n.qcow2")
    specs+="'format=raw,vdev=${disk##*=},access=rw,backendtype=phy,script=/bin/attach,target=/dev/$last', "
    n=$((n + 1))
done
make_dom0
timeout $((limit + 120)) qemu-system-x86_64 -accel tcg -cpu qemu64,+svm \
    -m 1500 -nodefaults -display none -no-reboot -serial stdio \
    "${drives[@]}" -kernel "$cache/root/xen.elf" \
    -append "console=com1 com1=115200,8n1 dom0_mem=800M,max:800M noreboot" \
    -initrd "$(echo "$cache"/root/boot/vmlinuz-*) console=hvc0 rdinit=/init,$work/dom0.gz" \
    < /dev/null > "$work/log" || true
sed -n 's/\r//g; s/^guest: //p' "$work/log"
grep -qa '=== login prompt under Xen ===' "$work/log" || {
    tail -n 20 "$work/log" >&2
    exit 1
}
