#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The recipes of HACKING, section "How to add", as data.

usage: hacking.py list              the recipes, one a line; each file that a
                                    recipe names has to exist
       hacking.py touched RECIPE    standard input: the files that a sample of
                                    it touches, which have to be those of its
                                    rows, all of them

A recipe is "TITLE, in FOLDER/ (REVISION):" and rows of files.  A file without
"/" is in the folder; a word in capitals stands for a name.
"""

import glob
import os
import re
import sys

SRC = os.environ.get("srcdir") or os.path.join(os.path.dirname(__file__),
                                               "..", "..")
HEADING = re.compile(r"(An? [^,:]+), in (\S+/)(?:[^:]*):")
ROW = re.compile(r" {4}(\S+(?:, \S+)*) {2,}\S")
PLACE = re.compile(r"[A-Z][A-Z_]*")


def recipes():
    """{title: [file]}"""
    with open(os.path.join(SRC, "HACKING"), encoding="utf-8") as f:
        section = re.search(r"^How to add\n-+\n(.*?)^\S[^\n]*\n---", f.read(),
                            re.S | re.M)
    found, folder, rows = {}, None, None
    for line in section[1].splitlines() if section else ():
        heading, row = HEADING.fullmatch(line), ROW.match(line)
        if heading:
            folder, rows = heading[2], found.setdefault(heading[1], [])
        elif line and not line.startswith(" "):
            rows = None
        elif row and rows is not None:
            rows += [name if "/" in name else folder + name
                     for name in row[1].split(", ")]
    return found


def expression(name):
    """What a file of a row matches: FAMILY.c any file of that form."""
    return "".join("[^/]+" if PLACE.fullmatch(part) else re.escape(part)
                   for part in re.split(r"(\b[A-Z][A-Z_]*\b)", name))


def main():
    found, bad = recipes(), []
    if not found:
        sys.exit("HACKING has no recipes under 'How to add'")
    if sys.argv[1] == "list":
        for title, rows in found.items():
            print(title)
            bad += [f"{title}: HACKING names {name}, which does not exist"
                    for name in rows
                    if not glob.glob(os.path.join(
                        SRC, re.sub(r"\b[A-Z][A-Z_]*\b", "*", name)))]
    else:
        title, touched = sys.argv[2], sys.stdin.read().split()
        rows = {name: expression(name) for name in found.get(title, ())}
        bad += [f"{title}: its sample touches {name}, which HACKING does not "
                f"name" for name in touched
                if not any(re.fullmatch(e, name) for e in rows.values())]
        bad += [f"{title}: HACKING names {name}, which its sample does not "
                f"touch" for name, e in rows.items()
                if not any(re.fullmatch(e, t) for t in touched)]
    for text in bad:
        print(text, file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
