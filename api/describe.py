# SPDX-License-Identifier: LGPL-2.1-or-later
"""Types and arguments in words, for the pages and the shell's help."""

from emit_c import c_value, snake, struct_name


def size(n):
    """A number of bytes, readable."""
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB")):
        if n >= unit and n % unit == 0:
            return f"{n // unit} {name}"
    return f"{n} byte{'s' if n != 1 else ''}"


def quoted(values):
    shown = [f'"{v}"' if v else "empty" for v in values]
    return " or ".join([", ".join(shown[:-1]), shown[-1]] if shown[1:]
                       else shown)


def string_limit(t):
    out = [f"At most {size(t.bound)}."]
    if t.without:
        out.append(f"It may not contain {quoted(t.without)}.")
    if t.refused:
        out.append(f"It may not be {quoted(t.refused)}.")
    return " ".join(out)


def range_limit(t):
    if t.high in (2**31 - 1, 2**63 - 1):
        return f"{t.low} or more."
    return f"{t.low} to {t.high}."


def limit(t, api):
    """What the type demands of a value, as sentences; maybe none."""
    if t.kind == "string":
        return string_limit(t)
    if t.kind == "bytes":
        return f"At most {size(t.bound)}."
    if t.kind == "list":
        what = limit(t.element, api)
        what = what.replace("At most ", "at most ", 1) if what else ""
        return f"A list that ends with NULL, of at most {t.bound} elements" + \
            (f"; each {what}" if what.startswith("at most") else ".")
    if t.kind == "map":
        return f"Keys and values in turn, then NULL; at most {t.bound} pairs."
    if t.kind == "enum":
        values = ", ".join(api.declarations[t.name].values)
        return f"One of {values}."
    if t.low is not None:
        return range_limit(t)
    return ""


STREAM = {"in": "A file on the host, which is read; \"-\" is standard input.",
          "out": "A file on the host, which is created or replaced; \"-\" is "
                 "standard output."}


def type_text(t, api):
    """What is said of every value of a named type."""
    if t.kind in STREAM:
        return STREAM[t.kind]
    inner = t.element if t.kind == "list" else t
    d = api.declarations.get(inner.name)
    if d and d.kind == "type" and d.doc:
        text = " ".join(d.doc)
        return f"Each: {text[0].lower()}{text[1:]}" if t.kind == "list" else text
    return ""


def says_limit(text, t):
    """The text names the limit itself, or the values that are possible."""
    if t.kind != "string" or t.checked:
        return False
    return "t most " in text or "up to " in text or \
        t.bound <= 255 and (": " in text or '"' in text)


def argument(m, f, api):
    """All that is said of an argument, as one paragraph."""
    out = [api.description(m, f), type_text(f.type, api)]
    if not says_limit(out[0], f.type):
        out.append(limit(f.type, api))
    if f.optional_argument and f.type.kind == "bool" and \
            "efault" not in out[0]:
        out.append("Default: false.")
    return " ".join(filter(None, out))


def result_text(m):
    """What *ret is set to, as the end of a sentence."""
    if m.returns:
        return m.returns
    rest = m.summary.rstrip(".")
    for start, what in (("Return ", ""), ("List ", ""),
                        ("Count ", "the number of ")):
        if rest.startswith(start):
            rest = rest.removeprefix(start)
            return what + (rest.removeprefix("the ") if what else rest) + "."
    rest = rest.removeprefix("Check whether ")
    return f"true if {rest}, otherwise to false."


def ownership(r):
    """What memory the result is, and how it is freed."""
    if r.kind == "string":
        null = " It is NULL if there is none." if r.optional else ""
        return "It is a newly allocated string: free it with free(3)." + null
    if r.kind == "bytes":
        return "It is a newly allocated buffer of *ret_size bytes, and a " \
               "zero byte follows them: free it with free(3)."
    if r.kind == "map":
        return "It is a newly allocated list in which each key is followed " \
               "by its value; NULL ends it. It is one block: free it, and " \
               "not its elements, with free(3)."
    if r.kind == "list" and r.element.kind == "string":
        return "It is a newly allocated list of strings that NULL ends. It " \
               "is one block: free it, and not its elements, with free(3)."
    if r.kind == "list":
        return "It is newly allocated: (*ret)->len structures in the array " \
               f"(*ret)->val. Free all with " \
               f"mayfly_free_{snake(r.element.name)}_list()."
    if r.kind == "struct":
        return f"It is newly allocated: free it with " \
               f"mayfly_free_{snake(r.name)}()."
    return ""


def structures(t, api, found=None):
    """The structures that a result consists of, the outermost first."""
    found = [] if found is None else found
    while t is not None and t.kind in ("list", "map"):
        t = t.element
    if t is not None and t.kind == "struct" and t.name not in found:
        found.append(t.name)
        for f in api.declarations[t.name].fields:
            structures(f.type, api, found)
    return found


def c_type(t):
    """The C type of a result's variable."""
    if t.kind == "string":
        return "char *"
    if t.kind == "bytes":
        return "void *"
    if t.kind == "map" or t.kind == "list" and t.element.kind == "string":
        return "char **"
    if t.kind == "list":
        return f"{struct_name(t.element)}_list *"
    if t.kind == "struct":
        return f"{struct_name(t)} *"
    return c_value(t) + " "
