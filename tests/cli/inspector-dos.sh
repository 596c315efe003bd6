#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# DOS, on a FAT file system whose names have no case.
. "$(dirname "$0")/../lib.sh"
cd "$work"
mayfish -N dos.img=fs:vfat:64M -m /dev/sda1 mkdir /fdos : \
    write /fdos/freedos.bss x < /dev/null
mayfly-inspector -a dos.img > dos.xml
mayfly-inspector --xpath '//name|//arch|//distro|//mountpoint' < dos.xml > got
diff - got << 'END' || fail "FreeDOS is not recognised"
<name>dos</name>
<arch>i386</arch>
<distro>freedos</distro>
<mountpoint dev="/dev/sda1">/</mountpoint>
END
