#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mayfly-v2v on small trees that look like guests: what is changed, what is
# made, and that the source stays as it was.  Guests that boot are in
# tests/slow/v2v.sh.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cli/v2v-guests.sh"
requires cpio --version
requires test -e "${builddir:?}/v2v/loader/core.img"
cd "$work"
make_guests
sums=$(sha256sum disk root swap)

fish() { mayfish --format=raw --ro -a "$image" "$@"; }
has() # PATTERN FILE-OF-THE-GUEST
{
    fish -m /dev/sda2 cat "$2" > text
    grep -qE -- "$1" text || fail "$2 does not have '$1': $(cat text)"
}

# --- plan: everything is reported, nothing is made ---

mayfly-v2v plan -i xl disk.cfg > plan
grep -q '^Readiness  *Ready' plan
grep -q '^Machine .*pv, 256 MiB, 2 processors, 1 network card' plan
grep -q '^  /etc/fstab: disk names' plan
grep -q 'drivers, in an archive after' plan
mayfly-v2v plan -i xl disk.cfg --json > plan.json
python3 - << 'EOF'
import json
plan = json.load(open("plan.json"))
assert plan["readiness"] == "Ready", plan
assert plan["memory"] == 256 << 20 and plan["processors"] == 2
assert plan["networkCards"] == [
    {"address": "00:16:3e:00:00:01", "bridge": "br7"}]
fstab = [f for f in plan["findings"] if f.get("path") == "/etc/fstab"]
assert "/dev/xvda2" in fstab[0]["undo"]["content"]
assert not any("file" in d for d in plan["disks"])
EOF
[ "$(find . -name '.mayfly*' -o -name 'guest*')" = '' ]

# --- a whole disk ---

mkdir out
mayfly-v2v -i xl disk.cfg -os out --report report.json > said
image=$work/out/guest-sda
root=$(fish run : vfs-uuid /dev/sda2)
swap=$(fish run : vfs-uuid /dev/sda1)
has "^UUID=$root / ext4 noatime 0 1" /etc/fstab
has "^UUID=$swap none swap" /etc/fstab
has '^/dev/cdrom /media/cdrom' /etc/fstab
has "root=UUID=$root ro console=ttyS0$" /boot/grub/grub.cfg
has '^GRUB_CMDLINE_LINUX_DEFAULT="console=ttyS0"' /etc/default/grub
has "LINUX=\"console=tty0 console=ttyS0 resume=UUID=$swap\"" /etc/default/grub
has '^# GRUB_DISABLE_LINUX_UUID=true' /etc/default/grub
has '^Value: /dev/vda, /dev/vdb$' /var/cache/debconf/config.dat
[ "$(grep -c '^Value: /dev/xvda$' text)" -eq 2 ]
has '^ttyS0$' /etc/securetty
has 'getty 38400 ttyS0' /etc/inittab
has 'getty 38400 tty1' /etc/inittab
has '^MACAddress=00:16:3e:00:00:01' /etc/systemd/network/10-eth0.link
has '^Name=eth0' /etc/systemd/network/10-eth0.link
wants=/etc/systemd/system/getty.target.wants
[ "$(fish -m /dev/sda2 is-symlink $wants/serial-getty@ttyS0.service)" = true ]
[ "$(fish -m /dev/sda2 exists $wants/serial-getty@hvc0.service)" = false ]
fish -m /dev/sda2 download "/boot/initrd.img-${version:?}" initrd.img
python3 - initrd.img "$work/tree/boot/initrd.img-$version" "$swap" << 'EOF'
import sys, subprocess
new, old = (open(f, "rb").read() for f in sys.argv[1:3])
assert new.startswith(old), "the old archive is not as it was"
rest = new[len(old):]
start = len(rest) - len(rest.lstrip(b"\0"))
assert start >= 4 and (len(old) + start) % 4 == 0
names = subprocess.run(["cpio", "-it", "--quiet"], input=rest[start:],
                       stdout=subprocess.PIPE, check=True).stdout.decode()
for module in "virtio_blk", "virtio_pci", "virtio_ring", "virtio":
    assert f"/{module}.ko\n" in names, names
assert "modules.dep" in names and "virtio_net" not in names, names
assert f"RESUME=UUID={sys.argv[3]}\n".encode() in rest
EOF
# It boots by our own loader, since there was none.
head -c 440 out/guest-sda | grep -qa GRUB
grep -q 'boot loader, before the first partition' said
python3 - out/guest.xml out/guest-sda << 'EOF'
import os, sys, xml.etree.ElementTree as tree
domain = tree.parse(sys.argv[1]).getroot()
assert domain.findtext("name") == "guest"
assert domain.findtext("memory") == str(256 << 10)
assert domain.findtext("uuid") == "11111111-2222-3333-4444-555555555555"
disk = domain.find("devices/disk")
assert disk.find("source").get("file") == os.path.realpath(sys.argv[2])
assert disk.find("driver").get("type") == "raw"
assert domain.find("devices/interface/source").get("bridge") == "br7"
EOF
[ "$(sha256sum disk root swap)" = "$sums" ] || fail "the source was written"

# --- images of partitions ---

mayfly-v2v -i xl parts.cfg -o json -os out > said
image=$work/out/parts-sda
[ "$(fish run : part-get-parttype /dev/sda)" = msdos ]
[ "$(fish run : vfs-type /dev/sda1)" = swap ]
root=$(fish run : vfs-uuid /dev/sda2)
has "^UUID=$root / ext4" /etc/fstab
has "root=UUID=$root ro console=ttyS0" /boot/grub/grub.cfg
fish run : e2fsck-f /dev/sda2
grep -q 'put together from' said
[ "$(sha256sum disk root swap)" = "$sums" ] || fail "the source was written"

# The same as block devices, if this user can make them.
if root_device=$(losetup --find --show --read-only root 2> /dev/null); then
    cleanup losetup --detach "$root_device"
    swap_device=$(losetup --find --show --read-only swap)
    cleanup losetup --detach "$swap_device"
    sed "s,file:$work/root,phy:$root_device,; s,file:$work/swap,phy:$swap_device," \
        parts.cfg > devices.cfg
    mayfly-v2v -i xl devices.cfg -os out -on devices -q
    image=$work/out/devices-sda
    [ "$(fish run : vfs-type /dev/sda1)" = swap ]
    has "^UUID=$root / ext4" /etc/fstab
    fish run : e2fsck-f /dev/sda2
else
    echo 'not of block devices: losetup does not work here'
fi

# More partitions than an MBR has entries.
echo "disk += [" > more.cfg
for i in 3 5 6 8; do
    truncate -s $((2 * i))M part$i
    mayfish --format=raw -a part$i run : mkfs ext4 /dev/sda label:part$i
    echo "'file:$work/part$i,xvda$i,w'," >> more.cfg
done
cat parts.cfg more.cfg - << EOF > many.cfg
]
name = "many"
EOF
mayfly-v2v -i xl many.cfg -o json -os out > said
image=$work/out/many-sda
[ "$(fish run : part-get-parttype /dev/sda)" = gpt ]
[ "$(fish run : vfs-type /dev/sda1 : vfs-label /dev/sda6 : part-list /dev/sda |
    grep -c part_num)" = 6 ]
[ "$(fish run : vfs-label /dev/sda4)" = part5 ]
has "^UUID=$(fish run : vfs-uuid /dev/sda2) / ext4" /etc/fstab
head -c 440 "$image" | grep -qa GRUB
cmp -n $((2 << 20)) "$image" part3 -i \
    "$(($(fish run : part-list /dev/sda | sed -n 's/^ *part_start: //p' | sed -n 3p))):0"
! sfdisk --version > /dev/null 2>&1 || sfdisk --verify "$image" > text ||
    fail "$(cat text)"

# One of the partitions in another format, and the one before it not a whole
# number of MiB; with and without FUSE.
qemu-img convert -O qcow2 root root.qcow2
cp swap odd
truncate -s +512K odd
sed "s,file:$work/root,tap:qcow2:$work/root.qcow2,; s,file:$work/swap,file:$work/odd," \
    parts.cfg > qcow2.cfg
mayfly-v2v -i xl qcow2.cfg -os out -on again -q
image=$work/out/again-sda
has "^UUID=$root / ext4" /etc/fstab
fish run : e2fsck-f /dev/sda2
[ "$(fish run : blockdev-getsize64 /dev/sda1)" = $(((32 << 20) + (512 << 10))) ]
if unshare --mount mount --bind /dev/null /dev/fuse 2> /dev/null; then
    PATH=$PATH unshare --mount bash -c \
        'mount --bind /dev/null /dev/fuse && "$@"' - \
        mayfly-v2v -i xl qcow2.cfg -os out -on copied -q
    image=$work/out/copied-sda
    has "^UUID=$root / ext4" /etc/fstab
fi
! grep "$work" /proc/self/mounts || fail "a file of FUSE is left"

# A backing file has to be allowed.
mkdir -p elsewhere
cp root elsewhere/
qemu-img create -q -f qcow2 -b "$work/elsewhere/root" -F raw outside.qcow2
sed "s,file:$work/root,tap:qcow2:$work/outside.qcow2," parts.cfg > outside.cfg
expect_error any "'$work/elsewhere/root' is not named after it" \
    mayfly-v2v plan -i xl outside.cfg
expect_error any "outside of the image" \
    mayfly-v2v plan -i xl --allow folder outside.cfg
expect_error any 'no other files are allowed' \
    mayfly-v2v plan -i xl --allow none outside.cfg
ln disk elsewhere/disk
qemu-img create -q -f qcow2 -b "$work/elsewhere/disk" -F raw far.qcow2
expect_error any 'is not named after it' mayfly-v2v plan -i disk far.qcow2
mayfly-v2v plan -i disk --allow elsewhere far.qcow2 > /dev/null

# An image backed by one in the same folder.
qemu-img create -q -f qcow2 -b disk -F raw above.qcow2
expect_error any "backing file 'disk' is not named after it" \
    mayfly-v2v -i disk above.qcow2 -os out -on above -q
mayfly-v2v -i disk above.qcow2 --allow folder -os out -on above -q
image=$work/out/above-sda
has '^UUID=.* / ext4' /etc/fstab
[ "$(sha256sum disk root swap)" = "$sums" ] || fail "the source was written"

# --- UEFI, with a loader that only the old firmware's boot entry found ---

uefi_guest uefi << 'EOF'
mkdir-p /etc/selinux
write /etc/selinux/config "\nSELINUX=enforcing\n"
mkdir-p /boot/efi/EFI/debian
write /boot/efi/EFI/debian/shimx64.efi shim
write /boot/efi/EFI/debian/grubx64.efi grub
EOF
mayfly-v2v -i disk uefi -o qemu -os out > said
grep -q '1 network card, UEFI$' said
grep -q 'the source does not name the firmware' said
grep -q '/.autorelabel: SELinux labels' said
if grep -q 'boot loader, before' said; then fail "UEFI has no boot sector"; fi
image=$work/out/uefi-sda
[ "$(fish -m /dev/sda1 cat /EFI/BOOT/BOOTX64.EFI)" = shim ]
[ "$(fish -m /dev/sda1 cat /EFI/BOOT/grubx64.efi)" = grub ]
grep -q 'if=pflash' out/uefi.sh

# --- in place ---

cp --sparse=always disk copy
mayfly-v2v --in-place -i disk copy > said
image=$work/copy
has '^UUID=.* / ext4' /etc/fstab
head -c 440 copy | grep -qa GRUB
expect_error 3 "cannot be changed in place" mayfly-v2v --in-place -i xl parts.cfg
[ "$(sha256sum disk root swap)" = "$sums" ] || fail "the source was written"

# --- targets and sources ---

mayfly-v2v -i disk disk -o qemu -os out -of qcow2 -on other -q > said
[ ! -s said ] || fail "-q says something"
qemu-img info out/other-sda | grep -q 'file format: qcow2'
grep -q "format=qcow2,file=" out/other.sh
sh -n out/other.sh

for target in openstack proxmox; do
    mayfly-v2v -i xl disk.cfg -o $target -os out -on $target -q
    sh -n out/$target.sh
done
# Names that Proxmox VE does not take.
mayfly-v2v -i xl disk.cfg -o proxmox -os out -on _my_server. -q
grep -q -- "--name my-server " out/_my_server..sh
printf '#!/bin/sh\nprintf "%%s|" "$@"\n' > qm
cp qm openstack
chmod +x qm openstack
PATH=$work:$PATH out/proxmox.sh 104 local > said
grep -q '^create|104|--name|proxmox|--memory|256|--cores|2|' said
grep -q "|--virtio0|local:0,import-from=$work/out/proxmox-sda,discard=on|" said
grep -q '|--net0|virtio=00:16:3e:00:00:01,bridge=vmbr0|' said
PATH=$work:$PATH out/openstack.sh --public > said
grep -q "|os_distro=debian|.*|--file|$work/out/openstack-sda|--public|openstack|" said
mayfly-v2v -i xl disk.cfg -o kubevirt -os out -on Kube_1 -q
if python3 -c 'import yaml' 2> /dev/null; then
    python3 - << 'EOF'
import yaml
vm = yaml.safe_load(open("out/Kube_1.yaml"))
assert vm["metadata"]["name"] == "kube-1"
domain = vm["spec"]["template"]["spec"]["domain"]
assert domain["memory"]["guest"] == "256Mi" and domain["cpu"]["cores"] == 2
assert domain["devices"]["interfaces"][0]["macAddress"] == "00:16:3e:00:00:01"
volume = vm["spec"]["template"]["spec"]["volumes"][0]
assert volume["hostDisk"]["path"].endswith("/out/Kube_1-sda")
EOF
fi
if command -v virt-xml-validate > /dev/null; then
    virt-xml-validate out/guest.xml domain
fi

cat > guest.xml << EOF
<domain type='xen'>
 <name>fromxml</name>
 <memory unit='MiB'>300</memory>
 <vcpu>3</vcpu>
 <os><type machine='xenpv'>linux</type></os>
 <bootloader>/usr/bin/pygrub</bootloader>
 <devices>
  <disk type='file' device='disk'>
   <driver name='tap2' type='aio'/><source file='$work/disk'/>
   <target dev='xvda' bus='xen'/>
  </disk>
  <disk type='file' device='cdrom'><target dev='hdc'/></disk>
  <interface type='bridge'><mac address='00:16:3E:00:00:02'/>
   <source bridge='br0'/></interface>
  <sound model='es1370'/><sound model='theremin'/>
  <hostdev mode='subsystem' type='pci'/><hostdev mode='capabilities'/>
  <serial type='pty'/><serial type='tcp'/><filesystem type='mount'/>
 </devices>
</domain>
EOF
mayfly-v2v plan -i libvirtxml guest.xml > plan
for name in hostdev serial filesystem; do
    [ "$(grep -c "the device <$name> of the domain is left out" plan)" = 1 ]
done
grep -q "the sound card 'theremin' is left out" plan
grep -q '^Machine .*pv, 300 MiB, 3 processors' plan

# --- a kernel from the host, with its modules ---

cp --sparse=always root nokernel
mayfish --format=raw -a nokernel -m /dev/sda rm-f "/boot/vmlinuz-$version" : \
    rm-rf "/lib/modules/$version"
mkdir -p host/boot "host/lib/modules/$version" given
cp "tree/boot/vmlinuz-$version" host/boot/
cp -r "tree/usr/lib/modules/$version/." "host/lib/modules/$version"
cp -r "tree/usr/lib/modules/$version/." given
echo "name='m'; kernel='$work/host/boot/vmlinuz-$version'; disk=['$work/nokernel,,xvda2']" > m.cfg
for more in '' "--modules $work/given" "--modules $work/host/lib/modules"; do
    # shellcheck disable=SC2086
    mayfly-v2v -i xl m.cfg -os out $more > said
    grep -q "^  /lib/modules/$version: the modules of the kernel" said
    image=$work/out/m-sda
    fish -m /dev/sda2 download "/lib/modules/$version/modules.dep" text
    cmp text "tree/usr/lib/modules/$version/modules.dep"
done

# --- what the network cards are connected to ---

bridges() # OPTION...
{
    mayfly-v2v plan -i xl disk.cfg --json "$@" > plan.json
    python3 -c 'import json
print(*(c.get("bridge", c.get("network")) for c in
        json.load(open("plan.json"))["networkCards"]))'
}
[ "$(bridges)" = br7 ]
[ "$(bridges --bridge other:br8)" = br7 ]
[ "$(bridges --bridge br7:br8 -b br9)" = br8 ]
[ "$(bridges -b br9 --network lan)" = br9 ]
[ "$(bridges -b br9 --mac 00:16:3E:00:00:01:network:lan)" = lan ]
grep -q '"network": *"lan"' plan.json

# --- for programs ---

mayfly-v2v --machine-readable > said
virt_v2v='mac-option mac-ip-option input:disk input:libvirtxml input:ova
input:vmx output:kubevirt output:libvirt output:local output:null
output:openstack output:qemu convert:linux convert:windows'
for line in mayfly-v2v $virt_v2v input:xl input:xva output:proxmox phases; do
    grep -qxF "$line" said || fail "the features do not have $line"
done
mayfly-v2v --machine-readable=file:features
cmp said features
mayfly-v2v --machine-readable=fd:7 7> features > nothing
cmp said features
[ ! -s nothing ]
mayfly-v2v --machine-readable -i xl disk.cfg -os out -on lines > said
grep -qx '100/100' said
grep -q '^Made ' said
expect_error 2 "invalid value 'x': use stream:stdout" mayfly-v2v --machine-readable=x

# --- what is refused ---

expect_error 2 "nothing to convert" mayfly-v2v
expect_error 2 "not one of disk" mayfly-v2v -i nothing x
expect_error 2 "neither raw nor qcow2" mayfly-v2v -of vmdk disk
expect_error 2 "takes -of raw only" mayfly-v2v -o kubevirt -of qcow2 disk
expect_error 2 "too many words" mayfly-v2v -i xl disk.cfg parts.cfg
expect_error 3 "cannot open none: No such file" mayfly-v2v plan none
printf 'a=1\nb="\n' > bad.cfg
expect_error 3 "bad.cfg: line 2: a string without an end" \
    mayfly-v2v -i xl bad.cfg
refused() # PATTERN CONFIGURATION
{
    echo "$2" > bad.cfg
    expect_error 3 "$1" mayfly-v2v -i xl bad.cfg
}
refused "the machine has no disks" 'name="x"'
expect_error 3 "cannot be part of a file name" \
    mayfly-v2v plan -on ../x -i xl disk.cfg
refused "both as a whole disk and as partitions" \
    "name='x'; disk=['$work/root,,xvda2', '$work/disk,,xvda']"
refused "two disks have the name xvda2" \
    "name='x'; disk=['$work/root,,xvda2', '$work/disk,,xvda2']"
refused "invalid MAC address" \
    "name='x'; disk=['$work/disk,,xvda']; vif=['mac=00:16:3e:0;x']"
echo "<domain><name>x</name>" > bad.xml
expect_error 3 "bad.xml: line [0-9]* is not valid XML" \
    mayfly-v2v -i libvirtxml bad.xml
refused_xml() # PATTERN SOURCE
{
    sed "s,^  <disk type='file' device='disk'>\$,  <disk $2," guest.xml > bad.xml
    expect_error 3 "$1" mayfly-v2v -i libvirtxml bad.xml
}
refused_xml "bad.xml: disk xvda is of type 'network'; give one that is a file" \
    "type='network'><source protocol='rbd' name='a'/><auth><secret/></auth>"
refused_xml "disk xvda is of type 'volume'; give one that is a file or a block" \
    "type='volume'><source pool='p' volume='v'/>"
refused_xml "disk xvda is of type 'block'" "type='block'>"
refused_xml "encrypted in its aio format" \
    "type='file'><source file='x'/><encryption format='luks'/>"
for count in 0 4abc 5000 -1 "4 4"; do
    sed "s,<vcpu[^<]*</vcpu>,<vcpu>$count</vcpu>," guest.xml > bad.xml
    expect_error 3 "invalid number of processors '$count'" \
        mayfly-v2v -i libvirtxml bad.xml
done
truncate -s 16M empty
expect_error 5 "no operating system" mayfly-v2v plan empty
expect_error 3 "cannot open none" mayfly-v2v -os none disk

# Stopped half way, it leaves nothing.
mayfly-v2v -i xl disk.cfg -os out -on stopped -q &
sleep 0.4
kill -INT $!
code=0
wait $! || code=$?
if [ "$code" -ne 0 ]; then
    [ "$code" -eq 130 ] || fail "it exited $code"
    [ ! -e out/stopped-sda ] || fail "a half image is left"
fi

# A guest without a kernel, and no --kernel.
cp --sparse=always root nokernel
mayfish --format=raw -a nokernel -m /dev/sda rm-f "/boot/vmlinuz-$version"
echo "name='x'; kernel='/none'; disk=['$work/nokernel,,xvda2']" > bad.cfg
expect_error 1 "kernel /none is not on this machine" \
    mayfly-v2v -i xl bad.cfg -os out
[ ! -e out/x-sda ]
[ "$(find . -name '.mayfly*')" = '' ] || fail "a temporary folder is left"
[ "$(find out -name '*.partial')" = '' ] || fail "a temporary file is left"
