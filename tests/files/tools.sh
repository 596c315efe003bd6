#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Calls that hand the work to a program of the appliance: rsync within the
# guest and with a server, squashfs as its own reader has it, rules of YARA.
. "$(dirname "$0")/../lib.sh"
requires command -v rsync
requires command -v unsquashfs
cd "$work"
truncate -s 128M disk
mkdir -p tree/sub
echo text > tree/sub/file
head -c 200000 /dev/urandom > tree/random
ln -s sub/file tree/link
ln -s /etc/passwd tree/outside
chmod 640 tree/sub/file
touch -d @1000000000 tree/sub/file
tar -C tree --owner=0 --group=0 -cf tree.tar .
mayfish -a disk << END || fail "cannot make the disk"
run
part-disk /dev/sda mbr
mkfs ext4 /dev/sda1
mount /dev/sda1 /
mkdir /d
tar-in tree.tar /d
END
fish()
{
    mayfish -a disk -m /dev/sda1 "$@" < /dev/null
}
# List a folder of the guest: names, modes, times, links, content.
listing()
{
    rm -rf "$1"
    fish copy-out "/$1" .
    (cd "$1" && find . -printf '%P %M %Ts %l\n' | grep -v '^ ' | LC_ALL=C sort &&
        find . -type f -exec sha256sum {} + | LC_ALL=C sort)
}

# A "/" after the source, after a link to it, and none.
fish rsync /d/ /e archive:true : rsync /d /f archive:true : \
    ln-s /d /to-d : rsync /to-d/ /g archive:true
listing d > want
for copy in e g; do
    listing $copy > got
    diff want got || fail "/$copy is another"
done
[ "$(fish ls /f)" = d ] || fail "without a slash: $(fish ls /f)"
# Only plain files without archive; extra files are removed when asked.
fish mkdir /h : touch /h/old : rsync /d/ /h
[ "$(fish ls /h)" = old ] || fail "without archive: $(fish ls /h)"
fish rsync /d/ /h archive:true : is-file /h/old | grep -qx true ||
    fail "it deletes unasked"
fish rsync /d/ /h archive:true deletedest:true
listing h > got
diff want got || fail "/h is another"
# A link to a file of the appliance is not followed by rsync either.
expect_error 1 '/absolute: a link' \
    fish ln-s /etc /absolute : rsync /d/ /absolute archive:true
expect_error 1 'such file' fish rsync /d/ /missing/x

# With a server on the host, which the appliance reaches at 10.0.2.2 if QEMU
# makes the connections.
mkdir served
echo served > served/file
port=$((20000 + RANDOM % 10000))
cat > rsyncd.conf << END
use chroot = no
pid file = $work/rsyncd.pid
[m]
path = $work/served
read only = no
uid = $(id -u)
gid = $(id -g)
END
rsync --daemon --no-detach --address=127.0.0.1 --port=$port \
    --config=rsyncd.conf &
server=$!
cleanup kill $server
for ((i = 0; i < 50; i++)); do
    [ ! -s rsyncd.pid ] || break
    sleep 0.1
done
export MAYFLY_NETWORK=qemu
fish --network rsync-in rsync://10.0.2.2:$port/m/ /in archive:true : \
    rsync-out /d/ rsync://10.0.2.2:$port/m/ archive:true
[ "$(fish cat /in/file)" = served ] || fail "rsync-in: $(fish find /in)"
cmp served/random tree/random || fail "rsync-out: $(ls served)"
expect_error 1 'rsync_in: rsync' fish rsync-in rsync://10.0.2.2:$port/m /in
unset MAYFLY_NETWORK

# squashfs.
fish mksquashfs /d made.squashfs : mksquashfs /d less.squashfs compress:xz \
    excludes:'sub random'
unsquashfs -q -n -d unpacked made.squashfs > /dev/null ||
    fail "no squashfs: $(file made.squashfs)"
(cd unpacked && find . -printf '%P %M %Ts %l\n' | grep -v '^ ' |
    LC_ALL=C sort && find . -type f -exec sha256sum {} + |
    LC_ALL=C sort) > got
diff want got || fail "the squashfs holds something else"
unsquashfs -s less.squashfs | grep -q 'Compression xz' || fail "not xz"
[ "$(unsquashfs -l less.squashfs | grep -c squashfs-root)" = 3 ] ||
    fail "excludes: $(unsquashfs -l less.squashfs)"

# YARA: rules as source and compiled, replaced, and invalid.
cat > rules << 'END'
rule HasText { strings: $a = "text" condition: $a }
rule Small { condition: filesize < 100 }
rule Never { strings: $a = "nevernever" condition: $a }
END
echo 'rule broken {' > broken
fish yara-load rules : yara-scan /d/link : yara-destroy > got
[ "$(sed -n 's/.*yara_rule: //p' got | LC_ALL=C sort | tr '\n' ' ')" = \
    'HasText Small ' ] || fail "yara-scan: $(cat got)"
[ "$(sed -n 's/.*yara_name: //p' got | sort -u)" = /d/link ] ||
    fail "yara-scan names $(cat got)"
[ "$(fish yara-load rules : yara-scan /d/random)" = "" ] || fail "random data"
expect_error 1 'no yara rules' fish yara-load rules : yara-destroy : \
    yara-scan /d/link
expect_error 1 'syntax error' fish yara-load broken
mayfish -a disk -m /dev/sda1 << 'END' > got 2>&1 && fail "broken rules scan"
yara-load rules
-yara-load broken
yara-scan /d/link
END
grep -q 'no yara rules' got || fail "rules of before: $(cat got)"
expect_error 1 'not a regular file' fish yara-load rules : yara-scan /d
# Compressed files, by name of the compression.
gzip -c tree/sub/file > file.gz
fish upload file.gz /file.gz
[ "$(fish zfile gzip /file.gz)" = "ASCII text" ] ||
    fail "zfile: $(fish zfile gzip /file.gz)"
expect_error 1 'bzip2' fish zfile bzip2 /file.gz
