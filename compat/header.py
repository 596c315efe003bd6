# SPDX-License-Identifier: LGPL-2.1-or-later
"""Read the distribution's guestfs.h: its functions and its structures.

The header is generated, one declaration a line, so patterns are enough; what
they miss shows as a symbol that the list in symbols.txt has and we have not.
"""

import re
from dataclasses import dataclass, field

FUNCTION = re.compile(
    r"extern GUESTFS_DLL_PUBLIC ([\w ]+?) (\**)guestfs_(\w+) \((.*?)\)"
    r"\s*(?:GUESTFS_DEPRECATED\w+\s*(?:\(.*?\))?)?;", re.S)
STRUCTURE = re.compile(r"^struct guestfs_(\w+) \{\n(.*?)^\};", re.S | re.M)
MEMBER = re.compile(r"^\s*(.+?[ *])(\w+)(\[\d+\])?;", re.M)


@dataclass
class Argument:
    type: str                   # as C writes it, with its stars
    name: str


@dataclass
class Function:
    """A call with its other forms."""

    name: str                   # what traces and errors call it
    symbol: str                 # of the form that does the work
    result: str
    arguments: list             # without the handle and the options
    options: list = field(default_factory=list)
    options_struct: str = ""    # guestfs_X_argv, without its prefix
    plain: str = ""             # symbol of a form without options
    size_result: bool = False   # the last argument takes a size
    booleans: frozenset = frozenset()   # arguments that are true or false
    secrets: frozenset = frozenset()    # arguments that no trace shows


@dataclass
class Structure:
    name: str
    members: list               # of Argument; the type has the array bound


def strip_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def parse_arguments(text):
    out = []
    for part in text.split(","):
        m = re.fullmatch(r"\s*(.*?[ *])(\w+)\s*", part)
        if m:
            out.append(Argument(" ".join(m[1].split()), m[2]))
    return out


def parse_members(body):
    return [Argument(m[1].strip() + (m[3] or ""), m[2])
            for m in MEMBER.finditer(body) if not m[0].startswith("#")]


class Header:
    def __init__(self, text):
        text = strip_comments(text)
        text = re.sub(r"^\s*#.*$", "", text, flags=re.M)
        self.raw = {}           # symbol to (result, arguments)
        for result, stars, name, args in FUNCTION.findall(text):
            self.raw[name] = (result.strip() + (" " + stars if stars else ""),
                              args)
        self.structures, self.options = {}, {}
        for name, body in STRUCTURE.findall(text):
            members = parse_members(body)
            if name.endswith("_argv"):
                self.options[name] = members[1:]
            elif not name.endswith("_list"):
                self.structures[name] = Structure(name, members)
        self.functions = self.gather()

    def gather(self):
        """One Function for all the forms of a call."""
        covered, out = set(), []
        for argv in self.options:
            f = self.with_options(argv)
            covered |= {f.symbol, f.plain, argv, argv[:-5] + "_va"}
            out.append(f)
        for name, (result, args) in self.raw.items():
            if name not in covered:
                out.append(self.function(name, name, result, args))
        return out

    def with_options(self, argv):
        base = argv[:-5]
        result, args = self.raw[argv]
        args = args[:args.rindex(",")]
        short = base.removesuffix("_opts")
        has_plain = short != base and short in self.raw
        f = self.function(short if has_plain else base, base, result, args)
        f.options = self.options[argv]
        f.options_struct = argv
        f.plain = short if has_plain else ""
        return f

    def function(self, name, symbol, result, args):
        arguments = parse_arguments(args)
        size = bool(arguments) and arguments[-1].type == "size_t *"
        if arguments and arguments[0].type == "guestfs_h *":
            arguments = arguments[1:]
        return Function(name, symbol, result,
                        arguments[:-1] if size else arguments,
                        size_result=size)
