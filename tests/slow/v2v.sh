#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests of Xen, from one end to the other: each boots under Xen, is
# converted, boots without it, keeps its disks, its swap space and its
# network, can make its own initramfs and menu, and boots again with them.
# The source stays as it was.
#     v2v.sh [GUEST...]     gpt tools bare lvm (tests/images/mk-xen-*.sh)
. "${srcdir:?}/tests/lib.sh" || exit 1
requires qemu-system-x86_64 --version
requires mmdebstrap --version
export TMPDIR=$work

# What the configuration of a guest says: config KIND IMAGE
config()
{
    case $1 in
    gpt) echo "disk = ['file:$2,xvda,w']" ;;
    lvm) echo "disk = ['format=raw,vdev=xvda,target=$2']" ;;
    bare) echo "disk = ['$2,raw,xvda,rw', '$2.swap,raw,xvdb,rw']" ;;
    tools) cat << EOF
kernel = "$kernel"
ramdisk = "$initrd"
root = "/dev/xvda2 ro"
extra = "elevator=noop console=hvc0"
disk = [ 'file:$2,xvda2,w', 'file:$2.swap,xvda1,w' ]
EOF
        ;;
    esac
    echo "name = '$1'"
    echo 'memory = 512'
    echo 'vif = ["mac=00:16:3e:10:20:30,bridge=xenbr0"]'
}

# The disks for under-xen.sh, and which one is "/" there and here.
guest()
{
    case $1 in
    gpt) disks=("$image=xvda") old=/dev/xvda3 new=/dev/vda3 swap=/dev/vda2 ;;
    lvm) disks=("$image=xvda") old=/dev/mapper/guest-root new=$old
        swap='/dev/dm-[01]' ;;
    bare) disks=("$image=xvda" "$image.swap=xvdb") old=/dev/xvda
        new=/dev/vda1 swap=/dev/vdb ;;
    tools) disks=("$image=xvda2" "$image.swap=xvda1") old=/dev/xvda2
        new=/dev/vda2 swap=/dev/vda1 ;;
    esac
}

# Boot the result, with what else is to be done in it.
boot()
{
    # shellcheck disable=SC2016
    "$srcdir/tests/slow/login.py" --write --timeout 1800 "$work/out/$1.sh" root xen \
        'findmnt -no SOURCE /' 'swapon --noheadings --show=NAME' \
        'systemctl is-system-running --wait' \
        'systemctl --failed --no-legend | wc -l' \
        'grep -c "^[^#].*\(xvd\|xenfs\)" /etc/fstab' \
        'grep -c "hvc0\|/dev/xvd" /proc/cmdline' \
        'ip -4 -br address show dev eth0 | tr -s " "' \
        'cat /sys/class/net/eth0/address' \
        "${@:2}" > "$work/said"
    cat "$work/said"
    mapfile -t said < "$work/said"
    [ "${said[0]}" = "$new" ]
    # shellcheck disable=SC2053
    [[ ${said[1]} = $swap ]]
    [ "${said[2]}" = running ]
    [ "${said[3]}" = 0 ]
    [ "${said[4]}" = 0 ]
    [ "${said[5]}" = 0 ]
    [ "${said[6]}" = "eth0 UP 192.0.2.7/24 " ] ||
        [[ ${said[6]} = "eth0 UP 192.0.2.7/24 "* ]]
    [ "${said[7]}" = 00:16:3e:10:20:30 ]
}

mkdir "$work/out"
[ $# -gt 0 ] || set -- gpt tools bare lvm
for kind in "$@"; do
    echo "== $kind"
    image=$("$srcdir/tests/images/get.sh" "xen-$kind")
    kernel=$image.vmlinuz initrd=$image.initrd
    if [ "$kind" = tools ]; then
        kernel=$(echo "$image".dom0/vmlinuz-*)
        initrd=$(echo "$image".dom0/initrd.img-*)
    fi
    guest "$kind"
    sums=$(sha256sum "${disks[@]%=*}")
    "$srcdir/tests/slow/under-xen.sh" "$kernel" "$initrd" \
        "root=$old ro console=hvc0" "${disks[@]}" > "$work/xen" 2>&1 ||
        fail "$kind does not boot under Xen: $(tail -n 20 "$work/xen")"
    grep -a 'Linux version\|login:' "$work/xen" | cut -c1-75
    config "$kind" "$image" > "$work/$kind.cfg"
    verify=()
    [ "$kind" != gpt ] || verify=(--verify-boot --boot-timeout 900)
    mayfly-v2v -i xl "$work/$kind.cfg" -o qemu -os "$work/out" -of qcow2 \
        "${verify[@]}" | tee "$work/converted"
    if [ "$kind" = gpt ]; then
        grep -q '^Boots  *to the login prompt in' "$work/converted"
        head -c 8 "$work/out/gpt-boot.png" | grep -qa PNG
    fi
    [ "$(sha256sum "${disks[@]%=*}")" = "$sums" ] ||
        fail "$kind: the source was written"
    boot "$kind" 'update-initramfs -u > /tmp/log 2>&1 && echo made || cat /tmp/log' \
        'update-grub > /tmp/log 2>&1 && echo made || cat /tmp/log'
    [ "${said[8]}" = made ] && [ "${said[9]}" = made ]
    echo "== $kind: again, with what it made itself"
    boot "$kind"
    root=${new/vd/sd}
    [ "$kind" != lvm ] || root=/dev/guest/root
    mayfish --ro -a "$work/out/$kind-sda" run : e2fsck-f "$root"
    rm -f "$work/out"/*
done
