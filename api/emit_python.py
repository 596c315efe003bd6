# SPDX-License-Identifier: LGPL-2.1-or-later
"""Emit the Python module's part of every call.

    python-calls.c       a method of the handle's type for each call, and a
                         type for each structure
    python/__init__.pyi  the same for type checkers and editors
"""

import keyword
import os
import re

from emit_c import (LGPL, c_string, c_value, paragraphs, snake, struct_name,
                    write)

# The variable that an argument is parsed into, how, and what is passed on.
# "%s" is the argument's name.
ARGUMENTS = {
    "bool": ("int %s = 0;", "p", "&%s", ["%s"]),
    "i32": ("int32_t %s = 0;", "O&", "python_to_i32, &%s", ["%s"]),
    "u32": ("uint32_t %s = 0;", "O&", "python_to_u32, &%s", ["%s"]),
    "i64": ("int64_t %s = 0;", "O&", "python_to_i64, &%s", ["%s"]),
    "u64": ("uint64_t %s = 0;", "O&", "python_to_u64, &%s", ["%s"]),
    "string": ("char *%s = NULL;", "O&", "python_to_string, &%s", ["%s"]),
    "bytes": ("Py_buffer %s = {0};", "s*", "&%s", ["%s.buf",
                                                  "(size_t)%s.len"]),
    "list": ("char **%s = NULL;", "O&", "python_to_list, &%s",
             ["(const char *const *)%s"]),
    "enum": ("int32_t %s = 0;", "O&", "python_to_i32, &%s", ["%s"]),
}
# Those that the handle cannot parse into a plain variable, as options.
OPTIONS = {"bool": "python_bool", "i32": "python_i32", "u32": "python_u32",
           "i64": "python_i64", "u64": "python_u64"}
PYTHON_TYPE = {"bool": "bool", "enum": "int", "i32": "int", "u32": "int", "i64": "int",
               "u64": "int", "string": "str", "bytes": "bytes"}
ACCEPTED = {"bool": "bool", "enum": "int", "i32": "int", "u32": "int", "i64": "int",
            "u64": "int", "string": "Text", "bytes": "Buffer",
            "list": "Iterable[Text]"}


def supported(api):
    """The calls whose arguments Python can have.  No call has a structure or
    pairs as an argument; a definition may."""
    return [m for m in api.public
            if all(kind_of(f.type) in ARGUMENTS for f in m.fields) and
            all(kind_of(f.type) not in ("bytes", "enum") for f in m.options)]


def kind_of(t):
    return "string" if t.kind in ("in", "out") else t.kind


def name_of(name):
    return name + "_" if keyword.iskeyword(name) else name


def class_name(d):
    return "".join(w.capitalize() for w in snake(d).split("_"))


def prose(text):
    """Documentation without its marks."""
    text = re.sub(r"`(\w+)`", r"\1", text)
    return re.sub(r"\*(\w+)\*", r"\1", text)


def docstring(api, m):
    lines = [prose(p) for p in paragraphs(m.doc)]
    described = [(f.name, api.description(m, f)) for f in m.fields]
    if described:
        lines.append("")
    for name, text in described:
        lines.append(f"{name_of(name)}: {prose(text or '')}")
    if m.returns:
        lines += ["", f"Returns: {prose(m.returns)}"]
    return lines


def literal(lines):
    """A C string of several lines."""
    return "\n    ".join(c_string(line + "\n").replace("\n", "\\n")
                         for line in lines)


# From C to Python.

def from_value(t, value, count):
    """An expression: a new reference, or NULL."""
    if t.kind == "string":
        return f"python_string({value})"
    if t.kind == "bool":
        return f"PyBool_FromLong({value})"
    if t.kind in ("i32", "i64", "enum"):
        return f"PyLong_FromLongLong({value})"
    if t.kind in ("u32", "u64"):
        return f"PyLong_FromUnsignedLongLong({value})"
    if t.kind == "bytes":
        return (f"PyBytes_FromStringAndSize((const char *){value}, "
                f"(Py_ssize_t){count})")
    if t.kind == "map":
        return f"python_pairs({value})"
    if t.kind == "struct":
        return f"from_{snake(t.name)}(&{value})"
    if t.element.kind == "string":
        return f"python_strings({value})"
    return (f"python_structures({value}, {count}, sizeof *{value},\n"
            f"        convert_{snake(t.element.name)})")


def structure(d):
    name = snake(d.name)
    fields = "".join(f"    {{{c_string(name_of(f.name))}, NULL}},\n"
                     for f in d.fields)
    sets = "".join(
        f"    python_set(v, {i}, "
        f"{from_value(f.type, 's->' + f.name, 's->n_' + f.name)});\n"
        for i, f in enumerate(d.fields))
    summary = c_string(prose(d.summary))
    return f"""static PyStructSequence_Field fields_{name}[] = {{
{fields}    {{NULL, NULL}},
}};
static PyStructSequence_Desc description_{name} = {{
    .name = "mayfly.{class_name(d.name)}",
    .doc = {summary},
    .fields = fields_{name},
    .n_in_sequence = {len(d.fields)},
}};
static PyTypeObject *type_{name};

static PyObject *
from_{name}(const {struct_name(d)} *s)
{{
    PyObject *v = PyStructSequence_New(type_{name});

    if (!v)
        return NULL;
{sets}    return python_whole(v);
}}

static inline PyObject *
convert_{name}(const void *s)
{{
    return from_{name}(s);
}}
"""


def result(m):
    """The variables of the result, what is passed, how it is converted, how
    freed."""
    r = m.result
    if r is None:
        return "", [], "Py_NewRef(Py_None)", ""
    if r.kind == "bytes":
        return ("    void *value = NULL;\n    size_t size = 0;\n",
                ["&value", "&size"], from_value(r, "value", "size"),
                "free(value);")
    if r.kind == "string":
        return ("    char *value = NULL;\n", ["&value"],
                from_value(r, "value", ""), "free(value);")
    if r.kind == "map" or r.kind == "list" and r.element.kind == "string":
        return ("    char **value = NULL;\n", ["&value"],
                from_value(r, "value", ""), "free(value);")
    if r.kind == "list":
        name = snake(r.element.name)
        return (f"    struct mayfly_{name}_list *value = NULL;\n", ["&value"],
                f"python_structures(value->val, value->len,\n"
                f"        sizeof *value->val, convert_{name})",
                f"mayfly_free_{name}_list(value);")
    if r.kind == "struct":
        name = snake(r.name)
        return (f"    struct mayfly_{name} *value = NULL;\n", ["&value"],
                f"from_{name}(value)", f"mayfly_free_{name}(value);")
    c = c_value(r)
    return (f"    {c} value = 0;\n", ["&value"], from_value(r, "value", ""),
            "")


def release(name, kind):
    if kind == "bytes":
        return f"    if (arg_{name}.obj)\n        PyBuffer_Release(&arg_{name});\n"
    if kind in ("string", "list"):
        return f"    free(arg_{name});\n"
    return ""


def method(m):
    variables, units, targets, passed, freed, options = [], "", [], [], [], []
    for f in m.arguments:
        kind = kind_of(f.type)
        v = "arg_" + f.name
        declare, unit, target, values = ARGUMENTS[kind]
        if f.type.optional:
            target = target.replace("python_to_string",
                                    "python_to_string_or_none")
        variables.append(declare.replace("%s", v))
        units += unit
        targets.append(target.replace("%s", v))
        passed += [x.replace("%s", v) for x in values]
        freed.append(release(f.name, kind))
    if m.options:
        units += "|$"
        passed.append("&options")
        variables.append(f"struct mayfly_{m.name}_options options = {{0}};")
    for f in m.options:
        kind = kind_of(f.type)
        v = "arg_" + f.name
        flag = f"MAYFLY_{m.name.upper()}_{f.name.upper()}"
        units += "O&"
        if kind in OPTIONS:
            variables.append(f"struct {OPTIONS[kind]} {v} = {{0}};")
            targets.append(f"{OPTIONS[kind].replace('python_', 'python_to_option_')}, &{v}")
            options.append(f"    if ({v}.given) {{\n"
                           f"        options.{f.name} = {v}.value;\n"
                           f"        options.set |= {flag};\n    }}\n")
            continue
        declare, _, target, _ = ARGUMENTS[kind]
        variables.append(declare.replace("%s", v))
        targets.append(target.replace("%s", v).replace(
            "python_to_string", "python_to_string_or_none").replace(
            "python_to_list", "python_to_list_or_none"))
        cast = "(const char *const *)" if kind == "list" else ""
        options.append(f"    if ({v}) {{\n"
                       f"        options.{f.name} = {cast}{v};\n"
                       f"        options.set |= {flag};\n    }}\n")
        freed.append(release(f.name, kind))
    ret_variables, ret_passed, convert, free = result(m)
    names = "".join(f"{c_string(name_of(f.name))}, " for f in m.fields)
    call = ", ".join(["self->g"] + passed + ret_passed)
    parse = "".join(f",\n            {t}" for t in targets)
    body = "".join(f"    {v}\n" for v in variables)
    free = f"        {free}\n" if free else ""
    return f"""static PyObject *
call_{m.name}(struct python_handle *self, PyObject *args, PyObject *words)
{{
    static char *names[] = {{{names}NULL}};
    PyObject *result = NULL;
    int r;
{body}{ret_variables}
    if (!PyArg_ParseTupleAndKeywords(
            args, words, "{units}:{m.name}", names{parse}))
        return NULL;
{''.join(options)}    if (python_begin(self) == 0) {{
        Py_BEGIN_ALLOW_THREADS
        r = mayfly_{m.name}({call});
        Py_END_ALLOW_THREADS
        if (python_end(self, r) == 0) {{
            result = {convert};
    {free}        }}
    }}
{''.join(freed)}    return result;
}}
"""


def used_structures(api):
    """Those that a call returns, each after those that it is made of."""
    out = []

    def add(t):
        if t is None:
            return
        add(t.element)
        if t.kind == "struct" and t.name not in out:
            for f in api.declarations[t.name].fields:
                add(f.type)
            out.append(t.name)

    for m in supported(api):
        add(m.result)
    return [api.declarations[n] for n in out]


def emit_c(api):
    structures = used_structures(api)
    out = [LGPL, '#include "python/native.h"\n\n#include <stdlib.h>\n']
    out += [structure(d) for d in structures]
    out += [method(m) for m in supported(api)]
    out.append("PyMethodDef python_calls[] = {\n" + "".join(
        f"    {{\"{name_of(m.name)}\",\n"
        f"        (PyCFunction)(void (*)(void))call_{m.name},\n"
        f"        METH_VARARGS | METH_KEYWORDS,\n"
        f"    {literal(docstring(api, m))}}},\n" for m in supported(api)) +
        "    {NULL, NULL, 0, NULL},\n};\n")
    out.append("int\npython_add_structures(PyObject *module)\n{\n" + "".join(
        f"    if (python_add_structure(module, \"{class_name(d.name)}\",\n"
        f"            &description_{snake(d.name)}, &type_{snake(d.name)}) < 0)\n"
        f"        return -1;\n" for d in structures) + "    return 0;\n}\n")
    return "\n".join(out)


# For type checkers.

def python_type(t):
    if t.kind == "struct":
        return class_name(t.name)
    if t.kind == "map":
        return "dict[str, str]"
    if t.kind == "list":
        return f"list[{python_type(t.element)}]"
    return PYTHON_TYPE[t.kind]


def emit_stub(api):
    out = ["# SPDX-License-Identifier: LGPL-2.1-or-later",
           "# Generated from the definition in api/; do not edit.",
           "from collections.abc import Callable, Iterable",
           "from os import PathLike",
           "from types import TracebackType",
           "from typing import NamedTuple, Optional, Union",
           "",
           "Text = Union[str, bytes, PathLike]",
           "Buffer = Union[str, bytes, bytearray, memoryview]",
           "",
           "class Error(OSError): ...",
           ""]
    for d in used_structures(api):
        out.append(f"class {class_name(d.name)}(NamedTuple):")
        out += [f"    {name_of(f.name)}: {python_type(f.type)}"
                for f in d.fields] + [""]
    out += ["class Mayfly:",
            "    def __init__(self) -> None: ...",
            "    def __enter__(self) -> Mayfly: ...",
            "    def __exit__(",
            "        self, kind: Optional[type], value: "
            "Optional[BaseException],",
            "        traceback: Optional[TracebackType]) -> None: ...",
            "    def close(self) -> None: ...",
            "    def cancel(self) -> None: ...",
            "    def set_event_callback(",
            "        self, callback: Callable[[str, Optional[str], int, int], "
            "object],",
            "        events: Iterable[str] = ...) -> int: ...",
            "    def delete_event_callback(self, number: int) -> None: ..."]
    for m in supported(api):
        words = ["self"]
        for f in m.arguments:
            t = ACCEPTED[kind_of(f.type)]
            words.append(f"{name_of(f.name)}: " +
                         (f"Optional[{t}]" if f.type.optional else t))
        if m.options:
            words.append("*")
        for f in m.options:
            t = ACCEPTED[kind_of(f.type)]
            words.append(f"{name_of(f.name)}: Optional[{t}] = ...")
        ret = python_type(m.result) if m.result else "None"
        out.append(f"    def {name_of(m.name)}(")
        out.append(f"        {', '.join(words)}) -> {ret}: ...")
    return "\n".join(out) + "\n"


def emit(api, outdir):
    os.makedirs(os.path.join(outdir, "python"), exist_ok=True)
    write(outdir, "python-calls.c", emit_c(api))
    write(outdir, "python/__init__.pyi", emit_stub(api))
