#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file that replaces another keeps what it does not bring along: labels,
# capabilities, access control lists, attributes, holes.
. "${srcdir:?}/tests/lib.sh" || exit 1
cd "$work"
label=system_u:object_r:bin_t:s0
truncate -s 200M a.img
echo new > ping
ln -s ping link
mkdir tree
echo inside > tree/x
truncate -s 10M tree/hole
echo end >> tree/hole
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("tree/socket")'
tar -czf a.tar.gz ping link
tar -cJf a.tar.xz ping link
mayfish --format=raw -a a.img > got 2> said << EOF
run
mkfs ext4 /dev/sda
mount /dev/sda /
mkdir /in
write /in/ping old
ln-s /nowhere /in/link
setxattr security.selinux $label ${#label} /in/ping
lsetxattr security.selinux $label ${#label} /in/link
setxattr user.note kept 4 /in/ping
cap-set-file /in/ping cap_net_raw=ep
acl-set-file /in/ping access u::rw-,u:1000:rwx,g::r--,m::rwx,o::---
copy-in ping /in
copy-in link /in
cat /in/ping
readlink /in/link
getxattr /in/ping security.selinux
lgetxattr /in/link security.selinux
getxattr /in/ping user.note
cap-get-file /in/ping
acl-get-file /in/ping access
write /in/ping again
cap-get-file /in/ping
tar-in a.tar.gz /in
cap-get-file /in/ping
tar-in a.tar.xz /in
cat /in/ping
getxattr /in/ping security.selinux
copy-in tree /
cat /tree/x
du /tree/hole
filesize /tree/hole
EOF
want=(new ping "$label" "$label" kept cap_net_raw=ep)
for w in "${want[@]}"; do
    grep -qF -- "$w" got || fail "no '$w': $(cat got said)"
done
[ "$(grep -o 'cap_net_raw=ep' got | wc -l)" -eq 3 ] ||
    fail "capabilities: $(cat got)"
[ "$(grep -oF "$label" got | wc -l)" -eq 3 ] || fail "labels: $(cat got)"
grep -q '^user:1000:rwx' got || fail "no list: $(cat got)"
[ "$(tail -n 1 got)" = 10485764 ] || fail "$(cat got)"
size=$(grep -xE '[0-9]+' got | head -n 1)
[ "$size" -lt 1024 ] || fail "the hole has become $size KiB"
grep -q 'warning: .*tree/socket: not copied: it is a socket' said ||
    fail "the socket is not reported: $(cat said)"
