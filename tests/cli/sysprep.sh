#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mayfly-sysprep and mayfly-customize on a small system: what goes, what stays
# with all its attributes, and that the image is as it was after a failure.
. "${srcdir:?}/tests/lib.sh" || exit 1
cd "$work"
cp --sparse=always "$("$srcdir/tests/images/get.sh" gpt)" base.img
mayfish --format=raw -a base.img -m /dev/sda3 << 'END'
write /etc/passwd "root:x:0:0::/root:/bin/sh\nbob:x:1000:1000::/srv/bob:/bin/sh\nann:x:1001:1001::/home/ann:/bin/sh\n"
write /etc/shadow "root:*:1:::::\nbob:*:1:::::\nann:*:1:::::\n"
write /etc/group "root:x:0:\nbob:x:1000:\nann:x:1001:bob\n"
chmod 0640 /etc/shadow
chown 0 42 /etc/shadow
setxattr user.kept yes 3 /etc/shadow
mkdir-p /srv/bob/.ssh
mkdir-p /home/ann
mkdir-p /root
touch /root/.bash_history
touch /srv/bob/.bash_history
touch /home/ann/.python_history
write /etc/machine-id "0123456789abcdef0123456789abcdef\n"
mkdir-p /etc/ssh
touch /etc/ssh/ssh_host_rsa_key
touch /etc/ssh/sshd_config
mkdir-p /var/log/apt
touch /var/log/apt/history.log
touch /var/log/kept
mkdir-p /var/tmp/x/y
touch /tmp/.hidden
touch /etc/passwd-
touch /etc/hosts~
mkdir-p /var/lib/systemd
touch /var/lib/systemd/random-seed
mkdir-p /etc/netplan
mkdir-p /srv/kept
touch /srv/kept/file
ln-s / /var/log/audit
ln-s /srv/kept /var/log/puppet
ln-s / /var/crash
mkdir-p /var/spool/cron
ln-s /etc /var/spool/cron/atjobs
ln-s ../../etc /var/spool/at
mkdir-p /var/lib/samba
ln-s / /var/lib/samba/x
ln-s /srv/kept /home/ann/.local
mkdir-p /data/eve
ln-s /data/eve /home/eve
touch /data/eve/.bash_history
write /etc/netplan/a.yaml "network:\n  ethernets:\n    a:\n      match:\n        macaddress: 52:54:00:12:34:56\n"
END
sum=$(sha256sum < base.img)

inside() { mayfish --ro --format=raw -a "$image" -m /dev/sda3 "$@"; }
there() { [ "$(inside exists "$1")" = true ] || fail "$1 has gone"; }
gone() { [ "$(inside exists "$1")" = false ] || fail "$1 is there"; }
unchanged()
{
    [ "$(sha256sum < base.img)" = "$sum" ] || fail "$1: the image was written"
    ! compgen -G 'base.img.mayfly*' > /dev/null || fail "$1: a file is left"
}

# --- what would be done ---
mayfly-sysprep --format=raw -a base.img --dry-run > said
unchanged "a dry run"
for path in /root/.bash_history /srv/bob/.bash_history /srv/bob/.ssh \
    /home/ann/.python_history /etc/ssh/ssh_host_rsa_key /etc/passwd- \
    /etc/hosts~ /var/log/apt/history.log /var/tmp/x /tmp/.hidden \
    /var/lib/systemd/random-seed; do
    grep -qF ": remove $path" said || fail "$path is not in: $(cat said)"
done
grep -q 'machine-id: change /etc/machine-id' said
if grep -q sshd_config said; then fail "sshd_config goes"; fi

# --- a failure, at the last step ---
expect_error 1 '--truncate /nothing' mayfly-sysprep --format=raw -a base.img \
    --truncate /nothing
unchanged "a failure"
expect_error 1 "no user 'eve'" mayfly-sysprep --format=raw -a base.img \
    --operations user-account --remove-user-accounts eve
unchanged "an unknown user"
expect_error 1 'exit status 3' mayfly-sysprep --format=raw -a base.img \
    --script 'exit 3' --operations script,utmp
unchanged "a script"

# --- the same, done ---
cp --sparse=always base.img done.img
image=done.img
mayfly-sysprep --format=raw -a done.img --hostname clone \
    --script 'echo by a script > srv/script' \
    --operations defaults,user-account --remove-user-accounts bob > said
for path in /root/.bash_history /srv/bob /home/ann/.python_history \
    /etc/ssh/ssh_host_rsa_key /etc/passwd- /etc/hosts~ \
    /var/log/apt/history.log /var/tmp/x /tmp/.hidden \
    /var/lib/systemd/random-seed; do
    gone "$path"
done
for path in /home/ann /etc/ssh/sshd_config /var/log/kept /var/log/apt /tmp; do
    there "$path"
done
[ "$(inside filesize /etc/machine-id)" = 0 ]
inside cat /etc/hostname | grep -qx clone
inside cat /srv/script | grep -qx 'by a script'
inside cat /etc/netplan/a.yaml | grep -qx '        name: "e\*"'
inside cat /etc/passwd | grep -q '^ann:'
if inside cat /etc/passwd | grep -q '^bob:'; then fail "bob is there"; fi
inside cat /etc/group | grep -qx 'ann:x:1001:'
inside stat /etc/shadow > stat
grep -q '^gid: 42' stat && grep -qE '^mode: (0?100640|33184)' stat ||
    fail "/etc/shadow: $(cat stat)"
inside getxattr /etc/shadow user.kept | grep -q yes
grep -q 'user-account: ' said && grep -q 'ssh-hostkeys: 1 removed' said ||
    fail "said: $(cat said)"

# --- links that lead out of a folder ---
for path in /srv/kept/file /etc/netplan/a.yaml /var/log/audit /bin /var; do
    there "$path"
done
gone /data/eve/.bash_history
mayfish --format=raw -a done.img -m /dev/sda3 << 'END'
mv /tmp /old-tmp
ln-s / /tmp
rm /etc/machine-id
ln-s passwd /etc/machine-id
END
inside find / | sort > before
passwd=$(inside cat /etc/passwd)
mayfly-sysprep --format=raw -a done.img --operations tmp-files,machine-id \
    > /dev/null 2> warned
inside find / | sort | diff before - || fail "what a link led to has gone"
[ "$(inside cat /etc/passwd)" = "$passwd" ] || fail "/etc/passwd: changed"
grep -q 'tmp-files: a link makes / of /tmp; what is there stays' warned &&
    grep -q 'machine-id: a link makes /etc/passwd of' warned || fail "$(cat warned)"

# --- mayfly-customize: several formats, an overlay of an overlay ---
qemu-img convert -f raw -O qcow2 base.img c.qcow2
qemu-img create -q -f qcow2 -b "$PWD/c.qcow2" -F qcow2 top.qcow2
below=$(sha256sum < c.qcow2)
mayfly-customize -a top.qcow2 --write /etc/new:text --no-logfile -q > said
[ ! -s said ] || fail "--quiet: $(cat said)"
[ "$(sha256sum < c.qcow2)" = "$below" ] || fail "the backing file was written"
[ "$(mayfish --ro -a top.qcow2 -m /dev/sda3 cat /etc/new)" = text ]
qemu-img check -q top.qcow2
mayfly-customize --no-overlay -a c.qcow2 --write /etc/new:direct > /dev/null
[ "$(mayfish --ro -a c.qcow2 -m /dev/sda3 cat /etc/new)" = direct ]
# It keeps its identity.
mayfish --ro -a c.qcow2 -m /dev/sda3 cat /etc/machine-id | grep -q ^0123456789

# --- an image in use, and one that is half written ---
qemu-io -f raw -c 'sleep 20000' base.img > /dev/null &
user=$!
cleanup kill "$user"
for _ in {1..100}; do
    grep -q . < <(lslocks -n -o PID 2> /dev/null | grep -w "$user") && break
    sleep 0.05
done
expect_error 3 'locked' mayfly-customize --format=raw -a base.img --touch /x
kill "$user"
wait "$user" || true
exec 9< base.img
flock 9
expect_error 3 'locked: another program' mayfly-customize --format=raw \
    -a base.img --touch /x
exec 9<&-
# Something changes it meanwhile.
expect_error 1 'something else has changed the image' mayfly-sysprep \
    --format=raw -a base.img --operations script --script "touch '$PWD/base.img'"
unchanged "a change meanwhile"
touch base.img.mayfly-changes
expect_error 3 'changed in part' mayfly-customize --format=raw -a base.img \
    --touch /x
rm base.img.mayfly-changes

# --- misuse ---
for program in mayfly-sysprep mayfly-customize; do
    expect_error 2 'no disk' $program --touch /x
    expect_error 3 'nowhere' $program -a nowhere --touch /x
done
expect_error 2 'nothing to do' mayfly-customize -a base.img
expect_error 2 'user-account' mayfly-sysprep -a base.img \
    --keep-user-accounts bob
expect_error 2 'customize' mayfly-sysprep -a base.img --enable utmp --touch /x
expect_error 2 "unknown operation 'x'" mayfly-sysprep -a base.img --enable x
mayfly-sysprep --list-operations > list
grep -qx 'logfiles \* Remove many log files from the guest' list
grep -qx 'fs-uuids   Change filesystem UUIDs' list
unchanged "at the end"
