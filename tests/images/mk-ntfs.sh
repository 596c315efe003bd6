#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# GPT: a reserved partition and NTFS with data, no operating system.
. "$(dirname "$0")/images.sh"
disk "$image" 128M
fish -a "$image" << END
run
part-init /dev/sda gpt
part-add /dev/sda p 2048 34815
part-add /dev/sda p 34816 260095
part-set-gpt-type /dev/sda 1 E3C9E316-0B5C-4DB8-817D-F92DF00215AE
part-set-gpt-type /dev/sda 2 EBD0A0A2-B9E5-4433-87C0-68B6B72699C7
mkfs ntfs /dev/sda2 label:Data
mount /dev/sda2 /
mkdir-p "/Pictures/of last year"
write "/Pictures/of last year/list.txt" "one\ntwo\n"
write /Ünïcödé.txt "not ASCII\n"
write /copy "a file of two names"
ln /copy "/Pictures/copy"
touch /hole
truncate-size /hole 20000000
END
