# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the mk-*.sh scripts share.  Each makes one image, named on its command
# line, with mayfish (or the program that $FISH names, guestfish for one), as
# an ordinary user.
set -euo pipefail
: "${FISH:=mayfish}"
image=${1:?usage: ${0##*/} IMAGE}
scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/mayfly-image.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# Commands from standard input; disks in the arguments.
fish()
{
    "$FISH" "$@"
}

# A small system that looks like Debian to an inspection, as
# $scratch/tree.tar.  Its fstab comes from standard input.
# debian_tree [TOP-FOLDER-IN-THE-ARCHIVE]
debian_tree()
{
    local t=$scratch/tree

    mkdir -p "$t"/{boot,dev,etc,home,proc,root,run,srv,sys,tmp} \
        "$t"/usr/{bin,lib} "$t"/var/lib/dpkg
    ln -s usr/bin "$t/bin"
    ln -s usr/lib "$t/lib"
    cat > "$t/etc/fstab"
    cat > "$t/usr/lib/os-release" << 'END'
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
END
    ln -s ../usr/lib/os-release "$t/etc/os-release"
    echo 12.7 > "$t/etc/debian_version"
    echo "${HOSTNAME_IN_IMAGE:-phony}" > "$t/etc/hostname"
    echo 127.0.0.1 localhost > "$t/etc/hosts"
    # Only its header is looked at.
    printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\76\0' > "$t/usr/bin/ls"
    head -c 1000 /dev/zero >> "$t/usr/bin/ls"
    chmod 755 "$t/usr/bin/ls"
    cat > "$t/var/lib/dpkg/status" << 'END'
Package: base-files
Essential: yes
Status: install ok installed
Priority: required
Architecture: amd64
Version: 12.4+deb12u7
Description: Debian base system miscellaneous files
 This package contains the basic filesystem hierarchy.
 .
 It has /etc/debian_version in it.

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1.0-1
Description: removed, its configuration stays

Package: libedit2
Status: install ok installed
Source: libedit
Architecture: amd64
Version: 3.1-20221030-2
Description: BSD editline and history libraries
 Command line editor library.
Homepage: https://www.thrysoee.dk/editline/

Package: vim-tiny
Status: install ok installed
Source: vim
Architecture: amd64
Version: 2:9.0.1378-2
Description: Vi IMproved - enhanced vi editor - compact version
 Vim is an almost compatible version of the UNIX editor Vi.
Homepage: https://www.vim.org/

END
    tar -C "$t" --owner=0 --group=0 --numeric-owner -cf "$scratch/tree.tar" .
}

# A sparse file: disk FILE SIZE
disk()
{
    rm -f "$1"
    truncate -s "$2" "$1"
}
