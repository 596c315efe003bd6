#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Accounts that a key or a password does not let in although it is there, and
# the names and zones that systems without systemd keep in files of their own.
. "${srcdir:?}/tests/lib.sh" || exit 1
cd "$work"
mkdir -p t/{dev,etc/ssh,etc/sysconfig,etc/config,etc/dropbear,proc,root,run,sys} \
    t/home/{loose,foreign,ok,nested/.ssh} t/{tmp,usr/bin,usr/sbin,var/lib} repo \
    t/usr/etc/ssh/sshd_config.d t/usr/share/zoneinfo/Europe
ln -s usr/bin t/bin
ln -s usr/sbin t/sbin
for i in bin/sh sbin/nologin; do
    echo '#!' > t/usr/$i
    chmod 755 t/usr/$i
done
echo zone > t/usr/share/zoneinfo/Europe/Vienna
echo old.example.org > t/etc/HOSTNAME
printf 'HARDWARECLOCK="UTC"\nHOSTNAME="old"\nTIMEZONE="UTC"\n' > t/etc/rc.conf
printf 'ZONE="America/New_York"\nUTC=true\n' > t/etc/sysconfig/clock
printf "config system\n\toption hostname 'OpenWrt'\n\toption timezone 'UTC'\n" \
    > t/etc/config/system
printf 'Include sshd_config.d/*\nInclude /usr/etc/ssh/sshd_config.d/*.conf\nAuthenticationMethods publickey,password "password"\n' \
    > t/usr/etc/ssh/sshd_config
echo 'PermitRootLogin forced-commands-only' \
    > t/usr/etc/ssh/sshd_config.d/root.conf
cat > t/etc/passwd << 'END'
root:*:0:0::/root:/bin/sh
loose:x:1000:1000::/home/loose:/bin/sh
foreign:x:1001:1001::/home/foreign:/sbin/nologin
nohome:x:1002:1002::/home/nohome:/bin/zsh
ok:x:1003:1003::/home/ok
nested:x:1004:1004::/home/nested:/bin/sh
far:x:2147483647:1005::/home/far:
+::::::
END
cat > t/etc/shadow << 'END'
root:*:19000:0:90:7:30::
loose:!:19000:0:99999:7:::
foreign:*:19000:0:90:7::19001:
nohome:*:19000:0:99999:7::999999:
ok:*:19000:0:99999:7:::
nested:!!:19000:0:99999:7:::
END
printf 'root:x:0:\n' > t/etc/group
echo host > t/etc/dropbear/key
touch t/home/nested/.ssh/authorized_keys
printf 'ID=openwrt\nPRETTY_NAME="x"\nVERSION_ID="3.19"\n' > t/etc/os-release
printf '# UsePAM yes\n# StrictModes no\n' > t/usr/etc/ssh/sshd_config.d/x.conf
tar -C t --owner=0 --group=0 -cf t.tar .
truncate -s 100M repo/openwrt.img
mayfish --format=raw -a repo/openwrt.img << EOF
run
part-disk /dev/sda mbr
mkfs ext4 /dev/sda1
mount /dev/sda1 /
tar-in t.tar /
chown 1000 1000 /home/loose
chown 1000 1000 /etc/dropbear
touch /etc/nologin
chmod 0775 /home/loose
chown 77 77 /home/foreign
chown 1003 1003 /home/ok
chown 1004 1004 /home/nested
chmod 0600 /home/nested/.ssh/authorized_keys
EOF
# The same with other settings, of the same length.
sed 's/^ID=openwrt$/ID=alpine\n/; s/^# UsePAM/  UsePAM/; s/^# Strict/  Strict/' \
    repo/openwrt.img > repo/alpine.img
for i in openwrt alpine; do
    printf '[%s]\nname=x\narch=x86_64\nfile=%s.img\nformat=raw\n' $i $i
    printf 'size=104857600\nchecksum[sha512]=%s\n\n' \
        "$(sha512sum < "repo/$i.img" | cut -d' ' -f1)"
done > repo/index
echo 'ssh-rsa AAAA a' > key
build() # ID OPTIONS
{
    mayfly-builder "$1" --source "$work/repo/index" --no-check-signature \
        --no-cache --no-network -q -o "$1.img" "${@:2}"
}
tells() { grep -q "warning: $1" said || fail "no '$1': $(cat said)"; }

build openwrt --hostname web --timezone Europe/Vienna \
    --root-password password:x --password nested:password:y \
    --ssh-inject root:file:key --ssh-inject loose:file:key \
    --ssh-inject foreign:file:key --ssh-inject nohome:file:key \
    --ssh-inject ok:file:key --ssh-inject nested:file:key \
    --ssh-inject far:file:key 2> said
mayfish --ro --format=raw -a openwrt.img -m /dev/sda1 > got << 'EOF'
cat /etc/HOSTNAME
cat /etc/rc.conf
cat /etc/sysconfig/clock
cat /etc/config/system
cat /etc/dropbear/authorized_keys
exists /root/.ssh
cat /etc/passwd
cat /etc/shadow
ll /home
ll /home/nohome/.ssh
EOF
for i in '^web$' '^HARDWARECLOCK="UTC"$' '^HOSTNAME="web"$' \
    '^TIMEZONE="Europe/Vienna"$' '^root:$6$.*:[2-9][0-9]*:0:90:7:30::$' \
    '^nested:$6$.*:19000:0:' \
    '^ZONE="Europe/Vienna"$' '^UTC=true$' "option hostname 'web'" \
    "option timezone 'UTC'" '^ssh-rsa AAAA a$' '^false$' '^root:x:0:0:' \
    '^nested:x:1004:' '^+::::::$' 'drwx------ .* 1002 1002 .* nohome$' \
    '1002 1002 .* authorized_keys$' '2147483647 1005 .* far$'; do
    grep -q -- "$i" got || fail "no '$i': $(cat got)"
done
tells '.*forced-commands-only'
tells '.*AuthenticationMethods publickey,password "password"'
tells "the account of loose is locked .* add --password loose:disabled"
tells 'others can write to /home/loose .mode 0775.: .*StrictModes'
tells '/home/foreign belongs to the user number 77: .*StrictModes'
tells 'the shell of foreign is /sbin/nologin, which lets no one in'
tells 'the account of foreign has expired'
tells 'the shell of nohome is /bin/zsh, which is not in the guest'
tells '/home/nested/.ssh/authorized_keys belongs to root, .*0600'
tells '/etc/dropbear belongs to the user number 1000: .*keys of root'
[ "$(grep -c 'warning: .* more than a key' said)" = 7 ] || fail "$(cat said)"
[ "$(grep -c 'warning: .* /etc/nologin' said)" = 6 ] || fail "$(cat said)"
[ "$(grep -c warning: said)" = 22 ] || fail "more than that: $(cat said)"

# An sshd without PAM whatever its settings say.
build alpine --root-password disabled --ssh-inject loose:file:key 2> said
tells "the account of loose is locked"
[ "$(grep -c warning: said)" = 3 ] || fail "more than that: $(cat said)"
