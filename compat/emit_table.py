# SPDX-License-Identifier: LGPL-2.1-or-later
"""Emit the table of all public calls: which Mayfly has, by group.

A group is the family of api/ if the call is there; the rest are grouped by
the first word of their names where several share it.
"""

from collections import defaultdict

import quirks

LEAST = 3                       # this many calls make a group of their own


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


def ordered(calls, families):
    """For each group: its name, the calls it has, those that are stubs."""
    found = groups(calls, families)
    for g in sorted(found, key=lambda g: (g == "others", g)):
        names = sorted(found[g])
        yield (g, [n for n in names if calls[n] == "real"],
               [n for n in names if calls[n] != "real"])


def headline(calls):
    total = sum(s == "real" for s in calls.values())
    return (f"{total} of the {len(calls)} public calls of libguestfs are "
            f"real; the others fail with ENOTSUP.")


def check_reasons(calls):
    """A call that exists now must not have a reason for its absence."""
    return [f"{n}: no stub, but in quirks.WHY" for n in sorted(quirks.WHY)
            if calls.get(n) == "real"]


def by_reason(stubs):
    """The stubs that share a reason, in the order of their names."""
    out = defaultdict(list)
    for n in stubs:
        # A newer libguestfs than this knows may have more calls.
        out[quirks.WHY.get(n, "not done yet")].append(n)
    return out.items()


def table(calls, families):
    """Text for the documentation: counts, then names."""
    lines = [headline(calls), "", f"{'group':<16}{'have':>6}{'stub':>6}"]
    parts = list(ordered(calls, families))
    lines += [f"{g:<16}{len(have):>6}{len(stub):>6}"
              for g, have, stub in parts]
    lines.append("")
    for g, have, stub in parts:
        lines.append(f"{g}: {len(have)} of {len(have) + len(stub)}")
        lines += wrap("have", have)
        for why, names in by_reason(stub):
            lines += wrap("stub", names) + [f"          ({why})"]
        lines.append("")
    return "\n".join(lines)


def manual(calls, families):
    """The same as a man page."""
    lines = ['.\\" SPDX-License-Identifier: LGPL-2.1-or-later',
             '.TH MAYFLY-GUESTFS-CALLS 7 "" "Mayfly" "Miscellaneous"',
             ".SH NAME",
             "mayfly\\-guestfs\\-calls \\- the calls of libguestfs on Mayfly",
             ".SH DESCRIPTION", headline(calls),
             "A call is real if it does what libguestfs does by that name.",
             "mayfly\\-guestfs \\-\\-check reports it for one program."]
    for g, have, stub in ordered(calls, families):
        lines.append(f".SH {g.upper()} ({len(have)} OF "
                     f"{len(have) + len(stub)})")
        if have:
            lines += [".TP", ".B Real", "\n".join(have)]
        for why, names in by_reason(stub):
            lines += [".TP", f".B Stub: {why}", "\n".join(names)]
    lines += [".SH SEE ALSO", ".BR mayfly\\-guestfs (1),",
              ".BR mayfly (3)", ""]
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
