# SPDX-License-Identifier: LGPL-2.1-or-later
"""Text to roff.  All that becomes a manual page goes through escape()."""

import re

from emit_c import paragraphs

HEAD = ".\\\" Generated from the definition in api/; do not edit.\n"
SPECIAL = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga",
           "^": "\\(ha", "~": "\\(ti"}
MANUAL = re.compile(r"(?<![\w./-])([A-Za-z][\w.+-]*)\(([1-8])\)")


def escape(text):
    """One line of text as roff shows it; it cannot be taken for a request."""
    text = "".join(SPECIAL.get(c, c if c.isascii() else
                               f"\\[u{ord(c):04X}]") for c in text)
    return "\\&" + text if text[:1] in (".", "'") else text


def bold(text):
    return f"\\fB{escape(text)}\\fR"


def italic(text):
    return f"\\fI{escape(text)}\\fR"


def reference(name, section):
    return f"{bold(name)}({section})"


def markup(text, calls=()):
    """*x* becomes italic; `x` bold, or the page of the call x; x(3) the
    page of that name."""
    out = []
    text = re.sub(r" {2,}", " ", text)
    for part in re.split(r"(`[^`]+`|(?<![\w*])\*\w+\*(?![\w*]))", text):
        if re.fullmatch(r"`[^`]+`", part):
            name = part[1:-1]
            out.append(reference(f"mayfly_{name}", 3) if name in calls
                       else bold(name))
        elif re.fullmatch(r"\*\w+\*", part):
            out.append(italic(part[1:-1]))
        else:
            at = 0
            for m in MANUAL.finditer(part):
                out.append(escape(part[at:m.start()]))
                out.append(reference(m[1], m[2]))
                at = m.end()
            out.append(escape(part[at:]))
    text = "".join(out)
    # Only what begins the line counts, not each part of it.
    text = text.replace("\\&.", ".").replace("\\&'", "'")
    return "\\&" + text if text[:1] in (".", "'") else text


def verbatim(lines):
    return ".nf\n" + "".join(escape(x) + "\n" for x in lines) + ".fi\n"


def code(lines):
    """Verbatim, indented and set apart."""
    return ".PP\n.RS 4\n" + verbatim(lines) + ".RE\n"


def body(doc, calls=()):
    out = []
    for p in paragraphs(doc):
        if not p:
            out.append(".PP\n")
        elif p.startswith(" "):
            out.append(verbatim([p]))
        else:
            out.append(markup(p, calls) + "\n")
    text = "".join(out).replace(".fi\n.nf\n", "")
    return re.sub(r"(\.PP\n)+$", "", re.sub(r"(\.PP\n)+", ".PP\n", text))


def tagged(term, text):
    """TERM is roff already."""
    return f".TP\n{term}\n{text}\n"


def references(see):
    """(name, section) pairs as the text of SEE ALSO."""
    return ",\n".join(f".BR {escape(name)} ({section})"
                      for name, section in see) + "\n"


def page(section, name, summary, text):
    manual = {3: "Library Functions"}[section]
    # Neither hyphens nor stretched lines: names must stay whole.
    return (HEAD + f".TH {escape(name)} {section} \"\" mayfly \"{manual}\"\n"
            ".nh\n.ad l\n"
            f".SH NAME\n{escape(name)} \\- {markup(summary)}\n{text}")


def link(target):
    """A page that is another one."""
    return f".so man3/{target}.3\n"
