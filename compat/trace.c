/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of trace lines, in the form that scripts compare. */
#include <config.h>

#include <ctype.h>
#include <inttypes.h>

#include "compat/call.h"

/* Longer buffers are cut off in the trace: the rest helps no one. */
enum { BUFFER_SHOWN = 256 };

static void
put_strings(FILE *f, char *const *v)
{
    for (size_t i = 0; v && v[i]; i++)
        fprintf(f, "%s%s", i ? " " : "", v[i]);
}

static void
put_buffer(FILE *f, const char *bytes, size_t n)
{
    size_t shown = n < BUFFER_SHOWN ? n : BUFFER_SHOWN;

    fputc('"', f);
    for (size_t i = 0; i < shown; i++) {
        if (isprint((unsigned char)bytes[i]))
            fputc(bytes[i], f);
        else
            fprintf(f, "\\x%02x", (unsigned char)bytes[i]);
    }
    fputc('"', f);
    if (shown < n)
        fprintf(f, "<truncated, original size %zu bytes>", n);
}

/* --- arguments --- */

void
trace_string(guestfs_h *g, const char *s)
{
    if (s)
        fprintf(g->line, " \"%s\"", s);
    else
        fputs(" null", g->line);
}

void
trace_strings(guestfs_h *g, char *const *v)
{
    fputs(" \"", g->line);
    put_strings(g->line, v);
    fputc('"', g->line);
}

void
trace_buffer(guestfs_h *g, const char *bytes, size_t n)
{
    fputc(' ', g->line);
    put_buffer(g->line, bytes, bytes ? n : 0);
}

void
trace_number(guestfs_h *g, int64_t n)
{
    fprintf(g->line, " %" PRIi64, n);
}

void
trace_bool(guestfs_h *g, int value)
{
    fputs(value ? " true" : " false", g->line);
}

void
trace_pointer(guestfs_h *g, const void *p)
{
    fprintf(g->line, " %p", p);
}

void
trace_option_string(guestfs_h *g, const char *name, const char *s)
{
    fprintf(g->line, " \"%s:%s\"", name, s);
}

void
trace_option_strings(guestfs_h *g, const char *name, char *const *v)
{
    fprintf(g->line, " \"%s:", name);
    put_strings(g->line, v);
    fputc('"', g->line);
}

void
trace_option_number(guestfs_h *g, const char *name, int64_t n)
{
    fprintf(g->line, " \"%s:%" PRIi64 "\"", name, n);
}

void
trace_option_bool(guestfs_h *g, const char *name, int value)
{
    fprintf(g->line, " \"%s:%s\"", name, value ? "true" : "false");
}

/* --- results --- */

void
trace_result_number(guestfs_h *g, int64_t n)
{
    fprintf(g->line, "%" PRIi64, n);
    trace_send(g);
}

void
trace_result_string(guestfs_h *g, const char *s)
{
    fprintf(g->line, "\"%s\"", s ? s : "NULL");
    trace_send(g);
}

void
trace_result_strings(guestfs_h *g, char *const *v)
{
    fputc('[', g->line);
    for (size_t i = 0; v && v[i]; i++)
        fprintf(g->line, "%s\"%s\"", i ? ", " : "", v[i]);
    fputc(']', g->line);
    trace_send(g);
}

void
trace_result_buffer(guestfs_h *g, const char *bytes, size_t n)
{
    put_buffer(g->line, bytes, n);
    trace_send(g);
}

void
trace_result_struct(guestfs_h *g, const struct layout *l, const void *value)
{
    fprintf(g->line, "<struct guestfs_%s = ", l->name);
    if (value)
        layout_print(l, value, g->line);
    fputc('>', g->line);
    trace_send(g);
}

void
trace_result_list(guestfs_h *g, const struct layout *l, const void *list)
{
    const struct any_list *a = list;
    uint32_t n = a ? a->len : 0;

    fprintf(g->line, "<struct guestfs_%s_list(%" PRIu32 ")", l->name, n);
    fputs(n ? " = " : "", g->line);
    for (uint32_t i = 0; i < n; i++) {
        fprintf(g->line, "%s[%" PRIu32 "]{", i ? " " : "", i);
        layout_print(l, (const char *)a->val + i * l->size, g->line);
        fputc('}', g->line);
    }
    fputc('>', g->line);
    trace_send(g);
}
