/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/handle/handle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_CALLBACKS = 1000 };

MAYFLY_PUBLIC int
mayfly_set_event_callback(struct mayfly *g, mayfly_event_callback callback,
    uint32_t mask, void *opaque)
{
    size_t i = 0;

    error_clear(&g->error);
    while (i < g->n_events && g->events[i].callback)
        i++;
    if (i == MAX_CALLBACKS)
        return error_set(&g->error, ENOSPC, "too many event callbacks");
    if (i == g->n_events) {
        struct event_slot *bigger =
            reallocarray(g->events, i + 1, sizeof *bigger);

        if (!bigger)
            return error_set(&g->error, ENOMEM, "no memory for a callback");
        g->events = bigger;
        g->n_events++;
    }
    g->events[i] = (struct event_slot){callback, mask, opaque};
    return (int)i;
}

MAYFLY_PUBLIC void
mayfly_delete_event_callback(struct mayfly *g, int number)
{
    if (number >= 0 && (size_t)number < g->n_events)
        g->events[number] = (struct event_slot){0};
}

bool
handle_listens(const struct mayfly *g, uint32_t mask)
{
    for (size_t i = 0; i < g->n_events; i++) {
        if (g->events[i].callback && (g->events[i].mask & mask))
            return true;
    }
    return false;
}

static bool
deliver(struct mayfly *g, const struct mayfly_event_data *data)
{
    bool heard = false;

    for (size_t i = 0; i < g->n_events; i++) {
        struct event_slot slot = g->events[i];

        if (slot.callback && (slot.mask & data->event)) {
            slot.callback(g, slot.opaque, data);
            heard = true;
        }
    }
    return heard;
}

static bool
deliver_text(struct mayfly *g, enum mayfly_event event, const char *text)
{
    return deliver(
        g, &(struct mayfly_event_data){.event = event, .text = text});
}

/* A line for people who set the environment variable or called set_verbose and
 * listen to no event: the only thing that the library prints by itself. */
static void
write_line(const struct mayfly *g, const char *kind, const char *text)
{
    fprintf(stderr, "mayfly[%s]: %s%s\n", g->run_id, kind, text);
}

__attribute__((format(printf, 4, 0))) static void
deliver_formatted(struct mayfly *g, enum mayfly_event event, const char *kind,
    const char *format, va_list args)
{
    cleanup_free char *text = NULL;
    cleanup_free char *safe = NULL;

    if (vasprintf(&text, format, args) < 0) {
        text = NULL;
        return;
    }
    safe = text_message(text);
    if (safe && !deliver_text(g, event, safe))
        write_line(g, kind, safe);
}

void
handle_debug(struct mayfly *g, const char *format, ...)
{
    va_list args;

    if (!g->verbose && !handle_listens(g, MAYFLY_EVENT_DEBUG))
        return;
    va_start(args, format);
    deliver_formatted(g, MAYFLY_EVENT_DEBUG, "debug: ", format, args);
    va_end(args);
}

void
handle_step(struct mayfly *g, const char *step)
{
    double now = g->timing ? monotonic_seconds() : 0;
    char line[128];

    if (!g->timing)
        return;
    snprintf(line, sizeof line, "%8.1f ms, +%.1f: %s", 1e3 * (now - g->made),
        1e3 * (now - g->step), step);
    g->step = now;
    write_line(g, "timing: ", line);
}

void
handle_warning(struct mayfly *g, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    deliver_formatted(g, MAYFLY_EVENT_WARNING, "warning: ", format, args);
    va_end(args);
}

void
handle_notice(struct mayfly *g, const char *format, ...)
{
    bool heard = handle_listens(g, MAYFLY_EVENT_NOTICE);
    va_list args;

    if (!heard && !g->verbose && !handle_listens(g, MAYFLY_EVENT_DEBUG))
        return;
    va_start(args, format);
    deliver_formatted(g, heard ? MAYFLY_EVENT_NOTICE : MAYFLY_EVENT_DEBUG,
        "debug: ", format, args);
    va_end(args);
}

void
handle_trace(struct mayfly *g, const char *text)
{
    cleanup_free char *safe = text_hide(text);

    if (safe && !deliver_text(g, MAYFLY_EVENT_TRACE, safe) && g->trace)
        write_line(g, "trace: ", safe);
}

void
handle_console(struct mayfly *g, const char *line)
{
    if (!g->verbose && !handle_listens(g, MAYFLY_EVENT_APPLIANCE))
        return;
    cleanup_free char *safe = text_message(line);
    if (safe && !deliver_text(g, MAYFLY_EVENT_APPLIANCE, safe) && g->verbose)
        write_line(g, "appliance: ", safe);
}

void
handle_progress(struct mayfly *g, uint64_t done, uint64_t total)
{
    deliver(
        g, &(struct mayfly_event_data){
               .event = MAYFLY_EVENT_PROGRESS, .done = done, .total = total});
}

void
handle_event(struct mayfly *g, enum mayfly_event event)
{
    deliver_text(g, event, NULL);
}
