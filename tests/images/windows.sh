# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What looks like Windows to an inspection: a folder with a registry made from
# text.  Needs hivexregedit.  Sourced after images.sh.
: "${scratch:?}"

# merge KEY HIVE: put standard input, in the syntax of .reg files and all of
# it below KEY, into the hive.
merge()
{
    {
        echo 'Windows Registry Editor Version 5.00'
        echo
        cat
    } | iconv -t ASCII > "$scratch/merge.reg"
    hivexregedit --merge --prefix "$1" "$2" "$scratch/merge.reg"
}

# windows_tree FOLDER MACHINE MAGIC: $scratch/tree/FOLDER with two empty hives
# and a cmd.exe of that machine, of which only the headers are there.
windows_tree()
{
    local root=$scratch/tree/$1 here
    here=$(dirname "${BASH_SOURCE[0]}")

    config=$root/System32/Config
    mkdir -p "$config" "$root/System32/drivers"
    python3 "$here/hive.py" "$config/SOFTWARE"
    python3 "$here/hive.py" "$config/SYSTEM"
    python3 - "$root/System32/cmd.exe" "$2" "$3" << 'END'
import struct
import sys

machine, magic = int(sys.argv[2], 16), int(sys.argv[3], 16)
data = b"MZ".ljust(0x3c, b"\0") + struct.pack("<I", 0x40)
data += b"PE\0\0" + struct.pack("<HHIIIHH", machine, 0, 0, 0, 0, 240, 0x22)
options = bytearray(240)
options[0:2] = struct.pack("<H", magic)
options[68:70] = struct.pack("<H", 3)       # a program of the console
open(sys.argv[1], "wb").write((data + options).ljust(1024, b"\0"))
END
}
