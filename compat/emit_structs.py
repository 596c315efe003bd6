# SPDX-License-Identifier: LGPL-2.1-or-later
"""Emit what compat/structs.c needs to know about each structure: where its
members are, and where ours has them; and the functions that are exported."""

KINDS = {"char *": "MEMBER_STRING", "char[32]": "MEMBER_UUID",
         "char": "MEMBER_CHAR", "float": "MEMBER_FLOAT",
         "int32_t": "MEMBER_I32", "uint32_t": "MEMBER_U32",
         "int64_t": "MEMBER_I64", "uint64_t": "MEMBER_U64"}
# The kinds of ours that each of theirs can come from.
SOURCES = {"char *": ("string",), "char[32]": ("string",),
           "char": ("string",), "float": ("i32",), "int32_t": ("i32",),
           "uint32_t": ("u32",), "int64_t": ("i64",), "uint64_t": ("u64",)}


def members(s):
    """(member, length member or None): a blob is a length and a pointer."""
    names = {a.name for a in s.members}
    out = []
    for a in s.members:
        if a.name.endswith("_len") and a.name[:-4] in names:
            continue
        length = a.name + "_len"
        out.append((a, length if length in names else None))
    return out


def layout(s):
    rows = []
    for a, length in members(s):
        here = f"struct guestfs_{s.name}"
        kind = "MEMBER_BLOB" if length else KINDS[a.type]
        tail = f", offsetof({here}, {length})" if length else ", 0"
        rows.append(f'    {{"{a.name}", {kind}, offsetof({here}, {a.name})'
                    f"{tail}}},\n")
    return (f"static const struct member members_{s.name}[] = {{\n"
            f"{''.join(rows)}}};\n"
            f"const struct layout layout_{s.name} = {{\n"
            f'    "{s.name}", sizeof(struct guestfs_{s.name}),\n'
            f"    members_{s.name}, N_ELEMENTS(members_{s.name})}};\n")


def offsets(s, ours, c_name):
    """Where mayfly's structure has the same value; NOWHERE if it does not."""
    kinds = {f.name: f.type.kind for f in ours.fields}
    rows = []
    for a, length in members(s):
        kind = kinds.get(a.name)
        if kind is None:
            rows.append("    {NOWHERE, NOWHERE},\n")
            continue
        wanted = ("bytes",) if length else SOURCES[a.type]
        if kind not in wanted:
            raise ValueError(f"{s.name}.{a.name}: ours is {kind}")
        tail = f"offsetof({c_name}, n_{a.name})" if length else "NOWHERE"
        rows.append(f"    {{offsetof({c_name}, {a.name}), {tail}}},\n")
    return (f"const struct source offsets_{s.name}[] = {{\n"
            f"{''.join(rows)}}};\n")


def functions(s):
    n, t = s.name, f"struct guestfs_{s.name}"
    return f"""
int
guestfs_compare_{n}(const {t} *a, const {t} *b)
{{
    return layout_compare(&layout_{n}, a, b);
}}

int
guestfs_compare_{n}_list(const {t}_list *a, const {t}_list *b)
{{
    return layout_compare_list(&layout_{n}, a->val, a->len, b->val, b->len);
}}

{t} *
guestfs_copy_{n}(const {t} *a)
{{
    return layout_copy(&layout_{n}, a);
}}

{t}_list *
guestfs_copy_{n}_list(const {t}_list *a)
{{
    return layout_copy_list(&layout_{n}, a->val, a->len);
}}

void
guestfs_free_{n}({t} *a)
{{
    layout_free(&layout_{n}, a);
}}

void
guestfs_free_{n}_list({t}_list *a)
{{
    layout_free_list(&layout_{n}, a);
}}
"""
