#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# UEFI: the system partition is found wherever it is mounted, or not at all, and
# gets the loader that firmware starts without an entry; names and kernels on it
# are seen to as well.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cases/linux-guest.sh"
linux_guest_requires
requires mcopy --version
requires mkfs.vfat --help
cd "$work"

esp=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
extended=BC13C2FF-59E6-4262-A352-B275FD6F7172

# A disk with the files of "esp" (FAT) and of "t": uefi IMAGE TABLE ESP-TYPE
uefi()
{
    rm -f "$1" fat
    truncate -s 68M "$1"
    truncate -s 32M fat
    mkfs.vfat -i ABCD1234 fat > /dev/null
    mcopy -s -i fat esp/* ::
    printf 'label: %s\nstart=2048, size=65536, type=%s\nstart=67584, size=65536, type=%s\n' \
        "$2" "$3" "$([ "$2" = gpt ] && echo L || echo 83)" | sfdisk -q "$1"
    dd if=fat of="$1" bs=512 seek=2048 conv=notrunc status=none
    ext4 "$1" 67584 32 "$root_uuid" t
}

uefi_machine() # IMAGE
{
    cat > machine.cfg << END
name = "m"
type = "hvm"
firmware = "uefi"
disk = [ "$work/$1,raw,xvda,w" ]
END
    mkdir -p out
    mayfly-v2v -i xl machine.cfg -os out > said 2> warned ||
        fail "$(cat said warned)"
    files sda 1
}

# --- Arch: /boot is the system partition, with systemd-boot ---

v=6.7.4-arch1-1
tree t arch
kernel t $v boot/vmlinuz-linux boot/initramfs-linux.img
echo linux > t/usr/lib/modules/$v/pkgbase
kernel t 6.6.16-1-lts boot/vmlinuz-linux-lts boot/initramfs-linux-lts.img
echo linux-lts > t/usr/lib/modules/6.6.16-1-lts/pkgbase
rm -rf esp
mkdir -p esp/EFI/systemd esp/loader/entries
mv t/boot/* esp/
cp esp/initramfs-linux.img esp/initramfs-linux-fallback.img
echo sd > esp/EFI/systemd/systemd-bootx64.efi
printf 'default lts.conf\ntimeout 3\n' > esp/loader/loader.conf
for name in linux linux-lts; do
    printf 'title %s\nlinux /vmlinuz-%s\ninitrd /intel-ucode.img\ninitrd /initramfs-%s.img\noptions root=/dev/nvme0n1p2 rw\n' \
        $name $name $name > esp/loader/entries/${name/linux-/}.conf
done
printf 'title fallback\nlinux /vmlinuz-linux\ninitrd /initramfs-linux-fallback.img\noptions root="/dev/sda2" rw\n' \
    > esp/loader/entries/fallback.conf
echo 'UUID=ABCD-1234 /boot vfat defaults 0 2' >> t/etc/fstab
uefi a gpt $esp
uefi_machine a
has EFI/BOOT/BOOTX64.EFI '^sd$'
has loader/entries/linux.conf "root=UUID=$root_uuid rw"
has loader/entries/lts.conf "root=UUID=$root_uuid rw"
has loader/entries/fallback.conf "root=\"UUID=$root_uuid\" rw"
for name in linux linux-fallback linux-lts; do
    grep -qa virtio_blk.ko got/initramfs-$name.img ||
        fail "initramfs-$name.img has no driver: $(cat said)"
done
grep -qa 6.6.16-1-lts/ got/initramfs-linux-lts.img
grep -q 'it is not shim, so Secure Boot has to be off' said
silent

# --- Debian: an MBR with a partition of type ef, in no fstab; GRUB alone ---

v=6.1.0-18-amd64
tree t debian
kernel t $v
printf "menuentry 'x' {\nlinux /boot/vmlinuz-%s root=/dev/sda2\ninitrd /boot/initrd.img-%s\n}\n" \
    $v $v > t/boot/grub/grub.cfg
rm -rf esp
mkdir -p esp/EFI/debian esp/EFI/Microsoft/Boot
echo grub > esp/EFI/debian/grubx64.efi
printf 'set x=/dev/sda2\nconfigfile /boot/grub/grub.cfg\n' > esp/EFI/debian/grub.cfg
uefi a dos ef
uefi_machine a
has EFI/BOOT/BOOTX64.EFI '^grub$'
has EFI/debian/grub.cfg "^set x=/dev/disk/by-uuid/$root_uuid$"
[ -z "$(mayfish --ro --format=raw -a out/m-sda -m /dev/sda2 ls /efi)" ]
silent

# --- RHEL: the fallback loader is a shim without what it starts ---

v=5.14.0-427.el9.x86_64
tree t rhel
kernel t $v "boot/vmlinuz-$v" "boot/initramfs-$v.img"
mkdir -p t/boot/efi
rm -rf esp
mkdir -p esp/EFI/redhat esp/EFI/BOOT
for name in shimx64 grubx64 mmx64; do
    echo $name > esp/EFI/redhat/$name.efi
done
echo shimx64 > esp/EFI/BOOT/BOOTX64.EFI
printf '# GRUB Environment Block\nkernelopts=root=/dev/sda2 ro\n####' \
    > esp/EFI/redhat/grubenv
ln -s ../efi/EFI/redhat/grubenv t/boot/grub2/grubenv
echo 'UUID=ABCD-1234 /boot/efi vfat noauto 0 2' >> t/etc/fstab
uefi a gpt $esp
uefi_machine a
has EFI/BOOT/BOOTX64.EFI '^shimx64$'
has EFI/BOOT/grubx64.efi '^grubx64$'
has EFI/redhat/grubenv "^kernelopts=root=UUID=$root_uuid ro$"
silent

# --- a boot partition of systemd's kind, in no fstab ---

v=6.1.0-18-amd64
tree t debian
kernel t $v
rm -rf esp t/boot/grub
mkdir -p esp/loader/entries
mv t/boot/* esp/
printf 'linux /vmlinuz-%s\ninitrd /initrd.img-%s\noptions root=/dev/sda2\n' $v $v \
    > esp/loader/entries/x.conf
uefi a gpt $extended
uefi_machine a
has loader/entries/x.conf "root=UUID=$root_uuid"
grep -qa virtio_blk.ko got/initrd.img-$v
tells 'no UEFI boot loader found; the machine may not start'

# --- unified images: what they name and lack is reported ---

v=6.7.4-arch1-1
tree t arch
kernel t $v boot/vmlinuz-linux boot/initramfs-linux.img
python3 - t/boot/initramfs-linux.img linux.efi $v << 'END'
import struct, sys
initrd = open(sys.argv[1], "rb").read()
parts = [(b".cmdline", b"root=/dev/sda2 rw\0"), (b".uname", sys.argv[3].encode()),
         (b".initrd", initrd)]
head = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0"
head += struct.pack("<HHIIIHH", 0x8664, len(parts), 0, 0, 0, 0, 0)
at, data = 4096, b""
for name, content in parts:
    head += name.ljust(8, b"\0") + struct.pack("<IIII", len(content), 0,
        (len(content) + 511) // 512 * 512, at + len(data)) + bytes(16)
    data += content.ljust((len(content) + 511) // 512 * 512, b"\0")
open(sys.argv[2], "wb").write(head.ljust(at, b"\0") + data)
END
rm -rf esp t/boot
mkdir -p esp/EFI/Linux t/boot
mv linux.efi esp/EFI/Linux/arch.efi
uefi a gpt $esp
uefi_machine a
cmp esp/EFI/Linux/arch.efi got/EFI/BOOT/BOOTX64.EFI
tells "EFI/Linux/arch.efi: /dev/sda2 .*now it is /dev/disk/by-uuid/$root_uuid"
tells 'EFI/Linux/arch.efi: its initramfs has no driver for virtio disks'
