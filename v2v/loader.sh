#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Make the boot loader for disks without one, from GRUB's packages:
#
#     loader.sh FOLDER      makes boot.img and core.img in it
#
# The core finds a configuration by itself, on any partition of the disk, and
# holds every module it can need: the guest may have no GRUB of its own.
set -eu
out=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/mayfly-loader.XXXXXX")
trap 'rm -rf "$work"' EXIT
modules=/usr/lib/grub/i386-pc
mkimage=$(command -v grub-mkimage || true)

# Use the machine's package lists, or those fetched for the appliance.
fetch()
{
    (cd "$work" && apt-get -qq -o APT::Sandbox::User= "$@" \
        download grub-pc-bin grub-common)
}

if [ ! -e "$modules/boot.img" ] || [ -z "$mkimage" ]; then
    lists=${XDG_CACHE_HOME:-$HOME/.cache}/mayfly/image/lists
    fetch 2> "$work/why" || fetch -o Dir::State::lists="$lists" ||
        {
            cat "$work/why" >&2
            exit 1
        }
    for package in "$work"/*.deb; do
        dpkg-deb -x "$package" "$work/root"
    done
    modules=$work/root/usr/lib/grub/i386-pc
    [ -n "$mkimage" ] || mkimage=$work/root/usr/bin/grub-mkimage
fi

# The core supports neither "if" nor "for".  It prints a file that it does not
# find and goes on; configfile does not return.
for file in /boot/grub/mayfly.cfg /grub/mayfly.cfg /boot/grub/grub.cfg \
    /boot/grub2/grub.cfg /grub/grub.cfg /grub2/grub.cfg; do
    cat << END
search --no-floppy --set=root --file $file
set prefix=(\$root)${file%/*}
configfile (\$root)$file
END
done > "$work/early.cfg"
mkdir -p "$out"
"$mkimage" -O i386-pc -d "$modules" -p /boot/grub -c "$work/early.cfg" \
    -o "$work/core.img" biosdisk part_msdos part_gpt ext2 xfs btrfs lvm \
    mdraid1x diskfilter search search_fs_file search_fs_uuid search_label \
    normal configfile linux linux16 boot echo test ls cat regexp true minicmd \
    legacycfg gzio zstd xzio serial terminal all_video vga gfxterm font halt \
    reboot loadenv sleep
cp "$modules/boot.img" "$work/core.img" "$out"
