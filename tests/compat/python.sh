#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The distribution's Python module on our library: every kind of result, an
# exception for an error, and for a call that is not there.
. "$(dirname "$0")/../lib.sh"
. "$srcdir/tests/compat/lib.sh"
requires /usr/bin/python3 -c 'import guestfs'
cd "$work"
make_image a.img
cat > script.py << 'END'
import guestfs

g = guestfs.GuestFS(python_return_dict=True)
seen = []
g.set_event_callback(lambda event, number, text, array: seen.append(text),
                     guestfs.EVENT_TRACE)
g.set_trace(True)
g.add_drive_opts("a.img", readonly=True, format="raw")
g.launch()
g.set_trace(False)
print(g.list_filesystems())
g.mount_ro("/dev/sda2", "/")
print(g.read_lines("/etc/fstab"))
print(g.cat("/etc/sub/a"), g.filesize("/big"), g.is_dir("/etc"))
print(g.pread("/big", 3, 0))
print([(e["name"], e["ftyp"]) for e in g.readdir("/etc/sub")
       if e["name"] == "a"])
s = g.statns("/etc/sub/a")
print(s["st_size"], s["st_uid"], oct(s["st_mode"]))
print([p["part_start"] for p in g.part_list("/dev/sda")])
print(g.vgs_full()[0]["vg_name"], g.lvs())
for call in (lambda: g.cat("/missing"), lambda: g.journal_next(),
             lambda: g.write("/x", "y")):
    try:
        call()
        print("no error")
    except RuntimeError as e:
        print("RuntimeError", str(e).split(":")[0])
print(seen[0], seen[-1], sep=" / ")
g.close()
END
mayfly-guestfs /usr/bin/python3 script.py > out 2> errors ||
    fail "python: $(cat errors)"
diff - out << 'END' || fail "the module says something else"
{'/dev/sda1': 'vfat', '/dev/sda2': 'ext4', '/dev/VG/LV1': 'ext2'}
['# fstab', 'LABEL=ROOT / ext4 defaults 0 1']
aaaa 5000 1
b'AAA'
[('a', 'r')]
4 1000 0o100600
[1048576, 105906176, 263192576]
VG ['/dev/VG/LV1']
RuntimeError cat
RuntimeError journal_next
RuntimeError write
add_drive "a.img" "readonly:true" "format:raw" / set_trace = 0
END

# Writes of more than one frame; rival.sh runs the same on both libraries.
truncate -s 64M scratch.img
mayfly-guestfs /usr/bin/python3 "$srcdir/tests/compat/pwrite.py" scratch.img \
    > out 2> errors || fail "pwrite.py: $(cat errors)"
[ "$(grep -c 'as written' out)" = 2 ] || fail "long writes: $(cat out)"
# Each write in one piece.
! awk '$2 != "is" && $3 != $4' out | grep . || fail "short writes: $(cat out)"
