#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The same scripts through guestfish and mayfish: they print the same, and
# both succeed or both fail.  Where an error is the result, only that there is
# one is compared.
# shellcheck disable=SC2016
. "${srcdir:?}/tests/lib.sh"
requires command -v guestfish
requires test -n "$(ls /boot/vmlinuz-* 2> /dev/null)"
export LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=force_tcg
export HOME=$work EDITOR='sed -i s/one/1/' HEXEDITOR='sleep 2; sed -i y/abc/ABC/'
export GUESTFISH_DISPLAY_IMAGE='head -c 3' PAGER=cat
unset GUESTFISH_PID XDG_CONFIG_HOME XDG_CONFIG_DIRS SHELL
cd "$work" || exit 1
mkdir guestfish mayfish
n=0 wrong=0

# Every name that guestfish has runs here, or is refused with what to use.
guestfish -h | awk 'NR > 1 && /^[a-z0-9]/ { print $1 }' | sort -u > theirs
[ "$(wc -l < theirs)" -gt 600 ] || fail "guestfish -h lists too little"
while read -r name; do
    text=$(mayfish help "$name" 2>&1) || fail "$name: $text"
    if grep -q 'Not available' <<< "$text"; then
        expect_error 2 "^mayfish: $name: not available in mayfish: .{20}" \
            mayfish -- "$name"
        echo "refused: $name"
    fi
done < theirs

# both COMMAND...: a shell command with $FISH in it.
both()
{
    local fish code
    n=$((n + 1))
    for fish in guestfish mayfish; do
        code=0
        (cd $fish && FISH=$fish bash -c "$1" < /dev/null) > $fish.out \
            2> $fish.err || code=1
        echo "exit $code" >> $fish.out
    done
    if ! diff -u guestfish.out mayfish.out > differences; then
        wrong=$((wrong + 1))
        echo "differs: $1"
        cat differences
        tail -n 3 guestfish.err mayfish.err
    fi
}

# lines TEXT: a script.
lines()
{
    printf '%s\n' "$1" > script
    both '$FISH -f ../script'
}

# Language and remote control, without an appliance.
both '$FISH -- echo a : -nosuch : echo b'
both '$FISH --pipe-error --selinux -D echo x'
both '$FISH --live echo x'
lines $'-echo "bad \\q"\necho on'
lines $'- nosuch\n!echo host\n<!echo echo sourced\necho "\\x41" | tr A b'
lines $'echo a\necho "bad\necho no'
lines $'event "a b" close,trace "echo $EVENT"\nevent x * "true"\nlist-events\ndelete-event x\nlist-events'
lines $'event e trace "echo x"\ndelete-event e\ndelete-event e'
lines $'event e nope true'
lines $'event e enter "echo $EVENT $1"\nget-autosync\ndelete-event e\nget-autosync'
lines $'set-backend-settings ""\nset-append x\nget-append\nset-backend-setting a b\nget-backend-settings\nget-backend-setting a\nclear-backend-setting a\nget-direct\nset-pgroup true\nget-pgroup\nset-program p\nget-program\nset-hv /q\nget-qemu\nset-selinux 1\nget-selinux'
both 'eval "$($FISH --listen)"; $FISH --remote echo "a  b"; $FISH --remote echo 1 : echo 2
    $FISH --remote -- -nosuch 2> /dev/null; $FISH --remote set-memsize 700
    $FISH --remote get-memsize; $FISH --remote exit'
both 'eval "$($FISH --listen)"; a=$GUESTFISH_PID; eval "$($FISH --listen)"
    $FISH --remote=$a set-memsize 800; $FISH --remote set-memsize 900
    $FISH --remote=$a get-memsize; $FISH --remote get-memsize
    $FISH --remote exit; $FISH --remote=$a exit'
both 'eval "$($FISH --listen)"; printf "echo a \"b  c\"\necho x | tr x y\n!echo h\n" > s
    $FISH --remote -f s; $FISH --remote < s; $FISH --remote nosuch || echo failed
    sleep 1; $FISH --remote echo gone'
both '$FISH --listen --csh | sed "s/[0-9][0-9]*/N/"'
both '$FISH --listen --remote=1'
both '$FISH --remote echo x'

# On disks: what is old, and what has a name of its own.
truncate -s 400M guestfish/a.img mayfish/a.img
truncate -s 600M guestfish/b.img mayfish/b.img
cat > script << 'END'
add a.img label:system
add b.img label:data
run
part-disk /dev/disk/guestfs/system gpt
list-disk-labels | sort
mkfs ext4 /dev/disk/guestfs/system1
mkfs xfs /dev/disk/guestfs/data blocksize:4096
mount /dev/disk/guestfs/system1 /
write /t "one\nTWO\nthree\n"
edit /t
more /t
egrepi "^T" /t
fgrepi two /t
copy-in a.txt /
gzip-in /t | true
write-file /w abcdef 3
cat /w
hexedit /w 1 1
cat /w
display /w
fallocate /f 4096
filesize /f
copy-size /w /c 2
cat /c
dd /w /e
cat /e
umount /
mount /dev/disk/guestfs/data /
xfs-info / | grep -v 'mntpoint\|rtextsize'
umount /
mkswap-L label /dev/sdb
vfs-label /dev/sdb
mkswap-U 8f2dd2cd-9c4b-4a3a-9b8b-0123456789ab /dev/sdb
vfs-uuid /dev/sdb
mke2journal-L 4096 journal /dev/sdb
vfs-label /dev/sdb
mke2fs-JL ext4 4096 /dev/sda1 journal
vfs-type /dev/sda1
mount /dev/sda1 /
mkdir-p /Windows/System32
upload a.gz /z.gz
zegrep "b.*" /z.gz
zgrepi B /z.gz
zfgrep bb /z.gz
zfgrepi BB /z.gz
zegrepi "B+" /z.gz
blockdev-setbsz /dev/sda1 4096
get-uuid /dev/sdb | wc -c
vgscan
umount-all
END
sed -i '/^gzip-in/d' script
for d in guestfish mayfish; do
    echo text > $d/a.txt
    printf 'a\nbb\nBB\n' | gzip > $d/a.gz
done
both '$FISH -f ../script'
# A guest of Windows, by its drive letters.
if image=$("$srcdir/tests/images/get.sh" windows); then
    cp --sparse=always "$image" guestfish/win.img
    cp --sparse=always "$image" mayfish/win.img
    cat > script << 'END'
is-file "win:c:\\WINDOWS\\system32\\config\\software"
is-dir win:C:\windows\SYSTEM32
is-dir win:c:/windows/system32
-cat win:q:\x
ls "win:\\windows\\System32\\config" | head -2
filesize win:\Windows\system32\CONFIG\system
END
    both '$FISH --ro -a win.img -i -f ../script'
    both 'echo "is-dir win:C:\\windows" | $FISH --ro -i ./win.img'
fi
echo "$n scripts, $wrong of them differ"
[ "$wrong" -eq 0 ]
