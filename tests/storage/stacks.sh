#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Stacks of devices come up again in the next appliance, by themselves or once
# their key is given, and list_filesystems prints what libguestfs prints.
. "$(dirname "$0")/../lib.sh"

a=$work/a b=$work/b
fresh()
{
    rm -f "$a" "$b"
    truncate -s 700M "$a" "$b"
}

# Commands from standard input on both disks.
fish()
{
    mayfish "$@" --format=raw -a "$a" --format=raw -a "$b"
}

theirs()
{
    LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=force_tcg \
        guestfish "$@" --ro --format=raw -a "$a" --format=raw -a "$b"
}

# same COMMANDS: ours is as expected (standard input), theirs the same.
same()
{
    local want ours
    want=$(cat)
    ours=$(printf 'run\n%s\n' "$1" | fish --ro --keys-from-stdin)
    [ "$ours" = "$want" ] || fail "'$1' gave '$ours', not '$want'"
    if command -v guestfish > /dev/null; then
        ours=$(printf 'run\n%s\n' "$1" | theirs --keys-from-stdin)
        [ "$ours" = "$want" ] || fail "'$1' gives '$ours' on libguestfs"
    fi
}

# --- an array of a partition and a volume, a volume group on that array ---

fresh
fish << 'END'
run
part-disk /dev/sda gpt
part-disk /dev/sdb gpt
vgcreate below /dev/sdb1
lvcreate part below 400
md-create m "/dev/sda1 /dev/below/part" level:raid0
vgcreate above /dev/md127
lvcreate top above 100
END
same 'list-md-devices
lvs' << 'END'
/dev/md127
/dev/above/top
/dev/below/part
END

# --- RAID1 over two disks, LVM on it ---

fresh
fish << 'END'
run
part-disk /dev/sda gpt
part-disk /dev/sdb gpt
md-create r "/dev/sda1 /dev/sdb1" level:raid1
vgcreate vg /dev/md127
lvcreate root vg 400
lvcreate swap-1 vg 100
mkfs xfs /dev/vg/root
mkswap /dev/vg/swap-1
mount /dev/vg/root /
write /a content
END
same 'list-filesystems' << 'END'
/dev/vg/root: xfs
/dev/vg/swap-1: swap
END
same 'lvs
list-md-devices
pvs' << 'END'
/dev/vg/root
/dev/vg/swap-1
/dev/md127
/dev/md127
END
# The first call that needs it brings everything up.
same 'mount-ro /dev/vg/root /
mountpoints
cat /a' << 'END'
/dev/vg/root: /
content
END
# One half is enough.
mv "$b" "$b.away"
truncate -s 700M "$b"
[ "$(fish << 'END'
run
mount-ro /dev/vg/root /
cat /a
END
)" = content ] || fail "half of a RAID1 is not enough"

# --- xfs on LVM on LUKS in a logical partition; names that are not ASCII ---

fresh
fish --keys-from-stdin << 'END'
run
part-init /dev/sda mbr
part-add /dev/sda p 2048 67583
part-add /dev/sda e 67584 -1
part-add /dev/sda l 69632 1400000
mkfs vfat /dev/sda1 label:BOOT
luks-format /dev/sda5 0
secret
cryptsetup-open /dev/sda5 crypt
secret
vgcreate vg-a /dev/mapper/crypt
lvcreate root vg-a 400
mkfs xfs /dev/vg-a/root
mount /dev/vg-a/root /
write /größe content
mkdir /boot
mount /dev/sda1 /boot
write /boot/Ünïcode-日本.txt boot
umount-all
vg-activate-all false
cryptsetup-close /dev/mapper/crypt
part-disk /dev/sdb gpt
mkfs ntfs /dev/sdb1 label:Größe
mount /dev/sdb1 /
mkdir "/Dokumente und Einstellungen"
write "/Dokumente und Einstellungen/Ünïcode-日本.txt" ntfs
END
same 'list-filesystems' << 'END'
/dev/sda1: vfat
/dev/sdb1: ntfs
END
same 'vfs-type /dev/sda5
vfs-label /dev/sdb1
mount-ro /dev/sda1 /
ls /
cat /Ünïcode-日本.txt
umount-all
mount-ro /dev/sdb1 /
ls "/Dokumente und Einstellungen"' << 'END'
crypto_LUKS
Größe
Ünïcode-日本.txt
boot
Ünïcode-日本.txt
END
same 'cryptsetup-open /dev/sda5 crypt
secret
lvm-scan true
list-dm-devices
lvs
mount-ro /dev/vg-a/root /
cat /größe' << 'END'
/dev/mapper/crypt
/dev/vg-a/root
content
END
expect_error any 'No key available|passphrase' fish --keys-from-stdin << 'END'
run
cryptsetup-open /dev/sda5 crypt
wrong
END

# --- subvolumes, one of them the default, one within another ---

fresh
fish << 'END'
run
mkfs-btrfs "/dev/sda /dev/sdb" label:two
mount /dev/sda /
btrfs-subvolume-create /root
btrfs-subvolume-create /root/var
mkdir /folder
btrfs-subvolume-create /folder/home
write /root/a content
umount-all
mount btrfsvol:/dev/sda/root /
write /b more
btrfs-subvolume-set-default 256 /
END
same 'btrfs-filesystem-show /dev/sdb
vfs-label /dev/sdb
mount-ro btrfsvol:/dev/sda/folder/home /
ls /
umount-all
mount-ro btrfsvol:/dev/sda/root /
ls /
mountpoints' << 'END'
/dev/sda
/dev/sdb
two
a
b
var
/dev/sda: /
END
list=$(printf 'run\nlist-filesystems\n' | fish)
[ "$list" = "/dev/sda: btrfs
btrfsvol:/dev/sda/root/var: btrfs
btrfsvol:/dev/sda/folder/home: btrfs
/dev/sdb: btrfs
btrfsvol:/dev/sdb/root/var: btrfs
btrfsvol:/dev/sdb/folder/home: btrfs" ] || fail "subvolumes: $list"

# --- a file system in a file of a file system ---

fresh
fish << END
run
part-init /dev/sda gpt
part-add /dev/sda p 2048 22527
mkfs ext2 /dev/sda1
mount /dev/sda1 /
write /a inside
umount-all
download /dev/sda1 $work/image
mkfs ext4 /dev/sdb
mount /dev/sdb /
upload $work/image /image
END
[ "$(fish << 'END'
run
mount /dev/sdb /
mkdir /loop
mount-loop /image /loop
cat /loop/a
write /loop/b written
umount /loop
mount-loop /image /loop
cat /loop/b
END
)" = "inside
written" ] || fail "mount-loop"
