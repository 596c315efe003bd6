# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Bare trees of releases, for tests that root runs.  Sourced after tests/lib.sh.
#   mirror_of ORIGIN SUITE    print its mirror, of those that apt knows
#   make_tree TREE MIRROR SUITE [MORE PACKAGES]    once
#   inside TREE COMMAND...    run it there, as on a machine of its own

# --- the mirror ---

# The first one of that origin that has the suite.
mirror_of()
{
    local uri

    # shellcheck disable=SC2016
    for uri in $(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' \
        'Created-By: Packages' | awk -v o="$1" '$1 == o && !n[$2]++ { print $2 }'); do
        if /usr/lib/apt/apt-helper download-file "${uri%/}/dists/$2/InRelease" \
            "$work/release" > /dev/null 2>&1; then
            echo "${uri%/}"
            return
        fi
    done
    return 1
}

# --- the tree ---

make_tree()
{
    local tree=$1 mirror=$2 suite=$3 more=${4:-} packages=${5:-}

    [ ! -e "$tree/.made" ] || return 0
    rm -rf "$tree"
    mmdebstrap --quiet --mode=root --variant=minbase \
        --include=ca-certificates "$suite" "$tree" "$mirror"
    if [ -n "$more" ]; then
        echo "deb $mirror $more main" > "$tree/etc/apt/sources.list.d/more.list"
        printf 'Package: %s\nPin: release n=%s\nPin-Priority: 600\n' \
            "$packages" "$more" > "$tree/etc/apt/preferences.d/more"
    fi
    mkdir -p "$tree/old"
    touch "$tree/.made"
}

# Run a command in the tree.  It becomes the root by pivot_root: in a chroot
# the kernel makes no user namespaces, as it does on a machine.
inside()
{
    local tree=$1
    shift
    cp -L /etc/resolv.conf /etc/hosts "$tree/etc/"
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --kill-child --propagation private sh -c '
        tree=$1
        shift
        mount --bind "$tree" "$tree"
        cd "$tree"
        mount -t proc proc proc
        mount --rbind /sys sys
        # Packages change the owners of devices: not of this machine.
        mount -t tmpfs -o mode=755 tmpfs dev
        mkdir dev/pts dev/shm
        for d in null zero full random urandom tty kvm; do
            [ ! -e /dev/$d ] || cp -a /dev/$d dev/
        done
        mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
        mount -t tmpfs tmpfs dev/shm
        ln -s pts/ptmx dev/ptmx
        ln -s /proc/self/fd dev/fd
        mount -t tmpfs tmpfs tmp
        pivot_root . old
        cd /
        umount -l old
        [ ! -d src ] || cd src
        # It stays, as the init that waits for orphans.
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
            LC_ALL=C.UTF-8 "$@"
        exit $?' \
        sh "$tree" ${MAYFLY_ACCEL:+"MAYFLY_ACCEL=$MAYFLY_ACCEL"} "$@"
}
