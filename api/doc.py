# SPDX-License-Identifier: LGPL-2.1-or-later
"""The documentation of a declaration: the comment above it, taken apart.

The first line is the summary, the rest paragraphs; lines that begin with one
of these marks begin an item, which goes on to the next mark or empty line:

    *x*: ...            an argument or field; "*x*, *y*: ..." for several
    EINVAL: ...         an error that the call can give; "EIO, EPERM: ..."
    Never: ...          errors that its arguments let expect, and it never gives
    Returns: ...        what the result is
    See: ...            calls and manual pages, separated by commas
    Example(KIND): ...  a test, one line
"""

import errno
import re
from dataclasses import dataclass, field

ITEM = re.compile(r"((?:\*\w+\*(?:, )?)+): (.+)")
ERROR = re.compile(r"(E[A-Z0-9]+(?:, E[A-Z0-9]+)*): (.+)")
WORD = re.compile(r"(Returns|See|Never): (.+)")
EXAMPLE = re.compile(r"Example\((\w+)(,ours)?\): (.*)")


class DocError(Exception):
    """A fault in line number `line` of the comment."""

    def __init__(self, line, text):
        super().__init__(text)
        self.line = line


@dataclass
class Example:
    kind: str                   # fs, disk, none
    ours: bool
    commands: list
    expect: str = None          # None: any output; text without last newline
    fails: str = None           # the text an error must hold
    where: str = ""


@dataclass
class Doc:
    prose: list = field(default_factory=list)   # lines
    items: dict = field(default_factory=dict)   # argument or field: text
    errors: list = field(default_factory=list)  # (names, text)
    never: list = field(default_factory=list)   # names of errors
    returns: str = ""
    see: list = field(default_factory=list)
    examples: list = field(default_factory=list)


def parse_example(m, line):
    if m[1] not in ("fs", "disk", "none"):
        raise DocError(line, f"unknown kind of example '{m[1]}'")
    commands, arrow, expect = m[3].partition("=>")
    expect = expect.strip() if arrow else "*"
    fails = None
    if expect.startswith("error"):
        fails, expect = expect[5:].strip(), "*"
    if expect != "*":
        expect = expect.replace("\\n", "\n")
    return Example(kind=m[1], ours=bool(m[2]),
                   commands=[c.strip() for c in commands.split(" ; ")],
                   expect=None if expect == "*" else expect, fails=fails)


def describe(doc, names, text, line):
    for name in names:
        if name in doc.items:
            raise DocError(line, f"*{name}* is described twice")
        doc.items[name] = text


def start(doc, text, line):
    """If the line begins an item, a function that takes all its text."""
    m = ITEM.fullmatch(text)
    if m:
        return m[2], lambda t: describe(doc, re.findall(r"\w+", m[1]), t, line)
    m = ERROR.fullmatch(text)
    if m:
        for name in m[1].split(", "):
            if not hasattr(errno, name):
                raise DocError(line, f"unknown error {name}")
        return m[2], lambda t: doc.errors.append((m[1], t))
    m = WORD.fullmatch(text)
    if m and m[1] == "Returns":
        return m[2], lambda t: setattr(doc, "returns", t)
    if m:
        names = doc.see if m[1] == "See" else doc.never
        return m[2], lambda t: names.extend(re.split(r",\s*", t))
    return None


def parse(lines):
    """Comment lines, without their "# ", to a Doc."""
    doc = Doc()
    text, finish = "", None

    def end():
        nonlocal finish
        if finish:
            finish(text)
        finish = None

    for number, line in enumerate(lines):
        m = EXAMPLE.fullmatch(line)
        begun = None if m else start(doc, line, number)
        if m:
            end()
            example = parse_example(m, number)
            example.where = number
            doc.examples.append(example)
        elif line.startswith("Example"):
            raise DocError(number, f"bad example '{line}'")
        elif begun:
            end()
            text, finish = begun
        elif not line:
            end()
            doc.prose.append("")
        elif finish:
            text += " " + line.strip()
        else:
            doc.prose.append(line)
    end()
    while doc.prose and not doc.prose[-1]:
        doc.prose.pop()
    return doc
