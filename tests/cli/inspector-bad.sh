#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What mayfly-inspector cannot use: one line with the cause, an exit code of
# its own.
. "$(dirname "$0")/../lib.sh"
cd "$work"

expect_error 2 "no disk" mayfly-inspector
expect_error 3 "domain guest: .*libvirt" mayfly-inspector -d guest
expect_error 2 "xpath" mayfly-inspector --xpath / -a /dev/null
expect_error 3 "nowhere" mayfly-inspector -a nowhere
expect_error 3 "irectory" mayfly-inspector -a "$work"
printf 'QFI\373\0\0\0\3' > short.qcow2
expect_error 3 "short.qcow2" mayfly-inspector -a short.qcow2
truncate -s 1M zeros.img
expect_error 3 "zeros.img" mayfly-inspector --format=qcow2 -a zeros.img
expect_error 5 "no operating system found: /dev/sda: no known file system" \
    mayfly-inspector -a zeros.img
mayfly-inspector -a zeros.img > document.xml 2> /dev/null || true
[ "$(cat document.xml)" = '<?xml version="1.0"?>
<operatingsystems>
  <!-- /dev/sda: no known file system: it begins and ends with zeros -->
</operatingsystems>' ] || fail "nothing is written as $(cat document.xml)"
expect_error 1 "not an XML document" mayfly-inspector --xpath / < /dev/zero
echo '<a>&b;</a>' > entity.xml
expect_error 1 "not an XML document" mayfly-inspector --xpath / < entity.xml
expect_error 1 "invalid XPath expression" mayfly-inspector --xpath '//[' \
    < document.xml
expect_error 1 "cannot write the output: No space left" \
    sh -c 'exec mayfly-inspector --xpath / < document.xml > /dev/full'

# A hostile guest: terminal escapes, bytes that are not UTF-8, markup, a FIFO,
# links that lead out of the guest, numbers that are too large.
mayfish -N evil.img=fs:ext4:64M -m /dev/sda1 mkdir-p /var/lib/dpkg : \
    mkdir /etc : mkdir /bin : write /etc/fstab 'LABEL=<&"> /x ext4' : \
    write /etc/hostname $'\e[31m<&"\xff\xc3\xa9' : \
    write /etc/os-release \
    $'ID=de\001bian\nPRETTY_NAME="<b>&amp;"\nVERSION_ID=99999999999.8' : \
    ln-s ../../../../../../etc/passwd /etc/debian_version : \
    mkfifo 0600 /bin/sh : \
    write /var/lib/dpkg/status \
    $'Package: a\e\nStatus: install ok installed\nVersion: 1\n'
mayfly-inspector -a evil.img > evil.xml
grep -q $'[\001\033\377]' evil.xml && fail "control characters in the XML"
get()
{
    mayfly-inspector --xpath "string($1)" < evil.xml
}
[ "$(get //hostname)" = '\x1b[31m<&"\xffé' ] || fail "hostname $(get //hostname)"
[ "$(get //product_name)" = '<b>&amp;' ] || fail "name $(get //product_name)"
[ "$(get //application/name)" = 'a\x1b' ] || fail "$(get //application/name)"
mayfly-inspector --json -a evil.img > evil.json
python3 -c '
import json
s = json.load(open("evil.json"))["operating_systems"][0]
assert s["hostname"] == "\\x1b[31m<&\"\\xff\u00e9", s["hostname"]
assert s["version"] == {"major": 0, "minor": 8}, s["version"]
assert s["distro"] == "de\\x01bian", s["distro"]
'
