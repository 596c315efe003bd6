#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mayfly-builder: every operation does to the image what it promises.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cli/template.sh"
requires gpg --version
requires qemu-img --version
make_repository gpt
image=$work/out.img
fish() { mayfish --format=raw --ro -a "$image" -m /dev/sda2 "$@"; }
is() # WANT COMMAND...: of mayfish
{
    local want=$1 got
    shift
    got=$(fish "$@")
    [ "$got" = "$want" ] || fail "$*: '$got', not '$want'"
}

same() # FILE-OF-THE-GUEST FILE
{
    fish download "$1" "$work/got"
    cmp "$work/got" "$2"
}

builder --list | grep -qE '^gpt +x86_64 '
cd "$work"
builder gpt --size 1G --dry-run > "$work/plan"
grep -q '^1. download' "$work/plan"
grep -q 'grow /dev/sda2 in place by 624.0M' "$work/plan"
[ ! -e gpt.img ]

mkdir -p "$work/in/folder"
echo one > "$work/in/folder/a"
printf '#!/bin/sh\necho hi\n' > "$work/in/script"
chmod 750 "$work/in/script"
echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeFakeFake me@here' > "$work/in/key.pub"
echo 'from:file' > "$work/in/password"
cat > "$work/in/commands" << 'EOF'
# read from a file
write /etc/from-file:yes
mkdir /srv/a/b\
/c
EOF
# shellcheck disable=SC2016
builder gpt -o "$image" --size 1G --hostname new.example.com \
    --root-password password:sec:ret --password "me:file:$work/in/password" \
    --write $'/etc/written:a:b\nc' --upload "$work/in/script:/etc/uploaded" \
    --upload "$work/in/script:/root" --copy-in "$work/in/folder:/srv" \
    --mkdir /srv/x/y --append-line '/etc/written:d' \
    --mkdir /opt --copy-in "$work/in/folder:/opt" --truncate-recursive /opt \
    --touch /etc/touched --truncate /etc/debian_version \
    --chmod 0600:/etc/written --chown 5:6:/etc/touched \
    --copy /etc/written:/etc/copied --move /etc/copied:/etc/moved \
    --link /etc/written:/etc/link1:/etc/link2 \
    --write /tmp/d1:x --write /tmp/d2:x --delete '/tmp/d*' \
    --edit '/etc/written:s/^b?/<$lineno>/ if $lineno == 1' \
    --timezone Europe/Vienna --ssh-inject "me:file:$work/in/key.pub" \
    --firstboot-command 'echo first > /root/first' \
    --firstboot "$work/in/script" --commands-from-file "$work/in/commands" \
    > "$work/out"
grep -q 'Setting the hostname: new.example.com' "$work/out"
if grep -q 'sec:ret' "$work/out"; then fail "the password is shown"; fi
[ "$(stat -c %s "$image")" -eq $((1 << 30)) ]
[ "$(stat -c %a "$image")" = 600 ] || fail "others can read $image"

is new.example.com cat /etc/hostname
fish cat /etc/hosts | grep -qx '127.0.1.1 new.example.com new'
is $'<1>a:b\nc\nd' cat /etc/written
is yes cat /etc/from-file
is true is-dir /srv/a/b/c
is one cat /srv/folder/a
is '' cat /opt/folder/a
is true is-dir /srv/x/y
is '' cat /etc/debian_version
is true is-file /etc/moved
is false exists /etc/copied
is false exists /tmp/d1
is false exists /tmp/d2
is /etc/written readlink /etc/link2
is ../usr/share/zoneinfo/Europe/Vienna readlink /etc/localtime
is Europe/Vienna cat /etc/timezone
fish statns /etc/written | grep -q 'st_mode: 33152' # 0100600
fish statns /etc/uploaded | grep -q 'st_mode: 33256' # 0100750
fish statns /etc/touched | grep -q 'st_uid: 5'
is true is-file /root/script
same /home/me/.ssh/authorized_keys "$work/in/key.pub"
fish statns /home/me/.ssh/authorized_keys | grep -q 'st_uid: 1000'
fish statns /home/me/.ssh | grep -q 'st_mode: 16832' # 040700
fish cat /usr/lib/mayfly-firstboot/scripts/0001-echo-first----root-first |
    grep -qx 'echo first > /root/first'
same /usr/lib/mayfly-firstboot/scripts/0002-script "$work/in/script"
is true is-symlink /etc/systemd/system/multi-user.target.wants/mayfly-firstboot.service

# The passwords: hashes of what was asked for, the mode is kept.
fish download /etc/shadow "$work/shadow"
fish statns /etc/shadow | grep -q 'st_mode: 33184' # 0100640
python3 -W ignore - "$work/shadow" << 'EOF'
import crypt, sys
field = dict(line.split(":")[:2] for line in open(sys.argv[1]))
assert field["root"].startswith("$y$"), field["root"]
assert crypt.crypt("sec:ret", field["root"]) == field["root"]
assert crypt.crypt("from:file", field["me"]) == field["me"]
EOF

# The disk has grown, in place.
size=$(fish blockdev-getsize64 /dev/sda2)
[ "$size" -gt $((1020 << 20)) ] || fail "the partition has $size bytes"
blocks=$(fish statvfs / | sed -n 's/^blocks: //p')
[ "$blocks" -gt $((900 << 20 >> 12)) ] || fail "the file system has $blocks blocks"

# Every build is a machine of its own; the template now comes from the cache.
mv "$work/repo/"*.xz "$work"
id1=$(fish cat /etc/machine-id)
builder gpt -o "$image" -q --root-password locked > "$work/out"
[ ! -s "$work/out" ] || fail "-q says something"
id2=$(fish cat /etc/machine-id)
[ "${#id1}" -eq 32 ] && [ "${#id2}" -eq 32 ] && [ "$id1" != "$id2" ]
fish cat /etc/shadow | grep -q '^root:!!\*:'
builder --print-cache | grep -qE '^gpt +x86_64 +cached'

# qcow2 on its own; without a password option a random password is printed.
builder gpt --format qcow2 -o "$work/out.qcow2" --size 500M > "$work/out"
password=$(sed -n 's/.*random password of root to //p' "$work/out")
[ "${#password}" -eq 20 ]
qemu-img info --output=json "$work/out.qcow2" > "$work/info"
grep -q '"format": "qcow2"' "$work/info"
grep -q "\"virtual-size\": $((500 << 20))" "$work/info"
if grep -q backing "$work/info"; then fail "it has a backing file"; fi
qemu-img check -q "$work/out.qcow2"
mayfish --ro -a "$work/out.qcow2" -m /dev/sda2 download /etc/shadow "$work/shadow"
python3 -W ignore - "$work/shadow" "$password" << 'EOF'
import crypt, sys
field = dict(line.split(":")[:2] for line in open(sys.argv[1]))
assert crypt.crypt(sys.argv[2], field["root"]) == field["root"]
EOF

builder --delete-cache
builder --print-cache | grep -qE '^gpt +x86_64 +no'
mv "$work/"*.xz "$work/repo"
(cd "$work" && builder gpt --no-cache -q --root-password disabled)
[ -e "$work/gpt.img" ]
[ -z "$(ls "$work/templates")" ] || fail "--no-cache has filled the cache"
[ -z "$(find "$work" -name '*.partial')" ] || fail "something is left"
