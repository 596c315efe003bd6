#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mayfish on real disks: daily use, and the bad input that daily use meets.
. "$(dirname "$0")/../lib.sh"
cd "$work" || exit 1
export HOME=$work TMPDIR=$work

# same TEXT COMMAND...: it succeeds and prints exactly that.
same()
{
    local want=$1 got
    shift
    got=$("$@" < /dev/null) || fail "'$*' exited $?"
    [ "$got" = "$want" ] || fail "'$*' printed '$got', not '$want'"
}

# A disk with a file system, made in one go, and read again.
same "" mayfish -N d.img=fs:ext4:64M:gpt -m /dev/sda1 \
    write /motd $'hello\n' : mkdir /d : write /d/x1 1 : write /d/x2 22
same hello mayfish -a d.img -m /dev/sda1 cat /motd
same "true" mayfish --ro -a d.img -m /dev/sda1:/:noatime:ext4 is-file /motd
same "/dev/sda1: ext4" mayfish --ro -a d.img run : list-filesystems

# --ro leaves every byte alone; the writes go nowhere.
before=$(sha256sum < d.img)
mayfish --ro -a d.img run : mount /dev/sda1 / : cat /motd > /dev/null
mayfish --ro -a d.img -- run : -mkfs ext2 /dev/sda1 2> /dev/null
[ "$(sha256sum < d.img)" = "$before" ] || fail "--ro changed the image"

# Streams: files, "-" and the lines of the script.
printf 'a\0b' > blob
mayfish -a d.img -m /dev/sda1 upload blob /blob : download /blob - > back
cmp blob back || fail "upload and download changed the bytes"
printf 'from stdin' | mayfish -a d.img -m /dev/sda1 upload - /in : cat /in > back
[ "$(cat back)" = "from stdin" ] || fail "upload - gave '$(cat back)'"
printf 'upload -<<END /here\nline 1\n\tline "2"\nEND\ncat /here\n' > s
same $'line 1\n\tline "2"' mayfish -a d.img -m /dev/sda1 -f s
printf 'upload -<<END /here\nline 1\n' > s
expect_error 1 "^mayfish: s:2: upload: the script ends before the line 'END'" \
    mayfish -a d.img -m /dev/sda1 -f s
expect_error 1 "^mayfish: upload: cannot open nosuch: No such" \
    mayfish -a d.img -m /dev/sda1 upload nosuch /x

# Results go through pipes, and structures look as usual.
printf 'read-file /blob | od -An -c\nstatvfs / | grep ^namemax\nreaddir /d\n' > s
mayfish -a d.img -m /dev/sda1 -f s > out
grep -q 'a  \\0   b' out || fail "read-file through a pipe: $(cat out)"
grep -q '^namemax: 255$' out || fail "statvfs: $(cat out)"
grep -A3 -F '[0] = {' out | grep -q '^  ino: [0-9]*$' || fail "readdir: $(cat out)"

# Builtins.
printf 'glob filesize /d/x*\nglob echo /d/x[12] /dev/sd* /no*\n' > s
same $'1\n2\n/d/x1 /dev/sda /no*\n/d/x1 /dev/sda1 /no*\n/d/x2 /dev/sda /no*\n/d/x2 /dev/sda1 /no*' \
    mayfish -a d.img -m /dev/sda1 -f s
export EDITOR='sed -i s/hello/HELLO/'
printf 'chmod 0640 /motd\nln-s motd /link\nedit /link\ncat /link\nstat /motd | grep ^mode\nis-symlink /link\n' > s
same $'HELLO\n\nmode: 33184\ntrue' mayfish -a d.img -m /dev/sda1 -f s
export EDITOR=true
same "" mayfish -a d.img -m /dev/sda1 edit /motd
[ -z "$(find "$work" -name 'mayfish.*')" ] || fail "edit did not remove its folder"
same HELLO env PAGER=cat mayfish -a d.img -m /dev/sda1 more /motd
mkdir -p tree/sub
echo 1 > tree/sub/one
ln -s sub/one tree/link
mayfish -a d.img -m /dev/sda1 copy-in tree blob /d
mkdir out.d
mayfish --ro -a d.img -m /dev/sda1 copy-out /d/tree /d/blob out.d
cmp blob out.d/blob || fail "copy-out changed the bytes"
[ "$(cat out.d/tree/sub/one)" = 1 ] || fail "copy-out lost a file"
[ "$(readlink out.d/tree/link)" = sub/one ] || fail "copy-out lost a link"
same "1048576" mayfish sparse s.img 1M : run : blockdev-getsize64 /dev/sda
[ "$(stat -c %s s.img)" -eq 1048576 ] || fail "sparse made the wrong size"
same "1048576" mayfish alloc a.img 1024K : run : blockdev-getsize64 /dev/sda
[ "$(($(stat -c %b a.img) * 512))" -ge 1048576 ] || fail "alloc left holes"
same $'true\nfalse' mayfish -a d.img run : is-ready : reopen : is-ready
mayfish run : supported > out
grep -q '^ *lvm2 yes$' out || fail "supported: $(cat out)"
[ "$(awk '{ print length($0) - length($NF) }' out | sort -u | wc -l)" -eq 1 ] ||
    fail "supported is not aligned: $(cat out)"
mayfish run : time ping-daemon | grep -qx 'elapsed time: [0-9.]* seconds' ||
    fail "time prints no time"

# Prepared disks of every kind.
mayfish -N part:16M -N fs:vfat:40M -N lvfs:/dev/A/B:ext4:64M -N bootroot:ext2:ext4:64M:16M:gpt \
    -N lv:/dev/C/D:32M -N disk:8M -N bootrootlv:/dev/E/F:ext2:ext4:128M:32M \
    list-filesystems : lvs > out
for line in '/dev/sda1: unknown' '/dev/sdb1: vfat' '/dev/A/B: ext4' \
    '/dev/sdd1: ext2' '/dev/sdd2: ext4' '/dev/C/D: unknown' '/dev/sdf: unknown' \
    '/dev/sdg1: ext2' '/dev/E/F: ext4' '/dev/A/B' '/dev/C/D' '/dev/E/F'; do
    grep -qxF -- "$line" out || fail "-N: no '$line' in $(cat out)"
done
[ -f test7.img ] || fail "-N chose other names"

# Keys are prompted for, never given as words.
printf 'luks-format /dev/sda 0\ncryptsetup-open /dev/sda x\nlist-dm-devices\n' > s
printf 'secret\nsecret\n' > keys
truncate -s 64M l.img
[ "$(mayfish -a l.img --keys-from-stdin -- run : -list-devices < keys)" = /dev/sda ] ||
    fail "run and list-devices"
printf 'run\n%s\n' "$(cat s)" > s2
[ "$(mayfish -a l.img --keys-from-stdin -f s2 < keys)" = /dev/mapper/x ] ||
    fail "a LUKS device was not opened"
expect_error 1 'cryptsetup-open|cryptsetup_open' sh -c \
    'printf "run\ncryptsetup-open /dev/sda x\n" > s3; echo wrong | mayfish -a l.img --keys-from-stdin -f s3'

# JSON.
mayfish --json -a d.img run : list-filesystems : list-partitions > out
[ "$(cat out)" = $'{"/dev/sda1":"ext4"}\n["/dev/sda1"]' ] || fail "json: $(cat out)"

# Bad input: one line, the cause, the next step, a code of its own.
expect_error 1 '^mayfish: cat: /nosuch: No such file or directory$' \
    mayfish -a d.img -m /dev/sda1 cat /nosuch
expect_error 1 '^mayfish: mount.*/dev/sdz1.*the file systems are /dev/sda1' \
    mayfish -a d.img -m /dev/sdz1
expect_error 5 'no operating system' mayfish --ro -a d.img -i
expect_error 1 'erofs|[Rr]ead-only' mayfish --ro -a d.img -m /dev/sda1 touch /x
qemu-img create -q -f qcow2 good.qcow2 10M
head -c 70000 good.qcow2 > cut.qcow2
expect_error 3 'cut.qcow2' mayfish -a cut.qcow2 run
expect_error 3 'raw|qcow2' mayfish --format=qcow2 -a d.img run
expect_error 3 'nosuch' mayfish --format=nosuch -a d.img run
mkdir far
qemu-img create -q -f raw far/base.img 10M
qemu-img create -q -f qcow2 -F raw -b "$work/far/base.img" back.qcow2
expect_error 3 'base.img' mayfish -a back.qcow2 run
for words in '-a d.img -m /dev/sdz1' '--ro -a d.img -i' '-a cut.qcow2 run' \
    '-a back.qcow2 run' '-a d.img -m /dev/sda1 cat /nosuch'; do
    # shellcheck disable=SC2086
    text=$(mayfish $words 2>&1 < /dev/null || true)
    [ "$(wc -l <<< "$text")" -eq 1 ] || fail "'$words' said: $text"
done

# A script ends at its first error; "-" goes on.
printf 'cat /nosuch\necho no\n' > s
expect_error 1 '^mayfish: s:1: cat: /nosuch: No such' \
    mayfish -a d.img -m /dev/sda1 -f s
same "" sh -c 'mayfish -a d.img -m /dev/sda1 -f s 2> /dev/null || true'
printf -- '-cat /nosuch\necho yes\n' > s
same yes mayfish -a d.img -m /dev/sda1 -f s
