/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/rpc/lost.h"

#include "base/cleanup.h"
#include "lib/engine/engine.h"
#include "lib/rpc/channel.h"

int
handle_end_engine(struct mayfly *g, struct error *err)
{
    channel_free(steal_pointer(&g->channel));
    return g->engine ? engine_kill(steal_pointer(&g->engine), err) : 0;
}

void
handle_drop_engine(struct mayfly *g)
{
    cleanup_error struct error why = {0};

    if (handle_end_engine(g, &why) < 0)
        handle_warning(g, "%s", error_text(&why));
}

int
handle_die(struct mayfly *g, struct error *err)
{
    if (g->engine) {
        cleanup_free char *why = engine_diagnose(g->engine);

        if (why) {
            cleanup_free char *text =
                text_printf("%s (%s)", error_text(err), why);
            int code = err->code;

            error_set(err, code, "%s", text ? text : why);
        }
    }
    g->state = HANDLE_DEAD;
    handle_drop_engine(g);
    handle_event(g, MAYFLY_EVENT_DIED);
    return handle_fail(g, err);
}
