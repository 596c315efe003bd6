#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The distribution's unmodified programs on our library: those that only read.
# tests/compat/rival.sh compares them with the distribution's library.
. "$(dirname "$0")/../lib.sh"
. "$srcdir/tests/compat/lib.sh"
requires command -v virt-cat
requires command -v guestfish
cd "$work"
make_image a.img
before=$(sha256sum < a.img)

# is WANT COMMAND...: its output.
is()
{
    local want=$1 got
    shift
    got=$(mayfly-guestfs "$@" < /dev/null) || fail "'$*' exited $?"
    [ "$got" = "$want" ] || fail "'$*' printed '$got', not '$want'"
}

is $'# fstab\nLABEL=ROOT / ext4 defaults 0 1\naaaa' \
    virt-cat -a a.img -m /dev/sda2 /etc/fstab /etc/sub/a
# Earlier output stays, even if standard output is a file.
{
    echo before
    mayfly-guestfs virt-cat -a a.img -m /dev/sda2 /etc/sub/a
} > both
[ "$(cat both)" = $'before\naaaa' ] || fail "virt-cat cut its output file"
expect_error 1 'download: .*No such file' \
    mayfly-guestfs virt-cat -a a.img -m /dev/sda2 /missing

is $'d 0755       1024 /etc
- 0644         39 /etc/fstab
l 0777          5 /etc/link -> fstab
d 0755       1024 /etc/sub
- 0600          4 /etc/sub/a' \
    virt-ls -lR -a a.img -m /dev/sda2 /etc

mayfly-guestfs virt-filesystems --all --long -a a.img | tr -s ' ' > list
diff - list << 'END' || fail "virt-filesystems"
Name Type VFS Label MBR Size Parent
/dev/sda1 filesystem vfat BOOT - 104626176 -
/dev/sda2 filesystem ext4 ROOT - 140645376 -
/dev/VG/LV1 filesystem ext2 - - 38815744 -
/dev/VG/LV1 lv - - - 41943040 /dev/VG
/dev/VG vg - - - 92274688 /dev/sda3
/dev/sda3 pv - - - 92274688 -
/dev/sda1 partition - - - 104857600 /dev/sda
/dev/sda2 partition - - - 156238336 /dev/sda
/dev/sda3 partition - - - 95207936 /dev/sda
/dev/sda device - - - 419430400 -
END

mayfly-guestfs virt-df --csv -a a.img | cut -d, -f1-3 > usage
diff - usage << 'END' || fail "virt-df"
VirtualMachine,Filesystem,1K-blocks
a.img,/dev/sda1,102174
a.img,/dev/sda2,137349
a.img,/dev/VG/LV1,37906
END
[ "$(sha256sum < a.img)" = "$before" ] || fail "reading changed the image"

# The shell: values of every kind, and a call that is not there.
mayfly-guestfs guestfish --ro -a a.img -m /dev/sda2 > values 2> errors << 'END'
is-dir /etc
filesize /big
read-file /etc/sub/a
readdir /etc/sub | grep -c name:
mountpoints
part-list /dev/sda | tail -n 1
checksum md5 /big
-ldmtool-scan
-cat /missing
ping-daemon
echo-daemon "still here"
END
diff - values << 'END' || fail "guestfish prints something else"
true
5000
aaaa3
/dev/sda2: /
}
1811ed45a571e515ed0faefc29f27026
still here
END
grep -q 'ldmtool_scan: Mayfly does not have this call' errors ||
    fail "no word of the missing call: $(cat errors)"
grep -q 'No such file' errors || fail "no word of the missing file"

# Trace lines in the form that scripts compare.
mayfly-guestfs guestfish -x -a /dev/null run : list-devices > /dev/null \
    2> trace
for line in 'add_drive "/dev/null"' 'add_drive = 0' 'launch = 0' \
    'list_devices = \["/dev/sda"\]' 'close'; do
    grep -qx "libguestfs: trace: $line" trace ||
        fail "no trace line '$line' in $(cat trace)"
done

# The backing file of an image from another folder is opened only if allowed.
mkdir -p "$work/images/below" "$work/other"
qemu-img create -q -f raw "$work/other/base" 4M
qemu-img create -q -f qcow2 -b ../../other/base -F raw \
    "$work/images/below/over.qcow2"
size()
{
    mayfly-guestfs "$@" guestfish --ro -a "$work/images/below/over.qcow2" \
        run : blockdev-getsize64 /dev/sda < /dev/null
}
expect_error 1 "outside of the image's folder" size
expect_error 1 "outside of the image's folder" size --allow "$work/images"
[ "$(size --allow "$work/images" --allow "$work/other")" = 4194304 ] ||
    fail "--allow does not"
(cd "$work/other" && [ "$(size --allow .)" = 4194304 ]) ||
    fail "--allow . does not"
