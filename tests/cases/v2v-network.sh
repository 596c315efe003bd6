#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Network cards keep the names that they had: settings are parsed as their
# owners do, the source's facts say which card is which, and what is left over
# is reported.  The guest is one small tree; for each situation only its
# settings are other ones, and the plan says what would be written.
. "${srcdir:?}/tests/lib.sh" || exit 1
requires cpio --version
requires mke2fs -V
requires sfdisk --version
requires qemu-img --version
cd "$work"
version=6.1.0-18-amd64
uuid=11111111-2222-3333-4444-555555555555

# --- one guest ---

d=tree/usr/lib/modules/$version/kernel/drivers
mkdir -p tree/{boot/grub,dev,etc,proc,root,run,sys,tmp,usr/bin,usr/sbin} \
    tree/var/lib/dpkg $d/{block,virtio,net} initrd
for i in bin sbin lib; do ln -s usr/$i tree/$i; done
printf 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n' > tree/etc/os-release
echo 12.7 > tree/etc/debian_version
printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\76\0' > tree/usr/bin/ls
head -c 1000 /dev/zero >> tree/usr/bin/ls
printf 'Package: base-files\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\nDescription: x\n\n' > tree/var/lib/dpkg/status
echo "UUID=$uuid / ext4 defaults 0 1" > tree/etc/fstab
for i in block/virtio_blk virtio/virtio virtio/virtio_ring virtio/virtio_pci \
    net/virtio_net; do
    echo module > $d/$i.ko
    echo "kernel/drivers/$i.ko:"
done > tree/usr/lib/modules/$version/modules.dep
: > tree/usr/lib/modules/$version/modules.builtin
echo kernel > tree/boot/vmlinuz-$version
(cd initrd && touch init && find . | cpio --quiet -o -H newc) | gzip \
    > tree/boot/initrd.img-$version
cat > tree/boot/grub/grub.cfg << END
menuentry 'Debian' {
    linux /boot/vmlinuz-$version root=UUID=$uuid ro quiet
    initrd /boot/initrd.img-$version
}
END

# image: a disk with the tree and the settings in more/
image()
{
    rm -rf all
    cp -a tree all
    cp -a more/. all/
    rm -f disk.raw
    truncate -s 34M disk.raw
    echo 'start=2048, type=83, bootable' | sfdisk -q disk.raw
    printf '\353\143\220GRUB' | dd of=disk.raw conv=notrunc status=none
    mke2fs -q -F -t ext4 -O ^metadata_csum_seed,^orphan_file -U $uuid \
        -E offset=1048576 -d all disk.raw 32M 2> mke2fs.err ||
        fail "$(cat mke2fs.err)"
    qemu-img convert -O vmdk disk.raw disk.vmdk
    rm -rf more
    mkdir more
}
put() # FILE, and the text on standard input
{
    mkdir -p "more/$(dirname "$1")"
    cat > "more/$1"
}

# vmx SLOT...: a VMware machine with these cards; 0: the slot is not said
vmx()
{
    local n=0 slot
    printf 'displayName = "m"\nmemSize = "512"\nscsi0.present = "TRUE"\n'
    printf 'scsi0:0.present = "TRUE"\nscsi0:0.fileName = "disk.vmdk"\n'
    for slot; do
        printf 'ethernet%s.present = "TRUE"\n' $n
        printf 'ethernet%s.address = "00:50:56:00:00:0%s"\n' $n $n
        [ "$slot" = 0 ] ||
            printf 'ethernet%s.pciSlotNumber = "%s"\n' $n "$slot"
        n=$((n + 1))
    done
}

# names WANT PLAN...: convert, and compare "0=ens192 1=ens224", the names by
# card as the guest's own files have them, and the readiness
names()
{
    local want=$1
    shift
    rm -rf out
    mkdir out
    mayfly-v2v "$@" -os out -on m --report report.json > said 2>&1 ||
        fail "$(tail -2 said)"
    mayfish --ro --format=raw -a out/m-sda -m /dev/sda1 \
        glob cat '/etc/systemd/network/*.link' 2> /dev/null |
        sed -n 's/^MACAddress=.*0\(.\)$/\1/p; s/^Name=/=/p' | paste -sd '\0' |
        sed 's/\([0-9]=\)/ \1/g' | tr ' ' '\n' | sort | paste -sd ' ' |
        sed 's/^ *//; s/ *$//' > got || true
    [ "$(cat got)" = "$want" ] || fail "'$(cat got)' is not '$want': $(cat said)"
    report=$(sed -n '/^Look at/,/^Changed/p' said | grep -v '^Look at\|^Changed' || true)
}
nothing_left() { [ -z "$report" ] || fail "there is something to look at: $report"; }
look_at() { grep -q -- "$1" <<< "$report" || fail "not reported: $1: $report"; }

rm -rf more
mkdir -p more
links=etc/systemd/network
mkdir -p tree/$links

# --- ifupdown, by VMware's slots; a bond and a VLAN above it ---

put etc/network/interfaces << 'END'
# eth0 and eth1 before the move to VMware
source interfaces.d/*.cfg
auto lo
iface lo inet loopback
auto bond0
iface bond0 inet static
    address 192.0.2.1/24
    bond-slaves ens192 ens161
END
put etc/network/interfaces.d/vlan.cfg << 'END'
auto vlan7
iface vlan7 inet dhcp
    vlan-raw-device ens256
END
put etc/network/interfaces.d/old << 'END'
auto ens99
iface ens99 inet dhcp
END
image
vmx 192 224 256 1184 > m.vmx
names '0=ens192 1=ens224 2=ens256 3=ens161' -i vmx m.vmx
nothing_left

# --- netplan by the bus, with a word for a name and an address ---

put etc/netplan/50-cloud.yaml << 'END'
network:
  version: 2
  ethernets:
    enp11s0:
      dhcp4: true   # eth0
    back:
      match: {macaddress: "00:50:56:00:00:01"}
      dhcp4: true
END
image
vmx 192 160 > m.vmx
names '0=enp11s0 1=enp3s0' -i vmx m.vmx
nothing_left

# --- firmware numbers of CentOS 7; a keyfile that is not used ---

put etc/sysconfig/network-scripts/ifcfg-eno16777984 << 'END'
TYPE="Ethernet"
DEVICE="eno16777984"
ONBOOT="yes"
END
put etc/NetworkManager/system-connections/eth0.nmconnection << 'END'
[connection]
type=ethernet
interface-name=eth0
autoconnect=false
END
put etc/sysconfig/network-scripts/ifcfg-eth0.bak << 'END'
DEVICE=eth0
END
image
vmx 160 > m.vmx
names '0=eno16777984' -i vmx m.vmx
nothing_left

# --- counted cards: the one on the lowest bus is eth0 ---

put etc/default/grub << 'END'
GRUB_CMDLINE_LINUX="net.ifnames=0 quiet"
END
put $links/a.network << 'END'
[Match]
Name=eth0
END
image
vmx 192 1184 > m.vmx
names '0=eth1 1=eth0' -i vmx m.vmx
nothing_left

# --- addresses say it, against the order ---

put etc/NetworkManager/system-connections/a << 'END'
[connection]
type=802-3-ethernet
interface-name=lan
[802-3-ethernet]
mac-address=00:50:56:00:00:01
END
put etc/udev/rules.d/70-persistent-net.rules << 'END'
SUBSYSTEM=="net", ACTION=="add", DRIVERS=="vmxnet3", ATTR{address}=="00:50:56:00:00:00", NAME="wan"
END
image
vmx 0 0 > m.vmx
names '0=wan 1=lan' -i vmx m.vmx
nothing_left

# --- what nothing says is a guess, or left over ---

put etc/network/interfaces << 'END'
auto ens192 ens161
iface ens192 inet dhcp
iface ens161 inet dhcp
END
image
vmx 0 0 > m.vmx
names '0=ens192 1=ens161' -i vmx m.vmx
look_at 'ens192, ens161 in order, which is a guess'
vmx 0 0 0 > m.vmx
names '' -i vmx m.vmx
look_at '/etc/network/interfaces: line 2 configures the network card ens192'
look_at 'line 3 configures the network card ens161'

put etc/sysconfig/network-scripts/ifcfg-ens192 << 'END'
HWADDR=00:50:56:00:00:09
ONBOOT=yes
END
image
vmx 192 > m.vmx
names '' -i vmx m.vmx
look_at 'line 1 is for the network card with the address 00:50:56:00:00:09'

# --- libvirt's PCI addresses ---

put $links/a.network << 'END'
[Match]
Name=enp7s0
[Network]
DHCP=yes
END
image
cat > m.xml << END
<domain type='kvm'><name>m</name><memory unit='MiB'>512</memory><vcpu>1</vcpu>
<os><type>hvm</type></os><devices>
<disk type='file' device='disk'><driver type='raw'/><source file='$work/disk.raw'/><target dev='sda'/></disk>
<interface type='network'><mac address='52:54:00:00:00:00'/><address type='pci' bus='0x01' slot='0x00' function='0x0'/></interface>
<interface type='network'><mac address='52:54:00:00:00:01'/><address type='pci' bus='0x07' slot='0x00' function='0x0'/></interface>
</devices></domain>
END
names '0=enp1s0 1=enp7s0' -i libvirtxml m.xml
nothing_left

# --- OVF: VMware's slots and places, VirtualBox's adapters ---

# ovf CARDS [EXTENSION]
ovf()
{
    cat << END
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf" xmlns:vbox="http://www.virtualbox.org/ovf/machine">
<References><File ovf:id="f1" ovf:href="disk.vmdk"/></References>
<DiskSection><Info/><Disk ovf:diskId="d1" ovf:fileRef="f1" ovf:capacity="35651584"/></DiskSection>
<VirtualSystem ovf:id="m"><Info/><VirtualHardwareSection><Info/>
<Item><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
<Item><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>512</rasd:VirtualQuantity></Item>
<Item><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceType>6</rasd:ResourceType><rasd:Address>0</rasd:Address></Item>
<Item><rasd:InstanceID>4</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:ResourceType>17</rasd:ResourceType><rasd:HostResource>ovf:/disk/d1</rasd:HostResource></Item>
$1</VirtualHardwareSection>$2</VirtualSystem></Envelope>
END
}
card() # MAC PLACE SLOT
{
    echo "<Item><rasd:InstanceID>1$2</rasd:InstanceID><rasd:AddressOnParent>$2</rasd:AddressOnParent><rasd:Address>$1</rasd:Address><rasd:ResourceType>10</rasd:ResourceType>${3:+<vmw:Config ovf:required=\"false\" vmw:key=\"slotInfo.pciSlotNumber\" vmw:value=\"$3\"/>}</Item>"
}
put etc/network/interfaces << 'END'
allow-hotplug ens224
iface ens224 inet dhcp
END
image
mkdir ova
mv disk.vmdk ova/
ovf "$(card 00:50:56:00:00:01 8 224; card 00:50:56:00:00:00 7 192)" '' > ova/m.ovf
names '0=ens192 1=ens224' -i ova ova
nothing_left

put etc/network/interfaces << 'END'
auto enp0s9
iface enp0s9 inet dhcp
END
image
mv disk.vmdk ova/
plain='<Item><rasd:InstanceID>7</rasd:InstanceID><rasd:ResourceType>10</rasd:ResourceType></Item>'
ovf "$plain${plain/7/8}" '<vbox:Machine><Hardware><Network>
<Adapter slot="0" enabled="true" MACAddress="080027000000"/>
<Adapter slot="1" enabled="false" MACAddress="080027000007"/>
<Adapter slot="2" enabled="true" MACAddress="080027000001"/>
</Network></Hardware></vbox:Machine>' > ova/m.ovf
names '0=enp0s3 1=enp0s9' -i ova ova
nothing_left
