# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Guests of the few files that mayfly-v2v looks at, without a VM to make them:
#   tree DIR DISTRO         the files of such a system
#   kernel DIR VERSION [IMAGE [INITRAMFS]]   virtio drivers are modules, which
#                           the initramfs lacks
#   ext4 IMAGE SECTOR MIB UUID DIR [LABEL]   a file system with the files of DIR
#   convert IMAGE...        into $work/out/m-sda...; what was printed is "said"
#   files IMAGE PARTITION   the content of the converted disk, in $work/got
#   has FILE PATTERN, hasnt FILE PATTERN     lines of a file in it
#   tells PATTERN           the report has it under "Look at"
: "${work:?}"
root_uuid=11111111-2222-3333-4444-555555555555

linux_guest_requires()
{
    requires cpio --version
    requires sfdisk --version
    requires mke2fs -V
    requires test -e "${builddir:?}/v2v/loader/core.img"
}

tree()
{
    local t=$1

    rm -rf "$t"
    mkdir -p "$t"/{boot,dev,efi,etc/default,home,mnt,proc,root,run,sys,tmp,srv} \
        "$t"/usr/{bin,sbin,lib} "$t/var/lib"
    ln -s usr/bin "$t/bin"
    ln -s usr/sbin "$t/sbin"
    ln -s usr/lib "$t/lib"
    printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\76\0' > "$t/usr/bin/ls"
    head -c 1000 /dev/zero >> "$t/usr/bin/ls"
    chmod 755 "$t/usr/bin/ls"
    case $2 in
    debian)
        mkdir -p "$t/var/lib/dpkg" "$t/boot/grub" "$t/etc/network"
        printf 'NAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n' \
            > "$t/usr/lib/os-release"
        echo 12.7 > "$t/etc/debian_version"
        ;;
    rhel)
        mkdir -p "$t/boot/grub2" "$t/boot/loader/entries" "$t/var/lib/rpm" \
            "$t/etc/dracut.conf.d"
        printf 'NAME="Red Hat Enterprise Linux"\nVERSION_ID="9.4"\nID="rhel"\n' \
            > "$t/usr/lib/os-release"
        echo 'Red Hat Enterprise Linux release 9.4 (Plow)' \
            > "$t/etc/redhat-release"
        ;;
    alpine)
        mkdir -p "$t/boot/extlinux" "$t/etc/apk" "$t/etc/mkinitfs"
        printf 'NAME="Alpine Linux"\nVERSION_ID=3.19.1\nID=alpine\n' \
            > "$t/usr/lib/os-release"
        echo 3.19.1 > "$t/etc/alpine-release"
        ;;
    arch)
        mkdir -p "$t/etc/mkinitcpio.d"
        printf 'NAME="Arch Linux"\nID=arch\n' > "$t/usr/lib/os-release"
        : > "$t/etc/arch-release"
        ;;
    suse)
        mkdir -p "$t/boot/grub2" "$t/etc/sysconfig" "$t/var/lib/rpm"
        printf 'NAME="openSUSE Leap"\nVERSION_ID="15.5"\nID="opensuse-leap"\n' \
            > "$t/usr/lib/os-release"
        ;;
    esac
    ln -s ../usr/lib/os-release "$t/etc/os-release"
    echo "UUID=$root_uuid / ext4 defaults 0 1" > "$t/etc/fstab"
}

kernel()
{
    local t=$1 v=$2 d=kernel/drivers i=$work/initramfs m

    mkdir -p "$t/usr/lib/modules/$v/$d"/{block,virtio,net}
    for m in block/virtio_blk virtio/virtio virtio/virtio_ring \
        virtio/virtio_pci net/virtio_net; do
        echo "$m" > "$t/usr/lib/modules/$v/$d/$m.ko"
    done
    cat > "$t/usr/lib/modules/$v/modules.dep" << END
$d/virtio/virtio.ko:
$d/virtio/virtio_ring.ko: $d/virtio/virtio.ko
$d/virtio/virtio_pci.ko: $d/virtio/virtio_ring.ko $d/virtio/virtio.ko
$d/block/virtio_blk.ko: $d/virtio/virtio_ring.ko $d/virtio/virtio.ko
$d/net/virtio_net.ko: $d/virtio/virtio_ring.ko $d/virtio/virtio.ko
END
    echo kernel > "$t/${3:-boot/vmlinuz-$v}"
    rm -rf "$i"
    mkdir -p "$i/usr/lib/modules/$v" "$i/conf/conf.d"
    echo '#!/bin/sh' > "$i/init"
    (cd "$i" && find . | cpio --quiet -o -H newc) | gzip \
        > "$t/${4:-boot/initrd.img-$v}"
}

# A PC kernel that names its version in its header: versioned FILE VERSION
versioned()
{
    head -c 4096 /dev/zero > "$1"
    printf HdrS | dd of="$1" bs=1 seek=$((0x202)) conv=notrunc status=none
    printf '\0\4' | dd of="$1" bs=1 seek=$((0x20e)) conv=notrunc status=none
    printf '%s (builder@host) #1 SMP' "$2" |
        dd of="$1" bs=1 seek=$((0x600)) conv=notrunc status=none
}

boot_code()
{
    printf '\353\143\220GRUB' | dd of="$1" conv=notrunc status=none
}

ext4()
{
    mke2fs -q -F -t ext4 -O ^metadata_csum_seed,^orphan_file -U "$4" \
        ${6:+-L "$6"} -E offset=$(($2 * 512)) -d "$5" "$1" "$3M" \
        2> mke2fs.err || fail "$(cat mke2fs.err)"
}

# One disk, MBR, one partition with the system: one IMAGE DIR
one()
{
    rm -f "$1"
    truncate -s 34M "$1"
    echo 'start=2048, type=83, bootable' | sfdisk -q "$1"
    boot_code "$1"
    ext4 "$1" 2048 32 "$root_uuid" "$2"
}

convert()
{
    mkdir -p out
    mayfly-v2v -i disk "$@" -o local -os out -on m > said 2> warned ||
        fail "$(cat said warned)"
}

files()
{
    rm -rf got
    mkdir got
    mayfish --ro --format=raw -a "out/m-$1" -m "/dev/sda$2" tar-out / - |
        tar -C got -xf - --exclude=./dev 2> /dev/null || true
}

has()
{
    grep -qE -- "$2" "got/$1" || fail "$1 has no '$2': $(cat "got/$1")"
}

hasnt()
{
    ! grep -E -- "$2" "got/$1" || fail "$1 has '$2': $(cat "got/$1")"
}

tells()
{
    sed -n '/^Look at:/,/^[^ ]/p' said | grep -qE -- "$1" ||
        fail "'$1' is not reported: $(cat said)"
}

silent()
{
    ! grep '^Look at:' said || fail "there is something to look at: $(cat said)"
}
