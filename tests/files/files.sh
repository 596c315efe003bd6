#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Files into a guest, within it and out of it, checked with e2fsprogs and the
# host's own tools.
. "$srcdir/tests/lib.sh"
requires mkfs.ext4 -V
requires debugfs -V

cd "$work"
truncate -s 320M disk.img
mkfs.ext4 -q -F disk.img
fish()
{
    mayfish -a disk.img run : mount /dev/sda / "$@"
}
on_disk()
{
    debugfs -R "$1" disk.img 2> /dev/null
}

# A tree with everything that trees have.
mkdir -p in/tree/dir/empty out
printf 'text\n' > in/tree/dir/file
head -c 5000000 /dev/urandom > in/tree/big
ln in/tree/big in/tree/dir/hard
ln -s dir/file in/tree/link
ln -s /etc/passwd in/tree/absolute
ln -s ../../../../../../../../etc/passwd in/tree/up
truncate -s 3M in/tree/hole
printf 'end' >> in/tree/hole
printf 1 > "in/tree/$(printf 'new\nline\tand\033[1m')"
printf 2 > "in/tree/$(printf '\xff\xfe latin')"
printf 3 > in/tree/ünïcödé
printf 4 > "in/tree/$(head -c 255 /dev/zero | tr '\0' n)"
printf 5 > 'in/tree/-rf *'
deep=in/tree
for _ in $(seq 12); do deep=$deep/$(head -c 200 /dev/zero | tr '\0' d); done
mkdir -p "$deep"
chmod 0500 in/tree/dir/empty
chmod 0600 in/tree/dir/file
find in/tree -exec touch -h -d @1234567890 {} +
chmod 0751 in/tree
list()
{
    (cd "$1" && find . -printf '%P|%y|%m|%s|%T@|%l|%n\n' | LC_ALL=C sort |
        sed '/|d|/s/|d|\([0-9]*\)|[0-9]*|/|d|\1||/; s/\.0*|/|/')
}

# In, checked on the disk, and out again.
fish : copy-in in/tree / : copy-out /tree out
list in/tree > want
list out/tree > have
cmp want have || fail "$(diff want have)"
diff -r --no-dereference in/tree out/tree > /dev/null ||
    fail "content differs after the round trip"
[ "$(on_disk 'cat /tree/dir/file')" = text ] || fail "not on the disk"
fish : find0 /tree - | tr -dc '\0' | wc -c > have
find in/tree -mindepth 1 -print0 | tr -dc '\0' | wc -c > want
cmp want have || fail "find counts otherwise"
e2fsck -fn disk.img > fsck.txt 2>&1 || fail "$(cat fsck.txt)"

# One file out, over an existing file, and over a directory.
fish : copy-out /tree/big out
cmp in/tree/big out/big || fail "big differs"
mkdir out/link
expect_error any 'link' fish : copy-out /tree/link /nonexistent

# tar, as GNU tar reads and writes it.
fish : tar-out /tree t.tar
tar -df t.tar -C in/tree --no-same-owner 2>&1 |
    grep -vE 'Uid|Gid|Mod time|Mode' && fail "GNU tar finds a difference"
tar -tf t.tar > names
[ "$(head -n 1 names)" = ./ ] || fail "no ./ in the archive"
fish : mkdir /small : cp /tree/dir/file /small
for z in gzip bzip2 xz zstd; do
    fish : tar-out /small t.z compress:$z
    tar -tf t.z --$z > /dev/null || fail "GNU tar cannot read $z"
    fish : mkdir /z-$z : tar-in t.z /z-$z compress:$z
    [ "$(on_disk "cat /z-$z/file")" = text ] || fail "$z did not come in"
done
# Modes, owners and times, also of the directory itself; and over existing
# files.
mkdir attributes
(
    cd attributes
    mkdir d
    echo x > suid
    echo y > plain
    ln -s plain link
    ln plain hard
    chmod 4755 suid
    chmod 0600 plain
    chmod 2770 d
    touch -d 2001-02-03T04:05:06.789 suid plain d .
    touch -h -d 2002-02-02 link
)
tar --owner=12 --group=34 --numeric-owner --format=posix -cf a.tar \
    -C attributes .
tar --numeric-owner --full-time -tvf a.tar | sort > want
fish : mkdir /attributes : tar-in a.tar /attributes : \
    tar-in a.tar /attributes : tar-out /attributes b.tar
tar --numeric-owner --full-time -tvf b.tar | sed 's/\.[0-9]*$//' | sort > have
sed -i 's/\(:[0-9][0-9]\)\.[0-9]* /\1 /' want have
[ "$(grep -v hard want | grep -v plain)" = \
    "$(grep -v hard have | grep -v plain)" ] ||
    fail "attributes: $(diff want have)"
[ "$(fish : stat /attributes/plain | grep -E '^(mode|nlink|uid|mtime)')" = \
    "$(printf 'mode: 33152\nnlink: 2\nuid: 12\nmtime: %s' \
        "$(stat -c %Y attributes/plain)")" ] || fail "attributes of a hard link"
fish : tar-out /tree t.tar 'excludes:dir *latin'
tar -tf t.tar | grep -E '^\./dir/|latin' && fail "excludes are there"

# Attributes travel in pax headers.
tar -C in/tree -cf - dir | fish : mkdir /x : tar-in - /x : \
    setxattr user.colour green 5 /x/dir/file : chown 1000 1001 /x/dir/file : \
    acl-set-file /x/dir/file access u::rw-,u:1234:r--,g::r--,m::r--,o::--- : \
    cap-set-file /x/dir/hard cap_net_raw=ep
fish : tar-out /x x.tar xattrs:true acls:true : mkdir /y : \
    tar-in x.tar /y xattrs:true acls:true
[ "$(fish : getxattr /y/dir/file user.colour)" = green ] || fail "no xattr"
fish : acl-get-file /y/dir/file access | grep -q 'user:1234:r--' ||
    fail "no ACL"
[ "$(fish : cap-get-file /y/dir/hard)" = cap_net_raw=ep ] || fail "no cap"
fish : lstatns /y/dir/file | grep -q 'st_gid: 1001' || fail "no owner"
fish : cp-a /y /w : rm-rf /y
[ "$(fish : getxattr /w/dir/file user.colour)" = green ] ||
    fail "cp-a lost an attribute"
[ "$(fish : exists /y)" = false ] || fail "rm-rf left something"

# A link to an outside path stays within the guest.
fish : mkdir-p /a/b : ln-s /tree/dir /a/b/l : ln-s /etc/passwd /a/out : \
    ln-s ../../../../tree/dir/file /a/up
[ "$(fish : cat /a/b/l/file)" = text ] || fail "absolute link"
[ "$(fish : cat /a/up)" = text ] || fail ".. stops at the root"
expect_error any 'No such file' fish : cat /a/out
expect_error any 'No such file' fish : write /a/out evil
[ "$(fish : realpath /a/b/l/../dir)" = /tree/dir ] || fail realpath
[ "$(fish : glob-expand '/a/b/l/f*')" = /tree/dir/file ] ||
    [ "$(fish : glob-expand '/a/b/l/f*')" = /a/b/l/file ] || fail glob
tar -C in/tree/dir -cf - file | fish : tar-in - /a/b/l

# Special files do not block.
fish : mkfifo 0644 /p : mknod-c 0644 1 5 /zero : mknod 0140644 0 0 /s
expect_error any 'not a regular file' fish : cat /p
expect_error any 'not a regular file' fish : cat /zero
expect_error any '.' fish : write /p text
expect_error any '.' fish : cat /s
expect_error any 'directory' fish : cat /a
expect_error any 'zero byte' fish : fill 0 10 /nul : cat /nul
expect_error any 'download' fish : fallocate64 /large 40000000 : cat /large

# Bytes in and out, whole and in part.
head -c 30000000 /dev/urandom > big
sum=$(sha256sum < big)
[ "$(fish : upload big /big : checksum sha256 /big)  -" = "$sum" ] ||
    fail upload
fish : download /big - | cmp - big || fail download
fish : download-offset /big part 12345678 1000000
dd if=big bs=1 skip=12345678 count=1000000 iflag=skip_bytes,count_bytes \
    status=none | cmp - part || fail download-offset
for sum in md5 sha1 sha224 sha384 sha512; do
    [ "$(fish : checksum $sum /big)" = "$(${sum}sum < big | cut -d' ' -f1)" ] ||
        fail $sum
done
[ "$(fish : checksum crc /big)" = "$(cksum < big | cut -d' ' -f1)" ] ||
    fail crc
fish : checksums-out sha256 /tree sums
(cd in/tree && sha256sum --quiet -c ../../sums) || fail checksums-out
[ "$(wc -l < sums)" -eq "$(find in/tree -type f -printf 'x\n' | wc -l)" ] ||
    fail "checksums-out forgot some"
[ "$(fish : base64-out /tree/dir/file -)" = "$(base64 in/tree/dir/file)" ] ||
    fail base64-out
base64 big | fish : base64-in - /big64
fish : equal /big /big64 | grep -q true || fail base64-in
fish : compress-out xz /tree/dir/file - | xz -d | cmp - in/tree/dir/file ||
    fail compress-out

# Full, read-only, gone.
expect_error any 'No space left' fish : upload /dev/zero /zeroes
expect_error any 'read-only|Read-only' mayfish --ro -a disk.img run : \
    mount-ro /dev/sda / : touch /new
expect_error any 'mount' mayfish -a disk.img run : touch /new
fish : rm-rf /tree : rm-f /zeroes : rm-rf /a
e2fsck -fn disk.img > fsck.txt 2>&1 || fail "$(cat fsck.txt)"

# Errors of a damaged file system name the guest's paths.
fish : mkdir /bad : touch /bad/xlink
debugfs -w -R 'clri /bad/xlink' disk.img > /dev/null 2>&1
expect_error any '/bad/xlink' fish : ll /bad
if grep -qE '/proc/[0-9]|/fd/|sysroot' <<< "$(fish : ll /bad 2>&1)"; then
    fail "ll shows a path of the appliance"
fi
truncate -s 0 disk.img
truncate -s 64M disk.img
mkfs.ext4 -q -F disk.img
fish : touch /xlink
debugfs -w -R 'clri /xlink' disk.img > /dev/null 2>&1
expect_error any "'/xlink'" fish : ll /
