/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "wire/hello.h"

#include <string.h>

static void
get_fixed(struct wire_reader *r, uint8_t *data, size_t size)
{
    uint32_t n;
    const uint8_t *p = wire_get_bytes(r, (uint32_t)size, &n);

    if (p && n == size)
        memcpy(data, p, size);
    else
        r->bad = true;
}

void
hello_put(struct wire_writer *w, const struct hello *h)
{
    wire_put_bytes(w, h->nonce, HELLO_NONCE, HELLO_NONCE);
    wire_put_bytes(w, h->entropy, HELLO_ENTROPY, HELLO_ENTROPY);
    wire_put_i64(w, h->seconds);
    wire_put_u32(w, h->nanoseconds);
    wire_put_u32(w, h->flags);
    wire_put_string(w, h->run_id, HELLO_RUN_ID_MAX);
}

bool
hello_get(struct wire_reader *r, struct hello *ret)
{
    *ret = (struct hello){0};
    get_fixed(r, ret->nonce, HELLO_NONCE);
    get_fixed(r, ret->entropy, HELLO_ENTROPY);
    ret->seconds = wire_get_i64(r);
    ret->nanoseconds = wire_get_u32(r);
    ret->flags = wire_get_u32(r);
    ret->run_id = wire_get_string(r, HELLO_RUN_ID_MAX);
    return wire_finish(r);
}

void
hello_answer_put(struct wire_writer *w, const struct hello_answer *h)
{
    wire_put_bytes(w, h->nonce, HELLO_NONCE, HELLO_NONCE);
    wire_put_string(w, h->hash, HELLO_HASH_MAX);
}

bool
hello_answer_get(struct wire_reader *r, struct hello_answer *ret)
{
    *ret = (struct hello_answer){0};
    get_fixed(r, ret->nonce, HELLO_NONCE);
    ret->hash = wire_get_string(r, HELLO_HASH_MAX);
    return wire_finish(r);
}
