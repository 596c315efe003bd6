#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's packages: built in a bare tree of a release, twice, the same bytes;
# clean in lintian; installed in another bare tree, where README's lines work
# for an ordinary user who has nothing else; purged, when nothing is left.
#
#     packages.sh [-q] [-k FOLDER] [-d FOLDER] [SUITE...]
#
#   -k FOLDER   keep the trees and the packages there
#   -q          without the unit tests, which the build runs
#   -d FOLDER   packages that are built already (of one suite)
#   SUITE       bookworm (default), trixie
#
# Needs root, a mirror, 8 GiB and half an hour for each suite.
# shellcheck disable=SC1091,SC2016
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/lib.sh"
. "$srcdir/tests/trees.sh"

trees=$work debs='' check=''
while getopts d:k:q option; do
    case $option in
    d) debs=$(realpath "$OPTARG") ;;
    k) mkdir -p "$OPTARG" && trees=$(realpath "$OPTARG") ;;
    q) check=nocheck ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- bookworm

[ "$(id -u)" -eq 0 ] || skip "only root can enter a tree"
requires command -v mmdebstrap
requires git -C "$srcdir" rev-parse HEAD

# step NAME COMMAND...: run it in $tree; its output is printed if it fails.
step()
{
    local name=$1 begin=$SECONDS
    shift
    if ! inside "$tree" timeout 3600 "$@" > "$work/$name.log" 2>&1; then
        tail -n 40 "$work/$name.log"
        fail "$suite: $name: '$*'"
    fi
    printf '%-10s %-14s %5d s\n' "$suite" "$name" $((SECONDS - begin))
}

as_root() { step "$1" sh -euc "export DEBIAN_FRONTEND=noninteractive; $2"; }

# --- made ---

build()
{
    tree=$trees/$suite-build
    make_tree "$tree" "$mirror" "$suite" > "$work/tree.log" 2>&1 ||
        fail "no tree: $(tail -n 5 "$work/tree.log")"
    rm -rf "$tree/build"
    mkdir -p "$tree/build"
    git clone -q "$srcdir" "$tree/build/mayfly"
    as_root build-tools 'apt-get update -q
        apt-get install -q -y --no-install-recommends build-essential git \
            lintian autoconf automake libtool
        cd /build/mayfly
        apt-get build-dep -q -y --no-install-recommends ./'
    # The tarball is what a release has, without debian/.
    as_root tarball 'cd /build/mayfly
        ./autogen.sh
        make dist
        ! tar -tf mayfly-*.tar.xz | grep -q "^[^/]*/debian/"
        version=$(dpkg-parsechangelog -S Version)
        mv mayfly-*.tar.xz "../mayfly_${version%-*}.orig.tar.xz"
        git clean -qdfx'
    as_root build "export DEB_BUILD_OPTIONS=$check
        cd /build/mayfly
        dpkg-buildpackage -us -uc
        mkdir ../one
        cp ../*.deb ../one"
    # Again, elsewhere, from what the source package unpacks to.
    as_root build-again 'cd /build
        dpkg-source -x ./*.dsc elsewhere
        cd elsewhere
        umask 077
        TZ=Asia/Tokyo DEB_BUILD_OPTIONS="nocheck parallel=1" \
            dpkg-buildpackage -b -us -uc'
    local deb
    for deb in "$tree"/build/one/*.deb; do
        cmp "$deb" "$tree/build/${deb##*/}" ||
            fail "$suite: two builds of ${deb##*/} differ"
    done
    debs=$tree/build/one
    printf '%-10s %d packages, twice the same\n' "$suite" \
        "$(find "$debs" -name '*.deb' | wc -l)"
}

clean()
{
    tree=$trees/$suite-build
    as_root lintian 'cd /build
        lintian --fail-on error,warning --display-info ./*.changes'
    grep -E '^[EWI]:' "$work/lintian.log" || true
}

# --- used ---

# What packages.sh runs as an ordinary user: README's lines.
lines()
{
    cat << 'END'
set -eux
cd
# A guest: what a user can read of the tree.
tar -C / -cf guest.tar --exclude=./etc/*shadow* ./etc ./usr/bin \
    ./usr/lib/os-release ./var/lib/dpkg ./bin ./sbin ./lib 2> /dev/null ||
    [ -s guest.tar ]
mayfish << MAKE
disk-create disk.qcow2 qcow2 2G
add-drive disk.qcow2 format:qcow2
run
part-init /dev/sda gpt
part-add /dev/sda p 2048 6143
part-add /dev/sda p 6144 -2048
mkfs ext4 /dev/sda2
mount /dev/sda2 /
tar-in guest.tar /
mkdir-p /home
mkdir-p /root
mkdir-p /tmp
write /etc/shadow "root:*:19000:0:99999:7:::\n"
write /etc/hostname "bare\n"
write /etc/fstab "/dev/sda2 / ext4 defaults 0 1\n"
MAKE
[ "$(mayfish --ro -a disk.qcow2 -i cat /etc/hostname)" = bare ]
mayfly-inspector -a disk.qcow2 | grep -q '<distro>debian</distro>'
mayfly-inspector --json -a disk.qcow2 > inspected.json
mayfly-inspector --sbom spdx -a disk.qcow2 | grep -q SPDX
mayfly-appliance status | tee status
grep -q '^start *resumed' status
mayfly-repo create repo disk.qcow2 --generate-key --os-version debian-12 \
    --name 'Debian' --arch x86_64 --expand /dev/sda2
repo="--source file://$PWD/repo/index.asc --fingerprint $(cat repo/fingerprint)"
mayfly-builder $repo --list
echo secret > pw
echo server > site.conf
mayfly-builder debian-12 $repo --size 3G --hostname web \
    --root-password file:pw --upload site.conf:/etc/site.conf -o web.img
[ "$(mayfish --ro -a web.img -i cat /etc/hostname)" = web ]
[ "$(mayfish --ro -a web.img -i cat /etc/site.conf)" = server ]
mayfly-customize -a web.img --hostname other
[ "$(mayfish --ro -a web.img -i cat /etc/hostname)" = other ]
mayfly-sysprep -a disk.qcow2 --dry-run
mayfly-serve disk.qcow2 --partition 1 --run 'test -n "$uri"'
python3 -c '
import mayfly
with mayfly.Mayfly() as g:
    g.add_drive_ro("disk.qcow2")
    g.launch()
    g.mount_ro("/dev/sda2", "/")
    assert g.cat("/etc/hostname") == "bare\n"'
[ "$(mayfly-guestfs env | grep -c ^LD_LIBRARY_PATH)" = 1 ]
mayfly-appliance export appliance.tar \
    --sign "$(cat repo/fingerprint)" --gpg-home ~/.local/share/mayfly/gnupg
gpg --homedir ~/.local/share/mayfly/gnupg --armor --export > key.asc
gpgconf --homedir ~/.local/share/mayfly/gnupg --kill all
END
}

# Everything but what apt and dpkg write about any package.
snapshot()
{
    (cd "$tree" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev \
        -o -path ./home -o -path ./debs -o -path ./tmp -o -path ./run \
        -o -path ./var/cache -o -path ./var/log -o -path ./var/lib/apt \
        -o -path ./var/lib/dpkg -o -path ./root \) -prune -o -print) | sort
}

use()
{
    local user='setpriv --reuid 1000 --regid 1000 --clear-groups env -C /home/user
        HOME=/home/user USER=user PATH=/usr/bin:/bin LC_ALL=C.UTF-8'

    tree=$trees/$suite-use
    [ "$trees" != "$work" ] || rm -rf "$tree"
    make_tree "$tree" "$mirror" "$suite" > "$work/tree.log" 2>&1 ||
        fail "no tree: $(tail -n 5 "$work/tree.log")"
    rm -rf "$tree/debs" "$tree/home/user"
    mkdir -p "$tree/debs/tests" "$tree/home/user"
    cp "$debs"/*.deb "$tree/debs/"
    rm -f "$tree"/debs/*-dbgsym_*.deb
    cp "$srcdir"/debian/tests/* "$tree/debs/tests/"
    lines > "$tree/debs/lines"
    chown -R 1000:1000 "$tree/home/user"
    as_root update 'apt-get update -q; apt-get clean'
    snapshot > "$work/before"
    as_root install 'apt-get install -q -y --no-install-recommends \
        /debs/*.deb'
    ! inside "$tree" dpkg-query -W -f '${Package}\n' |
        grep -E '^(libguestfs|guestfs|supermin)' ||
        fail "$suite: packages of libguestfs were installed"
    # shellcheck disable=SC2086
    step user $user sh /debs/lines
    grep -E '^(kernel|image|cage|missing|qemu) ' "$work/user.log"
    grep -q '^kernel .* days old' "$work/user.log" || fail "$suite: no age"

    # An imported appliance is preferred, and gone when mayfly-tools is purged.
    as_root import 'mayfly-appliance import /home/user/appliance.tar \
        --key /home/user/key.asc
        test -s /var/lib/mayfly/appliance/initrd'
    # shellcheck disable=SC2086
    step imported $user mayfly-appliance status
    grep -q '^image *//*var/lib/mayfly/appliance' "$work/imported.log" ||
        fail "$suite: not used: $(cat "$work/imported.log")"

    as_root again 'apt-get install -q -y --reinstall /debs/*.deb'
    as_root purge 'apt-get purge -q -y --auto-remove "mayfly-*" libmayfly0 \
        libmayfly-dev python3-mayfly'
    snapshot > "$work/after"
    diff "$work/before" "$work/after" | grep '^>' > "$work/left" || true
    ! grep -E 'may(fly|fish)' "$work/left" ||
        fail "$suite: purged, but left"
    printf '%-10s %d files left by other packages, none by ours\n' "$suite" \
        "$(wc -l < "$work/left")"
    cut -d/ -f2-4 "$work/left" | sort | uniq -c | sort -rn | head -n 5

    # As autopkgtest runs them.
    as_root tests 'apt-get install -q -y --no-install-recommends \
            /debs/*.deb e2fsprogs gcc libc6-dev pkg-config guestfs-tools
        for t in first-file example python guestfs; do
            echo "== $t"
            (cd /debs && tests/$t)
        done'
}

for suite; do
    mirror=$(mirror_of Debian "$suite") || skip "no mirror of Debian $suite"
    given=$debs
    [ -n "$debs" ] || build
    use
    [ -n "$given" ] || clean
    debs=$given
done
