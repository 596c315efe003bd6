#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual pages of section 3: each public call has one with all sections
# and a text for each argument, each reference to one of our pages leads to a
# page, all render without a warning, and the examples in C compile.
. "$(dirname "$0")/../lib.sh"
gen=$(cd "$builddir" && pwd)/gen
cd "$srcdir" || exit 1
man=$gen/man

# Functions that the headers declare, and those that mayfly.h declares itself.
{
    grep -hoE '^int mayfly_[A-Za-z0-9_]+\(' "$gen/mayfly-calls.h"
    grep -hoE '^[a-z].*\bmayfly_[a-z_]+\(' lib/mayfly.h
    grep -hoE '^void mayfly_free_[a-z0-9_]+\(' "$gen/mayfly-calls.h"
} | grep -oE 'mayfly_[A-Za-z0-9_]+\($' | tr -d '(' | sort > "$work/functions"
find "$man" -name 'mayfly_*.3' -printf '%f\n' | sed 's/\.3$//' | sort \
    > "$work/pages"
diff "$work/functions" "$work/pages" ||
    fail "the functions (<) and the pages (>) are not the same"
[ "$(wc -l < "$work/pages")" -gt 500 ] || fail "there are too few functions"

"${PYTHON:-python3}" - "$man" << 'EOF' || fail "pages are not complete"
import glob, os, re, sys

SECTIONS = ["NAME", "SYNOPSIS", "DESCRIPTION", "ARGUMENTS", "RETURN VALUE",
            "ERRORS", "EXAMPLE", "VERSIONS", "SEE ALSO"]
man, bad = sys.argv[1], 0

def wrong(path, text):
    global bad
    bad += 1
    print(f"{os.path.basename(path)}: {text}")

def exists(name):
    return os.path.exists(os.path.join(man, name + ".3"))

for path in sorted(glob.glob(os.path.join(man, "*.3"))):
    text = open(path).read()
    name = os.path.basename(path)[:-2]
    if text.startswith(".so man3/"):
        if not exists(text[9:].strip()[:-2]):
            wrong(path, f"leads nowhere: {text.strip()}")
        continue
    if not text.isascii():
        wrong(path, "has bytes that are not ASCII")
    for x in re.findall(r"(mayfly(?:\\-|_)?\w*)(?:\\fR\(| \()3\)", text):
        if not exists(x.replace("\\-", "-")):
            wrong(path, f"refers to {x}(3), which is no page")
    if not name.startswith("mayfly_"):
        continue
    parts = dict(re.findall(r"^\.SH ([A-Z ]+)\n(.*?)(?=^\.SH |\Z)", text,
                            re.M | re.S))
    called = re.search(r"int " + name + r"\((.*?)\);", parts["SYNOPSIS"],
                       re.S)[1]
    fields = re.search(r"struct " + name + r"_options \{\n(.*?)\};",
                       parts["SYNOPSIS"], re.S)
    names = [re.search(r"(\w+)$", p.strip())[1] for p in called.split(",")]
    if fields:
        names += re.findall(r"(\w+);", fields[1])
    names = [n for n in names if n not in ("g", "ret", "ret_size", "set")
             and not (n.startswith("n_") and n[2:] in names)]
    for s in SECTIONS:
        if not parts.get(s, "").strip() and (s != "ARGUMENTS" or names):
            wrong(path, f"has no {s}")
    for n in names:
        m = re.search(r"^\.TP\n\\fI" + n + r"\\fR.*\n(.+)",
                      parts.get("ARGUMENTS", ""), re.M)
        if not m or not re.match(r"[\\\"A-Z(/].*[.]", m[1]):
            wrong(path, f"says nothing of {n}")
sys.exit(bad > 0)
EOF

# Without the shell's word "groff" there is nothing that could warn.
command -v groff > /dev/null || skip "groff is not installed"
find "$man" -name '*.3' -exec grep -L '^\.so ' {} + | sort > "$work/real"
xargs groff -man -Tutf8 -ww -z < "$work/real" > "$work/warnings" 2>&1
[ ! -s "$work/warnings" ] || { head "$work/warnings"; fail "groff warns"; }
if command -v man > /dev/null; then
    xargs man --warnings=w -l < "$work/real" 2> "$work/warnings" > /dev/null
    [ ! -s "$work/warnings" ] || { head "$work/warnings"; fail "man warns"; }
fi

${CC:-cc} -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Wcast-qual \
    -Werror -fsyntax-only -I"$gen" -Ilib "$gen/examples.c" ||
    fail "an example in C does not compile"

# The programs that the ERRORS name are those that the agent runs.
"${PYTHON:-python3}" -B - << 'EOF' || fail "errnos.py and feature.c differ"
import glob, re, sys
sys.path.insert(0, "api")
from errnos import PROGRAMS
path, = glob.glob("appliance/**/ops/feature.c", recursive=True)
groups = dict(re.findall(r'{"(\w+)", "([\w.-]+)"}', open(path).read()))
bad = [g for g in PROGRAMS if g not in groups]
print("\n".join(bad))
sys.exit(len(bad) > 0)
EOF
