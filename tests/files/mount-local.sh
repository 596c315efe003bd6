#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guest as a file system of the host: read, written, unmounted, refused
# where it is read-only.
. "$srcdir/tests/lib.sh"
requires mkfs.ext4 -V
requires command -v fusermount3
requires test -w /dev/fuse
cd "$work"
truncate -s 64M disk.img
mkfs.ext4 -q -F disk.img
mkdir mnt

# serve OPTIONS COMMAND...: run COMMAND while the guest is mounted on mnt
serve()
{
    local options=$1 code=0 i
    shift
    # shellcheck disable=SC2086 # several options
    mayfish -a disk.img run : mount /dev/sda / : \
        mount-local "$PWD/mnt" $options : mount-local-run > log 2>&1 &
    server=$!
    for ((i = 0; i < 300; i++)); do
        mountpoint -q mnt && break
        kill -0 "$server" 2> /dev/null || break
        sleep 0.1
    done
    if ! mountpoint -q mnt; then
        wait "$server" || true
        # In a container /dev/fuse may be there and forbidden.
        ! grep -q 'cannot mount on' log || skip "FUSE does not work here"
        fail "not mounted: $(cat log)"
    fi
    "$@" || code=$?
    fusermount3 -u mnt || fail "cannot unmount"
    wait "$server" || fail "the server ended with $?: $(cat log)"
    return $code
}
cleanup eval "fusermount3 -q -u -z '$work/mnt' 2> /dev/null || true"

change()
{
    mkdir mnt/dir || return
    echo text > mnt/dir/file || return
    head -c 3000000 /dev/urandom > random
    cp random mnt/dir/random || return
    cmp random mnt/dir/random || return
    echo more >> mnt/dir/file || return
    ln mnt/dir/file mnt/dir/hard && ln -s file mnt/dir/link || return
    mv mnt/dir/random mnt/moved && truncate -s 1000 mnt/moved || return
    chmod 0640 mnt/moved && touch -d @1000000000 mnt/moved || return
    touch mnt/gone && rm mnt/gone && ! [ -e mnt/gone ] || return
    mkdir mnt/empty && rmdir mnt/empty || return
    ! rmdir mnt/dir 2> /dev/null || return
    for i in {1..1500}; do : > "mnt/dir/n$i" || return; done
    [ "$(find mnt/dir -name 'n*' | wc -l)" = 1500 ] || return
    rm mnt/dir/n*
}
serve "" change || fail "changing: $(cat log)"
e2fsck -fn disk.img > fsck 2>&1 || fail "the file system is broken: $(cat fsck)"

look()
{
    [ "$(cat mnt/dir/file)" = $'text\nmore' ] &&
        [ "$(readlink mnt/dir/link)" = file ] &&
        [ "$(cat mnt/dir/link)" = $'text\nmore' ] &&
        [ "$(stat -c '%h %s' mnt/dir/hard)" = '2 10' ] &&
        [ "$(stat -c '%a %s %Y' mnt/moved)" = '640 1000 1000000000' ] &&
        cmp -n 1000 random mnt/moved &&
        [ "$(find mnt/dir -printf '%f\n' | sort | tr '\n' ' ')" = \
            'dir file hard link ' ] &&
        [ "$(df --output=fstype mnt | tail -n 1)" = fuse.mayfly ] &&
        ! [ -e mnt/nosuch ]
}
serve "" look || fail "looking: $(ls -lR mnt; cat log)"

refuse()
{
    ! touch mnt/new 2> /dev/null && ! rm mnt/moved 2> /dev/null &&
        ! (echo > mnt/moved) 2> /dev/null && look
}
serve readonly:true refuse || fail "read-only: $(cat log)"

expect_error 1 'nosuch: No such file' mayfish -a disk.img run : \
    mount-local "$PWD/nosuch"
expect_error 1 'is not running' mayfish mount-local "$PWD/mnt"
