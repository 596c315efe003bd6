# SPDX-License-Identifier: LGPL-2.1-or-later
"""Read the definition of the calls (see api/README) and check it.

Every fault is reported as FILE:LINE: error: ..., the form that editors
understand, and ends the run.
"""

import re
import sys
from dataclasses import dataclass, field

import doc as documentation

SCALARS = {"bool": 1, "u32": 4, "u64": 8, "i32": 4, "i64": 8}
STREAMS = ("in", "out")
LIMITS = {"i32": (-2**31, 2**31 - 1), "i64": (-2**63, 2**63 - 1)}
# The order in which all files are read: first the types of all, then the
# enums of all, ..., so that families may use each other's.
KEYWORDS = ("type", "enum", "struct", "argument", "method")
# Files whose descriptions of arguments hold for every family.
COMMON = ("types", "arguments")
SUMMARY_MAX = 72
# A larger bound of a list or blob is a mistake.
MAX_BOUND = 1 << 26

FLAGS = {"writes", "library", "internal", "noshell", "config", "progress",
         "hex", "octal"}
VALUED = {"shell", "libguestfs", "feature", "timeout", "since"}


class DefinitionError(Exception):
    """A fault in the definition; its text starts with FILE:LINE."""


@dataclass(frozen=True)
class Type:
    """A use of a type.  kind is bool, u32, u64, i32, i64, string, bytes,
    in, out, enum, struct, list or map."""

    kind: str
    name: str = ""              # the alias, enum or struct it was named by
    bound: int = 0              # bytes of a string or blob, elements of a list
    low: int = None             # range of an integer
    high: int = None
    without: str = ""           # characters that a string must not hold
    refused: tuple = ()         # values that a string must not have
    optional: bool = False
    element: "Type" = None      # of a list; the value type of a map
    key: "Type" = None          # of a map

    @property
    def is_string(self):
        return self.kind == "string"

    @property
    def checked(self):
        """A string with rules beyond its length."""
        return bool(self.without or self.refused)


@dataclass
class Field:
    name: str
    type: Type
    optional_argument: bool = False


@dataclass
class Declaration:
    kind: str                   # type, enum, struct, argument, method
    name: str
    doc: list                   # lines of prose, the first the summary
    where: str                  # FILE:LINE
    family: str = ""
    type: Type = None           # of a type
    values: list = field(default_factory=list)      # of an enum
    fields: list = field(default_factory=list)      # struct: all; method: args
    result: Type = None         # of a method
    attributes: dict = field(default_factory=dict)
    described: dict = field(default_factory=dict)   # argument: its text
    returns: str = ""           # what the result is, if the summary does not
    errors: list = field(default_factory=list)      # (names, text)
    never: list = field(default_factory=list)       # errors it never gives
    see: list = field(default_factory=list)
    examples: list = field(default_factory=list)
    number: int = 0             # of a call on the wire

    @property
    def summary(self):
        return self.doc[0] if self.doc else ""

    def has(self, attribute):
        return attribute in self.attributes

    @property
    def arguments(self):
        return [f for f in self.fields if not f.optional_argument]

    @property
    def options(self):
        return [f for f in self.fields if f.optional_argument]

    @property
    def stream(self):
        """The argument that is a stream, or None."""
        return next((f for f in self.fields if f.type.kind in STREAMS), None)

    @property
    def commands(self):
        """Names of the call in the shell, the first the main one."""
        if self.has("noshell") or self.has("internal"):
            return []
        names = self.attributes.get("shell")
        return names.split() if names else [self.name.replace("_", "-")]

    @property
    def libguestfs(self):
        if not self.has("libguestfs"):
            return None
        return self.attributes["libguestfs"] or self.name


class Api:
    """All declarations, in the order of the files given."""

    def __init__(self):
        self.declarations = {}
        self.arguments = {}     # (family or "", name, type or ""): its text
        self.unused = {}        # those of which no call makes use: where
        self.headers = {}       # family: the lines of its first comment
        self.text = []          # what the hash of the definition is made of

    def of(self, kind):
        return [d for d in self.declarations.values() if d.kind == kind]

    @property
    def methods(self):
        return self.of("method")

    @property
    def calls(self):
        """The methods that travel on the wire."""
        return [m for m in self.methods if not m.has("library")]

    @property
    def public(self):
        return [m for m in self.methods if not m.has("internal")]

    def families(self):
        return list(dict.fromkeys(m.family for m in self.public))

    def description(self, m, f):
        """What is said of an argument: by the call, its family, or for
        all; None if nothing is."""
        if f.name in m.described:
            return m.described[f.name]
        for family in (m.family, ""):
            for kind in (f.type.name or f.type.kind, ""):
                key = (family, f.name, kind)
                if key in self.arguments:
                    self.unused.pop(key, None)
                    return self.arguments[key]
        return None

    def calls_of(self, family):
        return [m for m in self.calls if m.family == family]

    def call_families(self):
        """The families that have calls on the wire."""
        return list(dict.fromkeys(m.family for m in self.calls))

    def wire_minimum(self, t):
        """The fewest bytes a value of this type can take on the wire."""
        if t.optional:
            return 1
        if t.kind in SCALARS:
            return SCALARS[t.kind]
        if t.kind in ("string", "bytes", "list", "map", "enum"):
            return 4
        fields = self.declarations[t.name].fields
        return max(1, sum(self.wire_minimum(f.type) for f in fields))


class Parser:
    TYPE = re.compile(r"([A-Za-z]\w*)(?:<(\d+)>)?")

    def __init__(self, api, path, family, text):
        self.api, self.path, self.family = api, path, family
        self.line = 0
        self.statements = []    # (keyword, the rest, doc, line)
        self.parse(text)

    def fail(self, message, line=None):
        raise DefinitionError(f"{self.path}:{line or self.line}: error: "
                              f"{message}")

    # Lines to declarations.

    def parse(self, text):
        doc, statement, start = [], "", 0
        self.api.headers[self.family] = header(text)
        for number, raw in enumerate(text.splitlines(), 1):
            self.line = number
            line = raw.rstrip()
            open_parens = statement.count("(") > statement.count(")")
            if statement and (open_parens or line[:1] in (" ", "\t")):
                statement += " " + line.split(" #")[0].strip()
                continue
            if statement:
                self.split_statement(statement, doc, start)
                statement, doc = "", []
            if line.startswith("#"):
                doc.append(line[1:].removeprefix(" "))
            elif not line:
                doc = []
            elif line[0] in " \t":
                self.fail("indented line continues nothing")
            else:
                statement, start = line, number
        if statement:
            self.split_statement(statement, doc, start)

    def split_statement(self, statement, doc, line):
        if statement.count("(") != statement.count(")"):
            self.fail("unbalanced parentheses", line)
        keyword, _, rest = statement.partition(" ")
        if keyword not in KEYWORDS:
            self.fail(f"expected type, enum, struct, argument or method, "
                      f"not '{keyword}'", line)
        self.statements.append((keyword, rest.strip(), doc, line))

    def declare_all(self, keyword):
        for k, rest, doc, line in self.statements:
            if k == keyword:
                self.declare(k, rest, doc, line)

    def declare(self, keyword, rest, doc, line):
        self.line = line
        d = getattr(self, f"declare_{keyword}")(rest)
        d.where = f"{self.path}:{line}"
        d.family = self.family
        self.take_doc(d, doc, line - len(doc))
        if d.kind == "argument":
            return self.keep_argument(d)
        if d.kind in ("method", "struct") and not d.doc:
            self.fail(f"{d.kind} '{d.name}' has no documentation")
        if d.name in self.api.declarations:
            first = self.api.declarations[d.name].where
            self.fail(f"'{d.name}' is already declared at {first}")
        self.api.declarations[d.name] = d
        return None

    def take_doc(self, d, lines, first_line):
        try:
            doc = documentation.parse(lines)
        except documentation.DocError as e:
            self.fail(e, first_line + e.line)
        names = {f.name for f in d.fields}
        for name in doc.items:
            if name not in names:
                self.fail(f"{d.kind} '{d.name}' has no '{name}' to describe")
        for e in doc.examples:
            e.where = f"{self.path}:{first_line + e.where}"
        d.doc, d.described, d.examples = doc.prose, doc.items, doc.examples
        d.returns, d.see = doc.returns, doc.see
        d.errors, d.never = doc.errors, doc.never

    def keep_argument(self, d):
        family = "" if self.family in COMMON else self.family
        key = (family, d.name, d.attributes["type"])
        if key in self.api.arguments:
            self.fail(f"argument '{d.name}' is described twice")
        if not d.doc:
            self.fail(f"argument '{d.name}' has no description")
        self.api.arguments[key] = " ".join(d.doc)
        self.api.unused[key] = d.where

    def declare_type(self, rest):
        m = re.fullmatch(r"(\w+) = (.+)", rest)
        if not m:
            self.fail(f"cannot read type '{rest}'")
        t = self.parse_type(m[2])
        if t.optional or t.kind in STREAMS:
            self.fail(f"type '{m[1]}' cannot be optional or a stream")
        return Declaration("type", m[1], [], "", type=t)

    def declare_enum(self, rest):
        m = re.fullmatch(r"(\w+) \((.+)\)", rest)
        if not m:
            self.fail(f"cannot read enum '{rest}'")
        values = [v.strip() for v in m[2].split(",")]
        for v in values:
            if not re.fullmatch(r"[a-z]\w*", v):
                self.fail(f"bad name '{v}' in enum '{m[1]}'")
        if len(set(values)) != len(values):
            self.fail(f"enum '{m[1]}' has a name twice")
        return Declaration("enum", m[1], [], "", values=values)

    def declare_struct(self, rest):
        m = re.fullmatch(r"(\w+) \((.+)\)", rest)
        if not m:
            self.fail(f"cannot read struct '{rest}'")
        d = Declaration("struct", m[1], [], "")
        d.fields = self.parse_fields(m[2], f"struct '{m[1]}'")
        for f in d.fields:
            if f.optional_argument or f.type.kind in STREAMS:
                self.fail(f"field '{f.name}' of struct '{m[1]}' cannot be "
                          f"a stream or 'opt'")
        return d

    def declare_argument(self, rest):
        m = re.fullmatch(r"([a-z]\w*)(?:: (\w+))?", rest)
        if not m:
            self.fail(f"cannot read argument '{rest}'")
        return Declaration("argument", m[1], [], "",
                           attributes={"type": m[2] or ""})

    def declare_method(self, rest):
        m = re.fullmatch(r"([a-z]\w*)\((.*?)\)(?: -> ([^@]+?))?((?: @.*)?)",
                         rest)
        if not m:
            self.fail(f"cannot read method '{rest}'")
        d = Declaration("method", m[1], [], "")
        what = f"method '{m[1]}'"
        d.fields = self.parse_fields(m[2], what)
        d.result = self.parse_type(m[3].strip()) if m[3] else None
        d.attributes = self.parse_attributes(m[4])
        seen_option = False
        for f in d.fields:
            if seen_option and not f.optional_argument:
                self.fail(f"{what}: '{f.name}' comes after an opt argument")
            seen_option |= f.optional_argument
        streams = [f for f in d.fields if f.type.kind in STREAMS]
        if len(streams) > 1:
            self.fail(f"{what} has more than one stream")
        if d.result and d.result.kind in STREAMS:
            self.fail(f"{what}: a stream is an argument, not a result")
        return d

    # Types and fields.

    def parse_fields(self, text, what):
        fields, names = [], set()
        for part in split_commas(text):
            m = re.fullmatch(r"(opt )?([a-z]\w*): (.+)", part)
            if not m:
                self.fail(f"{what}: cannot read '{part}'")
            if m[2] in names:
                self.fail(f"{what} has '{m[2]}' twice")
            names.add(m[2])
            fields.append(Field(m[2], self.parse_type(m[3]), bool(m[1])))
        return fields

    def parse_type(self, text):
        text = text.strip()
        if text.startswith("?"):
            t = self.parse_type(text[1:])
            if t.optional or t.kind in ("in", "out", "list", "map"):
                self.fail(f"'{text}' cannot be optional")
            return replace(t, optional=True)
        if text.startswith("[]") or text.startswith("{"):
            return self.parse_container(text)
        m = re.match(self.TYPE, text)
        if not m:
            self.fail(f"bad type '{text}'")
        base, bound, rest = m[1], m[2], text[m.end():].strip()
        if base in ("string", "bytes"):
            if not bound:
                self.fail(f"'{text}' needs a bound")
            return self.parse_rules(Type(base, bound=self.bound(bound)), rest)
        if bound:
            self.fail(f"'{base}' takes no bound")
        if base in SCALARS:
            return self.parse_range(Type(base), rest)
        if rest:
            self.fail(f"bad type '{text}'")
        if base in STREAMS:
            return Type(base)
        d = self.api.declarations.get(base)
        if not d or d.kind == "method":
            self.fail(f"unknown type '{base}'")
        if d.kind == "type":
            return replace(d.type, name=base)
        return Type(d.kind, name=base)

    def parse_container(self, text):
        m = re.fullmatch(r"\[\](.+?)<(\d+)>", text)
        if m:
            element = self.parse_type(m[1])
            if element.optional or element.kind in ("list", "map", "in",
                                                    "out", "bytes"):
                self.fail(f"bad element in '{text}'")
            return Type("list", bound=self.bound(m[2]), element=element)
        m = re.fullmatch(r"\{(.+?): (.+?)\}<(\d+)>", text)
        if m:
            key, value = self.parse_type(m[1]), self.parse_type(m[2])
            if not (key.is_string and value.is_string):
                self.fail(f"'{text}': only strings can be paired")
            return Type("map", bound=self.bound(m[3]), key=key,
                        element=value)
        return self.fail(f"'{text}' needs a bound")

    def bound(self, text):
        n = int(text)
        if not 0 < n <= MAX_BOUND:
            self.fail(f"bound {text} is not in 1..{MAX_BOUND}")
        return n

    def parse_range(self, t, rest):
        if not rest:
            return t
        m = re.fullmatch(r"(-?\d+)\.\.(-?\d+)", rest)
        if not m:
            self.fail(f"bad range '{rest}'")
        if t.kind not in LIMITS:
            self.fail(f"a range is for {' and '.join(LIMITS)}, not {t.kind}")
        low, high = int(m[1]), int(m[2])
        least, most = LIMITS[t.kind]
        if not least <= low <= high <= most:
            self.fail(f"bad range '{rest}'")
        return replace(t, low=low, high=high)

    def parse_rules(self, t, rest):
        without, refused = "", []
        for m in re.finditer(r'(without|not)((?: "[^"]*")+)|(\S+)', rest):
            if m[3] or not t.is_string:
                self.fail(f"bad rule '{rest}'")
            values = re.findall(r'"([^"]*)"', m[2])
            if m[1] == "without":
                without += "".join(values)
            else:
                refused += values
        return replace(t, without=without, refused=tuple(refused))

    def parse_attributes(self, text):
        attributes = {}
        for part in filter(None, (p.strip() for p in text.split("@"))):
            name, _, value = part.partition(" ")
            if name in FLAGS:
                if value:
                    self.fail(f"@{name} takes no value")
            elif name not in VALUED:
                self.fail(f"unknown attribute @{name}")
            elif not value and name != "libguestfs":
                self.fail(f"@{name} needs a value")
            if name in attributes:
                self.fail(f"@{name} is there twice")
            attributes[name] = value.strip()
        return attributes


def replace(t, **changes):
    values = {f: getattr(t, f) for f in t.__dataclass_fields__}
    values.update(changes)
    return Type(**values)


def header(text):
    """The first comment of a file, less its licence: what the family is."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if "SPDX-License-Identifier" not in line:
            lines.append(line[1:].removeprefix(" "))
    return lines


def split_commas(text):
    """Split at commas outside of quotes and braces."""
    parts, depth, quoted, start = [], 0, False, 0
    for i, c in enumerate(text):
        if c == '"':
            quoted = not quoted
        elif c in "{<" and not quoted:
            depth += 1
        elif c in "}>" and not quoted:
            depth -= 1
        elif c == "," and not quoted and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    parts.append(text[start:].strip())
    return [p for p in parts if p]


def check_documentation(api):
    """What the manual page of a public call needs is there."""
    for m in api.public:
        def fail(text):
            raise DefinitionError(f"{m.where}: error: method '{m.name}': "
                                  f"{text}")

        if len(m.summary) > SUMMARY_MAX or not m.summary.endswith("."):
            fail(f"the summary is not one sentence of at most {SUMMARY_MAX} "
                 f"characters")
        for f in m.fields:
            if api.description(m, f) is None:
                fail(f"argument '{f.name}' is not described")
        if m.result and not m.returns and not m.summary.startswith(
                ("Return ", "Check whether ", "List ", "Count ")):
            fail("it is not said what it returns")
        for name in m.see:
            if not re.fullmatch(r"[\w.+-]+\(\d\)", name) and (
                    name not in api.declarations or
                    api.declarations[name].has("internal")):
                fail(f"there is no '{name}' to see")
    for (_, name, _), where in api.unused.items():
        raise DefinitionError(f"{where}: error: no call has an argument "
                              f"'{name}' that needs this description")


def load(paths):
    """Read the files, types.api first, and number the calls."""
    api, parsers = Api(), []
    for path in paths:
        with open(path, encoding="utf-8") as f:
            text = f.read()
        family = re.sub(r".*/|\.api$", "", path)
        shown = path if not path.startswith("/") else family + ".api"
        parsers.append(Parser(api, shown, family, text))
        api.text.append(text)
    for keyword in KEYWORDS:
        for parser in parsers:
            parser.declare_all(keyword)
    check_documentation(api)
    taken = {}
    for m in api.methods:
        for c in m.commands:
            if c in taken:
                raise DefinitionError(f"{m.where}: error: command '{c}' is "
                                      f"already that of '{taken[c]}'")
            taken[c] = m.name
    for number, m in enumerate(sorted(api.calls, key=lambda m: m.name), 1):
        m.number = number
    return api


def main():
    sys.exit("model.py is a module; run mkapi.py")


if __name__ == "__main__":
    main()
