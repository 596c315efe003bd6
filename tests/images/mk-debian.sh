#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real Debian, as debootstrap installs it, on GPT with /boot: a qcow2.  The
# tree is kept as a tar file in the cache, with dpkg-query's own list of
# packages beside it (.packages).
. "$(dirname "$0")/images.sh"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mayfly/test-images
tree=$cache/tree-debian-12.tar
mkdir -p "$cache"
if [ ! -f "$tree" ]; then
    # The mirror is the one that apt uses here.
    sources=()
    for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
        /etc/apt/sources.list.d/*.sources; do
        [ ! -s "$f" ] || sources+=("$f")
    done
    mmdebstrap --quiet --variant=important \
        --include=man-db,vim-tiny,libedit2 --format=tar bookworm \
        "$tree.part" "${sources[@]}"
    mv "$tree.part" "$tree"
fi
if [ ! -f "$tree.packages" ]; then
    mkdir -p "$scratch/db"
    tar -C "$scratch/db" --exclude='./dev/*' -xf "$tree" ./var/lib/dpkg
    dpkg-query --admindir="$scratch/db/var/lib/dpkg" -W \
        -f '${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\n' |
        sed -n 's/^installed\t//p' | LC_ALL=C sort \
        > "$tree.packages.part"
    mv "$tree.packages.part" "$tree.packages"
fi
cat > "$scratch/fstab" << 'END'
LABEL=root / ext4 errors=remount-ro 0 1
LABEL=boot /boot ext4 defaults 0 2
END
disk "$scratch/raw" 2G
fish -a "$scratch/raw" << END
run
part-init /dev/sda gpt
part-add /dev/sda p 2048 4095
part-add /dev/sda p 4096 264191
part-add /dev/sda p 264192 4192255
part-set-gpt-type /dev/sda 1 21686148-6449-6E6F-744E-656564454649
mkfs ext4 /dev/sda2 label:boot
mkfs ext4 /dev/sda3 label:root
mount /dev/sda3 /
mkdir /boot
mount /dev/sda2 /boot
tar-in $tree /
upload $scratch/fstab /etc/fstab
write /etc/hostname "bookworm\n"
END
qemu-img convert -f raw -O qcow2 "$scratch/raw" "$image"
