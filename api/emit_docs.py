# SPDX-License-Identifier: LGPL-2.1-or-later
"""Emit the manual pages, as roff.

    man/mayfly.3             the library: how to use it, all families
    man/mayfly-FAMILY.3      every call of a family
    mayfish-commands.roff    the commands, a part of mayfish(1)
"""

import re

from emit_c import paragraphs, prototype, write
from emit_shell import usage

HEAD = ".\\\" Generated from the definition in api/; do not edit.\n"

OVERVIEW = r""".SH SYNOPSIS
.nf
#include <mayfly.h>

struct mayfly *mayfly_create(void);
void mayfly_close(struct mayfly *g);
const char *mayfly_last_error(const struct mayfly *g);
int mayfly_last_errno(const struct mayfly *g);
void mayfly_cancel(struct mayfly *g);
int mayfly_set_event_callback(struct mayfly *g,
    mayfly_event_callback callback, uint32_t mask, void *opaque);
void mayfly_delete_event_callback(struct mayfly *g, int number);

cc prog.c $(pkg\-config \-\-cflags \-\-libs mayfly)
.fi
.SH DESCRIPTION
libmayfly reaches the file systems inside disk images without booting them.  A
handle stands for one throwaway appliance: add disks, launch it, mount file
systems, call.  The calls are documented by family, see below.
.PP
Every call returns 0, or \-1 with an error in the handle:
.B mayfly_last_error
is one line of text,
.B mayfly_last_errno
an errno value.  What a call gives comes through its last arguments, which
stay untouched on failure.  Strings, blobs and NULL\-terminated lists are one
block each, to be freed with
.BR free (3);
pairs are lists of key, value, key, value.  Structures are freed by
mayfly_free_\fINAME\fR.
.PP
Optional arguments are the fields of a structure, of which
.I set
says which count: an or of MAYFLY_\fICALL\fR_\fIFIELD\fR.  NULL stands for
none.
.PP
A handle may be used by one thread at a time; different handles in different
threads need no care.
.B mayfly_cancel
alone may be called from any thread and from a signal handler: the running
call fails with ECANCELED.
.PP
Host files of calls that stream are names; "\-" is standard input or output,
and /dev/fd/\fIN\fR an open file.
"""


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def markup(text):
    """*x* becomes italic, `x` bold."""
    text = escape(text)
    text = re.sub(r"`([^`]+)`", r"\\fB\1\\fR", text)
    return re.sub(r"(?<![\w*])\*(\w+)\*(?![\w*])", r"\\fI\1\\fR", text)


def verbatim(lines):
    return ".nf\n" + "".join(escape(x) + "\n" for x in lines) + ".fi\n"


def body(doc):
    out = []
    for p in paragraphs(doc):
        if not p:
            out.append(".PP\n")
        elif p.startswith(" "):
            out.append(verbatim([p]))
        else:
            out.append(markup(p) + "\n")
    text = "".join(out).replace(".fi\n.nf\n", "")
    return re.sub(r"(\.PP\n)+$", "", text)


def type_text(t):
    """A type in words, with its bound."""
    if t.kind == "string":
        return f"text of at most {t.bound} bytes"
    if t.kind == "bytes":
        return f"at most {t.bound} bytes"
    if t.kind == "list":
        return f"a list of at most {t.bound}"
    if t.kind == "map":
        return f"at most {t.bound} pairs"
    if t.kind in ("in", "out"):
        return "a file of the host"
    if t.low is not None:
        return f"{t.low} to {t.high}"
    return {"bool": "true or false", "u32": "0 to 4294967295",
            "i32": "-2147483648 to 2147483647", "u64": "64 bits, unsigned",
            "i64": "64 bits, signed"}.get(t.kind, t.name)


def notes(m):
    out = []
    if m.has("writes"):
        out.append("Changes a disk.")
    if m.has("config"):
        out.append("Only before launch.")
    if m.has("feature"):
        out.append(f"Needs the feature \"{m.attributes['feature']}\".")
    if m.has("progress"):
        out.append("Reports progress.")
    return out


def structure(d):
    lines = [f"struct {d.name} {{"]
    lines += [f"    {f.name}: {type_text(f.type)}" for f in d.fields]
    return f".SS struct {escape(d.name)}\n" + body(d.doc) + ".PP\n" + \
        verbatim(lines + ["}"])


def shown(e):
    """An example, and what it prints."""
    lines = ["    " + " : ".join(e.commands)]
    if e.fails is not None:
        lines.append(f"        fails{': ' if e.fails else ''}{e.fails}")
    elif e.expect:
        lines += ["        " + x for x in e.expect.split("\n")]
    return lines


def call(m):
    out = [f".SS mayfly_{m.name}\n", verbatim(
        ("int " + prototype(m)).split("\n")), ".PP\n", body(m.doc)]
    if m.fields:
        out.append(".PP\n")
    for f in m.fields:
        kind = "optional, " if f.optional_argument else ""
        out.append(f".TP\n\\fI{f.name}\\fR\n"
                   f"{kind}{escape(type_text(f.type))}\n")
    if notes(m):
        out.append(".PP\n" + escape(" ".join(notes(m))) + "\n")
    if m.examples:
        out.append(".PP\nIn the shell:\n" + verbatim(
            line for e in m.examples for line in shown(e)))
    return "".join(out)


def page(title, name, summary, text, see):
    return (HEAD + f".TH {title} 3 \"\" mayfly \"Library Functions\"\n"
            f".SH NAME\n{escape(name)} \\- {markup(summary)}\n{text}"
            f".SH SEE ALSO\n" + ",\n".join(f".BR {escape(s)} ({n})"
                                           for s, n in see) + "\n")


def family(api, name):
    methods = [m for m in api.public if m.family == name]
    used = set()

    def mark(t):
        if t is not None:
            if t.kind == "struct" and t.name not in used:
                used.add(t.name)
                for f in api.declarations[t.name].fields:
                    mark(f.type)
            mark(t.element)

    for m in methods:
        mark(m.result)
        for f in m.fields:
            mark(f.type)
    text = ".SH CALLS\n" + "".join(call(m) for m in methods)
    structures = [structure(d) for d in api.of("struct") if d.name in used]
    if structures:
        text += ".SH STRUCTURES\n" + "".join(structures)
    return page(f"MAYFLY-{name.upper()}", f"mayfly-{name}",
                f"calls of libmayfly: {name}", text,
                [("mayfly", 3), ("mayfish", 1)])


def overview(api):
    families = api.families()
    out = [OVERVIEW, ".SH CALLS\n"]
    for name in families:
        calls = [f"mayfly_{m.name}" for m in api.public if m.family == name]
        out.append(f".TP\n.BR mayfly\\-{escape(name)} (3)\n" +
                   escape(", ".join(calls)) + "\n")
    return page("MAYFLY", "mayfly",
                "library to reach the file systems inside disk images",
                "".join(out), [(f"mayfly-{n}", 3) for n in families] +
                [("mayfish", 1)])


def commands(api):
    out = [".SH COMMANDS\n"]
    methods = sorted((m for m in api.public if m.commands),
                     key=lambda m: m.commands[0])
    for m in methods:
        out.append(f".SS {escape(m.commands[0])}\n" +
                   verbatim([usage(m, api)]) + ".PP\n" + body(m.doc))
        extra = notes(m)
        if len(m.commands) > 1:
            extra.append(f"Also called {', '.join(m.commands[1:])}.")
        if extra:
            out.append(".PP\n" + escape(" ".join(extra)) + "\n")
    return "".join(out)


def emit(api, outdir):
    write(outdir, "man/mayfly.3", overview(api))
    for name in api.families():
        write(outdir, f"man/mayfly-{name}.3", family(api, name))
    write(outdir, "mayfish-commands.roff", commands(api))
