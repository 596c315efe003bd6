#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What mayfly-v2v refuses, or wants reviewed: each has one clear line and its
# exit code, a plan prints the same, and nothing is made.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cli/v2v-guests.sh"
requires cpio --version
requires test -e "${builddir:?}/v2v/loader/core.img"
cd "$work"
make_guests
mkdir out

# A guest like "disk", changed by these commands of mayfish: variant COMMANDS
variant()
{
    cp --sparse=always disk changed
    {
        echo run
        echo mount /dev/sda2 /
        cat
    } | mayfish --format=raw -a changed
    sed "s,$work/disk,$work/changed," disk.cfg > changed.cfg
}

# nothing_made: but for the guests of this test
nothing_made()
{
    [ -z "$(ls -A out)" ] || fail "something was made: $(ls -A out)"
    [ -z "$(find . -name '.mayfly*')" ] || fail "a temporary folder is left"
}

# The guest cannot be converted: blocked PATTERN [OPTION...]
blocked()
{
    local pattern=$1 code=0
    shift
    expect_error 1 "^mayfly-v2v: .*$pattern" \
        mayfly-v2v -i xl changed.cfg -os out "$@"
    nothing_made
    mayfly-v2v plan -i xl changed.cfg "$@" > plan || code=$?
    [ "$code" -eq 1 ] || fail "the plan exited $code"
    grep -q '^Readiness  *Blocked$' plan
    sed -n '/^Blocked by:/,/^[^ ]/p' plan | grep -qE "^  .*$pattern" ||
        fail "the plan does not say '$pattern': $(cat plan)"
    code=0
    mayfly-v2v inspect -i xl changed.cfg "$@" > plan.json || code=$?
    [ "$code" -eq 1 ] || fail "inspect exited $code"
    grep -q '"readiness": *"Blocked"' plan.json
}

# It can be converted, but has to be reviewed: review PATTERN [OPTION...]
review()
{
    mayfly-v2v plan -i xl changed.cfg "${@:2}" > plan
    grep -q '^Readiness  *Review$' plan || fail "no review: $(cat plan)"
    sed -n '/^Look at:/,/^[^ ]/p' plan | grep -qE "^  .*$1" ||
        fail "the plan does not say '$1': $(cat plan)"
}

# --- one clear line each ---

modules=/usr/lib/modules/${version:?}
variant << 'EOF'
rm-rf /boot/grub
write /etc/lilo.conf "boot=/dev/xvda"
EOF
blocked 'LILO records where its files are'

variant < /dev/null
printf 'S1SUSPEND\0' |
    dd of=changed bs=1 seek=$((2048 * 512 + 4086)) conv=notrunc status=none
blocked 'the system is hibernated, with its memory on /dev/sda1'

variant << EOF
rm /boot/vmlinuz-$version
EOF
blocked 'the guest has no kernel; give one with --kernel and --initrd'
blocked 'the kernel /none is not on this machine' --kernel /none
blocked 'the initramfs /none is not on this machine' \
    --kernel "tree/boot/vmlinuz-$version" --initrd /none
echo text > strange
expect_error 1 'cannot find the version of the kernel .*strange' \
    mayfly-v2v -i xl changed.cfg -os out --kernel strange
nothing_made

# A folder with nothing for that kernel does not have its modules.
mkdir nothing
expect_error 1 "nothing has no modules of the kernel $version" \
    mayfly-v2v -i xl changed.cfg -os out \
    --kernel "tree/boot/vmlinuz-$version" --modules nothing
nothing_made

variant << EOF
write $modules/modules.dep "kernel/drivers/virtio/virtio_pci.ko:\n"
EOF
blocked "the kernel $version has no driver for virtio disks"

# A partition table as fdisk once made it, and no boot loader.
truncate -s 72M changed
mayfish --format=raw -a changed << EOF
run
part-init /dev/sda mbr
part-add /dev/sda p 63 4094
part-add /dev/sda p 4095 -1
mkfs ext4 /dev/sda2
mount /dev/sda2 /
tar-in $work/phony.tar /
tar-in $work/more.tar /
EOF
blocked 'its first partition starts at byte 32256, which leaves no room'

# --- another system ---

truncate -s 64M dos
mayfish --format=raw -a dos << EOF
run
part-init /dev/sda mbr
part-add /dev/sda p 2048 -1
mkfs vfat /dev/sda1
mount /dev/sda1 /
mkdir /DOS
write /DOS/COMMAND.COM x
EOF
expect_error 1 'is neither Linux nor Windows; other systems are not converted' \
    mayfly-v2v -i disk dos -os out
nothing_made

# --- encrypted ---

truncate -s 72M locked
mayfish --keys-from-stdin --format=raw -a locked << EOF
run
part-init /dev/sda mbr
part-add /dev/sda p 2048 4095
part-add /dev/sda p 4096 -1
luks-format /dev/sda2 0
secret
cryptsetup-open /dev/sda2 guest
secret
mkfs ext4 /dev/mapper/guest
mount /dev/mapper/guest /
tar-in $work/phony.tar /
tar-in $work/more.tar /
EOF
expect_error 4 '/dev/sda2 is encrypted and no key opens it; give one with --key' \
    mayfly-v2v -i disk locked -os out < /dev/null
expect_error 4 '/dev/sda2 is encrypted and no key opens it' \
    mayfly-v2v plan -i disk locked --key /dev/sda2:key:wrong < /dev/null
nothing_made
mayfly-v2v plan -i disk locked --key /dev/sda2:key:secret > plan
grep -q '^System .* on /dev/mapper/' plan

# --- several systems ---

cp --sparse=always disk first
cp --sparse=always disk second
# The two systems need different UUIDs.
mayfish --format=raw -a second run : e2fsck-f /dev/sda2 : \
    set-uuid-random /dev/sda2
cat > two.cfg << EOF
name = "two"
disk = [ "$work/first,raw,xvda,w", "$work/second,raw,xvdb,w" ]
EOF
for command in "-os out" "plan" "--root single plan" "--root ask plan"; do
    # shellcheck disable=SC2086
    set -- $command
    [ "${!#}" != plan ] || set -- plan "${@:1:$#-1}"
    expect_error 2 'several operating systems found: /dev/sda2 .*, /dev/sdb2 .*; choose one with --root' \
        mayfly-v2v "$@" -i xl two.cfg
done
expect_error 2 '--root names none of the operating systems that were found: .*sdb2' \
    mayfly-v2v plan -i xl two.cfg --root /dev/sda1
expect_error 2 "is not ask, single, first or a device" \
    mayfly-v2v plan -i xl two.cfg --root last
nothing_made
mayfly-v2v plan -i xl two.cfg --root first > plan
grep -q '^System .* on /dev/sda2$' plan
mayfly-v2v plan -i xl two.cfg --root /dev/sdb2 > plan
grep -q '^System .* on /dev/sdb2$' plan

# --- what has to be reviewed ---

variant << 'EOF'
write-append /etc/fstab "/dev/xvdz1 /data ext4 defaults 0 2\n"
EOF
review '/etc/fstab: /dev/xvdz1 is not on the guest'

variant << 'EOF'
write /etc/lvm/lvm.conf "filter = [ \"a|xvd|\", \"r|.*|\" ]\n"
EOF
mayfly-v2v plan -i xl changed.cfg > plan
grep -q '^  /etc/lvm/lvm.conf: which disks LVM looks at' plan ||
    fail "the filter stays: $(cat plan)"

variant << 'EOF'
write /boot/grub/grubenv "kernelopts=root=/dev/xvdq2 console=hvc0\n"
EOF
review '/boot/grub/grubenv: /dev/xvdq2 is not on the guest.*line 1'

variant << EOF
rm-rf $modules
EOF
review "the guest has no modules of its kernel $version"

variant << EOF
write $modules/modules.dep "kernel/virtio_pci.ko:\nkernel/virtio_blk.ko:\n"
write $modules/kernel/virtio_pci.ko x
write $modules/kernel/virtio_blk.ko x
EOF
review "the kernel $version has no driver for virtio network cards"

variant << EOF
write /boot/initrd.img-$version "no archive at all"
EOF
review "/boot/initrd.img-$version: it cannot be read"

variant << EOF
rm /boot/initrd.img-$version
EOF
review 'the kernel has no initramfs, and its drivers are modules'

variant << 'EOF'
write /etc/network/interfaces "iface ens3 inet dhcp\niface ens4 inet dhcp\n"
EOF
review "/etc/network/interfaces: line 2 configures the network card ens4, and none of the machine's 1 is known to be it"

variant < /dev/null
review "/boot/initrd.img-$version: the guest has no tool that makes an initramfs" \
    --rebuild-initramfs

# A kernel for a guest that has one.
variant < /dev/null
review 'the guest has a kernel of its own, so --kernel other is not used' \
    --kernel other --modules more
review 'the guest has a kernel of its own, so --modules more is not used' \
    --modules more

variant << EOF
rm /boot/vmlinuz-$version
EOF
review "/boot/config-$version: it is not next to the kernel either" \
    --kernel "tree/boot/vmlinuz-$version"

# UEFI without a loader.
uefi_guest changed < /dev/null
cat > changed.cfg << EOF
name = "changed"
type = "hvm"
firmware = "uefi"
disk = [ "$work/changed,raw,xvda,w" ]
EOF
review '/boot/efi: no UEFI boot loader found; the machine may not start'

# One name and one card: they belong together.
variant << 'EOF'
write /etc/network/interfaces "iface enp0s3 inet dhcp\n"
EOF
mayfly-v2v plan -i xl changed.cfg > plan
grep -q '^Readiness  *Ready$' plan
grep -q '/etc/systemd/network/10-enp0s3.link: the name of a network card' plan
# Not so if the guest selects by the address itself.
variant << 'EOF'
write /etc/systemd/network/x.link "[Match]\nMACAddress=00:16:3E:00:00:01\n"
EOF
mayfly-v2v plan -i xl changed.cfg > plan
if grep -q 'the name of a network card' plan; then
    fail "the card has a name already"
fi

# A swap space that is made again at each start has no UUID of its own.
variant << 'EOF'
write /etc/crypttab "swap /dev/xvda1 /dev/urandom swap\n"
zero-device /dev/sda1
EOF
mayfly-v2v -i xl changed.cfg -os out -q
mayfish --ro --format=raw -a out/guest-sda -m /dev/sda2 cat /etc/crypttab |
    grep -qE '^swap PARTUUID=[0-9a-f]{8}-01 /dev/urandom swap$'

# What is not there, by its own cause; and a pool where a folder is needed.
for source in ova xva xl vmx disk libvirtxml; do
    expect_error 3 'nothere.*No such file' mayfly-v2v -i $source nothere
done
expect_error 3 "cannot open default: .*not the name of a storage pool" \
    mayfly-v2v -i disk disk -o libvirt -os default
expect_error 2 'names no operating system that was found; there is /dev/sda2' \
    mayfly-v2v plan -i disk disk --root /dev/sdz9
