#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Xen guests from end to end: each boots under Xen (those that need a
# firmware, on a plain PC), is converted, boots without it, keeps its disks,
# its swap space and its network, can make its own initramfs and menu, and
# boots again with them.  The source stays as it was.
#     v2v.sh [GUEST...]     the names of tests/images/mk-xen-*.sh, and
#                           phy, which is pygrub on block devices of the host
. "${srcdir:?}/tests/lib.sh" || exit 1
requires qemu-system-x86_64 --version
requires mmdebstrap --version
export TMPDIR=$work
all=(gpt tools bare lvm crypt xfs hvm sysv pygrub uefi)
if [ -w /dev/loop-control ]; then
    all+=(phy)
else
    echo 'not phy: who runs this cannot make block devices of files'
fi

# The current step, for the message when it fails.
now='nothing yet'
step()
{
    now="$kind: $*"
    printf '== %s (%d s)\n' "$now" "$SECONDS"
}
# shellcheck disable=SC2016
cleanup eval '[ "$code" -eq 0 ] || echo "it was at: $now" >&2'

# Print the configuration of a guest: config KIND IMAGE
config()
{
    case $1 in
    bare) echo "disk = ['$2,raw,xvda,rw', '$2.swap,raw,xvdb,rw']" ;;
    hvm) echo "builder = 'hvm'; disk = ['file:$2,hda,w']" ;;
    lvm) echo "disk = ['format=raw,vdev=xvda,target=$2']" ;;
    tools | sysv) cat << EOF
kernel = "$kernel"
ramdisk = "$initrd"
root = "/dev/xvda2 ro"
extra = "elevator=noop console=hvc0"
disk = [ 'file:$2,xvda2,w', 'file:$2.swap,xvda1,w' ]
EOF
        ;;
    uefi) echo "type = 'hvm'; firmware = 'ovmf'; disk = ['file:$2,hda,w']" ;;
    pygrub | phy) sed s/pygrub:/file:/g << EOF
bootloader = "/usr/bin/pygrub"
disk = [ '$1:${disks[0]%=*},xvda2,w', '$1:${disks[1]%=*},xvda1,w' ]
EOF
        ;;
    *) echo "disk = ['file:$2,xvda,w']" ;;
    esac
    echo "name = '$1'"
    echo 'memory = 512'
    echo 'vif = ["mac=00:16:3e:10:20:30,bridge=xenbr0"]'
}

# The disks for under-xen.sh; which one is "/" there (old) and here (new), and
# the swap space here; the name of the network card; more options, and after
# them the password; what checks the file system of "/"; for a plain PC, its
# firmware and the swap space there.
guest()
{
    disks=("$image=xvda") card=eth0 options=() flags='' password=xen
    check=(e2fsck-f) firmware='' old_swap=''
    case $1 in
    gpt) old=/dev/xvda3 new=/dev/vda3 swap=/dev/vda2
        options=(--verify-boot --boot-timeout 900) ;;
    lvm) old=/dev/mapper/guest-root new=$old swap='/dev/dm-[01]'
        password=other
        options=(--hostname moved --root-password password:other
            --run-command 'uname -m > /root/ran'
            --firstboot-command 'echo booted > /root/booted') ;;
    bare) disks=("$image=xvda" "$image.swap=xvdb") old=/dev/xvda
        new=/dev/vda1 swap=/dev/vdb ;;
    tools | sysv) disks=("$image=xvda2" "$image.swap=xvda1") old=/dev/xvda2
        new=/dev/vda2 swap=/dev/vda1 ;;
    crypt) old=/dev/mapper/cr_root flags=rootflags=subvol=@
        new='/dev/@(mapper/cr_root|dm-[01])\[/@]' swap='/dev/dm-[01]'
        check=(btrfs-fsck) options=(--key /dev/sda4:key:secret) ;;
    xfs) old=/dev/xvda3 new=/dev/vda3 swap=/dev/vda2 card=lan0
        check=(xfs-repair nomodify:true) ;;
    pygrub | phy) disks=("$image=xvda2" "$image.swap=xvda1") card=enX0
        old=/dev/xvda2 new=/dev/vda2 swap=/dev/vda1 ;;
    hvm) old=/dev/sda1 old_swap=/dev/sda5 new=/dev/vda1 swap=/dev/vda5
        card=ens4 ;;
    uefi) old=/dev/sda3 old_swap=/dev/sda2 new=/dev/vda3 swap=/dev/vda2
        card=ens4 firmware=/usr/share/OVMF/OVMF_CODE_4M.fd
        [ -e "$firmware" ] || firmware=/usr/share/OVMF/OVMF_CODE.fd ;;
    *) fail "there is no guest $1" ;;
    esac
}

# The images as block devices, as LVM would give them; they are not written
# to.
attach()
{
    local i device

    for i in "${!disks[@]}"; do
        device=$(losetup --find --show --read-only "${disks[i]%=*}")
        cleanup losetup --detach "$device"
        disks[i]=$device=${disks[i]##*=}
    done
}

# A disk that starts the guest's loader, as the boot entry in its firmware's
# memory did.
write_entry()
{
    mkdir -p "$work/entry"
    cat > "$work/entry/startup.nsh" << 'EOF'
for %i in 0 1 2 3
  if exist fs%i:\EFI\debian\grubx64.efi then
    fs%i:\EFI\debian\grubx64.efi
  endif
endfor
EOF
}

# The source boots on its own platform.
boot_source()
{
    local more=()

    if [ -z "$old_swap" ]; then
        "$srcdir/tests/slow/under-xen.sh" -t 900 "$kernel" "$initrd" \
            "root=$old ro console=hvc0 $flags" "${disks[@]}" \
            > "$work/xen" 2>&1 ||
            fail "$now: $(tail -n 20 "$work/xen")"
        grep -a 'Linux version\|login:' "$work/xen" | cut -c1-75
        return
    fi
    if [ -n "$firmware" ]; then
        write_entry
        more=(-drive "if=pflash,format=raw,readonly=on,file=$firmware"
            -drive "if=virtio,format=raw,read-only=on,file=fat:$work/entry")
    fi
    cat > "$work/pc.sh" << EOF
#!/bin/sh
exec qemu-system-x86_64 -machine pc -m 768 -nodefaults -vga std ${more[*]} \
    -drive if=ide,format=raw,file="$image" -netdev user,id=n0,restrict=on \
    -device e1000,netdev=n0,addr=4,mac=00:16:3e:10:20:30,romfile= "\$@"
EOF
    chmod +x "$work/pc.sh"
    boot "$work/pc.sh" "$old" "$old_swap" 'sd[b-z]'
}

# In the guest: a name for the question, a pattern for the answer, a command
# that finds the answer.  The answer of a command that prints nothing is "".
ask()
{
    names+=("$1")
    patterns+=("$2")
    commands+=("echo \$( { $3; } 2>&1)")
}

# Boot SCRIPT and ask: boot SCRIPT ROOT SWAP FOREIGN-DISKS [made]
boot()
{
    local names=() patterns=() commands=() said=() write=()

    ask 'the file system of /' "$2" 'findmnt -no SOURCE /'
    ask 'the swap space' "$3" 'swapon --noheadings --show=NAME'
    ask 'what is mounted' '' 'findmnt --verify | grep "\[E\]"'
    ask 'Xen names in fstab' '' "grep '^[^#].*\($4\|xenfs\)' /etc/fstab"
    ask 'Xen names for the kernel' '' "grep -o 'hvc0\|/dev/$4' /proc/cmdline"
    ask 'the network' "$card UP 192.0.2.7/24*" \
        "ip -4 -br address show dev $card"
    ask 'its address' 00:16:3e:10:20:30 "cat /sys/class/net/$card/address"
    if [ "$kind" = sysv ]; then
        ask 'the runlevel' 'N 2' runlevel
        ask 'init' init 'cat /proc/1/comm'
    else
        ask 'the state of systemd' running 'systemctl is-system-running --wait'
        ask 'what has failed' '' 'systemctl --failed --no-legend'
    fi
    [ "$kind" != uefi ] || ask 'the firmware' "UEFI ${2%3}1" \
        'test -d /sys/firmware/efi && echo UEFI; findmnt -no SOURCE /boot/efi'
    if [ "$kind" = lvm ]; then
        ask 'the host name' moved hostname
        ask 'what ran in the guest' x86_64 'cat /root/ran'
        ask 'what ran at its first boot' booted 'cat /root/booted'
    fi
    if [ $# -gt 4 ]; then
        write=(--write)
        ask 'update-initramfs' made \
            'update-initramfs -u > /tmp/log 2>&1 && echo made || cat /tmp/log'
        [ "$kind" = xfs ] || ask 'update-grub' made \
            'update-grub > /tmp/log 2>&1 && echo made || cat /tmp/log'
    fi
    "$srcdir/tests/slow/login.py" "${write[@]}" --timeout 1800 "$1" root \
        "$password" "${commands[@]}" > "$work/said"
    mapfile -t said < "$work/said"
    for i in "${!names[@]}"; do
        echo "${names[i]}: ${said[i]}"
    done
    for i in "${!names[@]}"; do
        # shellcheck disable=SC2053
        [[ ${said[i]} = ${patterns[i]} ]] ||
            fail "$now: ${names[i]} is '${said[i]}', not '${patterns[i]}'"
    done
}

# The file system of "/" has no errors.
check_result()
{
    local root=${new/vd/sd}

    case $kind in
    lvm) root=/dev/guest/root ;;
    crypt)
        mayfish --ro --keys-from-stdin --format=qcow2 -a "$work/out/$kind-sda" \
            run : cryptsetup-open /dev/sda4 root : \
            "${check[@]}" /dev/mapper/root <<< secret
        return
        ;;
    esac
    mayfish --ro -a "$work/out/$kind-sda" run : "${check[0]}" "$root" \
        "${check[@]:1}"
}

mkdir "$work/out"
[ $# -gt 0 ] || set -- "${all[@]}"
for kind in "$@"; do
    step 'its image is made'
    image=$("$srcdir/tests/images/get.sh" "xen-${kind/phy/pygrub}")
    kernel=$image.vmlinuz initrd=$image.initrd
    if [ -d "$image.dom0" ]; then
        kernel=$(echo "$image".dom0/vmlinuz-*)
        initrd=$(echo "$image".dom0/initrd.img-*)
    fi
    guest "$kind"
    [ "$kind" != phy ] || attach
    sums=$(sha256sum "${disks[@]%=*}")

    step 'the source boots'
    boot_source

    step 'it is converted'
    config "$kind" "$image" > "$work/$kind.cfg"
    convert=(mayfly-v2v -i xl "$work/$kind.cfg" -o qemu -os "$work/out"
        -of qcow2 "${options[@]}")
    if [ "$kind" = hvm ]; then
        "${convert[@]}" --phase full
        "${convert[@]}" --phase rehearse --verify-boot --boot-timeout 900 |
            tee "$work/rehearsed"
        grep -q '^Boots  *to the login prompt in' "$work/rehearsed"
        convert+=(--phase final)
    fi
    "${convert[@]}" | tee "$work/converted"
    if [ "$kind" = gpt ]; then
        grep -q '^Boots  *to the login prompt in' "$work/converted"
        head -c 8 "$work/out/gpt-boot.png" | grep -qa PNG
    fi
    [ "$(sha256sum "${disks[@]%=*}")" = "$sums" ] ||
        fail "$kind: the source was written"

    step 'the result boots, and makes its initramfs'
    boot "$work/out/$kind.sh" "$new" "$swap" '[xsh]v*d[a-z]' made

    step 'it boots with what it made itself'
    boot "$work/out/$kind.sh" "$new" "$swap" '[xsh]v*d[a-z]'

    step 'its file system is checked'
    check_result
    [ "$(sha256sum "${disks[@]%=*}")" = "$sums" ] ||
        fail "$kind: the source was written"
    rm -f "$work/out"/*
done
