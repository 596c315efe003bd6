# SPDX-License-Identifier: LGPL-2.1-or-later
"""Emit the overviews among the manual pages, as roff.

    man/mayfly.3             the library: how to use it, all families
    man/mayfly-FAMILY.3      what a family is, and its calls
    mayfish-commands.roff    the commands, a part of mayfish(1)
"""

import re

from emit_c import paragraphs, write
from emit_shell import usage, words
from roff import (body, escape, italic, markup, page, reference,
                  references, tagged, verbatim)

OVERVIEW = r""".SH SYNOPSIS
.nf
#include <mayfly.h>

struct mayfly *mayfly_create(void);
void mayfly_close(struct mayfly *g);
const char *mayfly_last_error(const struct mayfly *g);
int mayfly_last_errno(const struct mayfly *g);
void mayfly_cancel(struct mayfly *g);
void mayfly_forget_cancel(struct mayfly *g);
void mayfly_set_cancel_flag(struct mayfly *g,
    const volatile sig_atomic_t *flag);
int mayfly_set_event_callback(struct mayfly *g,
    mayfly_event_callback callback, uint32_t mask, void *opaque);
void mayfly_delete_event_callback(struct mayfly *g, int number);
.fi
.PP
Compile and link with
.PP
.RS 4
.nf
cc prog.c $(pkg\-config \-\-cflags \-\-libs mayfly)
.fi
.RE
.SH DESCRIPTION
libmayfly reads and changes the file systems inside disk images without booting
them.  A handle stands for one throwaway virtual machine, the appliance: create
the handle, add disks, launch it, mount file systems, and make calls.
.SS Handles
.BR mayfly_create ()
returns a new handle, or NULL if there is not enough memory.
.BR mayfly_close ()
stops the appliance and frees the handle; NULL is allowed.  Errors of the last
writes are lost then: call
.BR mayfly_shutdown (3)
before it to learn of them.
.PP
Only one thread may use a handle at a time; different threads may use different
handles without locks.
.BR mayfly_cancel ()
is the exception: it may be called from any thread and from a signal handler,
and makes the running call fail with ECANCELED as soon as possible; if none is
running, or it can no longer be stopped, the next one.
.BR mayfly_forget_cancel ()
forgets a cancel that no call has reported.  While the variable given to
.BR mayfly_set_cancel_flag (),
which a signal handler sets, is not 0, every call fails with ECANCELED when it
begins.
.BR mayfly_shutdown (3)
is excepted from both, so that what was written is kept.
.SS Calls
Every call returns 0 on success and \-1 on error.  Results are stored through
the last arguments, which are left as they were on error.
.BR mayfly_last_error ()
returns the text of the handle's last error, one line, and
.BR mayfly_last_errno ()
its
.BR errno (3)
value; they return NULL and 0 if the last call succeeded.  The text belongs to
the handle and is valid until the next call.
.PP
A string, a buffer or a list of strings that a call returns is one block of
memory: free it with
.BR free (3).
A list of strings ends with NULL.  Pairs are returned as a list in which each
key is followed by its value.  A structure is freed by
.BR mayfly_free_\fINAME\fP (),
a list of structures by
.BR mayfly_free_\fINAME\fP_list ().
.PP
Optional arguments are the fields of a structure.  Its field
.I set
is the bitwise OR of the constants MAYFLY_\fICALL\fR_\fIFIELD\fR of those that
are given; all others are ignored and have their defaults.  Pass NULL instead
of the structure to give none.
.PP
Where a call reads or writes a file on the host, "\-" is standard input or
output, and /dev/fd/\fIN\fR an open file descriptor.
.SS Events
.BR mayfly_set_event_callback ()
has a function called for the events in
.IR mask ,
a bitwise OR of MAYFLY_EVENT_PROGRESS, MAYFLY_EVENT_TRACE, MAYFLY_EVENT_DEBUG,
MAYFLY_EVENT_APPLIANCE, MAYFLY_EVENT_WARNING, MAYFLY_EVENT_LAUNCHED,
MAYFLY_EVENT_CLOSE and MAYFLY_EVENT_DIED, or MAYFLY_EVENT_ALL.  It returns a
number for
.BR mayfly_delete_event_callback (),
or \-1 on error.  The function runs in the thread of the call, and may use the
handle for
.BR mayfly_cancel ()
only.
"""

EXAMPLE = r""".SH EXAMPLE
.nf
struct mayfly *g = mayfly_create();
char *text;

if (!g)
    err(1, NULL);
if (mayfly_add_drive_ro(g, "disk.qcow2") < 0 ||
    mayfly_launch(g) < 0 ||
    mayfly_mount_ro(g, "/dev/sda1", "/") < 0 ||
    mayfly_cat(g, "/etc/hostname", &text) < 0)
    errx(1, "%s", mayfly_last_error(g));
fputs(text, stdout);
free(text);
mayfly_close(g);
.fi
"""


def first_lower(text):
    text = text.rstrip(".")
    return text if text[1:2].isupper() else text[0].lower() + text[1:]


def family_summary(api, name):
    """The first line of a family's file, without its full stop."""
    lines = api.headers.get(name) or [f"Calls for {name}."]
    return lines[0].rstrip(".")


def family(api, name):
    calls = {m.name for m in api.public}
    out = [".SH SYNOPSIS\n.nf\n#include <mayfly.h>\n.fi\n"]
    rest = api.headers.get(name, [])[1:]
    text = body(rest, calls)
    if text:
        out.append(".SH DESCRIPTION\n" + text.removeprefix(".PP\n"))
    out.append(".SH CALLS\n")
    for m in api.public:
        if m.family == name:
            out.append(tagged(reference(f"mayfly_{m.name}", 3),
                              markup(m.summary, calls)))
    out.append(".SH SEE ALSO\n" + references([("mayfly", 3),
                                              ("mayfish", 1)]))
    return page(3, f"mayfly-{name}",
                first_lower(family_summary(api, name)), "".join(out))


def overview(api):
    families = api.families()
    out = [OVERVIEW, ".SS Families\nEach call has a page of its own, "
           "such as " + reference("mayfly_cat", 3) + ". "
           "They are listed by family:\n"]
    for name in families:
        out.append(tagged(reference(f"mayfly-{name}", 3), escape(
            family_summary(api, name) + ".")))
    out.append(EXAMPLE)
    out.append(".SH SEE ALSO\n" + references(
        [("mayfish", 1), ("errno", 3)]))
    return page(3, "mayfly",
                "library to read and change file systems inside disk images",
                "".join(out))


def remarks(m):
    """What the shell's user has to know besides, as sentences."""
    out = []
    if m.has("writes"):
        out.append("It changes a disk.")
    if m.has("config"):
        out.append("It works only before the launch.")
    if m.has("feature"):
        out.append(f"It needs the feature \"{m.attributes['feature']}\": "
                   f"see feature-available.")
    if len(m.commands) > 1:
        out.append(f"It can also be called as {', '.join(m.commands[1:])}.")
    return out


def command(m, api):
    as_command = {x.name: x.commands[0] for x in api.public if x.commands}

    def text(t):
        return markup(re.sub(r"`(\w+)`", lambda r: "`" + as_command.get(
            r[1], r[1]) + "`", t))

    out = [f".SS {escape(m.commands[0])}\n", verbatim([usage(m, api)]),
           ".PP\n", text(m.summary) + "\n"]
    for p in paragraphs(m.doc[1:]):
        out.append(".PP\n" if not p else verbatim([p])
                   if p.startswith(" ") else text(p) + "\n")
    for f in words(m) + m.options:
        out.append(tagged(italic(f.name), text(api.description(m, f))))
    if remarks(m):
        out.append(".PP\n" + escape(" ".join(remarks(m))) + "\n")
    return re.sub(r"(\.PP\n)+", ".PP\n", "".join(out))


def commands(api):
    methods = sorted((m for m in api.public if m.commands),
                     key=lambda m: m.commands[0])
    return ".SH COMMANDS\n" + "".join(command(m, api) for m in methods)


def emit(api, outdir):
    write(outdir, "man/mayfly.3", overview(api))
    for name in api.families():
        write(outdir, f"man/mayfly-{name}.3", family(api, name))
    write(outdir, "mayfish-commands.roff", commands(api))
