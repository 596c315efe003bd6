#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Scripts of the first boot become a service of the guest's init system,
# whichever it has; and the operations that need a program of the guest.
. "${srcdir:?}/tests/lib.sh" || exit 1
cd "$work"
runner=/usr/lib/mayfly-firstboot/firstboot.sh

# An image of a tree: image NAME DISTRIBUTION < COMMANDS OF THE SHELL
image()
{
    mkdir -p "$1"/{dev,proc,sys,etc,bin,sbin,usr/bin,usr/lib,var/log,tmp}
    printf 'ID=%s\nVERSION_ID=1\n' "$2" > "$1/etc/os-release"
    printf 'root:x:0:0::/root:/bin/sh\n' > "$1/etc/passwd"
    cp "$(command -v busybox)" "$1/bin/busybox"
    ln -s busybox "$1/bin/sh"
    (cd "$1" && bash -e)
    tar --owner=0 --group=0 -C "$1" -cf "$1.tar" .
    truncate -s 32M "$1.img"
    mayfish --format=raw -a "$1.img" run : mkfs ext4 /dev/sda : \
        mount /dev/sda / : tar-in "$1.tar" /
}

customize() # NAME OPTION...
{
    mayfly-customize -q --format=raw -a "$1.img" "${@:2}"
}

# Print files of the image: show NAME COMMAND...
show()
{
    mayfish --ro --format=raw -a "$1.img" -m /dev/sda "${@:2}"
}

image systemd debian << 'END'
mkdir -p usr/lib/systemd etc/init.d etc/rc3.d
touch usr/lib/systemd/systemd
ln -s ../usr/lib/systemd/systemd sbin/init
END
# systemd is installed, and is not what is started.
image sysv debian << 'END'
mkdir -p usr/lib/systemd etc/init.d etc/rc{2,3,4,5}.d usr/sbin
touch usr/lib/systemd/systemd
echo sysvinit > sbin/init
printf '#!/bin/sh\necho "$@" > /registered\n' > usr/sbin/update-rc.d
chmod 755 usr/sbin/update-rc.d
END
image redhat centos << 'END'
mkdir -p etc/rc.d/init.d etc/rc.d/rc{2,3,4,5}.d
ln -s rc.d/init.d etc/init.d
echo upstart > sbin/init
printf '#!/bin/sh\nexit 7\n' > sbin/chkconfig
chmod 755 sbin/chkconfig
END
image openrc alpine << 'END'
mkdir -p etc/init.d etc/runlevels/default lib/apk/db
ln -s ../bin/busybox sbin/init
touch sbin/openrc-run
printf 'P:musl\nV:1.2\n\n' > lib/apk/db/installed
END
image slackware slackware << 'END'
mkdir -p etc/rc.d/rc3.d etc/init.d
touch etc/rc.d/rc.M
echo sysvinit > sbin/init
END
image void void << 'END'
mkdir -p etc/runit
touch etc/runit/2
printf '#!/bin/bash\n# local\nexit 0' > etc/rc.local
END
image none debian < /dev/null

for guest in systemd sysv redhat slackware void; do
    customize $guest --firstboot-command true 2> "$guest.said" ||
        fail "$guest: $(cat "$guest.said")"
done
customize openrc --firstboot-install "nginx,it's" --firstboot-command true
expect_error 1 'need a guest with systemd, OpenRC' \
    customize none --firstboot-command true

show systemd is-symlink \
    /etc/systemd/system/multi-user.target.wants/mayfly-firstboot.service |
    grep -qx true
[ "$(show systemd exists /etc/init.d/mayfly-firstboot)" = false ]
for level in 2 3 4 5; do
    show sysv readlink /etc/rc$level.d/S99mayfly-firstboot
    show redhat readlink /etc/rc.d/rc$level.d/S99mayfly-firstboot
done | sort -u > links
[ "$(cat links)" = /etc/init.d/mayfly-firstboot ] || fail "$(cat links)"
[ "$(show sysv cat /registered)" = 'mayfly-firstboot defaults' ]
[ "$(show sysv exists /etc/systemd/system/mayfly-firstboot.service)" = false ]
[ ! -s sysv.said ] || fail "$(cat sysv.said)"
grep -q '/sbin/chkconfig --add mayfly-firstboot failed in the guest' \
    redhat.said || fail "$(cat redhat.said)"
# The script is one that a shell reads, and it starts the runner.
show redhat cat /etc/init.d/mayfly-firstboot > script
sh -n script
grep -q '^# chkconfig: 2345 99 01$' script
[ "$(sh script stop)" = '' ]
grep -q "exec $runner" script
[ "$(show openrc readlink /etc/runlevels/default/mayfly-firstboot)" = \
    /etc/init.d/mayfly-firstboot ]
show openrc cat /etc/init.d/mayfly-firstboot > script
[ "$(head -n 1 script)" = '#!/sbin/openrc-run' ]
sh -n script
show openrc cat /usr/lib/mayfly-firstboot/scripts/0001-install > script
sh -n script
grep -qF "apk add 'nginx' 'it'\\''s'" script || fail "$(cat script)"
# Before what is there, and once.
customize void --firstboot-command false
[ "$(show void cat /etc/rc.local)" = "#!/bin/bash
$runner &
# local
exit 0" ] || fail "$(show void cat /etc/rc.local)"
[ "$(show slackware cat /etc/rc.d/rc.local)" = "#!/bin/sh
$runner &" ] || fail "$(show slackware cat /etc/rc.d/rc.local)"

# Subscriptions, by a program that notes how it was called.
mayfish --format=raw -a none.img -m /dev/sda << 'END'
write /usr/bin/subscription-manager "#!/bin/sh\necho \"$*\" >> /called\n"
chmod 0755 /usr/bin/subscription-manager
write /secret text
END
echo "it's secret" > password
echo 'pool 1' > pool
customize none --scrub /secret --sm-credentials me:file:password \
    --sm-register --sm-attach auto --sm-attach pool:a --sm-attach file:pool \
    --sm-remove --sm-unregister > said
[ ! -s said ] || fail "$(cat said)"
[ "$(show none cat /called)" = "register --username=me --password=it's secret
attach --auto
attach --pool=a
attach --pool=pool 1
remove --all
unregister" ] || fail "$(show none cat /called)"
[ "$(show none exists /secret)" = false ]
expect_error 1 'give --sm-credentials before' customize none --sm-register
expect_error 2 'USER:password:PASSWORD' customize none --sm-credentials me
expect_error 2 'auto, pool:ID or file:PATH' customize none --sm-attach all
expect_error 1 'No such file' customize none --scrub /nothing

# A further disk for commands, of a format that is said; what is no image ends
# it.
truncate -s 1M raw.img
printf 'QFI\373\0\0\0\3' | dd of=raw.img conv=notrunc status=none
customize none --attach-format raw --attach raw.img \
    --run-command 'test -b /dev/sdb' --colors --wrap
expect_error 3 'raw.img' customize none --attach raw.img --touch /x
expect_error 2 'curl' mayfly-builder --curl /bin/curl --list
