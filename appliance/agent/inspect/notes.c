/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/inspect/notes.h"

#include <mayfly-types.h>
#include <stdarg.h>
#include <stdio.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"

enum { MOUNTABLE_MAX = 4608 };

static void __attribute__((format(printf, 5, 0)))
add_note(struct call *c, struct list *notes, const char *subject,
    const char *reason, const char *format, va_list args)
{
    enum { NOTES_MAX = 8192, NOTE_MAX = 2000 };
    char text[NOTE_MAX];

    if (notes->n >= NOTES_MAX)
        return;
    vsnprintf(text, sizeof text, format, args);
    struct mayfly_inspection_note *n =
        list_add(c, notes, struct mayfly_inspection_note);
    n->subject = call_strndup(c, subject, MOUNTABLE_MAX);
    n->reason = call_strdup(c, reason);
    n->text = call_strdup(c, text);
}

void
inspection_note(struct call *c, struct list *notes, const char *subject,
    const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_note(c, notes, subject, "", format, args);
    va_end(args);
}

void
inspection_reason(struct call *c, struct list *notes, const char *subject,
    const char *reason, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_note(c, notes, subject, reason, format, args);
    va_end(args);
}
