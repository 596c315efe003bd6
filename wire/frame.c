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

void
bulk_piece_put(const struct bulk_piece *b, uint8_t out[BULK_PIECE])
{
    put(out, b->offset, 4);
    put(out + 4, b->length, 4);
    put(out + 8, b->last, 4);
}

bool
bulk_piece_get(const uint8_t *in, uint32_t length, struct bulk_piece *ret)
{
    if (length != BULK_PIECE)
        return false;

    struct bulk_piece b = {get(in, 4), get(in + 4, 4), get(in + 8, 4)};
    if (b.offset >= (uint32_t)BULK_SLOT * BULK_SLOTS || b.length == 0 ||
        b.length > BULK_SLOT - b.offset % BULK_SLOT || b.last > 1)
        return false;
    *ret = b;
    return true;
}

void
bulk_hole_put(uint64_t hole, uint8_t out[BULK_HOLE])
{
    put(out, (uint32_t)hole, 4);
    put(out + 4, (uint32_t)(hole >> 32), 4);
}

bool
bulk_hole_get(const uint8_t *in, uint32_t length, uint64_t *ret)
{
    if (length != BULK_HOLE)
        return false;

    uint64_t hole = get(in, 4) | (uint64_t)get(in + 4, 4) << 32;
    if (hole == 0 || hole > INT64_MAX)
        return false;
    *ret = hole;
    return true;
}
