# SPDX-License-Identifier: LGPL-2.1-or-later
"""Open disk images without booting them.

    import mayfly

    with mayfly.Mayfly() as g:
        g.add_drive_ro("disk.qcow2")
        g.launch()
        for root in g.inspect_os():
            for place, device in sorted(g.inspect_get_mountpoints(root).items()):
                g.mount_ro(device, place)
            print(g.cat("/etc/hostname"), end="")

The methods are the calls of libmayfly, see mayfly(3); options are keywords.  A
call that fails raises mayfly.Error, an OSError.  Structures are named tuples.
Strings that are not UTF-8 come as os.fsdecode would make them, and go back
unchanged.  A call leaves other threads of Python running; a handle that is in
use makes them wait.
"""

import _mayfly
from _mayfly import Error, Mayfly

__all__ = ["Error", "Mayfly"]


def __getattr__(name):
    """The types of structures."""
    return getattr(_mayfly, name)
