#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# OVF and VMX: a disk is where its controller and its address say; empty disks
# are made, names are URIs, and the machine has the firmware that its source or
# its disks ask for.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cli/v2v-guests.sh"
requires cpio --version
requires mkfs.ext4 -V
requires test -e "${builddir:?}/v2v/loader/core.img"
cd "$work"
make_guests
printf '\353\143\220GRUB' | dd of=disk conv=notrunc status=none
mkdir ova out
qemu-img convert -O vmdk -o subformat=streamOptimized disk "ova/system disk ä.vmdk"
truncate -s 16M data
mkfs.ext4 -q -U 22222222-0000-0000-0000-000000000000 data
qemu-img convert -O vmdk -o subformat=streamOptimized data ova/data.vmdk

ovf() # < ITEMS
{
    cat > ova/m.ovf << END
<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
 xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
 xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
<References><File ovf:id="f1" ovf:href="data.vmdk"/>
<File ovf:id="f2" ovf:href="./system%20disk%20%C3%A4.vmdk"/></References>
<DiskSection><Disk ovf:diskId="data" ovf:fileRef="f1" ovf:capacity="16777216"/>
<Disk ovf:diskId="system" ovf:fileRef="f2" ovf:capacity="75497472"/>
<Disk ovf:diskId="empty" ovf:capacity="24" ovf:capacityAllocationUnits="byte * 2^20"/>
</DiskSection><VirtualSystem ovf:id="m"><VirtualHardwareSection>
<Item><rasd:ResourceType>4</rasd:ResourceType>
<rasd:VirtualQuantity>512</rasd:VirtualQuantity></Item>
$(cat)
</VirtualHardwareSection></VirtualSystem></Envelope>
END
}

controller() # ID TYPE ADDRESS SUBTYPE
{
    echo "<Item><rasd:Address>$3</rasd:Address><rasd:InstanceID>$1</rasd:InstanceID>"
    echo "<rasd:ResourceSubType>$4</rasd:ResourceSubType><rasd:ResourceType>$2</rasd:ResourceType></Item>"
}

on() # CONTROLLER PLACE DISK
{
    echo "<Item><rasd:AddressOnParent>$2</rasd:AddressOnParent>"
    echo "<rasd:HostResource>ovf:/disk/$3</rasd:HostResource><rasd:InstanceID>9$3</rasd:InstanceID>"
    echo "<rasd:Parent>$1</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>"
}

# The empty disk is between the two, and SATA comes after SCSI.
ovf << END
$(on 3 0 system)
$(controller 3 20 0 AHCI)
$(on 7 12 empty)
$(on 7 2 data)
$(controller 7 6 1 VirtualSCSI)
END
mayfly-v2v -i ova ova -os out > said
grep -q 'boots from vdc' said || fail "$(cat said)"
[ "$(stat -c %s out/m-sda out/m-sdb out/m-sdc | tr '\n' ' ')" = "16777216 25165824 75497472 " ] ||
    fail "the order: $(ls -l out)"
cmp out/m-sda data
cmp -n 25165824 out/m-sdb /dev/zero
mayfish --ro --format=raw -a out/m-sdc -m /dev/sda2 cat /etc/fstab > fstab

# The same in an archive.
tar -C ova -cf m.ova m.ovf data.vmdk "system disk ä.vmdk"
LC_ALL=C mayfly-v2v plan -i ova m.ova > planned
grep -q 'boots from vdc' planned || fail "$(cat planned)"

# XenCenter: the letters are those of the devices.
mkdir xen
qemu-img convert -O vpc -o force_size=on disk xen/s.vhd
qemu-img convert -O vpc -o force_size=on data xen/d.vhd
xen() { echo "<ovf:Item><rasd:Connection>device=$2,bootable=$3,mode=rw,</rasd:Connection><rasd:InstanceID>$1</rasd:InstanceID><rasd:ResourceType>19</rasd:ResourceType></ovf:Item>"; }
cat > xen/x.ovf << END
<ovf:Envelope xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="urn:rasd">
<ovf:References><ovf:File ovf:id="a" ovf:href="d.vhd"/><ovf:File ovf:id="b" ovf:href="s.vhd"/></ovf:References>
<ovf:DiskSection><ovf:Disk ovf:diskId="D" ovf:fileRef="a"/><ovf:Disk ovf:diskId="S" ovf:fileRef="b"/></ovf:DiskSection>
<ovf:VirtualSystem ovf:id="x"><ovf:Name>x</ovf:Name><ovf:VirtualHardwareSection>
$(xen D 2 false)$(xen S 0 true)
</ovf:VirtualHardwareSection></ovf:VirtualSystem></ovf:Envelope>
END
mayfly-v2v plan -i ova xen/x.ovf > planned
grep -q '^Disk vda .*s.vhd' planned || fail "$(cat planned)"
grep -q '^Disk vdc .*d.vhd' planned || fail "$(cat planned)"
grep -q '^  /etc/fstab: disk names' planned || fail "$(cat planned)"

# Firmware: what only UEFI can start gets it, from every source, unless the
# source says another thing; then that is done, and said.
uefi_guest uefi << 'END'
mkdir-p /boot/efi/EFI/BOOT
upload /dev/null /boot/efi/EFI/BOOT/BOOTX64.EFI
END
qemu-img convert -O vmdk uefi uefi.vmdk
vmx() { printf 'displayName = "u"\nmemSize = "512"\nsata0.present = "TRUE"\nsata0:0.present = "TRUE"\nsata0:0.fileName = "uefi.vmdk"\n%s\n' "$1" > u.vmx; }
firmware() # EXPECTED ARGUMENTS...
{
    local want=$1
    shift
    mayfly-v2v plan "$@" > planned
    grep -q "^Machine .*$want\$" planned || fail "$*: $(cat planned)"
}
vmx ''
firmware UEFI -i vmx u.vmx
grep -q 'does not name the firmware: UEFI' planned
vmx 'firmware = "bios"'
firmware BIOS -i vmx u.vmx
grep -q 'the source says BIOS, but' planned
if grep TPM planned; then fail "a TPM that is not there"; fi
vmx $'firmware = "efi"\nvtpm.present = "TRUE"'
firmware UEFI -i vmx u.vmx
grep -q 'a virtual TPM, and what it holds cannot be moved' planned ||
    fail "nothing of the TPM: $(cat planned)"
cat > u.xml << END
<domain type='kvm'><name>u</name><memory>524288</memory><vcpu>1</vcpu>
<os><type>hvm</type></os><devices><disk type='file' device='disk'>
<source file='$work/uefi'/><target dev='vda'/></disk>
<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>
</devices></domain>
END
firmware UEFI -i libvirtxml u.xml
grep -q 'a virtual TPM, and what it holds cannot be moved' planned ||
    fail "nothing of the TPM: $(cat planned)"
# With code of GRUB for a BIOS on it, both could start it.
cp uefi both
printf '\353\143\220GRUB' | dd of=both conv=notrunc status=none
firmware BIOS -i disk both
# The system partition is on another disk than /.
firmware UEFI -i disk data uefi
grep -q 'boots from vdb' planned || fail "$(cat planned)"
