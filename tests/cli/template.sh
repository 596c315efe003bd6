# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A small repository for tests of mayfly-builder, below $work: phony Debian
# trees in the layouts that are named, signed.
#   make_repository LAYOUT...     gpt, mbr, lvm, xfs
#   builder NAME OPTION...        mayfly-builder with that repository
# $work is that of tests/lib.sh.
export HOME=${work:?}/home XDG_DATA_HOME=$work/data XDG_STATE_HOME=$work/state
export XDG_CONFIG_HOME=$work/config VIRT_BUILDER_DIRS=$work/etc
# The saved appliance is the user's, the templates are our own.
: "${XDG_CACHE_HOME:=$(getent passwd "$(id -u)" | cut -d: -f6)/.cache}"
export XDG_CACHE_HOME
unset GNUPGHOME
mkdir -p "$HOME"
cleanup gpgconf --homedir "$work/data/mayfly/gnupg" --kill all

phony_tree()
{
    bash -c '. "$0/tests/images/images.sh"; debian_tree; cp "$scratch/tree.tar" "$image"' \
        "${srcdir:?}" "$work/tree.tar" <<< "${1:-/dev/sda1} / ext4 defaults 0 1"
    mkdir -p "$work/more"/{etc/ssh,usr/share/zoneinfo/Europe,usr/lib/systemd,root,home/me} \
        "$work/more"/{var/lib/systemd,etc/systemd/system}
    (
        cd "$work/more" || exit 1
        echo localhost > etc/hostname.orig
        printf '127.0.0.1 localhost\n127.0.1.1 phony\n' > etc/hosts
        printf 'root:*:19000:0:99999:7:::\nme:!:19000:0:99999:7:::\n' > etc/shadow
        printf 'root:x:0:0::/root:/bin/sh\nme:x:1000:1000:Me:/home/me:/bin/sh\n' > etc/passwd
        : > etc/machine-id
        echo Etc/UTC > etc/timezone
        echo TZ > usr/share/zoneinfo/Europe/Vienna
        touch usr/lib/systemd/systemd
        chmod 640 etc/shadow
    )
    tar --owner=0 --group=0 -C "$work/more" -cf "$work/more.tar" .
}

layout()
{
    case $1 in
    gpt) cat << 'EOF'
part-init /dev/sda gpt
part-add /dev/sda p 2048 4095
part-add /dev/sda p 4096 -2048
mkfs ext4 /dev/sda2
mount /dev/sda2 /
EOF
        ;;
    mbr) cat << 'EOF'
part-init /dev/sda mbr
part-add /dev/sda p 2048 4095
part-add /dev/sda e 4096 -1
part-add /dev/sda l 6144 -1
mkfs ext4 /dev/sda5
mount /dev/sda5 /
EOF
        ;;
    lvm) cat << 'EOF'
part-disk /dev/sda gpt
pvcreate /dev/sda1
vgcreate vg /dev/sda1
lvcreate-free root vg 100
mkfs ext4 /dev/vg/root
mount /dev/vg/root /
EOF
        ;;
    xfs) cat << 'EOF'
part-disk /dev/sda gpt
mkfs xfs /dev/sda1
mount /dev/sda1 /
EOF
        ;;
    esac
}

make_repository()
{
    local name device images=()

    for name in "$@"; do
        device=/dev/sda1
        case $name in gpt) device=/dev/sda2 ;; mbr) device=/dev/sda5 ;;
        lvm) device=/dev/vg/root ;; esac
        phony_tree "$device"
        truncate -s 400M "$work/$name.img"
        {
            echo run
            layout "$name"
            echo "tar-in $work/tree.tar /"
            echo "tar-in $work/more.tar /"
        } | mayfish --format=raw -a "$work/$name.img"
        images+=("$work/$name.img")
    done
    mayfly-repo create "$work/repo" "${images[@]}" --generate-key -q
    rm "${images[@]}"
    fingerprint=$(cat "$work/repo/fingerprint")
}

builder()
{
    mayfly-builder --source "$work/repo/index.asc" \
        --fingerprint "${fingerprint:?}" --arch x86_64 \
        --cache "$work/templates" "$@"
}
