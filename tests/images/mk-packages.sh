#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Five systems on one disk, each with a different package database: rpm in
# sqlite and in ndb, apk, pacman, and dpkg's without dpkg (status.d).
. "$(dirname "$0")/images.sh"
command -v rpmbuild > /dev/null || {
    echo "no rpmbuild: install rpm" >&2
    exit 1
}

# system NAME: a folder that looks like the root of a Linux.
system()
{
    mkdir -p "$scratch/$1"/{bin,etc,var/lib,usr/lib}
    echo "$1" > "$scratch/$1/etc/hostname"
    : > "$scratch/$1/etc/fstab"
    cat > "$scratch/$1/etc/os-release"
}

# Two packages, one with an epoch.
# rpm_database SYSTEM FOLDER
rpm_database()
{
    local db=$scratch/$1$2

    mkdir -p "$db"
    rpm --define "_db_backend sqlite" --dbpath "$db" --initdb
    # Debian's rpm refuses to install, so that no one takes it for Debian's
    # package manager; --justdb with --nodeps only records.
    rpm --define "_db_backend sqlite" --dbpath "$db" --nodeps --justdb \
        --nosignature --force-debian -i "$scratch"/rpm/RPMS/*/*.rpm
}

mkdir -p "$scratch/rpm"
for p in "one 0 noarch" "two 3 x86_64"; do
    # shellcheck disable=SC2086
    set -- $p
    cat > "$scratch/$1.spec" << END
Name: $1
Epoch: $2
Version: 1.$2
Release: 7.fc40
Summary: the package $1
License: none
URL: https://example.org/$1
BuildArch: $3
%description
It is $1.
Really.
%files
END
    [ "$2" != 0 ] || sed -i '/^Epoch/d' "$scratch/$1.spec"
    rpmbuild --quiet --define "_topdir $scratch/rpm" --target "$3-linux" \
        -ba "$scratch/$1.spec" > "$scratch/log" 2>&1 || {
        cat "$scratch/log" >&2
        exit 1
    }
done

system fedora << 'END'
ID=fedora
VERSION_ID=40
PRETTY_NAME="Fedora Linux 40"
END
rpm_database fedora /usr/lib/sysimage/rpm
ln -s ../../usr/lib/sysimage/rpm "$scratch/fedora/var/lib/rpm"
# The guest's macros must not be read: these would do damage.
mkdir -p "$scratch/fedora/etc/rpm"
echo '%_dbpath %(touch /tmp/owned; echo /nowhere)' \
    > "$scratch/fedora/etc/rpm/macros"

system suse << 'END'
ID="opensuse-leap"
ID_LIKE="suse opensuse"
VERSION_ID="15.5"
PRETTY_NAME="openSUSE Leap 15.5"
END
# ndb, which not every librpm reads.
mkdir -p "$scratch/suse/usr/lib/sysimage/rpm"
printf 'RpmP\0\0\0\0' > "$scratch/suse/usr/lib/sysimage/rpm/Packages.db"

system alpine << 'END'
ID=alpine
VERSION_ID=3.19.1
PRETTY_NAME="Alpine Linux v3.19"
END
mkdir -p "$scratch/alpine/lib/apk/db"
cat > "$scratch/alpine/lib/apk/db/installed" << 'END'
C:Q1abc=
P:musl
V:1.2.4_git20230717-r4
A:x86_64
T:the musl c library (libc) implementation
U:https://musl.libc.org/
o:musl

END

system arch << 'END'
ID=arch
PRETTY_NAME="Arch Linux"
BUILD_ID=rolling
END
mkdir -p "$scratch/arch/var/lib/pacman/local/zlib-1:1.3-1"
cat > "$scratch/arch/var/lib/pacman/local/zlib-1:1.3-1/desc" << 'END'
%NAME%
zlib

%VERSION%
1:1.3-1

%DESC%
Compression library

%ARCH%
x86_64
END

system distroless << 'END'
ID=debian
VERSION_ID=12
PRETTY_NAME="Distroless"
END
mkdir -p "$scratch/distroless/var/lib/dpkg/status.d"
cat > "$scratch/distroless/var/lib/dpkg/status.d/tzdata" << 'END'
Package: tzdata
Version: 2024a-0+deb12u1
Architecture: all
Description: time zone data
END

disk "$image" 192M
{
    echo run
    echo part-init /dev/sda gpt
    start=2048 n=0
    for s in fedora suse alpine arch distroless; do
        n=$((n + 1))
        echo "part-add /dev/sda p $start $((start + 65535))"
        start=$((start + 65536))
    done
    n=0
    for s in fedora suse alpine arch distroless; do
        n=$((n + 1))
        tar -C "$scratch/$s" --owner=0 --group=0 -cf "$scratch/$s.tar" .
        echo "mkfs ext4 /dev/sda$n"
        echo "mount /dev/sda$n /"
        echo "tar-in $scratch/$s.tar /"
        echo "umount /"
    done
} > "$scratch/script"
fish -a "$image" -f "$scratch/script"
