#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs of the guest: what they print, how they fail.
. "$(dirname "$0")/../lib.sh"
cd "$work"
requires command -v mmdebstrap
image=$("$srcdir/tests/images/get.sh" debian)

# run LINE...: these lines of mayfish in the guest.
run()
{
    printf '%s\n' "$@" > script
    mayfish --ro -i -a "$image" -f script < /dev/null
}

got=$(run 'command "/bin/echo a  b"' \
    'command-lines "/usr/bin/head -2 /etc/passwd"' \
    'sh "id -u; pwd; cat /etc/hostname; test -e /proc/self/maps && echo proc"' \
    'sh-lines "seq 1 2; echo; printf 3"' \
    'sh-out "seq 1 200000" numbers' \
    'command-out "/bin/head -c 3 /bin/ls" head' \
    'sh "sleep 1000 & echo done"' \
    'sh "cat"')
want='a b

root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
0
/
bookworm
proc

1
2

3
done'
[ "$got" = "$want" ] || fail "printed '$got'"
seq 1 200000 | cmp - numbers || fail "sh-out lost something"
[ "$(cat head)" = $'\177EL' ] || fail "command-out lost something"

# fails PATTERN LINE
fails()
{
    expect_error 1 "script:1: $1" run "$2"
}
fails 'sh: bad news$' 'sh "echo bad news >&2; exit 3"'
fails 'sh: /bin/sh: ended with status 4$' 'sh "exit 4"'
fails 'sh: /bin/sh: killed by signal 9$' 'sh "kill -9 $$"'
fails 'command: nosuch: there is no such program in the guest' \
    'command nosuch'
fails 'command: /etc/passwd: Permission denied$' 'command /etc/passwd'
fails 'command: no name of a program' 'command ""'
fails 'sh: .*its output is not text' 'sh "head -c 1 /dev/zero"'
fails 'sh: .*more output than' 'sh "head -c 5000000 /dev/zero | tr -c x x"'
fails 'sh: .*Read-only file system' 'sh "touch /new"'
expect_error 1 "no file system is mounted" \
    mayfish --ro -a "$image" run : sh true

# A guest of another architecture.
mayfish -N other.img=fs:ext4:32M -m /dev/sda1 mkdir /bin : \
    write /bin/sh "$(printf '\177ELF\2\1\1')" < /dev/null
printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\267\0\1\0\0\0' > ./sh
head -c 400 /dev/zero >> ./sh
expect_error 1 "the appliance cannot run this program: its architecture is \
aarch64" mayfish -a other.img -m /dev/sda1 \
    upload sh /bin/sh : chmod 0755 /bin/sh : sh true
