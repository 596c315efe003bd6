#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compare two documents, virt-inspector's and ours, field by field.

    compare-xml.py THEIRS OURS

Every field that both have must be equal, and whatever they have we must have.
Prints what only we have.
"""

import re
import sys
import xml.etree.ElementTree as ET


def fields(node, path=""):
    """(path, text) of all that an operating system has; lists are distinguished
    by what names their items."""
    for child in node:
        key = child.get("dev") or child.get("name") or ""
        if child.tag == "application":
            key = f"{child.findtext('name')} {child.findtext('arch')}"
        if child.tag == "mountpoint":
            key = child.text
            yield f"{path}/mountpoint[{key}]", child.get("dev")
            continue
        here = f"{path}/{child.tag}" + (f"[{key}]" if key else "")
        text = (child.text or "").strip()
        yield here, text
        yield from fields(child, here)


def systems(name):
    """By root.  The number of an array that no mdadm.conf names depends on
    the order in which it was found: the only one is called /dev/md."""
    with open(name, encoding="utf-8") as f:
        text = f.read()
    if len(set(re.findall(r"/dev/md\d+", text))) == 1:
        text = re.sub(r"/dev/md\d+", "/dev/md", text)
    return {s.findtext("root"): dict(fields(s)) for s in ET.fromstring(text)}


def main():
    theirs, ours = systems(sys.argv[1]), systems(sys.argv[2])
    differences = 0
    for root, known in theirs.items():
        if root not in ours:
            print(f"{root}: only theirs")
            differences += 1
            continue
        for path, text in known.items():
            mine = ours[root].pop(path, None)
            if mine != text:
                print(f"{root}: {path}: '{text}', ours '{mine}'")
                differences += 1
        for path, text in ours[root].items():
            print(f"{root}: {path}: only ours: '{text}'")
        print(f"{root}: {len(known)} fields compared")
    for root in ours.keys() - theirs.keys():
        print(f"{root}: only ours")
        differences += 1
    sys.exit(differences > 0)


main()
