#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Configuration that operations read and change as its owners do: keys of SSH,
# host names, the mode of SELinux.
. "${srcdir:?}/tests/lib.sh" || exit 1
cd "$work"
mkdir -p t/{dev,etc/ssh/sshd_config.d,etc/selinux,etc/sysconfig,home/me,proc,root} \
    t/{run,sys,tmp,usr/bin,var/lib} repo
ln -s usr/bin t/bin
printf 'PRETTY_NAME="CentOS 6"\nID=centos\nVERSION_ID="6"\n' > t/etc/os-release
printf 'NETWORKING=yes\nHOSTNAME=old.example.org\n' > t/etc/sysconfig/network
printf '127.0.0.1 localhost localhost.localdomain\n%s\n' \
    '127.0.1.1 old.example.org old # mine' > t/etc/hosts
printf 'root:x:0:0::/root:/bin/sh\nme::1000:1000::/home/me:\n' > t/etc/passwd
printf 'root:*:19000:0:99999:7:::\n' > t/etc/shadow
printf 'SELINUXTYPE=targeted\r\nSELINUX=Permissive\r\n' > t/etc/selinux/config
printf 'include sshd_config.d/*.conf\npermitrootlogin yes\n' \
    > t/etc/ssh/sshd_config
printf 'PermitRootLogin no\n' > t/etc/ssh/sshd_config.d/a.conf
printf 'AllowUsers root\nallowusers m?@10.0.0.0/8 x\nAllowGroups ssh-* wheel\nMatch User x\nDenyUsers root\n' \
    > t/etc/ssh/sshd_config.d/b.conf
printf 'root:x:0:\nwheel:x:10:x,root\nme:x:1000:\n' > t/etc/group
tar -C t --owner=0 --group=0 -cf t.tar .
truncate -s 100M repo/t.img
mayfish --format=raw -a repo/t.img << EOF
run
part-disk /dev/sda mbr
mkfs ext4 /dev/sda1
mount /dev/sda1 /
tar-in t.tar /
EOF
printf '[t]\nname=t\narch=x86_64\nfile=t.img\nformat=raw\nsize=104857600\n' \
    > repo/index
printf 'checksum[sha512]=%s\n' "$(sha512sum < repo/t.img | cut -d' ' -f1)" \
    >> repo/index
printf '\n# mine\r\nfrom="10.0.0.0/8, ::1" ssh-rsa AAAA one\r\n\r\n%s\r\n' \
    'ssh-ed25519 BBBB two' > keys
printf -- '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n' > private
printf 'ssh-rsa AAAA a\nsomething else\n' > broken
: > none
build()
{
    mayfly-builder t --source "$work/repo/index" --no-check-signature \
        --no-cache --no-network --root-password locked -q -o o.img "$@"
}
build --hostname web --ssh-inject me:file:keys --ssh-inject root:file:keys \
    2> said
out() { mayfish --ro --format=raw -a o.img -m /dev/sda1 "$@"; }
out cat /home/me/.ssh/authorized_keys : cat /etc/hosts : \
    cat /etc/sysconfig/network : exists /.autorelabel > got
grep -q '^from="10.0.0.0/8, ::1" ssh-rsa AAAA one$' got || fail "$(cat got)"
grep -q '^ssh-ed25519 BBBB two$' got || fail "$(cat got)"
grep -q '^127.0.1.1 web # mine$' got || fail "$(cat got)"
grep -q '^127.0.0.1 localhost localhost.localdomain$' got || fail "$(cat got)"
grep -q '^HOSTNAME=web$' got || fail "$(cat got)"
[ "$(tail -n 1 got)" = true ] || fail "no relabelling: $(cat got)"
grep -q 'warning: .*PermitRootLogin no' said || fail "sshd: $(cat said)"
grep -q 'warning: .* does not let me in (AllowGroups)' said || fail "$(cat said)"
[ "$(grep -c 'does not let' said)" = 2 ] || fail "sshd: $(cat said)"
expect_error 2 'private: a private SSH key' build --ssh-inject me:file:private
expect_error 2 'broken: line 2 is not' build --ssh-inject me:file:broken
expect_error 2 'none: not a public SSH key' build --ssh-inject me:file:none

# What runs in the guest.
busybox=$(command -v busybox) || skip "no busybox"
file -L "$busybox" | grep -q static || skip "busybox is not static"
mayfish --format=raw -a o.img -m /dev/sda1 << EOF > got
upload $busybox /usr/bin/busybox
chmod 0755 /usr/bin/busybox
ln-s busybox /usr/bin/sh
write /etc/hostname "# a comment\n \t db1.example.com \n"
sh "busybox hostname; busybox stat -c %a /run/lock; busybox ls /dev/fd/0"
rm /etc/hostname
write /etc/sysconfig/network "HOSTNAME='db2'\n"
sh "busybox hostname"
rm /etc/sysconfig/network
sh "busybox hostname"
EOF
[ "$(grep . got | tr '\n' ' ')" = \
    "db1.example.com 1777 /dev/fd/0 db2 localhost " ] || fail "$(cat got)"
