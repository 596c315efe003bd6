#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The distribution's programs on the distribution's library and on ours: the
# same image must give the same output, byte for byte, and the same status.
# RIVAL_ONLY=TEXT runs only the commands with TEXT in them, RIVAL_LINES=A-B
# those from the A-th to the B-th, as they are counted here.
. "$(dirname "$0")/../lib.sh"
. "$srcdir/tests/compat/lib.sh"
requires command -v virt-cat
requires command -v guestfish
requires command -v hivexregedit
requires command -v hivexget
# Without libguestfs-xfs its appliance has no tools for xfs.
requires test -n "$(ls /usr/lib*/guestfs/supermin.d/*xfs \
    /usr/lib/*/guestfs/supermin.d/*xfs 2> /dev/null)"
requires test -n "$(ls /boot/vmlinuz-* 2> /dev/null)"
export LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=force_tcg
mkdir "$work/images"
make_image "$work/images/a.img"
for kind in gpt mbr lvm luks md btrfs xfs ntfs windows windows-mbr; do
    image=$("$srcdir/tests/images/get.sh" "$kind")
    cp --sparse=always "$image" "$work/images/$kind.img"
    [ $kind != md ] || cp --sparse=always "$image.2" "$work/images/md.img.2"
done
# Something to put into an image.
mkdir -p "$work/tree/sub"
echo text > "$work/tree/sub/file"
ln -s sub/file "$work/tree/link"
tar --mtime=@1000000000 -C "$work" -cf "$work/images/tree.tar" tree
cat > "$work/images/some.reg" << 'END'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\New]
"Text"="a text"
"Number"=dword:0000002a
"Bytes"=hex:01,02,03

[HKEY_LOCAL_MACHINE\SOFTWARE\New\Below]
@="default"
END
# 1.48 takes a snapshot for another system, and then mounts none.  Its space
# is freed by a later transaction, not at once.
mayfish -a "$work/images/btrfs.img" -m /dev/sda2 \
    btrfs-subvolume-delete /snapshot : btrfs-filesystem-sync / : \
    umount / : mount /dev/sda2 / : btrfs-filesystem-sync / < /dev/null
# A libvirt domain, for libvirt's test driver.
cat > "$work/images/node.xml" << END
<node><domain type='test'
xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
<name>off</name><memory>65536</memory><os><type>hvm</type></os>
<devices><disk type='file'><driver type='raw'/>
<source file='$work/here/a.img'/><target dev='vda'/></disk></devices>
<test:runstate>5</test:runstate>
</domain></node>
END
# It does not know PARTUUID= either; that is not what is compared here.
mayfish -a "$work/images/gpt.img" -m /dev/sda3 download /etc/fstab \
    "$work/fstab" < /dev/null
sed -i 's/^PARTUUID=[^ ]*/LABEL=ESP/' "$work/fstab"
mayfish -a "$work/images/gpt.img" -m /dev/sda3 upload "$work/fstab" \
    /etc/fstab < /dev/null

# Run by either library, in a fresh folder of the same name, since some
# programs print their paths.
# on LIBRARY COMMAND: output in $work/LIBRARY, messages in $work/LIBRARY.log
on()
{
    local library=$1 code=0 start file name

    rm -rf "$work/here"
    mkdir "$work/here"
    cp "$srcdir"/tests/compat/{script.fish,pwrite.py} "$work/here"
    for file in "$work"/images/*; do
        name=${file##*/}
        case "$2 a.img" in
        *"$name"*) cp --sparse=always "$file" "$work/here" ;;
        esac
    done
    tar -xf "$work/images/tree.tar" -C "$work/here"
    truncate -s 600M "$work/here/big.img"
    start=$EPOCHREALTIME
    (
        cd "$work/here"
        if [ "$library" = ours ]; then
            # Every program of the line runs on ours.
            exec mayfly-guestfs bash -c "$2"
        fi
        exec bash -c "$2"
    ) > "$work/$library" 2> "$work/$library.log" || code=$?
    echo "status $code" >> "$work/$library"
    # Arrays are numbered, and therefore listed, in the order they come up;
    # their members in the order they were found.
    case $2 in
    *md.img*)
        sed -i 's,/dev/md12[0-9],/dev/md,g
            s,/dev/sdb\([0-9]\)\,/dev/sda\1,/dev/sda\1\,/dev/sdb\1,g' \
            "$work/$library"
        LC_ALL=C sort -o "$work/$library" "$work/$library"
        ;;
    esac
    took=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
}

# A command that says IMAGE is one for each of these.
guests=("-a gpt.img" "-a mbr.img" "-a lvm.img" "-a btrfs.img" "-a xfs.img"
    "-a md.img -a md.img.2" "-a luks.img --key /dev/sda2:key:secret")
expand()
{
    local command guest

    while IFS= read -r command; do
        case $command in
        '#'* | '') ;;
        *IMAGE*)
            for guest in "${guests[@]}"; do
                echo "${command//IMAGE/$guest}"
            done
            ;;
        *) echo "$command" ;;
        esac
    done < "$srcdir/tests/compat/rival.commands"
}
expand > "$work/commands"
from=1 to=$(wc -l < "$work/commands")
[ -z "${RIVAL_LINES:-}" ] || from=${RIVAL_LINES%-*} to=${RIVAL_LINES#*-}

differ=0 n=0
while IFS= read -r command; do
    n=$((n + 1))
    [ "$n" -ge "$from" ] && [ "$n" -le "$to" ] || continue
    case $command in
    *"${RIVAL_ONLY:-}"*) ;;
    *) continue ;;
    esac
    on theirs "$command" < /dev/null
    theirs=$took
    on ours "$command" < /dev/null
    if diff "$work/theirs" "$work/ours" > "$work/diff"; then
        word=same
    else
        word=DIFFERENT
        differ=1
    fi
    printf '%3d %-9s %6.1f s %6.1f s  %s\n' "$n" "$word" "$theirs" "$took" \
        "$command"
    [ $word = same ] || {
        head -n 20 "$work/diff"
        sed 's/^/    ours: /' "$work/ours.log" | tail -n 3
        sed 's/^/    theirs: /' "$work/theirs.log" | tail -n 3
    }
done < "$work/commands"
[ $differ = 0 ] || fail "our output is another"
