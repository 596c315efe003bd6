/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events: mayfly's are translated and delivered to the listeners; without any
 * they are printed as the contract of guestfs.h says. */
#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compat/handle.h"

static const struct {
    uint64_t event;
    const char *name;
    uint32_t ours;
} events[] = {
    {GUESTFS_EVENT_CLOSE, "close", 0},
    {GUESTFS_EVENT_SUBPROCESS_QUIT, "subprocess_quit", MAYFLY_EVENT_DIED},
    {GUESTFS_EVENT_LAUNCH_DONE, "launch_done", MAYFLY_EVENT_LAUNCHED},
    {GUESTFS_EVENT_PROGRESS, "progress", MAYFLY_EVENT_PROGRESS},
    {GUESTFS_EVENT_APPLIANCE, "appliance", MAYFLY_EVENT_APPLIANCE},
    {GUESTFS_EVENT_LIBRARY, "library", MAYFLY_EVENT_DEBUG},
    {GUESTFS_EVENT_TRACE, "trace", 0},
    {GUESTFS_EVENT_ENTER, "enter", 0},
    {GUESTFS_EVENT_LIBVIRT_AUTH, "libvirt_auth", 0},
    {GUESTFS_EVENT_WARNING, "warning", MAYFLY_EVENT_WARNING},
};

bool
event_heard(const guestfs_h *g, uint64_t mask)
{
    for (size_t i = 0; i < g->n_listeners; i++) {
        if (g->listeners[i].callback && (g->listeners[i].mask & mask))
            return true;
    }
    return false;
}

static bool
deliver(guestfs_h *g, uint64_t event, const char *text, size_t size,
    const uint64_t *numbers, size_t n)
{
    bool heard = false;

    for (size_t i = 0; i < g->n_listeners; i++) {
        struct listener l = g->listeners[i];

        if (!l.callback || !(l.mask & event))
            continue;
        l.callback(g, l.opaque, event, (int)i, 0, text, size, numbers, n);
        heard = true;
    }
    return heard;
}

static void
print_escaped(const char *text)
{
    static const char named[] = "\a\b\f\n\r\t\v";
    static const char letters[] = "abfnrtv";

    for (; *text; text++) {
        const char *name = strchr(named, *text);

        if (isprint((unsigned char)*text))
            fputc(*text, stderr);
        else if (name)
            fprintf(stderr, "\\%c", letters[name - named]);
        else
            fprintf(stderr, "\\x%x", (unsigned char)*text);
    }
    fputc('\n', stderr);
}

static void
print(const guestfs_h *g, uint64_t event, const char *text)
{
    bool log =
        event == GUESTFS_EVENT_APPLIANCE || event == GUESTFS_EVENT_LIBRARY;

    if (log && !g->verbose)
        return;
    if (!log && event != GUESTFS_EVENT_TRACE && event != GUESTFS_EVENT_WARNING)
        return;
    fprintf(stderr, "%s%s",
        event == GUESTFS_EVENT_APPLIANCE ? "" : "libguestfs: ",
        event == GUESTFS_EVENT_WARNING ? "warning: "
        : event == GUESTFS_EVENT_TRACE ? "trace: "
                                       : "");
    print_escaped(text);
}

void
event_text(guestfs_h *g, uint64_t event, const char *text)
{
    if (!deliver(g, event, text, strlen(text), NULL, 0))
        print(g, event, text);
}

void
event_plain(guestfs_h *g, uint64_t event)
{
    deliver(g, event, NULL, 0, NULL, 0);
}

/* --- from mayfly --- */

static void
translate(struct mayfly *m, void *opaque, const struct mayfly_event_data *data)
{
    /* Procedure and serial number mean nothing here. */
    uint64_t progress[] = {0, 0, data->done, data->total};
    guestfs_h *g = opaque;

    (void)m;
    for (size_t i = 0; i < N_ELEMENTS(events); i++) {
        if (events[i].ours != (uint32_t)data->event)
            continue;
        if (data->event == MAYFLY_EVENT_PROGRESS)
            deliver(
                g, events[i].event, NULL, 0, progress, N_ELEMENTS(progress));
        else if (data->text)
            event_text(g, events[i].event, data->text);
        else
            event_plain(g, events[i].event);
    }
}

void
event_listen(guestfs_h *g)
{
    HOLD(g);
    uint32_t wanted = MAYFLY_EVENT_DIED | MAYFLY_EVENT_LAUNCHED |
                      MAYFLY_EVENT_PROGRESS | MAYFLY_EVENT_WARNING;

    /* Do not produce lines that no one reads. */
    if (g->verbose || event_heard(g, GUESTFS_EVENT_APPLIANCE))
        wanted |= MAYFLY_EVENT_APPLIANCE;
    if (g->verbose || event_heard(g, GUESTFS_EVENT_LIBRARY))
        wanted |= MAYFLY_EVENT_DEBUG;
    if (wanted == g->heard || g->ended)
        return;
    if (g->heard)
        mayfly_delete_event_callback(g->m, g->heard_number);
    g->heard_number = mayfly_set_event_callback(g->m, translate, wanted, g);
    g->heard = g->heard_number < 0 ? 0 : wanted;
}

/* --- guestfs.h --- */

int
guestfs_set_event_callback(guestfs_h *g, guestfs_event_callback callback,
    uint64_t mask, int flags, void *opaque)
{
    HOLD(g);
    size_t i = 0;

    (void)flags;
    while (i < g->n_listeners && g->listeners[i].callback)
        i++;
    if (i == g->n_listeners) {
        struct listener *bigger =
            reallocarray(g->listeners, i + 1, sizeof *bigger);

        if (!bigger) {
            call_no_memory(g);
            return -1;
        }
        g->listeners = bigger;
        g->n_listeners++;
    }
    g->listeners[i] = (struct listener){callback, mask, opaque};
    event_listen(g);
    return (int)i;
}

void
guestfs_delete_event_callback(guestfs_h *g, int number)
{
    HOLD(g);

    if (number < 0 || (size_t)number >= g->n_listeners)
        return;
    g->listeners[number] = (struct listener){0};
    event_listen(g);
}

char *
guestfs_event_to_string(uint64_t mask)
{
    char *text = strdup("");

    for (size_t i = 0; text && i < N_ELEMENTS(events); i++) {
        char *longer;

        if (!(mask & events[i].event))
            continue;
        longer = text_printf("%s%s%s", text, *text ? "," : "", events[i].name);
        free(text);
        text = longer;
    }
    return text;
}
