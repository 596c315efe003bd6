#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every kernel that an entry of a boot loader can start gets its drivers, also
# if it is not the newest, or has another name; what cannot be done is reported
# for that kernel.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cases/linux-guest.sh"
linux_guest_requires
cd "$work"

drivers() # FILE...
{
    local file

    for file; do
        grep -qa virtio_blk.ko "got/boot/$file" ||
            fail "$file has no driver: $(cat said)"
    done
}

# --- Debian: a submenu, a copy of a kernel, one with a name of its own ---

tree t debian
kernel t 6.1.0-9-amd64
kernel t 6.1.0-18-amd64
kernel t 6.5.0-custom1 boot/mykernel boot/my-initramfs
versioned t/boot/mykernel 6.5.0-custom1
cp t/boot/vmlinuz-6.1.0-9-amd64 t/boot/vmlinuz-6.1.0-9-amd64.bak
cp t/boot/initrd.img-6.1.0-9-amd64 t/boot/initrd.img-6.1.0-9-amd64.bak
cp t/boot/initrd.img-6.1.0-9-amd64 t/boot/recovery.img
echo microcode > t/boot/amd-ucode.img
echo test > t/boot/memtest86+x64.bin
cat > t/boot/grub/grub.cfg << 'END'
set default="1>1"
menuentry 'Debian' --class gnu $menuentry_id_option 'simple' {
    linux /boot/vmlinuz-6.1.0-18-amd64 root=/dev/sda1
    initrd /boot/amd-ucode.img /boot/initrd.img-6.1.0-18-amd64
}
submenu 'Advanced options' {
    menuentry 'copy' {
        linux /boot/vmlinuz-6.1.0-9-amd64.bak root=/dev/sda1
        initrd /boot/initrd.img-6.1.0-9-amd64.bak
    }
    menuentry 'own' {
        if [ x$feature = xy ]; then set x=y; fi
        linux (hd0,msdos1)/boot/mykernel root=/dev/sda1
        initrd (hd0,msdos1)/boot/my-initramfs
    }
    menuentry 'recovery' {
        linux /boot/vmlinuz-6.1.0-9-amd64 root=/dev/sda1 single
        initrd /boot/recovery.img
    }
}
menuentry 'memory' {
    linux16 /boot/memtest86+x64.bin
}
END
one a t
convert a
files sda 1
drivers my-initramfs recovery.img initrd.img-6.1.0-18-amd64 \
    initrd.img-6.1.0-9-amd64.bak initrd.img-6.1.0-9-amd64
grep -qa 6.5.0-custom1/kernel/drivers/block/virtio_blk.ko \
    got/boot/my-initramfs || fail "the version was not read from the image"
silent
sed -n '/^Changed:/,$p' said | grep -m1 'drivers, in an' |
    grep -q my-initramfs || fail "the default is not first: $(cat said)"

# --- SUSE and RHEL: what is no kernel; the default has no driver; BLS ---

v=5.14.21-150500.53-default
tree t suse
kernel t $v "boot/vmlinuz-$v" "boot/initrd-$v"
echo symbols > t/boot/vmlinux-$v.gz
echo sum > t/boot/vmlinuz-$v.hmac
ln -s vmlinuz-$v t/boot/vmlinuz
ln -s initrd-$v t/boot/initrd
echo old > t/boot/vmlinuz-9.9.9-removed
printf "menuentry 'x' {\nlinux /boot/vmlinuz root=/dev/sda1\ninitrd /boot/initrd\n}\n" \
    > t/boot/grub2/grub.cfg
one a t
convert a
files sda 1
drivers initrd-$v
silent

tree t rhel
old=4.18.0-80.el8.x86_64 new=4.18.0-553.el8.x86_64
for v in $old $new; do
    kernel t $v "boot/vmlinuz-$v" "boot/initramfs-$v.img"
    printf 'title %s\nlinux /boot/vmlinuz-%s\ninitrd /boot/initramfs-%s.img $tuned_initrd\noptions root=/dev/sda1\n' \
        $v $v $v > t/boot/loader/entries/0123-$v.conf
done
echo insmod blscfg > t/boot/grub2/grub.cfg
printf '# GRUB Environment Block\nsaved_entry=0123-%s\n' $old \
    > t/boot/grub2/grubenv
sed -i '/virtio_blk.ko/d' t/usr/lib/modules/$old/modules.dep
one a t
code=0
mayfly-v2v plan -i disk a > plan || code=$?
[ "$code" = 1 ] || fail "the plan exited $code"
grep -q "/boot/vmlinuz-$old: the kernel $old has no driver for virtio disks" plan

printf '# GRUB Environment Block\nsaved_entry=0123-%s\n' $new \
    > t/boot/grub2/grubenv
echo broken > "t/boot/initramfs-0-rescue-1.img"
cp t/boot/vmlinuz-$new t/boot/vmlinuz-0-rescue-1
printf 'title rescue\nlinux /boot/vmlinuz-0-rescue-1\ninitrd /boot/initramfs-0-rescue-1.img\n' \
    > t/boot/loader/entries/0123-0-rescue.conf
one a t
convert a
files sda 1
drivers initramfs-$new.img
tells "vmlinuz-$old: the kernel $old has no driver.*does not start"
tells 'initramfs-0-rescue-1.img: it cannot be read'

# --- Alpine: two kinds of kernel, the default by its label ---

tree t alpine
kernel t 6.6.14-0-lts boot/vmlinuz-lts boot/initramfs-lts
kernel t 6.6.14-0-virt boot/vmlinuz-virt boot/initramfs-virt
cat > t/boot/extlinux/extlinux.conf << 'END'
DEFAULT menu.c32
DEFAULT virt
LABEL lts
  LINUX vmlinuz-lts
  INITRD initramfs-lts
  APPEND root=/dev/sda1
LABEL virt
  KERNEL /boot/vmlinuz-virt
  APPEND initrd=/boot/initramfs-virt root=/dev/sda1
END
mv t/boot/extlinux/extlinux.conf t/boot/extlinux.conf
one a t
convert a
files sda 1
drivers initramfs-lts initramfs-virt
grep -qa 6.6.14-0-virt/ got/boot/initramfs-virt
silent

# --- the default is a kernel that was removed; only in a file not in use ---

printf 'default 0\ntitle old\nkernel /boot/vmlinuz-2.6 ro\n' > t/boot/menu
mkdir t/boot/grub
mv t/boot/menu t/boot/grub/menu.lst
one a t
convert a
silent
sed -i 's/vmlinuz-virt/vmlinuz-edge/' t/boot/extlinux.conf
one a t
convert a
tells 'default entry starts /boot/vmlinuz-(edge|2.6), which is not on'

# --- hibernated into a file: nothing may be changed ---

head -c 4086 /dev/zero > t/swapfile
printf 'S1SUSPEND\0' >> t/swapfile
head -c 8192 /dev/zero >> t/swapfile
echo '/swapfile none swap sw 0 0' >> t/etc/fstab
one a t
code=0
mayfly-v2v plan -i disk a > plan || code=$?
[ "$code" = 1 ] || fail "the plan exited $code: $(cat plan)"
grep -q '/swapfile: the system is hibernated' plan

# --- variables, files that a menu reads, an entry on one line ---

v=6.1.10-esx
tree t rhel
kernel t $v boot/vmlinuz-$v boot/initrd.img-$v
kernel t 6.1.9 boot/vmlinuz-6.1.9 boot/initrd.img-6.1.9
printf 'photon_cmdline=init=/lib/systemd/systemd ro\nphoton_linux=vmlinuz-%s\nphoton_initrd=initrd.img-%s\n' \
    $v $v > t/boot/photon-$v.cfg
ln -s photon-$v.cfg t/boot/photon.cfg
mkdir t/srv/grub
cat > t/boot/grub2/grub.cfg << 'END'
set default=0
load_env -f /boot/photon.cfg
set rootpartition=/dev/sda1
menuentry "Photon" {
    linux /boot/$photon_linux root=$rootpartition $photon_cmdline
    if [ -f /boot/$photon_initrd ]; then
        initrd /boot/${photon_initrd}
    fi
}
source /srv/grub/more.cfg
menuentry 'a {b}' --id b { linux /boot/vmlinuz-6.1.9 root=/dev/sda1 ; initrd /boot/initrd.img-6.1.9; }
END
printf 'menuentry "z" {\nlinux /boot/vmlinuz-6.1.9 root=/dev/sda1 ro\n}\nsource /srv/grub/more.cfg\n' \
    > t/srv/grub/more.cfg
one a t
convert a
files sda 1
silent
drivers initrd.img-$v initrd.img-6.1.9
has boot/grub2/grub.cfg "^set rootpartition=.*$root_uuid"
has boot/grub2/grub.cfg "vmlinuz-6.1.9 root=.*$root_uuid ; initrd"
has srv/grub/more.cfg "root=UUID=$root_uuid ro"
sed -n '/^Changed:/,$p' said | grep -m1 'drivers, in an' |
    grep -q "initrd.img-$v" || fail "the default is not first: $(cat said)"
sed -i '/load_env/d' t/boot/grub2/grub.cfg
one a t
convert a
tells 'starts /boot/.photon_linux, a variable whose value is not known'

# --- drivers in the kernel; processors of another kind ---

tree t debian
kernel t 6.1.0-cloud
rm -r t/usr/lib/modules/6.1.0-cloud/{kernel,modules.dep}
printf 'kernel/drivers/%s.ko\n' block/virtio_blk virtio/virtio_pci \
    net/virtio_net > t/usr/lib/modules/6.1.0-cloud/modules.builtin
one a t
convert a
silent
for i in aarch64 s390x; do
    case $i in
    aarch64) printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\267\0' ;;
    s390x) printf '\177ELF\2\2\1\0\0\0\0\0\0\0\0\0\0\3\0\26' ;;
    esac > t/usr/bin/ls
    head -c 1000 /dev/zero >> t/usr/bin/ls
    one a t
    expect_error 1 "is for $i processors" mayfly-v2v plan -i disk a
done
