/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "compat/call.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

bool
call_enter(guestfs_h *g, const char *name)
{
    /* In libguestfs a cancel between two calls does nothing. */
    if (g->m)
        mayfly_forget_cancel(g->m);
    event_text(g, GUESTFS_EVENT_ENTER, name);
    /* A call that turns tracing on or off is traced as it began. */
    g->traced = g->trace;
    if (!g->traced)
        return false;
    g->line = open_memstream(&g->line_text, &g->line_size);
    if (g->line)
        fputs(name, g->line);
    return g->line != NULL;
}

bool
call_leave(guestfs_h *g, const char *name)
{
    if (!g->traced)
        return false;
    g->line = open_memstream(&g->line_text, &g->line_size);
    if (g->line)
        fprintf(g->line, "%s = ", name);
    return g->line != NULL;
}

/* Take the line out of the handle before delivering it: a callback may make
 * calls of its own. */
void
trace_send(guestfs_h *g)
{
    cleanup_free char *text = NULL;
    cleanup_free char *whole = NULL;

    if (fclose(steal_pointer(&g->line)) != 0) {
        free(steal_pointer(&g->line_text));
        return;
    }
    cleanup_free char *raw = steal_pointer(&g->line_text);
    if (!(text = text_hide(raw)))
        return;
    if (g->identifier && *g->identifier)
        whole = text_printf("%s: %s", g->identifier, text);
    event_text(g, GUESTFS_EVENT_TRACE, whole ? whole : text);
}

void
call_traced_error(guestfs_h *g, const char *name, const char *bad)
{
    if (call_leave(g, name)) {
        fprintf(g->line, "%s (error)", bad);
        trace_send(g);
    }
}

/* --- failures --- */

void
call_failed(guestfs_h *g, const char *name, bool library, const char *bad)
{
    if (library)
        call_mayfly_error(g);
    call_traced_error(g, name, bad);
    if (!library)
        call_mayfly_error(g);
}

void
call_missing(guestfs_h *g, const char *name, const char *bad)
{
    call_error(g, ENOTSUP, "%s: Mayfly does not have this call", name);
    call_traced_error(g, name, bad);
}

void
call_null(guestfs_h *g, const char *name, const char *argument)
{
    call_error(g, EINVAL, "%s: %s: parameter cannot be NULL", name, argument);
}

void
call_no_option(
    guestfs_h *g, const char *name, const char *option, const char *bad)
{
    call_error(
        g, ENOTSUP, "%s: Mayfly does not have the option '%s'", name, option);
    call_traced_error(g, name, bad);
}

void
call_bad_option(guestfs_h *g, const char *name, int option)
{
    call_error(g, EINVAL,
        "%s: unknown option %d: the program was built for a newer library",
        name, option);
}

void
call_twice(guestfs_h *g, const char *name, int option)
{
    call_error(g, EINVAL, "%s: option %d is given twice", name, option);
}

/* --- values --- */

const char *const *
list_in(char *const *v)
{
    return (const char *const *)v;
}

/* Opening /dev/stdout would truncate it if it is a file, and lose what the
 * program has written so far; "-" is the descriptor itself. */
const char *
stream_name(const char *filename)
{
    if (str_equal(filename, "/dev/stdin") || str_equal(filename, "/dev/stdout"))
        return "-";
    return str_equal(filename, "-") ? "./-" : filename;
}

char **
strings_out(guestfs_h *g, char **ours)
{
    char **copy = ours ? strv_copy(ours) : NULL;

    /* An empty list is a list as well. */
    if (!copy && (!ours || !ours[0]))
        copy = calloc(1, sizeof *copy);
    free(ours);
    if (!copy)
        call_no_memory(g);
    return copy;
}

void *
struct_out(guestfs_h *g, const struct layout *l, const struct source *sources,
    const void *ours)
{
    void *value = layout_from(l, sources, ours);

    if (!value)
        call_no_memory(g);
    return value;
}

void *
list_out(guestfs_h *g, const struct layout *l, const struct source *sources,
    size_t size, const void *ours, uint32_t n)
{
    void *list = layout_list_from(l, sources, size, ours, n);

    if (!list)
        call_no_memory(g);
    return list;
}
