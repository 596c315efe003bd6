#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Convert the same guests with mayfly-v2v and with virt-v2v, boot the results,
# and print a table.
#
#     v2v.sh [--boot both|theirs|none] [--rows FILE] [GUEST...]
#                           the names of tests/images/mk-xen-*.sh
#
# Both read the same libvirt XML and write qcow2.  The times are those of the
# conversion without the copy, by one clock for both: from the start of the
# program to its line that begins with "Copying"; if it fails, to its end.
# Each result starts in plain QEMU, unless --boot says otherwise, and has
# BOOT_LIMIT (900) seconds to show a prompt on the serial port.  What is left
# over is read from the results, not reported by the programs.  Rows are added
# to FILE; a guest that has one there is not done again.
set -euo pipefail
: "${BOOT_LIMIT:=900}"
: "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}"
export LIBGUESTFS_BACKEND=${LIBGUESTFS_BACKEND:-direct}
export LIBGUESTFS_BACKEND_SETTINGS=${LIBGUESTFS_BACKEND_SETTINGS:-force_tcg}
work=$(mktemp -d "${TMPDIR:-/var/tmp}/mayfly-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
boot=both rows=$work/rows
while [ $# -gt 0 ]; do
    case $1 in
    --boot) boot=$2 && shift ;;
    --rows) rows=$(realpath "$2") && shift ;;
    *) break ;;
    esac
    shift
done
touch "$rows"
[ $# -gt 0 ] || set -- gpt lvm crypt xfs hvm bare tools sysv pygrub uefi

# describe GUEST IMAGE, as XML
describe()
{
    local name=xvda more='' os='<os><type>linux</type></os>'

    case $1 in
    hvm) name=hda os='<os><type>hvm</type></os>' ;;
    uefi) name=hda os="<os firmware='efi'><type>hvm</type></os>" ;;
    bare) more="$2.swap xvdb" ;;
    tools | sysv | pygrub) name=xvda2 more="$2.swap xvda1" ;;
    esac
    # The kernel of dom0, where the guest has none.
    [ ! -d "$2.dom0" ] ||
        os="<os><type>linux</type><kernel>$(echo "$2".dom0/vmlinuz-*)</kernel>
<initrd>$(echo "$2".dom0/initrd.img-*)</initrd>
<cmdline>root=/dev/xvda2 ro console=hvc0</cmdline></os>"
    echo "<domain type='xen'><name>$1</name><memory unit='MiB'>512</memory>"
    echo "<vcpu>1</vcpu>$os<devices>"
    while read -r file target; do
        [ -z "$file" ] || cat << EOF
<disk type='file' device='disk'><driver name='qemu' type='raw'/>
<source file='$file'/><target dev='$target' bus='xen'/></disk>
EOF
    done <<< "$2 $name
$more"
    echo "<interface type='bridge'><mac address='00:16:3e:10:20:30'/>"
    echo "<source bridge='xenbr0'/></interface></devices></domain>"
}

# The first disk of a result and all of them: results FOLDER
results()
{
    find "$1" -name '*-sd?' | sort
}

# How far the result boots: boots FOLDER LOG
boots()
{
    local drives=() disk end

    while read -r disk; do
        drives+=(-drive "if=virtio,format=qcow2,file=$disk")
    done < <(results "$1")
    [ "${#drives[@]}" -gt 0 ] || {
        echo 'no result'
        return
    }
    [ "$3" != uefi ] ||
        drives+=(-drive "if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd")
    # On this port a BIOS reports that it found nothing to boot.
    timeout "$BOOT_LIMIT" qemu-system-x86_64 -machine q35,accel=tcg -cpu max -m 512 \
        -nodefaults -vga std -display none -no-reboot -snapshot \
        "${drives[@]}" \
        -netdev user,id=n,restrict=on \
        -device virtio-net-pci,netdev=n,mac=00:16:3e:10:20:30 \
        -chardev "file,id=bios,path=$2.bios" \
        -device isa-debugcon,iobase=0x402,chardev=bios -serial "file:$2" &
    machine=$!
    end='login: |emergency (mode|shell)|\(initramfs\)|grub rescue>|Kernel panic'
    while kill -0 "$machine" 2> /dev/null; do
        ! grep -qasE "$end" "$2" || break
        ! grep -qas 'No bootable device' "$2.bios" || break
        sleep 1
    done
    kill "$machine" 2> /dev/null || true
    wait "$machine" || true
    if grep -qa 'login: ' "$2"; then
        echo 'login'
    elif grep -qa 'emergency mode\|emergency shell' "$2"; then
        echo 'emergency'
    elif grep -qa 'ALERT!\|initramfs)' "$2"; then
        echo 'initramfs only'
    elif grep -qas 'No bootable device' "$2.bios"; then
        echo 'no boot loader'
    elif grep -qa 'Kernel panic' "$2"; then
        echo 'panic'
    elif [ -s "$2" ]; then
        echo 'no prompt'
    else
        echo 'silent'
    fi
}

# Print the traces of Xen left in a result: leftovers GUEST FOLDER
leftovers()
{
    local disk all=() found=() key=()

    while read -r disk; do
        all+=(-a "$disk")
    done < <(results "$2")
    [ "${#all[@]}" -gt 0 ] || {
        echo '-'
        return
    }
    [ "$1" != crypt ] || key=(--key all:key:secret)
    rm -f "$work/menu" "$work/etc.tar"
    mayfish --ro --format=qcow2 "${all[@]}" "${key[@]}" -i << EOF \
        > "$work/read" 2>&1 || true
-tar-out /etc $work/etc.tar
-download /boot/grub/grub.cfg $work/menu
-download /boot/extlinux/extlinux.conf $work/menu
-download /boot/grub/mayfly.cfg $work/menu
EOF
    rm -rf "${work:?}/etc"
    mkdir "$work/etc"
    tar -C "$work/etc" -xf "$work/etc.tar" 2> /dev/null || true
    [ -e "$work/etc/fstab" ] || {
        echo 'not read'
        return
    }
    ! grep -q '^/dev/[xsh]' "$work/etc/fstab" || found+=(fstab)
    ! grep -q '^xenfs' "$work/etc/fstab" || found+=(xenfs)
    ! grep -q '/dev/xvd' "$work/etc/crypttab" 2> /dev/null || found+=(crypttab)
    ! grep -qs '\(root\|resume\)=/dev/[xsh]v*d' "$work/menu" ||
        found+=(kernel-names)
    ! grep -qs 'console=hvc0' "$work/menu" || found+=(kernel-hvc0)
    ! grep -qs 'console=hvc0' "$work/etc/default/grub" || found+=(grub-hvc0)
    ! compgen -G "$work/etc/systemd/system/*/*getty@hvc0*" > /dev/null ||
        found+=(getty-hvc0)
    ! grep -q '^xen-' "$work/etc/modules" || found+=(modules)
    compgen -G "$work/etc/systemd/network/*.link" > /dev/null ||
        found+=(card-name)
    echo "${found[*]:--}"
}

# The seconds up to the copy: convert PROGRAM GUEST FOLDER
convert()
{
    local options=()

    [ "$2" != crypt ] || options=(--key all:key:secret)
    python3 - "$1" -i libvirtxml "$work/$2.xml" -o local -os "$3" -of qcow2 \
        "${options[@]}" << 'EOF'
import re, subprocess, sys, time
begin = time.monotonic()
copy, said = None, []
p = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, text=True,
                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
for line in p.stdout:
    said.append(line)
    if copy is None and re.match(r"(\[[ \d.]*\] )?Copying ", line):
        copy = time.monotonic() - begin
all = time.monotonic() - begin
failed = p.wait() != 0
print("%.1f" % (all if copy is None else copy))
print(f"{sys.argv[1]}: {all:.1f} s in all", file=sys.stderr)
if failed:
    print(*[line.rstrip() for line in said if "error:" in line or
            line.startswith("mayfly-v2v: ")][:3], sep="\n", file=sys.stderr)
EOF
}

row='%-6s | %8s %-15s | %8s %-15s | %7s\n'
# shellcheck disable=SC2059
printf "$row" guest ours/s result theirs/s result ratio
notes=()
for guest in "$@"; do
    ! grep "^$guest  *|" "$rows" || continue
    image=$("$srcdir/tests/images/get.sh" "xen-$guest")
    describe "$guest" "$image" > "$work/$guest.xml"
    mkdir "$work/ours" "$work/theirs"
    a=$(convert mayfly-v2v "$guest" "$work/ours")
    a_boots='-' b_boots='-'
    [ "$boot" != both ] ||
        a_boots=$(boots "$work/ours" "$work/$guest-ours.log" "$guest")
    notes+=("$guest, ours: $(leftovers "$guest" "$work/ours")")
    b=$(convert virt-v2v "$guest" "$work/theirs")
    [ "$boot" = none ] ||
        b_boots=$(boots "$work/theirs" "$work/$guest-theirs.log" "$guest")
    notes+=("$guest, theirs: $(leftovers "$guest" "$work/theirs")")
    # shellcheck disable=SC2059
    printf "$row" "$guest" "$a" "$a_boots" "$b" "$b_boots" \
        "$(awk "BEGIN { printf \"%.1f\", $b / $a }")" | tee -a "$rows"
    rm -rf "$work/ours" "$work/theirs"
done
[ "${#notes[@]}" -gt 0 ] || exit 0
echo
echo 'Xen names, consoles and modules that are left:'
printf '  %s\n' "${notes[@]}"
