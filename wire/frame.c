/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "wire/frame.h"

static void
put(uint8_t *out, uint32_t v, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t
get(const uint8_t *in, int n)
{
    uint32_t v = 0;

    for (int i = 0; i < n; i++)
        v |= (uint32_t)in[i] << (8 * i);
    return v;
}

void
frame_put(const struct frame *f, uint8_t out[FRAME_HEADER])
{
    put(out, f->length, 4);
    put(out + 4, f->kind, 2);
    put(out + 6, f->call, 2);
    put(out + 8, f->serial, 4);
}

bool
frame_get(const uint8_t in[FRAME_HEADER], struct frame *ret)
{
    struct frame f = {
        .length = get(in, 4),
        .kind = (uint16_t)get(in + 4, 2),
        .call = (uint16_t)get(in + 6, 2),
        .serial = get(in + 8, 4),
    };

    if (f.length > FRAME_MAX || f.kind < FRAME_HELLO || f.kind > FRAME_KIND_MAX)
        return false;
    *ret = f;
    return true;
}
