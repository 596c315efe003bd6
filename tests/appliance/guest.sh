#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs of a guest: what environment they get, that nothing of it stays in
# the guest, and that no process outlives the call.
. "$srcdir/tests/lib.sh"

requires mke2fs -V
root=$work/root
mkdir -p "$root"/{dev,proc,sys,run,etc,tmp,bin}
for program in sh sleep cat ls setsid; do
    path=$(command -v "$program")
    cp -L "$path" "$root/bin/$program"
    ldd "$path" | grep -o '/[^ ]*' | while read -r library; do
        mkdir -p "$root$(dirname "$library")"
        cp -L "$library" "$root$library"
    done
done
echo kept > "$root/run/of-the-guest"
mke2fs -q -t ext4 -d "$root" "$work/disk.img" 256M > "$work/log"

guest()
{
    mayfish "$@" -a "$work/disk.img" -m /dev/sda -f "$work/script"
}

# What a program finds, and what it leaves in the guest.
cat > "$work/script" << 'END'
sh "cat /proc/self/mounts | while read a b c; do echo $b; done"
sh "ls /run; echo x > /run/new; echo y > /dev/shm/new; ls /dev/null"
exists /dev/null
ls /run
sh "sleep 1000 & setsid sleep 1000 < /dev/null > /dev/null 2>&1 & echo on"
umount /
END
guest > "$work/out"
cat > "$work/expected" << 'END'
/
/proc
/sys
/dev
/dev/pts
/dev/shm
/run

lock
/dev/null

false
of-the-guest
on

END
diff -u "$work/expected" "$work/out" || fail "around a program"

# Its errors.
echo 'sh "echo the cause >&2; exit 1"' > "$work/script"
expect_error any "the cause" guest
echo 'command nosuch' > "$work/script"
expect_error any "nosuch" guest
echo 'command "cat /nosuch"' > "$work/script"
expect_error any "cat: /nosuch" guest

# Whoever makes the connections: none are made here.
passt --version > /dev/null 2>&1 || export MAYFLY_NETWORK=qemu

# The name server of the appliance's network, whatever the guest has in its
# place: nothing, a file, a link to nothing in /run, or what cannot be changed.
cat > "$work/script" << 'END'
sh "cat /etc/resolv.conf"
exists /etc/resolv.conf
ln-s ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
sh "cat /etc/resolv.conf"
readlink /etc/resolv.conf
rm /etc/resolv.conf
write /etc/resolv.conf "of the guest\n"
sh "cat /etc/resolv.conf"
cat /etc/resolv.conf
set-e2attrs /etc/resolv.conf i
sh "cat /etc/resolv.conf"
set-e2attrs /etc/resolv.conf i clear:true
rm /etc/resolv.conf
set-e2attrs /etc i
sh "echo it runs"
set-e2attrs /etc i clear:true
END
guest --network > "$work/out"
cat > "$work/expected" << 'END'
nameserver 10.0.2.3

false
nameserver 10.0.2.3

../run/systemd/resolve/stub-resolv.conf
nameserver 10.0.2.3

of the guest

nameserver 10.0.2.3

it runs

END
diff -u "$work/expected" "$work/out" || fail "resolv.conf"

# Without a network the file is left as it is.
echo 'sh "cat /etc/resolv.conf"' > "$work/script"
expect_error any "resolv.conf: No such file" guest

# A network namespace of its own: only the way out is there.
echo 'sh "cat /proc/net/route"' > "$work/script"
guest --network | grep -q 00000000.0202000A || fail "no route"
guest | grep -q 0202000A && fail "a route without a network"
true

# xfs_repair of a large file system needs more memory maps than the kernel's
# default of 65530.
echo 'sh "cat /proc/sys/vm/max_map_count"' > "$work/script"
[ "$(guest | head -1)" -ge 1000000 ] || fail "few memory maps"
