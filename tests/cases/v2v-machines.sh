#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a source says of its machine: names that no file can have, networks of
# the old hypervisor, sockets and cores, Secure Boot, a machine that is
# suspended or encrypted; and disks that the guest's tools know without a
# folder.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cases/linux-guest.sh"
linux_guest_requires
cd "$work"
source_of() { mayfly-v2v "$@" --print-source > said 2>&1 || fail "$(cat said)"; }
says() { grep -qE -- "$1" said || fail "no '$1': $(cat said)"; }
vmx() # LINES: a machine with one disk
{
    {
        printf 'memsize = "512"\nscsi0.present = "TRUE"\n'
        printf 'scsi0:0.present = "TRUE"\nscsi0:0.fileName = "a.img"\n'
        cat
    } > m.vmx
}
truncate -s 1M a.img

vmx << 'END'
displayName = "Büro / Web 01 - (alt)"
numvcpus = "8"
cpuid.coresPerSocket = "4"
firmware = "efi"
uefi.secureBoot.enabled = "TRUE"
checkpoint.vmState = "m-1.vmss"
scsi0:0.redo = "a.img.REDO_1"
scsi0:0.mode = "independent-nonpersistent"
ethernet0.present = "TRUE"
ethernet0.networkName = "VM Network"
ethernet0.addressType = "generated"
ethernet0.address = "00:50:56:00:00:01"
ethernet0.generatedAddress = "00:0c:29:00:00:01"
ethernet1.present = "TRUE"
ethernet1.networkName = "DMZ: 20"
ethernet1.addressType = "static"
ethernet1.address = "00:50:56:00:00:02"
ethernet1.generatedAddress = "00:0c:29:00:00:02"
ethernet2.present = "TRUE"
ethernet2.networkName = "VM Network"
ethernet2.addressType = "vpx"
ethernet2.generatedAddress = "00:50:56:00:00:03"
END
source_of -i vmx m.vmx
says '^Guest +B-ro-Web-01-alt$'
says '8 processors in 2 sockets, 3 network cards, UEFI'
says "the name 'Büro / Web 01 - .alt.' cannot be part of a file name"
says 'Secure Boot'
says 'suspended .m-1.vmss.'
says 'scsi0:0 has changes in a.img.REDO_1, which are not in a.img'
says 'scsi0:0 is not persistent'
says "00:0c:29:00:00:01 on network default"
says "00:50:56:00:00:02 on network default"
says "the network 'VM Network' is one of the old hypervisor"
says "the network 'DMZ: 20' is one of the old hypervisor"
[ "$(grep -c 'one of the old' said)" = 2 ] || fail "$(cat said)"
source_of -i vmx m.vmx -on new -n 'VM Network:lan' --mac 00:50:56:00:00:02:bridge:br9
says '^Guest +new$'
says '00:0c:29:00:00:01 on network lan'
says '00:50:56:00:00:02 on bridge br9'
says '00:50:56:00:00:03 on network lan'
! grep 'one of the old' said || fail "$(cat said)"
source_of -i vmx m.vmx -b 'VM Network:br1' -b br2
says '00:0c:29:00:00:01 on bridge br1'
says '00:50:56:00:00:02 on bridge br2'
says '00:50:56:00:00:03 on bridge br1'
source_of -i vmx m.vmx -b 'DMZ: 20:br1' -n lan
says '00:0c:29:00:00:01 on network lan'
says '00:50:56:00:00:02 on bridge br1'
expect_error 3 "cannot be part of a file name" \
    mayfly-v2v -i vmx m.vmx -on 'a b' --print-source

vmx << 'END'
displayName = "..//"
numvcpus = "6"
cpuid.coresPerSocket = "4"
END
source_of -i vmx m.vmx
says '^Guest +guest$'
says '6 processors are no whole number of sockets with 4 cores'
vmx <<< 'cpuid.coresPerSocket = "0"'
source_of -i vmx m.vmx
says '1 processor, 0'
printf 'displayName = "x"\nencryption.keySafe = "a"\nencryption.data = "b"\n' \
    > m.vmx
expect_error 3 'is encrypted.*decrypt it in VMware first' \
    mayfly-v2v -i vmx m.vmx --print-source

cat > m.xml << END
<domain type='vmware'><name>one two</name><memory>524288</memory>
<vcpu>16</vcpu><os><type>hvm</type><loader secure='yes' type='pflash'>x</loader>
</os><cpu><topology sockets='2' dies='1' cores='4' threads='2'/></cpu>
<devices><disk type='file'><source file='$work/a.img'/><target dev='sda'/></disk>
</devices></domain>
END
source_of -i libvirtxml m.xml
says '^Guest +one-two$'
says '16 processors in 2 sockets'
says 'Secure Boot'

mkdir ovf
qemu-img create -q -f vmdk ovf/d.vmdk 1M
cat > ovf/m.ovf << 'END'
<Envelope xmlns:vmw="v" xmlns:ovf="o"><References>
<File ovf:id="f" ovf:href="d.vmdk"/></References>
<DiskSection><Disk ovf:diskId="d" ovf:fileRef="f" ovf:capacity="1048576"/>
</DiskSection><VirtualSystem ovf:id="x"><Name>x</Name><VirtualHardwareSection>
<Item><InstanceID>1</InstanceID><ResourceType>3</ResourceType>
<VirtualQuantity>8</VirtualQuantity><vmw:CoresPerSocket>8</vmw:CoresPerSocket></Item>
<Item><InstanceID>2</InstanceID><ResourceType>4</ResourceType>
<AllocationUnits>byte * 2^20</AllocationUnits>
<VirtualQuantity>512</VirtualQuantity></Item>
<Item><InstanceID>3</InstanceID><ResourceType>6</ResourceType></Item>
<Item><InstanceID>4</InstanceID><ResourceType>17</ResourceType>
<HostResource>ovf:/disk/d</HostResource><Parent>3</Parent></Item>
<Item><InstanceID>5</InstanceID><ResourceType>10</ResourceType>
<Connection>Net A</Connection></Item>
<vmw:Config vmw:key="firmware" vmw:value="efi"/>
<vmw:Config vmw:key="bootOptions.efiSecureBootEnabled" vmw:value="true"/>
</VirtualHardwareSection></VirtualSystem></Envelope>
END
source_of -i ova ovf
says '8 processors in 1 socket, 1 network card, UEFI'
says "the network 'Net A'"
says 'Secure Boot'

# --- a conversion: names without a folder, and where the sockets go ---

v=5.14.0-427.el9.x86_64
tree t rhel
kernel t $v "boot/vmlinuz-$v" "boot/initramfs-$v.img"
printf 'title x\nlinux /boot/vmlinuz-%s\ninitrd /boot/initramfs-%s.img\noptions root=UUID=%s\n' \
    $v $v $root_uuid > t/boot/loader/entries/1-$v.conf
mkdir -p t/etc/{udev/rules.d,rc.d,tmpfiles.d,tuned/my,target,docker,tgt} \
    t/etc/{sysconfig,collectd.d,my.cnf.d}
cat > t/etc/udev/rules.d/99-asm.rules << 'END'
KERNEL=="sd?1", SUBSYSTEM=="block", PROGRAM=="/usr/lib/udev/scsi_id -g -u -d /dev/$parent", RESULT=="36000c29abc", SYMLINK+="asm/d1"
ENV{ID_SERIAL}=="36000c29abd", SUBSYSTEM=="block", SYMLINK+="asm/d2"
KERNEL=="dm-*", ENV{DM_UUID}=="mpath-36000c29", OWNER="grid"
KERNEL=="sd*", ENV{ID_PATH} == "pci-0000:03:00.0-scsi-0:0:1:0", SYMLINK+="db"
ACTION=="add", SUBSYSTEMS=="scsi", ATTRS{vendor}=="VMware*", RUN+="/bin/x"
SUBSYSTEM=="net", ATTRS{vendor}=="0x15ad", ENV{ID_PATH}=="pci-0", NAME="lan0"
KERNEL=="dm-*", ENV{DM_UUID}=="LVM-?*", ENV{ID_SERIAL}=="?*", OWNER="grid"
END
printf '#!/bin/sh\n# /sys/block/sdc\necho none > /sys/block/sda/queue/scheduler\n' \
    > t/etc/rc.d/rc.local
echo 'w /sys/class/block/sda1/x - - - - 512' > t/etc/tmpfiles.d/q.conf
echo 'block/sdb/queue/scheduler = noop' > t/etc/sysfs.conf
printf '[disk]\ndevices=sda,sdb\nreadahead=4096\n' > t/etc/tuned/my/tuned.conf
echo '{"storage_objects":[{"dev":"/dev/sdb","plugin":"block"}]}' \
    > t/etc/target/saveconfig.json
echo '{"storage-opts":["dm.directlvm_device=/dev/sdb"]}' \
    > t/etc/docker/daemon.json
printf 'ORACLEASM_SCANORDER="dm sd"\nORACLEASM_SCANEXCLUDE="sda"\n' \
    > t/etc/sysconfig/oracleasm
printf '# Disk "sdc"\nDisk "/^sd[ab]$/"\nDisk "sdk_1 hdr0x sdx-y"\n' \
    > t/etc/collectd.d/disk.conf
printf '[mysqld]\ninnodb_data_file_path=/dev/sdb1:10Gnewraw\n' \
    > t/etc/my.cnf.d/raw.cnf
printf 'backing-store /dev/sdb\n' > t/etc/tgt/targets.conf
printf 'resource r { on a { disk /dev/sdb1; device /dev/drbd0; } }\n' \
    > t/etc/drbd.conf
w=t/etc/systemd/system/multi-user.target.wants
mkdir -p $w t/etc/runit/runsvdir/default t/etc/modules-load.d
for i in waagent hypervkvpd virtualbox-guest-utils sshd; do
    ln -s /usr/lib/systemd/system/$i.service $w/$i.service
done
ln -s /etc/sv/vmtoolsd t/etc/runit/runsvdir/default/vmtoolsd
printf 'hv_sock\nloop\nvmw_vsock_vmci_transport\n' > t/etc/modules-load.d/a.conf
one a.img t
vmx << 'END'
displayName = "m"
numvcpus = "8"
cpuid.coresPerSocket = "4"
END
mkdir out
mayfly-v2v -i vmx m.vmx -os out > said || fail "$(cat said)"
tells 'rc.local: /dev/sda is a name .* now it is /dev/vda .line 3'
tells '99-asm.rules: /dev/sd.1 is a name of the old machine'
tells "99-asm.rules: a rule .* whose RESULT is '36000c29abc'.*line 1"
tells "99-asm.rules: a rule .* whose ENV.ID_SERIAL. is '36000c29abd'.*line 2"
tells "99-asm.rules: a rule .* whose ENV.DM_UUID. is 'mpath-36000c29'.*line 3"
tells "99-asm.rules: a rule .* whose ENV.ID_PATH. is 'pci-.*line 4"
tells "99-asm.rules: a rule .* whose ATTRS.vendor. is 'VMware.'.*line 5"
[ "$(grep -c 'a rule looks for' said)" = 5 ] || fail "$(cat said)"
tells 'tmpfiles.d/q.conf: /dev/sda1 is a name'
tells 'sysfs.conf: /dev/sdb is a name'
tells 'tuned.conf: /dev/sda is a name'
tells 'tuned.conf: /dev/sdb is a name'
tells 'saveconfig.json: /dev/sdb is a name'
tells 'daemon.json: /dev/sdb is a name'
tells 'oracleasm: /dev/sd\* is a name'
tells 'oracleasm: /dev/sda is a name'
tells 'disk.conf: /dev/sd\[ab\] is a name'
tells 'raw.cnf: /dev/sdb1 is a name'
tells 'targets.conf: /dev/sdb is a name'
tells 'drbd.conf: /dev/sdb1 is a name'
[ "$(sed -n '/^Look at:/,/^[^ ]/p' said | grep -c 'is a name')" = 15 ] ||
    fail "$(cat said)"
files sda 1
for i in waagent hypervkvpd virtualbox-guest-utils; do
    [ ! -L got/${w#t/}/$i.service ] || fail "$i is still started"
done
[ -L got/${w#t/}/sshd.service ] || fail "sshd is not started any more"
[ ! -L got/etc/runit/runsvdir/default/vmtoolsd ] || fail "vmtoolsd is started"
[ "$(grep -vc '^#' got/etc/modules-load.d/a.conf)" = 1 ] ||
    fail "$(cat got/etc/modules-load.d/a.conf)"
grep -q '<topology sockets="2" cores="4" threads="1"/>' out/m.xml ||
    fail "$(cat out/m.xml)"
