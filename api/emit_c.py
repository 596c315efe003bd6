# SPDX-License-Identifier: LGPL-2.1-or-later
"""Emit the types, the codec and both ends of every call in C.

    mayfly-types.h     public structures, enums, options
    mayfly-calls.h     public functions
    internal-calls.h   functions between library and agent
    codec.h codec.c    what travels: api_get_X, api_put_X
    client.c           mayfly_X for every call on the wire
    ops-FAMILY.h       the agent's handlers of a family
    ops.h dispatch.c   all of them, and the agent's table
"""

import hashlib
import os
import re
import textwrap

C_SCALAR = {"bool": "bool", "u32": "uint32_t", "u64": "uint64_t",
            "i32": "int32_t", "i64": "int64_t"}
NOTE = "/* Generated from the definition in api/; do not edit. */\n"
LGPL = "/* SPDX-License-Identifier: LGPL-2.1-or-later */\n" + NOTE
GPL = "/* SPDX-License-Identifier: GPL-2.0-or-later */\n" + NOTE


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def struct_name(t):
    return f"struct mayfly_{snake(t.name)}"


def enum_name(t):
    return f"enum mayfly_{snake(t.name)}"


def c_value(t):
    """C type of a value that is neither a list nor a blob nor a stream."""
    if t.kind in C_SCALAR:
        return C_SCALAR[t.kind]
    if t.kind == "enum":
        return enum_name(t)
    return struct_name(t)


def c_string(s):
    return '"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"'


def comment(lines, indent=""):
    """A C comment of wrapped paragraphs."""
    text = []
    for line in lines:
        line = line.replace("*/", "* /")
        if line.startswith(" "):
            text.append(line)
        else:
            text += textwrap.wrap(line, 72 - len(indent)) or [""]
    if not text:
        return ""
    body = ("\n" + indent + " * ").join(text)
    body = "\n".join(b.rstrip() for b in body.split("\n"))
    return f"{indent}/* {body} */\n"


def paragraphs(doc):
    """Join the lines of each paragraph; keep indented ones as they are."""
    out = []
    for line in doc:
        if line and not line.startswith(" ") and out and out[-1] and \
                not out[-1].startswith(" "):
            out[-1] += " " + line
        else:
            out.append(line)
    return out


# Members of structures.

def members(name, t, const):
    """C members that hold a field; const for those that only travel."""
    q = "const " if const else ""
    if t.kind == "string":
        return [f"{q}char *{name};"]
    if t.kind == "bytes":
        return [f"{q}uint8_t *{name};", f"uint32_t n_{name};"]
    if t.kind == "map" or (t.kind == "list" and t.element.kind == "string"):
        star = "const char *const *" if const else "char **"
        return [f"{star}{name};", f"uint32_t n_{name};"]
    if t.kind == "list":
        return [f"{q}{c_value(t.element)} *{name};", f"uint32_t n_{name};"]
    if t.kind == "struct" and t.optional:
        return [f"{q}{struct_name(t)} *{name};"]
    if t.optional:
        return [f"bool has_{name};", f"{c_value(t)} {name};"]
    return [f"{c_value(t)} {name};"]


def struct(name, fields, const):
    lines = [m for n, t in fields for m in members(n, t, const)]
    body = "".join(f"    {line}\n" for line in lines or ["char unused;"])
    return f"{name} {{\n{body}}};\n"


def travelling(fields):
    return [(f.name, (f.type if not f.optional_argument else
                      optional(f.type))) for f in fields
            if f.type.kind not in ("in", "out")]


def optional(t):
    from model import replace
    if t.kind in ("list", "map", "bytes"):
        return t
    return replace(t, optional=True)


def result_fields(m):
    return [("value", m.result)] if m.result else []


# The codec.

class Codec:
    """Statements that read or write one field of *v."""

    def __init__(self, api):
        self.api = api
        self.rules = {}         # checked string types to function suffixes

    def suffix(self, t):
        key = (t.bound, t.without, t.refused)
        if key not in self.rules:
            self.rules[key] = t.name or f"string_{len(self.rules)}"
        return self.rules[key]

    def get_value(self, t):
        if t.kind == "string":
            if t.checked:
                return f"get_{self.suffix(t)}(r)"
            return f"wire_get_string(r, {t.bound})"
        if t.low is not None:
            return f"wire_get_{t.kind}_range(r, {limit(t.low)}, " \
                   f"{limit(t.high)})"
        if t.kind == "enum":
            n = len(self.api.declarations[t.name].values)
            return f"({enum_name(t)})wire_get_enum(r, {n})"
        return f"wire_get_{t.kind}(r)"

    def put_value(self, t, value):
        if t.kind == "string":
            if t.checked:
                return f"put_{self.suffix(t)}(w, {value});"
            return f"wire_put_string(w, {value}, {t.bound});"
        if t.low is not None:
            return f"wire_put_{t.kind}_range(w, {value}, {limit(t.low)}, " \
                   f"{limit(t.high)});"
        if t.kind == "enum":
            n = len(self.api.declarations[t.name].values)
            return f"wire_put_enum(w, (uint32_t){value}, {n});"
        return f"wire_put_{t.kind}(w, {value});"

    def get(self, name, t):
        v = f"v->{name}"
        if t.optional:
            return self.get_optional(name, t)
        if t.kind == "bytes":
            return [f"{v} = wire_get_bytes(r, {t.bound}, &v->n_{name});"]
        if t.kind in ("list", "map"):
            return self.get_list(name, t)
        if t.kind == "struct":
            return [f"get_{snake(t.name)}(r, &{v});"]
        return [f"{v} = {self.get_value(t)};"]

    def get_optional(self, name, t):
        v = f"v->{name}"
        if t.kind == "string":
            return ["if (wire_get_bool(r))", f"    {v} = "
                    f"{self.get_value(t)};"]
        if t.kind == "struct":
            s = struct_name(t)
            return ["if (wire_get_bool(r)) {",
                    f"    {s} *one = wire_arena_alloc(r->arena, "
                    f"sizeof *one);",
                    "    if (one)",
                    f"        get_{snake(t.name)}(r, one);",
                    "    else",
                    "        r->bad = true;",
                    f"    {v} = one;", "}"]
        return [f"if ((v->has_{name} = wire_get_bool(r)))",
                f"    {v} = {self.get_value(t)};"]

    def get_list(self, name, t):
        v, n = f"v->{name}", f"v->n_{name}"
        if t.kind == "map":
            least = self.api.wire_minimum(t.key) + \
                self.api.wire_minimum(t.element)
            return ["{", "    uint32_t n;",
                    f"    char **list = get_pairs(r, {t.bound}, {least}, "
                    f"&n);",
                    "    for (size_t i = 0; i < n; i++) {",
                    f"        list[2 * i] = {self.get_value(t.key)};",
                    f"        list[2 * i + 1] = {self.get_value(t.element)};",
                    "    }",
                    f"    {v} = STRINGS(list);", f"    {n} = n;", "}"]
        e = t.element
        c = "char *" if e.kind == "string" else c_value(e) + " "
        least = self.api.wire_minimum(e)
        if e.kind == "struct":
            one = f"get_{snake(e.name)}(r, &list[i]);"
        else:
            one = f"list[i] = {self.get_value(e)};"
        assign = "STRINGS(list)" if e.kind == "string" else "list"
        return ["{", "    uint32_t n;",
                f"    {c}*list = wire_get_list(r, {t.bound}, {least}, "
                f"sizeof *list, &n);",
                "    for (size_t i = 0; i < n; i++)", f"        {one}",
                f"    {v} = {assign};", f"    {n} = n;", "}"]

    def put(self, name, t):
        v = f"v->{name}"
        if t.optional:
            present = f"v->has_{name}" if t.kind not in ("string", "struct") \
                else f"{v} != NULL"
            inner = f"put_{snake(t.name)}(w, {v});" if t.kind == "struct" \
                else self.put_value(t, v)
            return [f"wire_put_bool(w, {present});", f"if ({present})",
                    f"    {inner}"]
        if t.kind == "bytes":
            return [f"wire_put_bytes(w, {v}, v->n_{name}, {t.bound});"]
        if t.kind == "map":
            return [f"wire_put_count(w, v->n_{name}, {t.bound});",
                    f"for (size_t i = 0; i < v->n_{name}; i++) {{",
                    f"    {self.put_value(t.key, f'{v}[2 * i]')}",
                    f"    {self.put_value(t.element, f'{v}[2 * i + 1]')}",
                    "}"]
        if t.kind == "list":
            e = t.element
            one = f"put_{snake(e.name)}(w, &{v}[i]);" if e.kind == "struct" \
                else self.put_value(e, f"{v}[i]")
            return [f"wire_put_count(w, v->n_{name}, {t.bound});",
                    f"for (size_t i = 0; i < v->n_{name}; i++)",
                    f"    {one}"]
        if t.kind == "struct":
            return [f"put_{snake(t.name)}(w, &{v});"]
        return [self.put_value(t, v)]

    def functions(self, name, c_name, fields, static):
        """The reading and the writing function of one structure."""
        prefix = "" if static else "api_"
        get = [s for n, t in fields for s in self.get(n, t)]
        put = [s for n, t in fields for s in self.put(n, t)]
        kind = "static void" if static else "bool"
        end = [] if static else ["return wire_finish(r);"]
        if static:
            reset = []
        else:
            reset = [f"*v = ({c_name}){{0}};"]
        if not fields:
            reset = ["(void)v;"]
        out = [f"{kind}\n{prefix}get_{name}(struct wire_reader *r, "
               f"{c_name} *v)\n{{\n" + indent(reset + get + end) + "}\n"]
        kind = "static void" if static else "void"
        body = put or ["(void)w;", "(void)v;"]
        out.append(f"{kind}\n{prefix}put_{name}(struct wire_writer *w, "
                   f"const {c_name} *v)\n{{\n" + indent(body) + "}\n")
        return out

    def rule_functions(self):
        out = []
        for (bound, without, refused), name in self.rules.items():
            tests = []
            if without:
                tests.append(f"!strpbrk(s, {c_string(without)})")
            tests += [f"strcmp(s, {c_string(v)}) != 0" for v in refused]
            test = " &&\n        ".join(tests)
            out.append(
                f"static bool\nvalid_{name}(const char *s)\n{{\n"
                f"    return {test};\n}}\n\n"
                f"static char *\nget_{name}(struct wire_reader *r)\n{{\n"
                f"    char *s = wire_get_string(r, {bound});\n\n"
                f"    if (s && !valid_{name}(s))\n"
                f"        r->bad = true;\n    return r->bad ? NULL : s;\n"
                f"}}\n\n"
                f"static void\nput_{name}(struct wire_writer *w, "
                f"const char *s)\n{{\n    if (s && !valid_{name}(s))\n"
                f"        w->bad = true;\n"
                f"    wire_put_string(w, s, {bound});\n}}\n")
        return out


def limit(n):
    if n == -2**63:
        return "INT64_MIN"
    if n == -2**31:
        return "INT32_MIN"
    return f"{n}LL" if abs(n) >= 2**31 else str(n)


def indent(lines, by="    "):
    return "".join(f"{by}{line}\n" for line in lines)


# Public functions.

def parameters(m):
    """C parameters of mayfly_X, without the handle."""
    out = []
    for f in m.arguments:
        t = f.type
        if t.kind in ("string", "in", "out"):
            out.append(f"const char *{f.name}")
        elif t.kind == "bytes":
            out += [f"const void *{f.name}", f"size_t n_{f.name}"]
        elif t.kind in ("list", "map"):
            out.append(f"const char *const *{f.name}")
        elif t.kind == "struct":
            out.append(f"const {struct_name(t)} *{f.name}")
        else:
            out.append(f"{c_value(t)} {f.name}")
    if m.options:
        out.append(f"const struct mayfly_{m.name}_options *options")
    r = m.result
    if r is None:
        return out
    if r.kind == "bytes":
        out += ["void **ret", "size_t *ret_size"]
    elif r.kind == "string":
        out.append("char **ret")
    elif r.kind == "map" or r.kind == "list" and r.element.kind == "string":
        out.append("char ***ret")
    elif r.kind == "list":
        out.append(f"{struct_name(r.element)}_list **ret")
    elif r.kind == "struct":
        out.append(f"{struct_name(r)} **ret")
    else:
        out.append(f"{c_value(r)} *ret")
    return out


def prototype(m, end=";"):
    args = ", ".join(["struct mayfly *g"] + parameters(m))
    head = f"mayfly_{m.name}("
    lines = textwrap.wrap(args, 74)
    if len(head) + len(args) + 2 <= 79:
        lines = [args]
    return head + "\n    ".join(lines) + ")" + end


def options_struct(m):
    out = [f"/* Options of mayfly_{m.name}: `set` says which fields count. "
           f"*/\n"]
    for i, f in enumerate(m.options):
        out.append(f"#define MAYFLY_{m.name.upper()}_{f.name.upper()} "
                   f"(UINT64_C(1) << {i})\n")
    out.append(f"struct mayfly_{m.name}_options {{\n"
               f"    uint64_t set;\n")
    for f in m.options:
        t = f.type
        if t.kind == "string":
            out.append(f"    const char *{f.name};\n")
        elif t.kind in ("list", "map"):
            out.append(f"    const char *const *{f.name};\n")
        elif t.kind == "bytes":
            out.append(f"    const void *{f.name};\n    size_t n_{f.name};\n")
        elif t.kind == "struct":
            out.append(f"    const {struct_name(t)} *{f.name};\n")
        else:
            out.append(f"    {c_value(t)} {f.name};\n")
    return "".join(out) + "};\n"


def emit_types(api):
    out = [LGPL, "#ifndef MAYFLY_TYPES_H\n#define MAYFLY_TYPES_H\n\n"
           "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n"]
    for d in api.declarations.values():
        if d.kind == "enum":
            name = snake(d.name)
            values = "".join(f"    MAYFLY_{name.upper()}_{v.upper()},\n"
                             for v in d.values)
            out.append(comment(paragraphs(d.doc)) +
                       f"enum mayfly_{name} {{\n{values}}};\n")
        elif d.kind == "struct":
            name = f"struct mayfly_{snake(d.name)}"
            out.append(comment(paragraphs(d.doc)) + struct(
                name, [(f.name, f.type) for f in d.fields], False))
            out.append(f"{name}_list {{\n    uint32_t len;\n"
                       f"    {name} *val;\n}};\n")
        elif d.kind == "method" and d.options and not d.has("internal"):
            out.append(options_struct(d))
    out.append("#endif\n")
    return "\n".join(out)


def emit_calls(api):
    out = [LGPL, "#ifndef MAYFLY_CALLS_H\n#define MAYFLY_CALLS_H\n\n"
           "#include <mayfly-types.h>\n", "struct mayfly;\n"]
    for d in api.of("struct"):
        name = snake(d.name)
        out.append(f"void mayfly_free_{name}(struct mayfly_{name} *value);\n"
                   f"void mayfly_free_{name}_list(\n"
                   f"    struct mayfly_{name}_list *value);\n")
    for m in api.public:
        out.append(comment(paragraphs(m.doc)) + f"int {prototype(m)}\n")
    out.append("#endif\n")
    return "\n".join(out)


def emit_internal_calls(api):
    out = [LGPL, "#pragma once\n#include \"codec.h\"\n\nstruct mayfly;\n"]
    for m in api.methods:
        if m.has("internal"):
            if m.options:
                out.append(options_struct(m))
            out.append(comment(paragraphs(m.doc)) + f"int {prototype(m)}\n")
    return "\n".join(out)


def emit_codec_h(api):
    digest = hashlib.sha256("\0".join(api.text).encode()).hexdigest()
    out = [LGPL, "#pragma once\n#include <mayfly-types.h>\n\n"
           "#include \"wire/wire.h\"\n",
           f"/* Of the definition: both ends must have the same. */\n"
           f"#define API_HASH \\\n    \"{digest}\"\n",
           "enum api_call {\n" + "".join(
               f"    API_{m.name.upper()} = {m.number},\n"
               for m in sorted(api.calls, key=lambda m: m.number)) +
           f"    API_CALLS = {len(api.calls) + 1},\n}};\n"]
    for m in api.calls:
        for kind, fields in (("args", travelling(m.fields)),
                             ("ret", result_fields(m))):
            name = f"struct api_{m.name}_{kind}"
            out.append(struct(name, fields, True))
            out.append(f"bool api_get_{m.name}_{kind}(struct wire_reader *r, "
                       f"{name} *v);\n"
                       f"void api_put_{m.name}_{kind}(struct wire_writer *w, "
                       f"const {name} *v);\n")
    return "\n".join(out)


def emit_codec_c(api):
    codec, body = Codec(api), []
    used = set()

    def mark(t):
        if t is None:
            return
        if t.kind == "struct" and t.name not in used:
            used.add(t.name)
            for f in api.declarations[t.name].fields:
                mark(f.type)
        mark(t.element)

    for m in api.calls:
        for f in m.fields:
            mark(f.type)
        mark(m.result)
    for d in api.of("struct"):
        if d.name in used:
            name = snake(d.name)
            body += codec.functions(name, f"struct mayfly_{name}",
                                    [(f.name, f.type) for f in d.fields],
                                    True)
    for m in api.calls:
        body += codec.functions(f"{m.name}_args", f"struct api_{m.name}_args",
                                travelling(m.fields), False)
        body += codec.functions(f"{m.name}_ret", f"struct api_{m.name}_ret",
                                result_fields(m), False)
    # A structure's strings are not const, what travels is.
    text = "\n".join(body)
    text = re.sub(r"(static void\nget_(?:.|\n)*?\n}\n)",
                  lambda m: m[1].replace("STRINGS(list)", "list"), text)
    head = [LGPL, "#include <config.h>\n\n#include \"codec.h\"\n\n"
            "#include <stdint.h>\n#include <string.h>\n"]
    if "STRINGS(" in text:
        head.append("#define STRINGS(list) ((const char *const *)(list))\n")
    if "get_pairs(" in text:
        head.append(
            "/* Two strings for each pair, and the NULL at the end. */\n"
            "static char **\nget_pairs(struct wire_reader *r, uint32_t max, "
            "size_t least, uint32_t *ret_n)\n{\n"
            "    struct pair {\n        char *key, *value;\n    };\n"
            "    struct pair *pairs = wire_get_list(r, max, least, "
            "sizeof *pairs, ret_n);\n\n    return (char **)pairs;\n}\n")
    return "\n".join(head + codec.rule_functions() + [text])


# The library's end.

def client_argument(f, source):
    """Statements that check, trace and set one argument."""
    t, n = f.type, c_string(f.name)
    if t.kind == "string":
        secret = "true" if t.name == "key" else "false"
        may = "true" if t.optional else "false"
        return [f"request_string(&request, {n}, {source}, {t.bound}, {may}, "
                f"{secret});", f"args.{f.name} = {source};"]
    if t.kind == "bytes":
        size = re.sub(r"(\w+)$", r"n_\1", source)
        return [f"args.n_{f.name} = request_bytes(&request, {n}, {source}, {size}, "
                f"{t.bound});", f"args.{f.name} = {source};"]
    if t.kind == "list":
        return [f"args.n_{f.name} = request_list(&request, {n}, {source}, "
                f"{t.bound}, {t.element.bound});",
                f"args.{f.name} = {source};"]
    if t.kind == "map":
        return [f"args.n_{f.name} = request_list(&request, {n}, {source}, "
                f"{2 * t.bound}, {max(t.key.bound, t.element.bound)}) / 2;",
                f"args.{f.name} = {source};"]
    if t.kind == "struct":
        return [f"args.{f.name} = *{source};"]
    if t.kind == "bool":
        trace = f"request_bool(&request, {n}, {source});"
    elif t.kind in ("u32", "u64"):
        trace = f"request_unsigned(&request, {n}, {source});"
    elif t.kind == "enum":
        trace = f"request_unsigned(&request, {n}, (uint64_t){source});"
    else:
        low, high = (t.low, t.high) if t.low is not None else (None, None)
        low = "INT64_MIN" if low is None else limit(low)
        high = "INT64_MAX" if high is None else limit(high)
        trace = f"request_integer(&request, {n}, {source}, {low}, {high});"
    out = [trace, f"args.{f.name} = {source};"]
    if f.optional_argument:
        out.append(f"args.has_{f.name} = true;")
    return out


def client_result(m):
    """(declaration, expression, assignment) for the result."""
    r = m.result
    if r.kind == "bytes":
        return ["void *value = request_take_bytes(&request, result.value, "
                "result.n_value);", "if (!value)",
                "    return request_end(&request);",
                "*ret = value;", "*ret_size = result.n_value;"]
    if r.kind == "string":
        if r.optional:
            return ["char *value = NULL;",
                    "if (result.value &&",
                    "    !(value = request_take_string(&request, result.value)))",
                    "    return request_end(&request);", "*ret = value;"]
        take = "char *value = request_take_string(&request, result.value);"
    elif r.kind == "map":
        take = "char **value = request_take_strings(&request, result.value, " \
               "2 * (size_t)result.n_value);"
    elif r.kind == "list" and r.element.kind == "string":
        take = "char **value = request_take_strings(&request, result.value, " \
               "result.n_value);"
    elif r.kind == "list":
        s = struct_name(r.element)
        return [f"{s}_list *value = request_take_list(&request, result.value, "
                f"result.n_value);", "if (!value)",
                "    return request_end(&request);", "*ret = value;"]
    elif r.kind == "struct":
        s = struct_name(r)
        take = f"{s} *value = request_take_struct(&request, &result.value, " \
               f"sizeof result.value);"
    else:
        trace = {"bool": "request_took_bool(&request, result.value);",
                 "u32": "request_took_unsigned(&request, result.value);",
                 "u64": "request_took_unsigned(&request, result.value);",
                 "enum": "request_took_unsigned(&request, "
                         "(uint64_t)result.value);"
                 }.get(r.kind, "request_took_integer(&request, result.value);")
        return [trace, "*ret = result.value;"]
    return [take, "if (!value)", "    return request_end(&request);",
            "*ret = value;"]


def client(m):
    args = [f for f in m.fields if f.type.kind not in ("in", "out")]
    body = ["struct request request;"]
    body.append(f"struct api_{m.name}_args args = {{0}};")
    body.append(f"struct api_{m.name}_ret result;")
    body += ["", f"if (request_begin(&request, g, &requests[{m.number}]) < 0)",
             "    return -1;"]
    for f in m.arguments:
        if f in args:
            body += client_argument(f, f.name)
    stream_in = stream_out = "NULL"
    s = m.stream
    if s:
        body.append(f"request_string(&request, {c_string(s.name)}, {s.name}, 4096, "
                    f"false, false);")
        stream_in = s.name if s.type.kind == "in" else "NULL"
        stream_out = s.name if s.type.kind == "out" else "NULL"
    if m.options:
        known = (1 << len(m.options)) - 1
        body.append(f"request_options(&request, options ? options->set : 0, "
                    f"UINT64_C({hex(known)}));")
        for f in m.options:
            bit = f"MAYFLY_{m.name.upper()}_{f.name.upper()}"
            body.append(f"if (options && (options->set & {bit})) {{")
            body += ["    " + line for line in
                     client_argument(f, f"options->{f.name}")]
            body.append("}")
    body.append("if (request_arguments_good(&request))")
    body.append(f"    api_put_{m.name}_args(&request.writer, &args);")
    body += [f"if (request_perform(&request, {stream_in}, {stream_out}) < 0 ||",
             f"    request_decoded(&request, api_get_{m.name}_ret(&request.reader, "
             f"&result)) < 0)", "    return request_end(&request);"]
    if m.result:
        body += [""] + client_result(m)
    body.append("return request_end(&request);")
    public = "" if m.has("internal") else "MAYFLY_PUBLIC "
    text = "\n".join(f"    {b}" if b else "" for b in body)
    return f"{public}int\n{prototype(m, '')}\n{{\n{text}\n}}\n"


def emit_client(api):
    out = [LGPL, "#include <config.h>\n\n#include \"lib/rpc/request.h\"\n\n"
           "#include \"lib/handle/result.h\"\n"
           "#include \"internal-calls.h\"\n",
           "static const struct request_info requests[] = {"]
    for m in sorted(api.calls, key=lambda m: m.number):
        flags = [f"{name} = true" for name, yes in (
            (".writes", m.has("writes")),
            (".stream_in", m.stream and m.stream.type.kind == "in"),
            (".stream_out", m.stream and m.stream.type.kind == "out"),
        ) if yes]
        timeout = int(m.attributes.get("timeout", "600"))
        text = ", ".join([f".name = {c_string(m.name)}",
                          f".number = {m.number}", f".timeout = {timeout}",
                          *flags])
        out.append(f"    [{m.number}] = {{{text}}},")
    out.append("};\n")
    for m in api.calls:
        out.append(client(m))
    for d in api.of("struct"):
        name = snake(d.name)
        for suffix in ("", "_list"):
            out.append(f"MAYFLY_PUBLIC void\nmayfly_free_{name}{suffix}("
                       f"struct mayfly_{name}{suffix} *value)\n{{\n"
                       f"    result_free(value);\n}}\n")
    return "\n".join(out)


# The agent's end.

def emit_ops(api, family):
    """The handlers of one family, for the file or folder of that name."""
    out = [GPL, "#pragma once\n#include \"codec.h\"\n\nstruct call;\n"]
    for m in api.calls_of(family):
        ret = f", struct api_{m.name}_ret *ret" if m.result else ""
        out.append(f"int op_{m.name}(struct call *c, "
                   f"const struct api_{m.name}_args *args{ret});")
    return "\n".join(out) + "\n"


def emit_all_ops(api):
    out = [GPL, "#pragma once"]
    out += [f"#include \"ops-{f}.h\"" for f in api.call_families()]
    return "\n".join(out) + "\n"


def emit_dispatch(api):
    out = [GPL, "#include <config.h>\n\n"
           "#include \"appliance/agent/dispatch.h\"\n\n#include \"ops.h\"\n"]
    for m in api.calls:
        lines = [f"struct api_{m.name}_args args;"]
        if m.result:
            lines.append(f"struct api_{m.name}_ret ret = {{0}};")
        lines += ["", f"if (!api_get_{m.name}_args(r, &args))",
                  "    return DISPATCH_MALFORMED;"]
        ret = ", &ret" if m.result else ""
        lines += [f"if (op_{m.name}(c, &args{ret}) < 0)",
                  "    return DISPATCH_FAILED;"]
        if m.result:
            lines.append(f"api_put_{m.name}_ret(w, &ret);")
        else:
            lines.append("(void)w;")
        lines.append("return DISPATCH_DONE;")
        text = "\n".join(f"    {x}" if x else "" for x in lines)
        out.append(f"static enum dispatch_result\ndispatch_{m.name}("
                   f"struct call *c, struct wire_reader *r,\n"
                   f"    struct wire_writer *w)\n{{\n{text}\n}}\n")
    out.append("const struct dispatch dispatch_table[API_CALLS] = {")
    for m in sorted(api.calls, key=lambda m: m.number):
        flags = [f".{name} = true" for name, yes in (
            ("writes", m.has("writes")),
            ("stream_in", m.stream and m.stream.type.kind == "in"),
            ("stream_out", m.stream and m.stream.type.kind == "out"),
        ) if yes]
        text = ", ".join([f".name = {c_string(m.name)}",
                          f".function = dispatch_{m.name}", *flags])
        out.append(f"    [{m.number}] = {{{text}}},")
    out.append("};")
    return "\n".join(out) + "\n"


def emit(api, outdir):
    write(outdir, "mayfly-types.h", emit_types(api))
    write(outdir, "mayfly-calls.h", emit_calls(api))
    write(outdir, "internal-calls.h", emit_internal_calls(api))
    write(outdir, "codec.h", emit_codec_h(api))
    write(outdir, "codec.c", emit_codec_c(api))
    write(outdir, "client.c", emit_client(api))
    for family in api.call_families():
        write(outdir, f"ops-{family}.h", emit_ops(api, family))
    write(outdir, "ops.h", emit_all_ops(api))
    write(outdir, "dispatch.c", emit_dispatch(api))


written = set()                 # all paths that write() was given


def write(outdir, name, text):
    """Write a file only if that changes it, so that make rebuilds little."""
    path = os.path.join(outdir, name)
    written.add(path)
    try:
        with open(path, encoding="utf-8") as f:
            if f.read() == text:
                return
    except FileNotFoundError:
        pass
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
