#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The names of cards go where the guest's udev reads them: a .link file, a rule,
# in the initramfs as well; what vendors' files ask for is looked at; and the
# next initramfs has virtio whichever tool makes it.
. "${srcdir:?}/tests/lib.sh" || exit 1
# shellcheck source=tests/cases/linux-guest.sh
. "$srcdir/tests/cases/linux-guest.sh"
linux_guest_requires
cd "$work"

# plan DIR: what would be written; machine DIR MAC...: a Xen guest with cards
plan()
{
    one t.img "$1"
    mayfly-v2v plan -i disk t.img > said 2> warned ||
        fail "$(cat said warned)"
}
machine()
{
    local macs='' mac

    for mac in "${@:2}"; do macs="$macs \"mac=$mac\","; done
    printf 'name = "m"\ntype = "pv"\nkernel = "/k"\nmemory = 512\n%s\n%s\n' \
        "disk = [ \"$work/t.img,raw,xvda,w\" ]" "vif = [ $macs ]" > m.cfg
    one t.img "$1"
    rm -rf out
    mkdir out
    mayfly-v2v -i xl m.cfg -o local -os out -on m > said 2> warned ||
        fail "$(cat said warned)"
    files sda 1
}
links=usr/lib/systemd/network
rules=usr/lib/udev/rules.d
release() { printf 'ID=%s\nVERSION_ID="%s"\n' "$2" "$3" > "$1/usr/lib/os-release"; }

# --- udev without .link files: a rule, after what is there; a VLAN on it ---

tree t debian
release t ubuntu 14.04
mkdir -p t/etc/{init,systemd,udev/rules.d} t/lib/systemd/system t/$rules
echo task > t/etc/init/rc-sysinit.conf
echo '#' > t/$rules/75-persistent-net-generator.rules
# The last line does not end; the card that it names is another one.
printf '# NAME="eth0" was a comment\nSUBSYSTEM=="net", ATTR{address}=="00:16:3e:00:00:09", NAME="eth9"' \
    > t/etc/udev/rules.d/70-persistent-net.rules
cat > t/etc/network/interfaces << 'END'
auto bond0 eth1.7
iface bond0 inet dhcp
    bond-slaves eth0 eth1
iface eth1.7 inet dhcp
END
kernel t 3.13.0-170-generic
machine t 00:16:3e:00:00:01 00:16:3e:00:00:02
r=etc/udev/rules.d/70-persistent-net.rules
has $r '^SUBSYSTEM=="net", ATTR.address.=="00:16:3e:00:00:09", NAME="eth9"$'
has $r '^SUBSYSTEM.*DRIVERS=="\?\*", ATTR.address.=="00:16:3e:00:00:01".*NAME="eth0"$'
has $r '^SUBSYSTEM.*"00:16:3e:00:00:02".*NAME="eth1"$'
[ ! -e got/etc/systemd/network ] || fail "$(ls got/etc/systemd/network)"

# --- the keys of before udev 098 ---

tree t rhel
rm t/usr/lib/os-release t/etc/os-release t/etc/dracut.conf.d -r
echo 'CentOS release 5.11 (Final)' > t/etc/redhat-release
mkdir -p t/etc/udev/rules.d t/etc/sysconfig/network-scripts
echo id:3:initdefault: > t/etc/inittab
printf 'KERNEL=="hd*", SYSFS{removable}=="1", NAME="x"\n# ATTR{x}\n' \
    > t/etc/udev/rules.d/50-udev.rules
printf 'DEVICE=eth0\nONBOOT=yes\n' > t/etc/sysconfig/network-scripts/ifcfg-eth0
printf '#!/bin/sh\n' > t/usr/sbin/mkinitrd
printf 'alias eth0 xennet\nalias scsi_hostadapter xenblk\nalias scsi_hostadapter1 mptspi\n' \
    > t/etc/modprobe.conf
v=2.6.18-398.el5
kernel t $v boot/vmlinuz-$v boot/initrd-$v.img
machine t 00:16:3e:00:00:01
has $r '^SUBSYSTEM=="net", .*KERNEL=="eth\?", SYSFS.address.=="00:16:3e:00:00:01", NAME="eth0"$'
has etc/modprobe.conf '^alias scsi_hostadapter3 virtio_blk$'

# --- a .link file, in the initramfs as well; the guest's own sort later ---

tree t debian
release t ubuntu 18.04
mkdir -p t/$rules t/$links t/etc/{systemd/network,netplan,udev/rules.d}
echo '#' > t/$rules/80-net-setup-link.rules
printf '[Match]\nOriginalName=*\n[Link]\nNamePolicy=kernel\n' > t/$links/99-default.link
# On the old machine the rule won; the .link file would win now.
printf 'SUBSYSTEM=="net", DRIVERS=="vif", ATTR{address}=="00:16:3e:00:00:01", NAME="wan"\n' \
    > t/etc/udev/rules.d/70-persistent-net.rules
printf '[Match]\nMACAddress=00:16:3e:00:00:01\n[Link]\n# Name=no\nName=lan\n' \
    > t/etc/systemd/network/10-lan.link
printf '[Match]\nMACAddress=00:16:3e:00:00:02\n[Link]\nName=dmz\n' \
    > t/etc/systemd/network/20-dmz.link
printf 'network:\n  ethernets:\n    wan: {dhcp4: true}\n    dmz: {dhcp4: true}\n' \
    > t/etc/netplan/a.yaml
v=4.15.0-213-generic
kernel t $v
i=$work/initramfs
mkdir -p "$i"/usr/lib/udev/rules.d "$i/usr/lib/modules/$v/kernel"
echo '#' > "$i/usr/lib/udev/rules.d/80-net-setup-link.rules"
echo x > "$i/usr/lib/modules/$v/kernel/virtio_net.ko.zst"
mkdir -p "$i/etc/systemd/network"
echo '# before Name=lan' > "$i/etc/systemd/network/10-lan.link"
(cd "$i" && find . | cpio --quiet -o -H newc) | gzip > "t/boot/initrd.img-$v"
machine t 00:16:3e:00:00:01 00:16:3e:00:00:02
has etc/systemd/network/09-wan.link '^Name=wan$'
for n in 09-wan 10-lan 20-dmz; do
    grep -aq "etc/systemd/network/$n.link" "got/boot/initrd.img-$v" ||
        fail "$n is not in the initramfs: $(cat said)"
done
silent
# A second conversion finds them there, also the one that an archive before
# has as it was.
cp "got/boot/initrd.img-$v" initrd.once
mv out/m-sda out/twice
mayfly-v2v -i disk out/twice -if raw --in-place > said
mv out/twice out/m-sda
files sda 1
cmp "got/boot/initrd.img-$v" initrd.once

# --- a .link file that does more would be turned off by ours; the rule of the
# guest that looks at no address comes before ours ---

tree t arch
mkdir -p t/$rules t/etc/udev/rules.d t/etc/systemd/network
echo '#' > t/$rules/80-net-setup-link.rules
printf '[Match]\nOriginalName=*\n[Link]\nMTUBytes=9000\n' \
    > t/etc/systemd/network/50-mtu.link
printf 'SUBSYSTEM=="net", KERNEL=="eth7", NAME="lan7"\n' \
    > t/etc/udev/rules.d/75-own.rules
printf '[Match]\nName=enX1\n' > t/etc/systemd/network/a.network
v=6.9.1-arch1-1
kernel t $v boot/vmlinuz-linux boot/initramfs-linux.img
echo linux > t/usr/lib/modules/$v/pkgbase
printf 'MODULES="ext4"\n' > t/etc/mkinitcpio.conf
printf '[Match]\nName=en*\nPath=pci-0000:00:1f.6\n' > t/etc/systemd/network/b.network
mkdir -p t/etc/mkinitcpio.conf.d
echo 'MODULES=(ahci)' > t/etc/mkinitcpio.conf.d/a.conf
printf 'ALL_config="/etc/own.conf"\n' > t/etc/mkinitcpio.d/linux.preset
printf 'MODULES=(ahci)\nHOOKS=(base)' > t/etc/own.conf
printf 'universal: false\nmodules: "-*,ext4" # those\nstrip: true\n' \
    > t/etc/booster.yaml
machine t 00:16:3e:00:00:01 00:16:3e:00:00:02
has etc/udev/rules.d/79-persistent-net.rules '"00:16:3e:00:00:02".*NAME="enX1"$'
tells 'b.network: line 3 is for network cards in the place pci-0000:00:1f.6'
has etc/mkinitcpio.conf '^MODULES="\$MODULES virtio_pci virtio_blk"$'
has etc/own.conf '^MODULES\+=\(virtio_pci virtio_blk\)$'
has etc/mkinitcpio.conf.d/zz-mayfly.conf '^MODULES\+=\(virtio_pci virtio_blk\)$'
has etc/booster.yaml '^modules: "-\*,ext4,virtio_pci,virtio_blk" # those$'

# --- vendors' files: by name, masks, drop-ins, two connections of a UUID ---

tree t rhel
release t amzn 2023
mkdir -p t/$rules t/$links/80-ec2.network.d t/etc/systemd/network \
    t/{etc,usr/lib}/NetworkManager/system-connections t/{etc,usr/lib}/netplan \
    t/etc/cloud/cloud.cfg.d
echo '#' > t/$rules/80-net-setup-link.rules
printf '[Match]\nDriver=ena\n' > t/$links/80-ec2.network
printf '[Match]\nDriver=ena\n' > t/$links/81-off.network
ln -s /dev/null t/etc/systemd/network/81-off.network
printf '[Match]\nDriver=ena\n' > t/$links/82-own.network
printf '[Match]\nName=e*\n' > t/etc/systemd/network/82-own.network
printf '\n[Match]\nVirtualization=amazon\n' > t/$links/80-ec2.network.d/x.conf
printf '[Match]\nKind=veth\nName=ve-*\nDriver=veth\n' > t/$links/80-container-ve.network
c=NetworkManager/system-connections
printf '[connection]\nuuid=1-2\ntype=ethernet\ninterface-name=ens160\n' > t/usr/lib/$c/a.nmconnection
printf '[connection]\nuuid=1-2\ntype=ethernet\ninterface-name=eth0\n' > t/etc/$c/b.nmconnection
printf '[connection]\nuuid=3-4\ntype=ethernet\ninterface-name=ens161\n' > t/usr/lib/$c/c.nmconnection
ln -s /dev/null t/etc/$c/3-4.nmmeta
printf 'network: {ethernets: {ens77: {dhcp4: true}}}\n' > t/usr/lib/netplan/a.yaml
printf 'network: {ethernets: {}}\n' > t/etc/netplan/a.yaml
printf 'network: {ethernets: {ens78: {match: {driver: ena}}}}\n' > t/usr/lib/netplan/b.yaml
printf 'network:\n  version: 2\n  ethernets:\n    id0: {match: {driver: hv_netvsc}}\n' \
    > t/etc/cloud/cloud.cfg.d/99-net.cfg
# Not where a link leads: to /dev/null.
find t -path "*/$c/*" -type f -exec chmod 600 {} +
mkdir -p t/etc/modprobe.d t/etc/sysconfig
truncate -s 33M t/etc/modprobe.d/large.conf
v=6.1.79-99.167.amzn2023.x86_64
kernel t $v boot/vmlinuz-$v boot/initramfs-$v.img
echo 'INITRD_MODULES="ata_piix"' > t/etc/sysconfig/kernel
plan t
tells '80-ec2.network: line 2 is for network cards with the driver ena,'
tells 'b.yaml: line 1 is for network cards with the driver ena,'
tells '99-net.cfg: line 4 is for network cards with the driver hv_netvsc,'
tells '/etc/modprobe.d/large.conf: it was not looked at, .* larger than 32 MiB'
grep -q 10-eth0.link said || fail "$(cat said)"
for n in 81-off 82-own 80-container ens160 ens161 ens77 etc/sysconfig/kernel; do
    ! grep -- "$n" said || fail "$n is not of importance: $(cat said)"
done

# --- Alpine, SUSE 11 and Gentoo make the next one with virtio ---

tree t alpine
echo 'features="ata base ext4"' > t/etc/mkinitfs/mkinitfs.conf
printf '[ x ] && features="base ata"' >> t/etc/mkinitfs/mkinitfs.conf
echo 'INITRD_MODULES="ata_piix ext3" # of YaST' > t/kernel-settings
mkdir -p t/etc/sysconfig
mv t/kernel-settings t/etc/sysconfig/kernel
echo '#' > t/etc/genkernel.conf
kernel t 6.6.14-0-lts boot/vmlinuz-lts boot/initramfs-lts
machine t 00:16:3e:00:00:01
has etc/mkinitfs/mkinitfs.conf '^features="\$features virtio"$'
has etc/mkinitfs/features.d/virtio.modules '^kernel/drivers/block/virtio_blk.ko'
has etc/sysconfig/kernel '^INITRD_MODULES="ata_piix ext3 virtio_pci virtio_blk" # of YaST$'
tells '/etc/genkernel.conf: genkernel may leave'
