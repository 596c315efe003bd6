# SPDX-License-Identifier: LGPL-2.1-or-later
"""Check that every handler is where the name of its family leads to.

The handler op_NAME of a call in calls/FAMILY.api is in FAMILY.c or, where a
family is a folder, in a file of FAMILY/.  The compiler refuses another place
too, since a file includes the prototypes of its family alone; this says which
is the right one.  Handlers that a macro makes are left to the compiler, and a
missing one to the linker.
"""

import os
import re

# As the house style has it: the name starts a line.
HANDLER = re.compile(r"^op_(\w+)\(")


def find(folder):
    """Every handler below FOLDER: (name, path, line)."""
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(f for f in files if f.endswith(".c")):
            path = os.path.join(place, name)
            with open(path, encoding="utf-8") as f:
                for number, line in enumerate(f, 1):
                    found = HANDLER.match(line)
                    if found:
                        yield found[1], path, number


def family_of(path, folder):
    """The family that a file below FOLDER belongs to."""
    first = os.path.relpath(path, folder).split(os.sep)[0]
    return first.removesuffix(".c")


def place(folder, family):
    """Where the handlers of a family go, in words."""
    path = os.path.join(folder, family)
    return path + "/" if os.path.isdir(path) else path + ".c"


def check(api, folder):
    """The faults, one line each, in the form that editors understand."""
    faults = []
    families = {m.name: m.family for m in api.calls}
    for name, path, line in find(folder):
        family = families.get(name)
        if not family:
            faults.append(f"{path}:{line}: error: op_{name} is the handler "
                          f"of no call")
        elif family_of(path, folder) != family:
            faults.append(f"{path}:{line}: error: op_{name} belongs in "
                          f"{place(folder, family)}")
    return faults
