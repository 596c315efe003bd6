# SPDX-License-Identifier: LGPL-2.1-or-later
"""Emit the examples of the documentation as data: examples.json, a list of
what tests/api/examples.py runs.

The shell does not take keys as words but asks for them; an example shows
them where the call has them, and here they become the lines of the script
after the command.
"""

import json
import re

from emit_c import write

WORD = re.compile(r"""\s*("(?:\\.|[^"])*"|'[^']*'|\S+)""")


def without_keys(command, calls):
    """The command as the shell takes it, and the keys it asks for."""
    words = WORD.findall(command)
    m = calls.get(words[0].lstrip("-")) if words else None
    if m is None:
        return command, []
    keys = [i for i, f in enumerate(m.arguments, 1) if f.type.name == "key"]
    if not keys or len(words) <= keys[-1]:
        return command, []
    rest = " ".join(w for i, w in enumerate(words) if i not in keys)
    return rest, [words[i].strip("\"'") for i in keys]


def emit(api, outdir):
    calls = {c: m for m in api.public for c in m.commands}
    out = []
    for m in api.public:
        for i, e in enumerate(m.examples, 1):
            pairs = [without_keys(c, calls) for c in e.commands]
            out.append({
                "id": f"{m.name}.{i}",
                "kind": e.kind,
                "ours": e.ours or m.libguestfs is None,
                "commands": [c for c, _ in pairs],
                "keys": [k for _, k in pairs],
                "expect": e.expect,
                "fails": e.fails,
                "where": e.where,
                "feature": m.attributes.get("feature"),
            })
    write(outdir, "examples.json", json.dumps(out, indent=1) + "\n")
