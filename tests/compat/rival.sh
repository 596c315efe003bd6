#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The distribution's programs on the distribution's library and on ours: the
# same image must give the same output, byte for byte, and the same status.
# RIVAL_ONLY=TEXT runs only the commands with TEXT in them.
. "$(dirname "$0")/../lib.sh"
. "$srcdir/tests/compat/lib.sh"
requires command -v virt-cat
requires command -v guestfish
requires command -v hivexregedit
requires command -v hivexget
requires test -n "$(ls /boot/vmlinuz-* 2> /dev/null)"
export LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=force_tcg
mkdir "$work/images"
make_image "$work/images/a.img"
for kind in gpt mbr btrfs luks md windows windows-mbr; do
    image=$("$srcdir/tests/images/get.sh" "$kind")
    cp --sparse=always "$image" "$work/images/$kind.img"
    [ $kind != md ] || cp --sparse=always "$image.2" "$work/images/md.img.2"
done
# Something to put into an image.
mkdir -p "$work/tree/sub"
echo text > "$work/tree/sub/file"
ln -s sub/file "$work/tree/link"
tar --mtime=@1000000000 -C "$work" -cf "$work/images/tree.tar" tree
# A domain of libvirt, for its test driver.
cat > "$work/images/node.xml" << END
<node><domain type='test'
xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
<name>off</name><memory>65536</memory><os><type>hvm</type></os>
<devices><disk type='file'><driver type='raw'/>
<source file='$work/here/a.img'/><target dev='vda'/></disk></devices>
<test:runstate>5</test:runstate>
</domain></node>
END
# 1.48 does not know PARTUUID=, and takes a snapshot for another system; what
# is compared here is the way through the library, not that.
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
    local library=$1 code=0 start=$EPOCHREALTIME

    rm -rf "$work/here"
    mkdir "$work/here"
    cp --sparse=always "$work"/images/* "$srcdir/tests/compat/script.fish" \
        "$work/here"
    tar -xf "$work/images/tree.tar" -C "$work/here"
    truncate -s 600M "$work/here/big.img"
    (
        cd "$work/here"
        if [ "$library" = ours ]; then
            # Every program of the line runs on ours.
            exec mayfly-guestfs bash -c "$2"
        fi
        exec bash -c "$2"
    ) > "$work/$library" 2> "$work/$library.log" || code=$?
    echo "status $code" >> "$work/$library"
    took=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
}

differ=0
while IFS= read -r command; do
    case $command in
    '#'* | '') continue ;;
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
    printf '%-9s %6.1f s %6.1f s  %s\n' "$word" "$theirs" "$took" "$command"
    [ $word = same ] || {
        head -n 20 "$work/diff"
        sed 's/^/    ours: /' "$work/ours.log" | tail -n 3
        sed 's/^/    theirs: /' "$work/theirs.log" | tail -n 3
    }
done < "$srcdir/tests/compat/rival.commands"
[ $differ = 0 ] || fail "our output is another"
