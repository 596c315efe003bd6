/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tool/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/print.h"
#include "tool/progress.h"
#include "tool/signals.h"

int
tool_handle_error(struct mayfly *g, struct error *err)
{
    const char *text = mayfly_last_error(g);

    return error_set(
        err, mayfly_last_errno(g), "%s", text ? text : "unknown error");
}

int
tool_fail(struct mayfly *g, int code, const char *context)
{
    const char *text = mayfly_last_error(g);

    /* A user who pressed Ctrl-C knows that the call was cancelled. */
    if (tool_interrupted())
        return tool_exit_code(code);
    if (!text)
        text = "unknown error";
    if (context)
        tool_error("%s: %s", context, text);
    else
        tool_error("%s", text);
    return code;
}

int
tool_give_up(const struct error *err, int code)
{
    if (tool_interrupted())
        return tool_exit_code(code);
    tool_error("%s", error_text(err));
    return code;
}

static void
on_event(struct mayfly *g, void *opaque, const struct mayfly_event_data *data)
{
    (void)g, (void)opaque;
    tool_warning("%s", data->text);
}

struct mayfly *
tool_handle(const struct tool *t)
{
    struct mayfly *g = mayfly_create();

    if (!g) {
        tool_error("no memory");
        return NULL;
    }
    if (t->verbose)
        mayfly_set_verbose(g, true);
    if (t->trace)
        mayfly_set_trace(g, true);
    if (t->network)
        mayfly_set_network(g, true);
    if (tool_give_image_keys(t, g) != TOOL_OK) {
        mayfly_close(g);
        return NULL;
    }
    mayfly_set_event_callback(g, on_event, MAYFLY_EVENT_WARNING, NULL);
    tool_progress_attach(g);
    tool_signals_watch(g);
    return g;
}

void
tool_allow(const struct tool *t, struct mayfly_add_drive_options *options)
{
    if (t->policy) {
        options->set |= MAYFLY_ADD_DRIVE_BACKING_POLICY;
        options->backing_policy = t->policy;
    }
    if (t->allow) {
        options->set |= MAYFLY_ADD_DRIVE_ALLOW;
        options->allow = (void *)t->allow;
    }
}

int
tool_give_image_keys(const struct tool *t, struct mayfly *g)
{
    for (size_t i = 0; i < t->keys.n_keys; i++) {
        const struct tool_key *k = &t->keys.keys[i];
        const struct mayfly_add_image_key_options options = {
            .set = str_equal(k->id, "all") ? 0 : MAYFLY_ADD_IMAGE_KEY_IMAGE,
            .image = k->id,
        };

        if (mayfly_add_image_key(g, k->secret, k->size, &options) < 0)
            return tool_fail(g, TOOL_FAILED, "--key");
    }
    return TOOL_OK;
}

int
tool_add_disks(const struct tool *t, struct mayfly *g)
{
    for (size_t i = 0; i < t->n_disks; i++) {
        const struct tool_disk *d = &t->disks[i];
        struct mayfly_add_drive_options options = {0};

        if (d->read_only || (t->read_only && !d->writable)) {
            options.set |= MAYFLY_ADD_DRIVE_READONLY;
            options.readonly = true;
        }
        if (d->format) {
            options.set |= MAYFLY_ADD_DRIVE_FORMAT;
            options.format = d->format;
        }
        if (d->blocksize) {
            options.set |= MAYFLY_ADD_DRIVE_BLOCKSIZE;
            options.blocksize = d->blocksize;
        }
        if (d->snapshot) {
            options.set |= MAYFLY_ADD_DRIVE_SNAPSHOT;
            options.snapshot = d->snapshot;
        }
        tool_allow(t, &options);
        if (mayfly_add_drive(g, d->file, &options) < 0)
            return tool_fail(g, TOOL_INPUT, NULL);
    }
    return TOOL_OK;
}

int
tool_disk_code(int code)
{
    return code == ENOKEY      ? TOOL_KEYS
           : code == ENOMEDIUM ? TOOL_INPUT
                               : TOOL_APPLIANCE;
}

int
tool_launch(struct mayfly *g)
{
    return mayfly_launch(g) == 0
               ? TOOL_OK
               : tool_fail(g, tool_disk_code(mayfly_last_errno(g)), NULL);
}

int
tool_start(const struct tool *t, struct mayfly **ret)
{
    struct mayfly *g = tool_handle(t);
    int code = g ? tool_add_disks(t, g) : TOOL_FAILED;

    if (code == TOOL_OK)
        code = tool_launch(g);
    *ret = g;
    return code;
}

int
tool_end(struct mayfly *g, int code)
{
    if (g && mayfly_shutdown(g) < 0 && code == TOOL_OK)
        code = tool_fail(g, TOOL_FAILED, NULL);
    tool_signals_watch(NULL);
    tool_progress_clear();
    return tool_exit_code(tool_finish_output(code));
}
