#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# OVAs of every kind: their disks come out; damaged ones and names that lead
# out of the archive are refused.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cli/v2v-guests.sh"
requires cpio --version
requires test -e "${builddir:?}/v2v/loader/core.img"
cd "$work"
make_guests
qemu-img convert -O vmdk -o subformat=streamOptimized disk disk.vmdk
write() { python3 "$srcdir/tests/cli/write-ova.py" "$@"; }

good() # OVA
{
    mayfly-v2v plan -i ova "$1" > plan || fail "$1: no plan"
    grep -q '^Guest  *packed' plan
    grep -q '^Machine .*hvm, 1024 MiB, 2 processors, 1 network card, BIOS' plan
    grep -q '^Disk vda  *0.1 GiB from' plan
    grep -q '^  /etc/fstab: disk names' plan
}

write a.ova disk.vmdk
good a.ova
for sum in sha1 sha384 sha512; do
    write --sum $sum b.ova disk.vmdk
    good b.ova
done
write --version 2 b.ova disk.vmdk
good b.ova
gzip -k -1 a.ova
good a.ova.gz
xz -k -0 a.ova
good a.ova.xz
write --kind zip b.zip disk.vmdk
good b.zip
write --kind folder folder disk.vmdk
good folder
good folder/m.ovf
write --file disk.vmdk.000000002 b.ova disk.vmdk
good b.ova
# A disk that is stored uncompressed is read in place: no file of its size is
# made.
head -c 28M /dev/urandom > noise
cp --sparse=always disk full
mayfish --format=raw -a full -m /dev/sda2 upload noise /root/noise
qemu-img convert -O vmdk -o subformat=streamOptimized full full.vmdk
qemu-img convert -O qcow2 -c full full.qcow2
for disk in full.vmdk full.qcow2; do
    for kind in tar zip; do
        write --kind $kind b.ova $disk
        (ulimit -f $((20 << 10)) && good b.ova) || fail "$kind was unpacked"
    done
done
gzip -k -1 b.ova
if (ulimit -f $((20 << 10)) && mayfly-v2v plan -i ova b.ova.gz) > said 2>&1; then
    fail "what is compressed has to be unpacked"
fi
# An image in it that has backing files is not opened.
qemu-img create -q -f qcow2 -b /etc/passwd -F raw liar.qcow2
write b.ova liar.qcow2
expect_error 3 'inside a file must not depend on other files' \
    mayfly-v2v plan -i ova b.ova
# Bombs: a few MB that unpack to GB.  They are refused when they have unpacked
# to a little more than the description says, and leave nothing.
head -c 3G /dev/zero | gzip -1 > bomb.gz
mkdir spool
# bomb PATTERN FILE
bomb()
{
    # shellcheck disable=SC2030
    (export TMPDIR=$work/spool; ulimit -f $((400 << 10))
     expect_error 3 "$1" mayfly-v2v plan -i ova "$2") || exit 1
    [ -z "$(ls -A spool)" ] || fail "a bomb has left $(ls -A spool)"
}
for capacity in 128 1; do
    write --compression gzip --capacity $capacity b.ova bomb.gz
    bomb 'disk.vmdk unpacks to more than its description allows' b.ova
done
write a.ova disk.vmdk
python3 - << 'END'
import io
import tarfile


class Zeroes(io.RawIOBase):
    def read(self, n=-1):
        return bytes(n)


def put(t, name, size, data=None):
    m = tarfile.TarInfo(name)
    m.size = size
    t.addfile(m, data or Zeroes())


text = tarfile.open("a.ova").extractfile("m.ovf").read()
with tarfile.open("text.ova.gz", "w:gz", compresslevel=1) as t:
    put(t, "m.ovf", 300 << 20)
with tarfile.open("other.ova.xz", "w:xz", preset=0) as t:
    put(t, "other", 3 << 30)
    put(t, "m.ovf", len(text), io.BytesIO(text))
with tarfile.open("many.ova.gz", "w:gz", compresslevel=1) as t:
    for i in range(120000):
        put(t, "x/%d" % i, 0)
with tarfile.open("long.ova", "w") as t:
    put(t, "a" * 300 + ".ovf", len(text), io.BytesIO(text))
END
bomb 'm.ovf unpacks to more' text.ova.gz
bomb 'more than 2000 times its size' other.ova.xz
bomb 'more than 100000 members' many.ova.gz
bomb 'it has no description' long.ova
# Gzipped disks: an image, and plain bytes.
write --gzip b.ova disk.vmdk
good b.ova
write --gzip --href disk.raw.gz b.ova disk
good b.ova
write --gzip --kind folder folder3 disk.vmdk
good folder3
mkdir out
mayfly-v2v -i ova a.ova -os out -of qcow2 -q
mayfish --ro -a out/packed-sda -m /dev/sda2 cat /etc/fstab |
    grep -q '^UUID=.* / ext4'
grep -q 00:50:56:aa:bb:cc out/packed.xml
write --firmware efi b.ova disk.vmdk
mayfly-v2v plan -i ova b.ova | grep -q ', UEFI$'

bad() # PATTERN OPTIONS OF write
{
    local pattern=$1
    shift
    rm -f bad.ova
    write "$@" bad.ova disk.vmdk
    expect_error 3 "$pattern" mayfly-v2v plan -i ova bad.ova
}
bad 'disk.vmdk does not match its sum' --wrong
bad 'disk.vmdk does not match its sum' --wrong --sum sha512
bad 'not in the folder of the description' --href ../disk.vmdk
bad 'not in the folder of the description' --href /etc/passwd
bad 'invalid line in its manifest' --extra 'MD5(disk.vmdk)= 1'
bad 'compressed by .zstd' --compression zstd
bad 'disk.vmdk is not gzipped' --compression gzip
write --wrong --kind folder folder4 disk.vmdk
expect_error 3 'disk.vmdk does not match its sum' mayfly-v2v plan -i ova folder4
head -c $(($(stat -c %s a.ova) / 2)) a.ova > bad.ova
expect_error 3 'damaged' mayfly-v2v plan -i ova bad.ova
expect_error 3 'it is not an OVA|damaged' mayfly-v2v plan -i ova disk
expect_error 3 'it is not an OVA' mayfly-v2v plan -i ova more.tar
rm -rf folder2
mkdir folder2
cp folder/m.ovf folder2
ln -s /etc/passwd folder2/disk.vmdk
expect_error 3 'disk.vmdk is not in it' mayfly-v2v plan -i ova folder2

# --- VMX ---

mkdir vm
qemu-img convert -O vmdk -o subformat=monolithicFlat disk vm/d.vmdk
cat > vm/m.vmx << 'EOF'
.encoding = "UTF-8"
displayName = "of|2Dvmware"
memSize = "300"
NUMVCPUS = "2"
firmware = bios
scsi0.present = "TRUE"
scsi0:0.present = "TRUE"
scsi0:0.fileName = "d.vmdk"
scsi0:1.present = "FALSE"
scsi0:1.fileName = "gone.vmdk"
ide0:0.present = "TRUE"
ide0:0.deviceType = "cdrom-image"
ide0:0.fileName = "x.iso"
ethernet0.present = "TRUE"
ethernet0.addressType = "static"
ethernet0.address = "00:50:56:00:00:07"
EOF
printf '%s\n' 'floppy0.present = "TRUE"' 'sound.present = "TRUE"' \
    'sound.virtualDev = "hdaudio"' >> vm/m.vmx
mayfly-v2v -i vmx vm/m.vmx -os out -q
for drive in '"cdrom"' '"floppy"'; do
    grep -q "device=$drive" out/of-vmware.xml
done
grep -q '<sound model="ich6"/>' out/of-vmware.xml
grep -q '<name>of-vmware</name>' out/of-vmware.xml
grep -q 00:50:56:00:00:07 out/of-vmware.xml
grep -q "<vcpu>2</vcpu>" out/of-vmware.xml
mayfish --ro --format=raw -a out/of-vmware-sda -m /dev/sda2 cat /etc/fstab |
    grep -q '^UUID=.* / ext4'
sed -i 's,"d.vmdk","/vmfs/volumes/1/d.vmdk",' vm/m.vmx
expect_error 3 'is not in the folder of the configuration' \
    mayfly-v2v plan -i vmx vm/m.vmx
