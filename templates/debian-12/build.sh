#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Make the template debian-12: a small Debian 12 that boots by BIOS and UEFI.
#   build.sh -o OUT.qcow2|OUT.img [-m MIRROR] [-s SIZE] [-v]
# Beside OUT comes OUT.ini (with .ini in place of the ending), which
# mayfly-repo reads.  Works as root and as an ordinary user, without loop
# devices: mmdebstrap makes the tree, mayfish puts it into the image.  A user
# who may not make user namespaces sets MMDEBSTRAP to "sudo mmdebstrap":
# without either, mmdebstrap uses fakechroot, in which systemd's own programs
# do not run.
#
#   sda1  BIOS boot   1 MiB    GRUB's core image
#   sda2  ESP         64 MiB   shim and GRUB, on the removable path
#   sda3  root        the rest, and last: so it can grow in place
set -eu

recipe=$(cd "$(dirname "$0")" && pwd)
output='' mirror='' size=2G verbose='' suite=bookworm
: "${MAYFISH:=mayfish}" "${MMDEBSTRAP:=mmdebstrap}"

say() { echo "debian-12: $*"; }
fail() { echo "debian-12: $*" >&2; exit 1; }

while getopts o:m:s:v option; do
    case $option in
    o) output=$OPTARG ;;
    m) mirror=$OPTARG ;;
    s) size=$OPTARG ;;
    v) verbose=1 ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
if [ -z "$output" ] || [ $# -gt 0 ]; then
    echo "usage: build.sh -o OUT.qcow2|OUT.img [-m MIRROR] [-s SIZE] [-v]" >&2
    exit 2
fi
for program in mmdebstrap "$MAYFISH" qemu-img; do
    command -v "$program" > /dev/null ||
        fail "$program is missing; on Debian: apt-get install mmdebstrap qemu-utils"
done
[ "$(dpkg --print-architecture)" = amd64 ] ||
    fail "only amd64 machines can make this template"

packages=$(sed 's/#.*//' "$recipe/packages" | tr -s ' \n' ',' | sed 's/^,//; s/,$//')
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mayfly/trees
work=$(mktemp -d "${TMPDIR:-/var/tmp}/mayfly-template.XXXXXX")
mkdir -p "$cache" "$(dirname "$output")" || fail "cannot write $output"
chmod 700 "$cache"

# A killed mayfish ends its appliance; we remove the rest.
finish()
{
    code=$?
    rm -rf "$work" "$output.partial" "$output.raw.partial" "$cache"/*.partial
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Print "deb" lines of this suite with the mirrors that apt is configured
# with.  On a machine of another release its Debian archive has this suite as
# well.
sources()
{
    if [ -n "$mirror" ]; then
        echo "deb $mirror $suite main"
        return
    fi
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' \
        'Created-By: Packages' 2> /dev/null |
        awk -v suite="$suite" '
            $3 == "main" && ($4 == "Debian" || $4 ~ /^\$/) {
                if ($2 == suite || $2 == suite "-updates" ||
                    $2 == suite "-security")
                    lines[$1 " " $2] = 1
                if ($2 == suite)
                    found = 1
                if (!any && $2 !~ /-/)
                    any = $1
            }
            END {
                if (found)
                    for (line in lines)
                        print "deb " line " main"
                else if (any)
                    print "deb " any " " suite " main"
            }' | sort
}
sources > "$work/sources.list"
[ -s "$work/sources.list" ] ||
    fail "apt knows no mirror of Debian; give one with -m"

# Proxies and the like, which mmdebstrap does not take over from apt by
# itself.
apt-config dump | grep -iE '^Acquire::([a-z]+::Proxy|[a-z]+::Proxy::|Retries|.*Timeout)' \
    > "$work/apt.conf" || true

# The tree depends on the packages and the mirrors, and is out of date after a
# week.
key=$(cat "$recipe/packages" "$work/sources.list" |
    sha256sum | cut -c1-16)
tree=$cache/debian-12-$key.tar
if [ -n "$(find "$cache" -name "debian-12-$key.tar" -mtime -7)" ]; then
    say "using the tree of packages in $tree"
else
    say "downloading and unpacking the packages"
    # The build machine's network names and services must not be used.
    # shellcheck disable=SC2086
    if ! $MMDEBSTRAP --format=tar --variant=minbase --include="$packages" \
        --aptopt='Apt::Install-Recommends "false"' --aptopt="$work/apt.conf" \
        --dpkgopt='force-confdef' "$suite" - \
        "$work/sources.list" > "$tree.partial" 2> "$work/log"; then
        rm -f "$tree.partial"
        [ -z "$verbose" ] || cat "$work/log" >&2
        reason=$(grep -m 1 -E '^(E|W): (Failed|Unable|.*(resolve|connect|download|space))' "$work/log" ||
            grep -E '^E: ' "$work/log" | head -n 1 || true)
        fail "cannot make the tree of packages: ${reason:-see -v}; check the network and the mirror in apt's sources"
    fi
    find "$cache" -name 'debian-12-*.tar' -exec rm -f {} +
    mv "$tree.partial" "$tree"
fi

uuid=$(cat /proc/sys/kernel/random/uuid)
mkdir -p "$work/root"
cp -R "$recipe/root/." "$work/root"
cat > "$work/root/etc/fstab" << EOF
UUID=$uuid / ext4 errors=remount-ro 0 1
LABEL=ESP /boot/efi vfat umask=0077 0 2
EOF
: > "$work/root/etc/machine-id"
tar --owner=0 --group=0 --mode=u=rwX,go=rX -C "$work/root" -cf "$work/root.tar" .

# GRUB on the ESP finds the root file system and its own configuration by
# this.
cat > "$work/esp.cfg" << EOF
search.fs_uuid $uuid root
set prefix=(\$root)/boot/grub
configfile \$prefix/grub.cfg
EOF

say "making the image"
raw=$output.raw.partial
rm -f "$raw"
truncate -s "$size" "$raw"
cat > "$work/script" << EOF
run
part-init /dev/sda gpt
part-add /dev/sda p 2048 4095
part-add /dev/sda p 4096 135167
part-add /dev/sda p 135168 -2048
part-set-gpt-type /dev/sda 1 21686148-6449-6E6F-744E-656564454649
part-set-gpt-type /dev/sda 2 C12A7328-F81F-11D2-BA4B-00A0C93EC93B
part-set-gpt-type /dev/sda 3 4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709
mkfs vfat /dev/sda2 label:ESP
mkfs ext4 /dev/sda3 label:root
set-uuid /dev/sda3 $uuid
mount /dev/sda3 /
tar-in $tree /
tar-in $work/root.tar /
mkdir-p /boot/efi
mount /dev/sda2 /boot/efi
mkdir-p /boot/efi/EFI/BOOT
mkdir-p /boot/efi/EFI/debian
cp /usr/lib/shim/shimx64.efi.signed /boot/efi/EFI/BOOT/BOOTX64.EFI
cp /usr/lib/shim/mmx64.efi.signed /boot/efi/EFI/BOOT/mmx64.efi
cp /usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed /boot/efi/EFI/BOOT/grubx64.efi
upload $work/esp.cfg /boot/efi/EFI/debian/grub.cfg
upload $work/esp.cfg /boot/efi/EFI/BOOT/grub.cfg
upload $recipe/finish.sh /tmp/finish.sh
sh "sh /tmp/finish.sh $uuid"
umount-all
EOF
"$MAYFISH" --format=raw -a "$raw" -f "$work/script" > "$work/log" 2>&1 || {
    tail -n 3 "$work/log" >&2
    fail "cannot make the image"
}
[ -z "$verbose" ] || cat "$work/log"

case $output in
*.qcow2)
    qemu-img convert -f raw -O qcow2 "$raw" "$output.partial"
    mv "$output.partial" "$output"
    ;;
*) mv "$raw" "$output" ;;
esac

cat > "${output%.*}.ini" << EOF
[debian-12]
name=Debian 12 (bookworm)
arch=x86_64
osinfo=debian12
expand=/dev/sda3
notes=Debian 12 (bookworm), small.
 
 Only the packages that a machine needs to boot, be on the network by DHCP
 and be reached by SSH.  Boots by BIOS and UEFI, also with Secure Boot; the
 console is on the screen and on the serial port.
 
 Each copy gets a machine ID and SSH host keys of its own.
EOF
say "made $output and ${output%.*}.ini"
