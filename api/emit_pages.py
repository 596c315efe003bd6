# SPDX-License-Identifier: LGPL-2.1-or-later
"""Emit the manual page of each public call, and its example in C.

    man/mayfly_NAME.3        the call; of functions that mayfly.h declares by
                             hand, a link to mayfly(3)
    examples.c               the examples in C of all pages, to be compiled
"""

import re

from describe import argument, c_type, ownership, result_text, structures
from emit_c import (NOTE, options_struct, parameters, snake, struct,
                    write)
from errnos import errors, reaches_appliance
from roff import (MANUAL, body, bold, code, escape, italic, link, markup, page,
                  references, tagged, verbatim)

# What mayfly.h declares itself; mayfly(3) describes them.
BY_HAND = ("create", "close", "last_error", "last_errno", "cancel",
           "forget_cancel", "set_cancel_flag", "set_event_callback",
           "delete_event_callback")
WIDTH = 72                      # of a line of the synopsis
KINDS = {
    "fs": "with an empty ext4 file system, /dev/sda1, mounted on /",
    "disk": "with two empty disks of 512 MiB, /dev/sda and /dev/sdb",
    "none": "before the appliance is launched",
}
FAILED = ['    errx(1, "%s", mayfly_last_error(g));']


def c_struct(name, api):
    d = api.declarations[name]
    text = struct(f"struct mayfly_{snake(name)}",
                  [(f.name, f.type) for f in d.fields], False)
    return text.rstrip("\n").split("\n")


def declaration(m):
    """The prototype, broken between parameters."""
    lines = [f"int mayfly_{m.name}("]
    given = ["struct mayfly *g"] + parameters(m)
    for i, p in enumerate(given):
        p += "," if i + 1 < len(given) else ");"
        if len(lines[-1]) + len(p) < WIDTH:
            lines[-1] += (" " if lines[-1][-1] == "," else "") + p
        else:
            lines.append("    " + p)
    return lines


def synopsis(m, api):
    lines = ["#include <mayfly.h>", ""]
    if m.options:
        text = options_struct(m)
        text = text[text.index("\n") + 1:]      # without its comment
        lines += re.sub(r"#define .*\n", "", text).rstrip("\n").split("\n")
        lines.append("")
    lines += declaration(m)
    return ".SH SYNOPSIS\n" + verbatim(lines)


def description(m, calls):
    out = [".SH DESCRIPTION\n", markup(m.summary, calls), "\n"]
    rest = m.doc[1:]
    if rest and rest[0]:
        rest = [""] + rest
    out.append(body(rest, calls))
    if m.has("config"):
        out.append(f".PP\n{markup('It works only before `launch`.', calls)}"
                   "\n")
    if m.has("progress"):
        out.append(".PP\n" + markup(
            "Progress events are sent while it runs: see "
            "mayfly_set_event_callback(3).") + "\n")
    if m.has("feature"):
        group = m.attributes["feature"]
        out.append(".PP\n" + markup(
            f"It belongs to the feature group \"{group}\": `available` says "
            "whether the appliance has what it needs.", calls) + "\n")
    return "".join(out)


def term(f):
    name = italic(f.name)
    if f.type.kind == "bytes":
        name += ", " + italic(f"n_{f.name}")
    return name


def arguments(m, api, calls):
    if not m.fields:
        return ""
    out = [".SH ARGUMENTS\n"]
    for f in m.arguments:
        text = argument(m, f, api)
        if f.type.kind == "bytes":
            text += f" *n_{f.name}* is its size in bytes."
        out.append(tagged(term(f), markup(text, calls)))
    if m.options:
        first = m.options[0].name
        out.append(tagged(italic("options"), markup(
            "NULL leaves out all options. Otherwise *set* is the bitwise OR "
            "of the constants of the fields that are given, such as "
            f"MAYFLY_{m.name.upper()}_{first.upper()} for *{first}*; the "
            "other fields are ignored and have their defaults.")))
        out.append(".RS\n")
        for f in m.options:
            out.append(tagged(term(f), markup(argument(m, f, api), calls)))
        out.append(".RE\n")
    return "".join(out)


def returned(m, api, calls):
    out = [".SH RETURN VALUE\n"]
    name = bold(f"mayfly_{m.name}") + "()"
    r = m.result
    kept = ""
    if r is None:
        out.append(f"On success, {name} returns 0.\n")
    else:
        kept = ", leaves *ret as it was"
        out.append(f"On success, {name} returns 0 and sets *ret to " +
                   markup(result_text(m), calls) + "\n")
        if ownership(r):
            out.append(markup(ownership(r), calls) + "\n")
    out.append(".PP\n" + escape(f"On error, it returns -1{kept} and records "
               "the error in the handle:") + "\n" + markup(
                   "mayfly_last_error(3) returns its text, "
                   "mayfly_last_errno(3) its number.") + "\n")
    found = structures(r, api) if r else []
    if found:
        out.append(".SS Structures\n")
    for name in found:
        out.append(structure(name, api, calls))
    return "".join(out)


def structure(name, api, calls):
    d = api.declarations[name]
    out = [".PP\n", verbatim(c_struct(name, api)), ".PP\n",
           body(d.doc, calls)]
    for field, text in d.described.items():
        out.append(tagged(italic(field), markup(text, calls)))
    return "".join(out)


def failures(m, calls):
    out = [".SH ERRORS\n"]
    if not errors(m):
        return ".SH ERRORS\nNone: it always succeeds.\n"
    for names, text in errors(m):
        out.append(tagged(bold(names), markup(text, calls)))
    if reaches_appliance(m):
        out.append(".PP\nOther errors of the appliance's kernel are passed "
                   "on as they are.\n")
    return "".join(out)


# The example in C.

PRINTED = {"bool": '    puts(ret ? "true" : "false");',
           "i32": '    printf("%" PRId32 "\\n", ret);',
           "i64": '    printf("%" PRId64 "\\n", ret);',
           "u32": '    printf("%" PRIu32 "\\n", ret);',
           "u64": '    printf("%" PRIu64 "\\n", ret);'}


def one_field(d, access):
    """A statement that shows a field of a structure."""
    for f in d.fields:
        if f.type.kind == "string" and not f.type.optional:
            return f"puts({access}{f.name});"
    for f in d.fields:
        if f.type.kind in PRINTED and not f.type.optional:
            return PRINTED[f.type.kind].strip().replace(
                "ret", f"{access}{f.name}")
    f = next(f for f in d.fields if f.type.kind == "list")
    return f'printf("%" PRIu32 "\\n", {access}n_{f.name});'


def used(r, api):
    """Statements that use the result and free it."""
    if r.kind == "string":
        return ["puts(ret);", "free(ret);"] if not r.optional else \
            ['puts(ret ? ret : "none");', "free(ret);"]
    if r.kind == "bytes":
        return ["fwrite(ret, 1, ret_size, stdout);", "free(ret);"]
    if r.kind == "map":
        return ["for (char **p = ret; *p; p += 2)",
                '    printf("%s: %s\\n", p[0], p[1]);', "free(ret);"]
    if r.kind == "list" and r.element.kind == "string":
        return ["for (char **p = ret; *p; p++)", "    puts(*p);",
                "free(ret);"]
    if r.kind == "list":
        d = api.declarations[r.element.name]
        return ["for (uint32_t i = 0; i < ret->len; i++)",
                "    " + one_field(d, "ret->val[i]."),
                f"mayfly_free_{snake(r.element.name)}_list(ret);"]
    if r.kind == "struct":
        d = api.declarations[r.name]
        return [one_field(d, "ret->"), f"mayfly_free_{snake(r.name)}(ret);"]
    return [PRINTED[r.kind].strip()]


def c_example(m, api):
    """The statements of the example; arguments have the names they have."""
    r, lines = m.result, []
    if m.options:
        f = m.options[0]
        value = "true" if f.type.kind == "bool" else f.name
        lines += [f"struct mayfly_{m.name}_options options = {{",
                  f"    .set = MAYFLY_{m.name.upper()}_{f.name.upper()},",
                  f"    .{f.name} = {value},", "};"]
    if r:
        lines.append(c_type(r) + "ret;")
        if r.kind == "bytes":
            lines.append("size_t ret_size;")
    if lines:
        lines.append("")
    names = ["g"]
    for f in m.arguments:
        names += [f.name] + ([f"n_{f.name}"] if f.type.kind == "bytes"
                             else [])
    names += ["&options"] if m.options else []
    names += ["&ret"] if r else []
    names += ["&ret_size"] if r and r.kind == "bytes" else []
    call = f"if (mayfly_{m.name}({', '.join(names)}) < 0)"
    if len(call) > 70:
        call = call.replace(", ", ",\n        ", 1)
    lines += call.split("\n") + FAILED
    return lines + (used(r, api) if r else [])


def c_function(m, api):
    """The example as a function, for the compiler."""
    given = [p for p in parameters(m)
             if not p.startswith(("const struct mayfly_" + m.name +
                                  "_options ")) and "*ret" not in p]
    for f in m.options[:1]:
        if f.type.kind in ("list", "map"):
            given.append(f"const char *const *{f.name}")
        elif f.type.kind == "string":
            given.append(f"const char *{f.name}")
        elif f.type.kind != "bool":
            given.append(f"int64_t {f.name}" if f.type.kind == "i64"
                         else f"int32_t {f.name}")
    args = ",\n    ".join(["struct mayfly *g"] + given)
    text = "\n".join(f"    {x}" if x else "" for x in c_example(m, api))
    return f"void example_{m.name}({args});\n\nvoid\nexample_{m.name}(" \
           f"{args})\n{{\n{text}\n}}\n"


def examples_c(api):
    return NOTE + "#include <err.h>\n#include <inttypes.h>\n" \
        "#include <stdio.h>\n#include <stdlib.h>\n#include <mayfly.h>\n\n" + \
        "\n".join(c_function(m, api) for m in api.public)


# The example in the shell.

def shown(e):
    """The commands of an example, and what the last one prints."""
    lines = [f"> {c}" for c in e.commands]
    if e.fails is not None:
        lines[-1] += "    # fails" + (f": {e.fails}" if e.fails else "")
    elif e.expect:
        lines += e.expect.split("\n")
    return lines


def example(m, api):
    out = [".SH EXAMPLE\nIn C:\n", code(c_example(m, api))]
    for kind, text in KINDS.items():
        some = [e for e in m.examples if e.kind == kind]
        if not some:
            continue
        out.append(".PP\n" + markup(f"In mayfish(1), {text}:") + "\n")
        lines = []
        for e in some:
            lines += ([""] if lines else []) + shown(e)
        out.append(code(lines))
    return "".join(out)


# What to see.

PAIRS = (("get_", "set_"), ("_get_", "_set_"), ("_in", "_out"),
         ("on_", "off_"), ("_open", "_close"), ("create", "remove"))


def related(m, api):
    """Names of calls: those named by the text, and the counterpart."""
    names = {m.name: m for m in api.public}
    text = " ".join(m.doc + list(m.described.values()) + [m.returns] +
                    [t for _, t in m.errors])
    out = [x for x in re.findall(r"`(\w+)`", text) if x in names]
    out += [x for x in m.see if x in names]
    for one, other in PAIRS:
        for a, b in ((one, other), (other, one)):
            x = m.name.replace(a, b)
            if a in m.name and x in names:
                out.append(x)
    if reaches_appliance(m) and m.has("feature"):
        out.append("feature_available")
    return sorted(set(x for x in out if x in names and x != m.name))


def see_also(m, api):
    calls = [(f"mayfly_{x}", 3) for x in related(m, api)]
    text = " ".join(m.doc + list(m.described.values()) + [m.returns])
    manuals = {(a, int(b)) for a, b in MANUAL.findall(text)}
    manuals |= {MANUAL.fullmatch(x).groups() for x in m.see
                if MANUAL.fullmatch(x)}
    manuals = sorted({(a, int(b)) for a, b in manuals
                      if not a.startswith("mayfly")},
                     key=lambda x: (x[1], x[0]))
    own = [(f"mayfly-{m.family}", 3), ("mayfly", 3)]
    if m.commands:
        own.append(("mayfish", 1))
    out = ".SH SEE ALSO\n" + references(calls + own + manuals)
    if m.libguestfs:
        out += ".PP\n" + markup(f"The call `guestfs_{m.libguestfs}` of "
                                "guestfs(3) does the same.") + "\n"
    return out


def call_page(m, api):
    calls = {x.name for x in api.public}
    name = f"mayfly_{m.name}"
    summary = m.summary.rstrip(".")
    if not summary[1:2].isupper():
        summary = summary[0].lower() + summary[1:]
    text = (synopsis(m, api) + description(m, calls) +
            arguments(m, api, calls) + returned(m, api, calls) +
            failures(m, calls) + example(m, api) +
            f".SH VERSIONS\nSince version "
            f"{escape(m.attributes.get('since', '0.1'))}.\n" +
            see_also(m, api))
    return page(3, name, summary, text)


def emit(api, outdir):
    for m in api.public:
        write(outdir, f"man/mayfly_{m.name}.3", call_page(m, api))
    for name in BY_HAND:
        write(outdir, f"man/mayfly_{name}.3", link("mayfly"))
    for d in api.of("struct"):
        for suffix in ("", "_list"):
            write(outdir, f"man/mayfly_free_{snake(d.name)}{suffix}.3",
                  link("mayfly"))
    write(outdir, "examples.c", examples_c(api))
