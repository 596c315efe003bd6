# SPDX-License-Identifier: LGPL-2.1-or-later
"""Emit one C function for each call of guestfs.h.

A call is done by one of three: own_NAME, written by hand in compat/ (it wins);
mayfly_NAME, if the definition in api/ says @libguestfs; else nothing but an
error that names the call.
"""

import quirks

INDENT = "    "


def upper(text):
    return text.upper()


def is_pointer(result):
    return result.endswith("*")


def failure(result):
    return "NULL" if is_pointer(result) else "-1"


def signature(f, symbol, more=()):
    args = ["guestfs_h *g"]
    args += [glue(a.type, a.name) for a in f.arguments]
    if f.size_result:
        args.append("size_t *ret_size")
    args += list(more)
    return f"{f.result}\n{symbol}({', '.join(args)})"


def glue(ctype, name):
    return ctype + ("" if ctype.endswith("*") else " ") + name


def argument_names(f):
    return [a.name for a in f.arguments]


def is_size(f, i):
    return f.arguments[i].type == "size_t"


# How a trace line shows arguments and results.

def trace_arguments(f):
    out = []
    for i, a in enumerate(f.arguments):
        if is_size(f, i):
            out[-1] = f"trace_buffer(g, {f.arguments[i - 1].name}, {a.name});"
        elif a.type == "const char *":
            name = '"***"' if a.name in f.secrets else a.name
            out.append(f"trace_string(g, {name});")
        elif a.type == "char *const *":
            out.append(f"trace_strings(g, {a.name});")
        elif a.type == "void *":
            out.append(f"trace_pointer(g, {a.name});")
        elif a.type == "int" and a.name in f.booleans:
            out.append(f"trace_bool(g, {a.name});")
        else:
            out.append(f"trace_number(g, {a.name});")
    for a in f.options:
        out.append(trace_option(f, a))
    return out


def option_bit(f, a):
    return f"GUESTFS_{upper(f.options_struct[:-5])}_{upper(a.name)}_BITMASK"


def trace_option(f, a):
    value = f"o->{a.name}"
    if a.type == "const char *":
        kind = "string"
    elif a.type == "char *const *":
        kind = "strings"
    elif a.type == "int" and a.name in f.booleans:
        kind = "bool"
    else:
        kind = "number"
    return (f"if (o->bitmask & {option_bit(f, a)})\n"
            f'            trace_option_{kind}(g, "{a.name}", {value});')


def trace_result(f):
    r = f.result
    if r == "char *" and f.size_result:
        return "trace_result_buffer(g, r, *ret_size);"
    if r in ("char *", "const char *"):
        return "trace_result_string(g, r);"
    if r == "char **":
        return "trace_result_strings(g, r);"
    if r.startswith("struct guestfs_"):
        name = r[len("struct guestfs_"):-2]
        if name.endswith("_list"):
            return f"trace_result_list(g, &layout_{name[:-5]}, r);"
        return f"trace_result_struct(g, &layout_{name}, r);"
    return "trace_result_number(g, r);"


# Handing over to mayfly.

class Mismatch(Exception):
    """Our call has other arguments than theirs; see quirks.py."""


def mayfly_arguments(f, m):
    """The arguments of mayfly_X, made from those of guestfs_X."""
    theirs = [a for i, a in enumerate(f.arguments) if not is_size(f, i)]
    if len(theirs) != len(m.arguments):
        raise Mismatch(f"{f.name}: {len(theirs)} arguments, ours has "
                       f"{len(m.arguments)}")
    out = []
    for a, field in zip(theirs, m.arguments):
        out += mayfly_argument(f, a, field.type)
    return out


def mayfly_argument(f, a, t):
    wants = {"string": "const char *", "in": "const char *",
             "out": "const char *", "bytes": "const char *",
             "list": "char *const *", "bool": "int"}
    want = wants.get(t.kind)
    if want and a.type != want or not want and is_pointer(a.type):
        raise Mismatch(f"{f.name}: {a.name} is {a.type}, ours {t.kind}")
    if t.kind == "bytes":
        sized = any(x.name == a.name + "_size" for x in f.arguments)
        return [a.name, a.name + "_size" if sized else f"strlen({a.name})"]
    if t.kind in ("in", "out"):
        return [f"stream_name({a.name})"]
    if t.kind == "list":
        return [f"list_in({a.name})"]
    if t.kind == "bool":
        return [f"{a.name} != 0"]
    return [a.name]


def option_fields(f, m):
    """Statements that fill our options from theirs."""
    ours = {o.name: o for o in m.options}
    out = []
    for a in f.options:
        if a.name not in ours:
            out.append(f"if (o->bitmask & {option_bit(f, a)})\n"
                       f'        return call_no_option(g, "{f.name}", '
                       f'"{a.name}", "{failure(f.result)}"), '
                       f'{failure(f.result)};')
            continue
        value = mayfly_argument(f, a, ours[a.name].type)[0]
        value = value.replace(a.name, f"o->{a.name}", 1)
        bit = f"MAYFLY_{upper(m.name)}_{upper(a.name)}"
        out.append(f"if (o->bitmask & {option_bit(f, a)}) {{\n"
                   f"        options.{a.name} = {value};\n"
                   f"        options.set |= {bit};\n    }}")
    return out


# From the kind of our result to (what they return, the type of the variable
# that ours goes to, the expression that becomes theirs).

def conversion(f, m, api_c):
    t = m.result
    if t is None:
        return "int", None, "0"
    kind = t.kind
    if kind in ("bool", "i32", "i64", "u32", "u64"):
        if f.result not in ("int", "int64_t"):
            raise Mismatch(f"{f.name}: result is {f.result}, ours {kind}")
        cast = "(int)" if f.result == "int" else "(int64_t)"
        return f.result, api_c.c_value(t), f"{cast}ours"
    if kind == "string":
        return "char *", "char *", "ours"
    if kind == "bytes":
        return "char *", "void *", "ours"
    if kind == "map" or kind == "list" and t.element.kind == "string":
        return "char **", "char **", "strings_out(g, ours)"
    name = f.result[len("struct guestfs_"):-2]
    if kind == "list":
        c = api_c.struct_name(t.element) + "_list *"
        base, short = name.removesuffix("_list"), api_c.snake(t.element.name)
        call = (f"list_out(g, &layout_{base}, offsets_{base}, "
                f"sizeof *ours->val, ours->val, ours->len)")
        free = f"mayfly_free_{short}_list"
    else:
        c, short = api_c.struct_name(t) + " *", api_c.snake(t.name)
        call = f"struct_out(g, &layout_{name}, offsets_{name}, ours)"
        free = f"mayfly_free_{short}"
    return f.result, c, (call, free)


def is_library(m):
    return m.has("library")


def begin(f):
    lines = [f'if (call_enter(g, "{f.name}")) {{']
    lines += [INDENT + s for s in trace_arguments(f)]
    lines += ["    trace_send(g);", "}"]
    return lines


def check_null(f, m):
    out = []
    nullable = set()
    if m:
        theirs = [a for i, a in enumerate(f.arguments) if not is_size(f, i)]
        nullable = {a.name for a, o in zip(theirs, m.arguments)
                    if o.type.optional}
    for a in f.arguments:
        if is_pointer(a.type) and a.name not in nullable and \
                (f.name, a.name) not in quirks.NULLABLE:
            out.append(f"if (!{a.name})\n        return call_null(g, "
                       f'"{f.name}", "{a.name}"), {failure(f.result)};')
    return out


def body_mayfly(f, m, api_c):
    result, variable, expression = conversion(f, m, api_c)
    if result != f.result:
        raise Mismatch(f"{f.name}: result is {f.result}, ours {result}")
    bad = failure(f.result)
    args = ["g->m"] + mayfly_arguments(f, m)
    lines, declare = [], []
    if m.options:
        declare.append(f"struct mayfly_{m.name}_options options = {{0}};")
        lines += option_fields(f, m)
        args.append("&options")
    elif f.options:
        lines += option_fields(f, m)
    if variable:
        declare.append(f"{glue(variable, 'ours')}"
                       f"{' = NULL' if is_pointer(variable) else ' = 0'};")
        args.append("&ours")
    if f.size_result:
        args.append("ret_size")
    library = "true" if is_library(m) else "false"
    lines.append(f"if (mayfly_{m.name}({', '.join(args)}) < 0)\n"
                 f"        return call_failed(g, \"{f.name}\", {library}, "
                 f"\"{bad}\"), "
                 f"{bad};")
    if isinstance(expression, tuple):
        call, free = expression
        declare.append(f"{glue(f.result, 'r')};")
        lines += [f"r = {call};", f"{free}(ours);"]
    else:
        declare.append(f"{glue(f.result, 'r')};")
        lines.append(f"r = {expression};")
    lines.append(f'if (call_leave(g, "{f.name}"))\n        {trace_result(f)}')
    lines.append("return r;")
    return declare, check_null(f, m) + lines


def body_own(f):
    args = ["g"] + argument_names(f)
    args += ["ret_size"] if f.size_result else []
    args += ["o"] if f.options else []
    bad = failure(f.result)
    fails = "" if f.name in quirks.NULL_IS_A_VALUE else (
        f'if (r == {bad})\n'
        f'        return call_traced_error(g, "{f.name}", "{bad}"), r;')
    return ([f"{glue(f.result, 'r')};"],
            check_null(f, None) +
            [f"r = own_{f.name}({', '.join(args)});", fails,
             f'if (call_leave(g, "{f.name}"))\n        {trace_result(f)}',
             "return r;"])


def body_stub(f):
    bad = failure(f.result)
    unused = [f"(void){n};" for n in argument_names(f)]
    unused += ["(void)o;"] if f.options else []
    unused += ["(void)ret_size;"] if f.size_result else []
    return [], unused + [
        f'return call_missing(g, "{f.name}", "{bad}"), {bad};']


def function(f, body):
    declare, lines = body
    if f.name not in quirks.UNLOCKED:
        declare = ["HOLD(g);"] + declare
    more = [f"const struct guestfs_{f.options_struct} *o"] if f.options else []
    symbol = f"guestfs_{f.options_struct or f.symbol}"
    head = signature(f, symbol, more)
    if f.options:
        declare = [f"static const struct guestfs_{f.options_struct} none;"] \
            + declare
        lines = ["if (!o)\n        o = &none;"] + begin(f) + lines
    else:
        lines = begin(f) + lines
    lines = [f"if (g->ended)\n        return call_ended(g), "
             f"{failure(f.result)};"] + lines
    text = "".join(INDENT + d + "\n" for d in declare)
    if declare:
        text += "\n"
    text += "".join(INDENT + s + "\n" for s in lines if s)
    return f"{head}\n{{\n{text}}}\n"


# The other forms of a call with options.

def take_option(f, a):
    promoted = {"int": "int", "int64_t": "int64_t"}.get(a.type, a.type)
    base = upper(f.options_struct[:-5])
    return (f"        case GUESTFS_{base}_{upper(a.name)}:\n"
            f"            o.{a.name} = va_arg(args, {promoted});\n"
            f"            break;\n")


def variadic(f):
    own = argument_names(f) + (["ret_size"] if f.size_result else [])
    names = ", ".join(["g"] + own)
    bad = failure(f.result)
    base = f"guestfs_{f.options_struct[:-5]}"
    cases = "".join(take_option(f, a) for a in f.options)
    out = signature(f, base + "_va", ["va_list args"]) + f"""
{{
    struct guestfs_{f.options_struct} o = {{0}};
    int i;

    while ((i = va_arg(args, int)) >= 0) {{
        switch (i) {{
{cases}        default:
            return call_bad_option(g, "{f.name}", i), {bad};
        }}
        if (o.bitmask & (UINT64_C(1) << i))
            return call_twice(g, "{f.name}", i), {bad};
        o.bitmask |= UINT64_C(1) << i;
    }}
    return guestfs_{f.options_struct}({names}, &o);
}}
"""
    last = (["g"] + own)[-1]
    out += "\n" + signature(f, base, ["..."]) + f"""
{{
    va_list args;

    va_start(args, {last});
    {glue(f.result, 'r')} = {base}_va({names}, args);
    va_end(args);
    return r;
}}
"""
    if f.plain:
        out += "\n" + signature(f, f"guestfs_{f.plain}") + f"""
{{
    return guestfs_{f.options_struct}({names}, NULL);
}}
"""
    return out
