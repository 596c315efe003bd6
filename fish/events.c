/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each handler is a callback of the library, with the list's element for its
 * argument.  The callback must not use the handle, so what decides whether a
 * line of trace or debugging is reported is looked up before a command.
 *
 * The events have guestfish's names.  "enter" is the shell's own: there is no
 * such event in the library. */
#include <config.h>

#include "fish/events.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "fish/builtin.h"
#include "fish/host.h"

/* Beside the library's. */
enum { ENTER = 1 << 30, ALL = MAYFLY_EVENT_ALL | ENTER };

struct event_handler {
    struct event_handler *next;
    struct shell *sh;
    int handle; /* for list-events: how many were made before it */
    int number; /* the library's */
    char *name, *script;
    uint32_t mask;
};

/* In the order in which a beginning of a name is looked up; 0: never
 * happens. */
static const struct {
    const char *name;
    uint32_t mask;
} kinds[] = {
    {"close", MAYFLY_EVENT_CLOSE},
    {"subprocess_quit", MAYFLY_EVENT_DIED},
    {"launch_done", MAYFLY_EVENT_LAUNCHED},
    {"progress", MAYFLY_EVENT_PROGRESS},
    {"appliance", MAYFLY_EVENT_APPLIANCE},
    {"library", MAYFLY_EVENT_DEBUG},
    {"trace", MAYFLY_EVENT_TRACE},
    {"enter", ENTER},
    {"libvirt_auth", 0},
    {"warning", MAYFLY_EVENT_WARNING | MAYFLY_EVENT_NOTICE},
};

static const char *
kind_name(uint32_t event)
{
    for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
        if (kinds[i].mask & event)
            return kinds[i].name;
    return "";
}

static void
run_script(const struct event_handler *h, uint32_t event, char **parameters)
{
    const char *shell = getenv("SHELL");
    cleanup_error struct error ignored = {0};
    cleanup_strv char **argv = NULL;

    if (strv_append(&argv, shell && shell[0] ? shell : "/bin/sh") < 0 ||
        strv_append(&argv, "-c") < 0 || strv_append(&argv, h->script) < 0 ||
        strv_append(&argv, "mayfish") < 0 ||
        strv_extend(&argv, (const char *const *)parameters) < 0)
        return;
    setenv("EVENT", kind_name(event), 1);
    fflush(stdout);
    pid_t pid = host_start_words(argv[0], argv, -1, -1, &ignored);
    /* What the script thinks of the event changes nothing. */
    if (pid >= 0)
        host_wait(pid, h->script, &ignored);
    unsetenv("EVENT");
}

static void
on_event(struct mayfly *g, void *opaque, const struct mayfly_event_data *data)
{
    const struct event_handler *h = opaque;
    cleanup_strv char **parameters = calloc(1, sizeof(char *));

    (void)g;
    if ((data->event == MAYFLY_EVENT_TRACE && !h->sh->traced) ||
        (data->event == MAYFLY_EVENT_DEBUG && !h->sh->debugged) ||
        h->sh->looking || !parameters)
        return;
    if (data->event == MAYFLY_EVENT_PROGRESS) {
        /* The numbers of a procedure and a call, which are libguestfs's. */
        if (strv_append(&parameters, "0") < 0 ||
            strv_append(&parameters, "0") < 0 ||
            strv_printf(&parameters, "%" PRIu64, data->done) < 0 ||
            strv_printf(&parameters, "%" PRIu64, data->total) < 0)
            return;
    } else if (data->text && strv_append(&parameters, data->text) < 0)
        return;
    run_script(h, data->event, parameters);
}

void
events_enter(struct shell *sh, const char *name)
{
    char copy[64], *parameters[] = {copy, NULL};

    if (!sh->events)
        return;
    sh->looking = true;
    mayfly_get_trace(sh->g, &sh->traced);
    mayfly_get_verbose(sh->g, &sh->debugged);
    sh->looking = false;
    snprintf(copy, sizeof copy, "%s", name);
    for (char *p = copy; *p; p++)
        if (*p == '-')
            *p = '_';
    for (struct event_handler *h = sh->events; h; h = h->next)
        if (h->mask & ENTER)
            run_script(h, ENTER, parameters);
}

static void
handler_free(struct event_handler *h)
{
    free(h->name);
    free(h->script);
    free(h);
}

void
events_free(struct shell *sh)
{
    while (sh->events) {
        struct event_handler *h = sh->events;

        sh->events = h->next;
        handler_free(h);
    }
}

/* A list with commas.  As in guestfish, the beginning of a name will do. */
static int
parse_set(struct shell *sh, const char *text, uint32_t *ret)
{
    *ret = 0;
    if (str_equal(text, "*")) {
        *ret = ALL;
        return 0;
    }
    while (*text) {
        size_t n = strcspn(text, ","), i = 0;

        while (i < N_ELEMENTS(kinds) &&
               (n == 0 || strncmp(kinds[i].name, text, n) != 0))
            i++;
        if (i == N_ELEMENTS(kinds)) {
            error_set(&sh->error, EINVAL,
                "unknown event '%.*s': use a list of close, subprocess_quit, "
                "launch_done, progress, appliance, library, trace, enter, "
                "libvirt_auth and warning, or *",
                (int)n, text);
            return shell_misused(sh);
        }
        *ret |= kinds[i].mask;
        text += n + (text[n] == ',');
    }
    return 0;
}

int
builtin_event(struct shell *sh, char **argv, size_t n)
{
    uint32_t mask;

    (void)n;
    if (parse_set(sh, argv[1], &mask) < 0)
        return -1;
    struct event_handler *h = calloc(1, sizeof *h);
    if (!h)
        return error_no_memory(&sh->error);
    *h = (struct event_handler){
        .sh = sh,
        .mask = mask,
        .handle = sh->n_events,
        .number = -1,
        .name = strdup(argv[0]),
        .script = strdup(argv[2]),
    };
    if (h->name && h->script)
        h->number = mayfly_set_event_callback(
            sh->g, on_event, mask & MAYFLY_EVENT_ALL, h);
    if (h->number < 0) {
        bool full = h->name && h->script;

        handler_free(h);
        return full ? shell_call_failed(sh) : error_no_memory(&sh->error);
    }
    h->next = sh->events;
    sh->events = h;
    sh->n_events++;
    return 0;
}

int
builtin_delete_event(struct shell *sh, char **argv, size_t n)
{
    bool found = false;

    (void)n;
    for (struct event_handler **at = &sh->events; *at;) {
        struct event_handler *h = *at;

        if (!str_equal(h->name, argv[0])) {
            at = &h->next;
            continue;
        }
        found = true;
        *at = h->next;
        mayfly_delete_event_callback(sh->g, h->number);
        handler_free(h);
    }
    return found ? 0
                 : error_set(&sh->error, ENOENT,
                       "%s: no such event handler; 'list-events' lists them",
                       argv[0]);
}

static void
print_set(uint32_t mask)
{
    bool first = true;

    if (mask == ALL) {
        putchar('*');
        return;
    }
    for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
        if (!(kinds[i].mask & mask))
            continue;
        printf("%s%s", first ? "" : ",", kinds[i].name);
        first = false;
    }
}

int
builtin_list_events(struct shell *sh, char **argv, size_t n)
{
    (void)argv, (void)n;
    for (const struct event_handler *h = sh->events; h; h = h->next) {
        printf("\"%s\" (%d): ", h->name, h->handle);
        print_set(h->mask);
        printf(": %s\n", h->script);
    }
    return 0;
}
