# SPDX-License-Identifier: LGPL-2.1-or-later
"""Emit the shell's table of commands: commands.h, commands.c.

For every call that the shell has: its names, usage and documentation, and a
function that turns words into typed arguments, makes the call and prints
what it gives.  The conversions and the printing are the shell's own
(fish/convert.h, fish/printer.h); here is only who needs which.
"""

import re
import textwrap

from emit_c import (NOTE, c_string, c_value, limit, paragraphs, snake,
                    struct_name, write)

GPL = "/* SPDX-License-Identifier: GPL-2.0-or-later */\n" + NOTE

# What a word is, for completion.
KINDS = {"path": "p", "device": "d", "mountable": "d", "host_path": "h"}


def is_key(f):
    return f.type.name == "key" and not f.optional_argument


def words(m):
    """The arguments that are words of the command, all but keys."""
    return [f for f in m.arguments if not is_key(f)]


def kind(f):
    if f.type.kind in ("in", "out"):
        return "h"
    if f.type.kind == "list":
        return KINDS.get(f.type.element.name, "-")
    return KINDS.get(f.type.name, "-")


def option_hint(f, api):
    t = f.type
    if t.kind == "bool":
        return "true|false"
    if t.kind == "enum":
        return "|".join(api.declarations[t.name].values)
    return ".."


def usage(m, api):
    out = [m.commands[0]] + [f.name for f in words(m)]
    out += [f"[{f.name}:{option_hint(f, api)}]" for f in m.options]
    return " ".join(out)


def text(lines):
    """A C string of several lines, one literal a line."""
    body = [c_string(line)[:-1] + '\\n"' for line in lines]
    return "\n        ".join(body) if body else '""'


class Emitter:
    def __init__(self, api):
        self.api = api
        self.enums = set()
        self.structs = []       # printed, those that others need first

    # Arguments.

    def declare(self, f, target):
        """The variable that holds an argument of its own."""
        t = f.type
        if t.kind in ("list", "map"):
            return f"cleanup_strv char **{target} = NULL;"
        if t.kind in ("in", "out"):
            return f"cleanup_stream struct stream {target} = STREAM_NONE;"
        if is_key(f):
            return f"cleanup_key char *{target} = NULL;"
        if t.kind in ("string", "bytes"):
            return None
        if t.kind == "struct":
            raise SystemExit(f"error: argument '{f.name}' is a structure: "
                             f"the call needs @noshell")
        return f"{c_value(t)} {target};"

    def convert(self, f, word, target):
        """An expression that is negative if the word is bad, or None."""
        t, n = f.type, c_string(f.name)
        if t.kind in ("list", "map"):
            return f"convert_list(sh, {n}, {word}, &{target})"
        if t.kind == "in":
            return f"stream_open_in(sh, {word}, &{target})"
        if t.kind == "out":
            return f"stream_open_out(sh, {word}, &{target})"
        if is_key(f):
            return f"convert_key(sh, {n}, &{target})"
        if t.kind in ("string", "bytes"):
            return None
        if t.kind == "bool":
            return f"convert_bool(sh, {n}, {word}, &{target})"
        if t.kind == "enum":
            self.enums.add(t.name)
            return f"convert_{snake(t.name)}(sh, {n}, {word}, &{target})"
        if t.kind in ("u32", "u64"):
            return f"convert_{t.kind}(sh, {n}, {word}, &{target})"
        if t.low is not None:
            low, high = limit(t.low), limit(t.high)
        else:
            low = f"INT{t.kind[1:]}_MIN"
            high = f"INT{t.kind[1:]}_MAX"
        return f"convert_{t.kind}(sh, {n}, {word}, {low}, {high}, &{target})"

    def value(self, f, position):
        """The C arguments of the call for a required argument."""
        t = f.type
        if t.kind in ("string", "bytes") and not is_key(f):
            word = f"argv[{position[f.name]}]"
            if t.kind == "bytes":
                return [word, f"strlen({word})"]
            if t.optional:
                return [f"{word}[0] ? {word} : NULL"]
            return [word]
        if t.kind in ("in", "out"):
            return [f"{f.name}.name"]
        if t.kind in ("list", "map"):
            return [f"(const char *const *){f.name}"]
        return [f.name]

    def option_case(self, f, i):
        t, target = f.type, f"options.{f.name}"
        if t.kind == "string":
            return [f"case {i}:", f"    {target} = value;", "    break;"]
        if t.kind == "bytes":
            return [f"case {i}:", f"    {target} = value;",
                    f"    options.n_{f.name} = strlen(value);", "    break;"]
        if t.kind in ("list", "map"):
            return [f"case {i}:",
                    f"    if ({self.convert(f, 'value', f.name)} < 0)",
                    "        return -1;",
                    f"    {target} = (const char *const *){f.name};",
                    "    break;"]
        return [f"case {i}:",
                f"    if ({self.convert(f, 'value', target)} < 0)",
                "        return -1;", "    break;"]

    def options(self, m, first):
        out = [f"for (size_t i = {first}; argv[i]; i++) {{",
               "    const char *value;",
               f"    int n = convert_option(sh, argv[i], options_{m.name}, "
               f"options.set, &value);", "", "    switch (n) {"]
        for i, f in enumerate(m.options):
            out += ["    " + line for line in self.option_case(f, i)]
        out += ["    default:", "        return -1;", "    }",
                "    options.set |= UINT64_C(1) << n;", "}"]
        return out

    # Results.

    def result(self, m):
        """(declarations, arguments, statements) for what the call gives."""
        r = m.result
        if r is None:
            return [], [], []
        if r.kind == "string":
            return (["cleanup_free char *ret = NULL;"], ["&ret"],
                    ["print_text(&sh->printer, NULL, ret);"])
        if r.kind == "bytes":
            return (["cleanup_free void *ret = NULL;", "size_t ret_size;"],
                    ["&ret", "&ret_size"],
                    ["print_bytes(&sh->printer, NULL, ret, ret_size);"])
        if r.kind == "map":
            return (["cleanup_free char **ret = NULL;"], ["&ret"],
                    ["print_map(&sh->printer, NULL, ret, "
                     "strv_length(ret) / 2);"])
        if r.kind == "list" and r.element.kind == "string":
            return (["cleanup_free char **ret = NULL;"], ["&ret"],
                    ["print_strings(&sh->printer, NULL, ret, "
                     "strv_length(ret));"])
        if r.kind == "list":
            s = snake(r.element.name)
            self.need(r.element)
            return ([f"{struct_name(r.element)}_list *ret;"], ["&ret"],
                    ["print_open_list(&sh->printer, NULL);",
                     "for (uint32_t i = 0; i < ret->len; i++)",
                     f"    print_{s}(&sh->printer, NULL, &ret->val[i]);",
                     "print_close_list(&sh->printer);",
                     f"mayfly_free_{s}_list(ret);"])
        if r.kind == "struct":
            s = snake(r.name)
            self.need(r)
            return ([f"{struct_name(r)} *ret;"], ["&ret"],
                    [f"print_{s}(&sh->printer, NULL, ret);",
                     f"mayfly_free_{s}(ret);"])
        return ([f"{c_value(r)} ret;"], ["&ret"],
                [self.print_scalar(r, "NULL", "ret", m)])

    def print_scalar(self, t, name, value, m=None):
        p = "&sh->printer" if m else "p"
        if t.kind == "bool":
            return f"print_bool({p}, {name}, {value});"
        if t.kind == "enum":
            self.enums.add(t.name)
            return f"print_text({p}, {name}, " \
                   f"enum_{snake(t.name)}[{value}]);"
        if m and m.has("hex"):
            return f"print_hex({p}, {name}, (uint64_t){value});"
        if m and m.has("octal"):
            return f"print_octal({p}, {name}, (uint64_t){value});"
        kind = "unsigned" if t.kind[0] == "u" else "integer"
        return f"print_{kind}({p}, {name}, {value});"

    def need(self, t):
        if t.name in self.structs:
            return
        for f in self.api.declarations[t.name].fields:
            for inner in (f.type, f.type.element):
                if inner and inner.kind == "struct":
                    self.need(inner)
        self.structs.append(t.name)

    def print_field(self, f):
        t, n, v = f.type, c_string(f.name), f"v->{f.name}"
        if t.kind == "string":
            return [f"print_text(p, {n}, {v});"]
        if t.kind == "bytes":
            return [f"print_bytes(p, {n}, {v}, v->n_{f.name});"]
        if t.kind == "map":
            return [f"print_map(p, {n}, {v}, v->n_{f.name});"]
        if t.kind == "list" and t.element.kind == "string":
            return [f"print_strings(p, {n}, {v}, v->n_{f.name});"]
        if t.kind == "list":
            e = t.element
            one = f"print_{snake(e.name)}(p, NULL, &{v}[i]);" \
                if e.kind == "struct" \
                else self.print_scalar(e, "NULL", f"{v}[i]")
            return [f"print_open_list(p, {n});",
                    f"for (uint32_t i = 0; i < v->n_{f.name}; i++)",
                    f"    {one}", "print_close_list(p);"]
        if t.kind == "struct":
            s = snake(t.name)
            if t.optional:
                return [f"if ({v})", f"    print_{s}(p, {n}, {v});"]
            return [f"print_{s}(p, {n}, &{v});"]
        if t.optional:
            return [f"if (v->has_{f.name})",
                    "    " + self.print_scalar(t, n, v), "else",
                    f"    print_text(p, {n}, NULL);"]
        return [self.print_scalar(t, n, v)]

    def print_functions(self):
        out = []
        for name in self.structs:
            d = self.api.declarations[name]
            body = [line for f in d.fields for line in self.print_field(f)]
            s = snake(name)
            out.append(
                f"static void\nprint_{s}(struct printer *p, const char "
                f"*name,\n    const struct mayfly_{s} *v)\n{{\n"
                f"    print_open_struct(p, name);\n" +
                "".join(f"    {line}\n" for line in body) +
                "    print_close_struct(p);\n}\n")
        return out

    def enum_functions(self):
        out = []
        for name in sorted(self.enums):
            s = snake(name)
            values = ", ".join(map(c_string,
                                   self.api.declarations[name].values))
            out.append(
                f"static const char *const enum_{s}[] = {{{values}, NULL}};\n"
                f"\nstatic inline int\nconvert_{s}(struct shell *sh, const "
                f"char *name, const char *word,\n    enum mayfly_{s} *ret)\n"
                f"{{\n"
                f"    int n = convert_enum(sh, name, word, enum_{s});\n\n"
                f"    if (n < 0)\n        return -1;\n"
                f"    *ret = (enum mayfly_{s})n;\n    return 0;\n}}\n")
        return out

    # Commands.

    def function(self, m):
        order = words(m)
        position = {f.name: i for i, f in enumerate(order)}
        declarations, conversions, arguments = [], [], ["sh->g"]
        for f in m.arguments:
            d = self.declare(f, f.name)
            if d:
                declarations.append(d)
            arguments += self.value(f, position)
        for f in order + [f for f in m.arguments if is_key(f)]:
            c = self.convert(f, f"argv[{position.get(f.name, 0)}]", f.name)
            if c:
                conversions.append(c)
        if m.options:
            declarations.append(
                f"struct mayfly_{m.name}_options options = {{0}};")
            declarations += [self.declare(f, f.name) for f in m.options
                             if f.type.kind in ("list", "map")]
            arguments.append("&options")
        more, extra, after = self.result(m)
        body = declarations + more
        if body:
            body.append("")
        if not order and not m.options:
            body.append("(void)argv;")
        if conversions:
            # Kept apart, so that each line stays a line.
            for c in conversions:
                body += [f"if ({c} < 0)", "    return -1;"]
        if m.options:
            body += self.options(m, len(order))
        body.append(f"if (mayfly_{m.name}({', '.join(arguments + extra)}) "
                    f"< 0)")
        body.append("    return shell_call_failed(sh);")
        body += after + ["return 0;"]
        lines = "".join(f"    {b}\n" if b else "\n" for b in body)
        head = ""
        if m.options:
            names = ", ".join(c_string(f.name) for f in m.options)
            head = f"static const char *const options_{m.name}[] = " \
                   f"{{{names}, NULL}};\n\n"
        return f"{head}static int\nrun_{m.name}(struct shell *sh, " \
               f"char **argv)\n{{\n{lines}}}\n"

    def row(self, m):
        order = words(m)
        kinds = "".join(kind(f) for f in order)
        options = f"options_{m.name}" if m.options else "NULL"
        names = ", ".join(map(c_string, m.commands))
        return (f"    {{\n        .names = (const char *const[]){{{names}, "
                f"NULL}},\n"
                f"        .usage = {c_string(usage(m, self.api))},\n"
                f"        .summary = {c_string(self.plain(m.summary))},\n"
                f"        .doc =\n        {text(self.doc(m))},\n"
                f"        .kinds = \"{kinds}\",\n"
                f"        .options = {options},\n"
                f"        .n_words = {len(order)},\n"
                f"        .n_options = {len(m.options)},\n"
                f"        .run = run_{m.name},\n    }},\n")

    def plain(self, text):
        """Without marks; calls have the names of their commands."""
        commands = {m.name: m.commands[0] for m in self.api.public
                    if m.commands}
        text = re.sub(r"`([^`]+)`", lambda r: commands.get(r[1], r[1]), text)
        return re.sub(r"(?<![\w*])\*(\w+)\*(?![\w*])", r"\1", text)

    def doc(self, m):
        out = []
        for p in paragraphs(m.doc):
            p = self.plain(p)
            out += [p] if p.startswith(" ") else textwrap.wrap(p, 76) or [""]
        shown = words(m) + m.options
        if shown:
            out.append("")
        for f in shown:
            out += textwrap.wrap(
                self.plain(self.api.description(m, f)), 76,
                initial_indent=f"{f.name}: ", subsequent_indent="    ")
        if m.has("feature"):
            out += ["", f"It needs the feature "
                    f"\"{m.attributes['feature']}\": see "
                    f"feature-available."]
        return out

    def emit(self):
        calls = [m for m in self.api.public if m.commands]
        functions = [self.function(m) for m in calls]
        prints = self.print_functions()
        rows = [self.row(m) for m in calls]
        # As they are looked up: without regard to case.
        names = sorted(((c, i) for i, m in enumerate(calls)
                        for c in m.commands),
                       key=lambda name: name[0].lower())
        out = [GPL, "#include <config.h>\n\n#include \"commands.h\"\n\n"
               "#include <stdint.h>\n#include <string.h>\n\n"
               "#include <mayfly.h>\n\n"
               "#include \"base/cleanup.h\"\n#include \"base/strv.h\"\n"
               "#include \"fish/convert.h\"\n#include \"fish/printer.h\"\n"
               "#include \"fish/shell.h\"\n#include \"fish/stream.h\"\n"]
        out += self.enum_functions() + prints + functions
        out.append("const struct command commands[] = {\n" + "".join(rows) +
                   "};\n")
        out.append(f"const size_t n_commands = {len(rows)};\n")
        out.append("const struct command_name command_names[] = {\n" +
                   "".join(f"    {{{c_string(c)}, {i}}},\n"
                           for c, i in names) + "};\n")
        out.append(f"const size_t n_command_names = {len(names)};\n")
        return "\n".join(out)


HEADER = """#pragma once
#include <stddef.h>

struct shell;

/* A command that is a call of the library. */
struct command {
    const char *const *names; /* the first is the main one; NULL at the end */
    const char *usage;
    const char *summary;      /* one line */
    const char *doc;          /* the summary and more, lines of text */
    const char *kinds;        /* of its words: p path, d device, h host file,
                                 - another */
    const char *const *options; /* of name:value; NULL: has none */
    unsigned n_words, n_options;
    /* ARGV holds the words after the name, as many as they have to be.
     * Returns 0, or -1 with the shell's error set. */
    int (*run)(struct shell *sh, char **argv);
};

/* All names, sorted, and the row of each in commands. */
struct command_name {
    const char *name;
    unsigned row;
};

extern const struct command commands[];
extern const size_t n_commands;
extern const struct command_name command_names[];
extern const size_t n_command_names;
"""


def emit(api, outdir):
    write(outdir, "commands.h", GPL + HEADER)
    write(outdir, "commands.c", Emitter(api).emit())
