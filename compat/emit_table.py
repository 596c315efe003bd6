# SPDX-License-Identifier: LGPL-2.1-or-later
"""Emit the table of all public calls: which Mayfly has, by group.

A group is the family of api/ if the call is there; the rest are grouped by
the first word of their names where several share it.
"""

from collections import defaultdict

LEAST = 3                       # calls that make a group of their own


def group_of(name, families):
    return families.get(name) or name.split("_")[0]


def groups(calls, families):
    """calls: name to real or stub."""
    out = defaultdict(list)
    for name in calls:
        out[group_of(name, families)].append(name)
    others = [g for g, names in out.items()
              if len(names) < LEAST and g not in families.values()]
    for g in others:
        out["others"] += out.pop(g)
    return out


def table(calls, families):
    """Text for the documentation."""
    total = sum(s == "real" for s in calls.values())
    lines = [f"{total} of the {len(calls)} public calls of libguestfs are "
             f"real; the others fail with ENOTSUP.", ""]
    found = groups(calls, families)
    for g in sorted(found, key=lambda g: (g == "others", g)):
        names = sorted(found[g])
        have = [n for n in names if calls[n] == "real"]
        stub = [n for n in names if calls[n] != "real"]
        lines.append(f"{g}: {len(have)} of {len(names)}")
        lines += wrap("have", have) + wrap("stub", stub) + [""]
    return "\n".join(lines)


def wrap(label, names):
    if not names:
        return []
    lines, line = [], f"    {label}:"
    for n in names:
        if len(line) + len(n) > 77:
            lines.append(line)
            line = " " * 10
        line += " " + n
    return lines + [line]
