#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Convert the same guests with mayfly-v2v and with virt-v2v, boot what comes
# of it, and print a table.
#
#     v2v.sh [GUEST...]     the names of tests/images/mk-xen-*.sh
#
# Both read the same XML of libvirt and write qcow2.  The times are those of
# the conversion without the copy: ours from "Converted" of its own output,
# theirs from the stamp in front of "Copying disk" of its own messages; if it
# fails, that of the failure.  Each result starts in plain QEMU and has fifteen
# minutes to show a prompt on the serial port.  What is left over is read out
# of the results, not asked of the programs.
set -euo pipefail
: "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}"
export LIBGUESTFS_BACKEND=${LIBGUESTFS_BACKEND:-direct}
export LIBGUESTFS_BACKEND_SETTINGS=${LIBGUESTFS_BACKEND_SETTINGS:-force_tcg}
work=$(mktemp -d "${TMPDIR:-/var/tmp}/mayfly-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- gpt lvm crypt xfs hvm bare tools

# describe GUEST IMAGE, as XML
describe()
{
    local name=xvda more=''

    case $1 in
    hvm) name=hda ;;
    bare) more="$2.swap xvdb" ;;
    tools | sysv) name=xvda2 more="$2.swap xvda1" ;;
    esac
    echo "<domain type='xen'><name>$1</name><memory unit='MiB'>512</memory>"
    echo '<vcpu>1</vcpu><os><type>linux</type></os><devices>'
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

# How far the result comes: boots FOLDER LOG
boots()
{
    local drives=() disk socket=$2.socket

    while read -r disk; do
        drives+=(-drive "if=virtio,format=qcow2,file=$disk")
    done < <(results "$1")
    [ "${#drives[@]}" -gt 0 ] || {
        echo 'no result'
        return
    }
    rm -f "$socket"
    timeout 900 qemu-system-x86_64 -machine q35,accel=tcg -cpu max -m 512 \
        -nodefaults -vga std -display none -no-reboot -snapshot \
        "${drives[@]}" \
        -netdev user,id=n,restrict=on \
        -device virtio-net-pci,netdev=n,mac=00:16:3e:10:20:30 \
        -serial "file:$2" &
    machine=$!
    while kill -0 "$machine" 2> /dev/null; do
        ! grep -qas 'login: ' "$2" || break
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
    elif [ -s "$2" ]; then
        echo 'no prompt'
    else
        echo 'silent'
    fi
}

# What of Xen is left in a result: leftovers GUEST FOLDER
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

ours()
{
    local options=() begin=$SECONDS

    [ "$1" != crypt ] || options=(--key all:key:secret)
    mayfly-v2v -i libvirtxml "$work/$1.xml" -o local -os "$2" -of qcow2 \
        "${options[@]}" > "$work/said" 2>&1 || true
    sed -n 's/^Converted *\([0-9.]*\) s.*/\1/p' "$work/said"
    echo "mayfly-v2v $1: $((SECONDS - begin)) s in all" >&2
}

theirs()
{
    local options=() begin=$SECONDS

    [ "$1" != crypt ] || options=(--key all:key:secret)
    virt-v2v -i libvirtxml "$work/$1.xml" -o local -os "$2" -of qcow2 \
        "${options[@]}" > "$work/said" 2>&1 || {
        echo "virt-v2v $1: $(grep -a 'error:' "$work/said" | head -n 3)" >&2
        echo "$((SECONDS - begin))"
        return
    }
    sed -n 's/^\[ *\([0-9.]*\)\] Copying disk 1.*/\1/p' "$work/said"
    echo "virt-v2v $1: $((SECONDS - begin)) s in all" >&2
}

row='%-6s | %8s %-15s | %8s %-15s | %7s\n'
# shellcheck disable=SC2059
printf "$row" guest ours/s result theirs/s result ratio
notes=()
for guest in "$@"; do
    image=$("$srcdir/tests/images/get.sh" "xen-$guest")
    describe "$guest" "$image" > "$work/$guest.xml"
    mkdir "$work/ours" "$work/theirs"
    a=$(ours "$guest" "$work/ours")
    a_boots=$(boots "$work/ours" "$work/$guest-ours.log")
    notes+=("$guest, ours: $(leftovers "$guest" "$work/ours")")
    b=$(theirs "$guest" "$work/theirs")
    b_boots=$(boots "$work/theirs" "$work/$guest-theirs.log")
    notes+=("$guest, theirs: $(leftovers "$guest" "$work/theirs")")
    # shellcheck disable=SC2059
    printf "$row" "$guest" "${a:--}" "$a_boots" "${b:--}" "$b_boots" \
        "$(python3 -c 'import sys
a, b = sys.argv[1:]
print("%.0f" % (float(b) / float(a)) if a and b else "-")' "$a" "$b")"
    rm -rf "$work/ours" "$work/theirs"
done
echo
echo 'Names, consoles and modules of Xen that are left:'
printf '  %s\n' "${notes[@]}"
