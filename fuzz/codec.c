/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every decoder of the definition, for arguments and results.  The first two
 * bytes choose one; the rest is the message.  An accepted message must encode
 * to the same bytes again, and memory stays in proportion. */
#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "codec.h"
#include "fuzz/fuzz.h"
#include "wire/hello.h"

enum { ARENA_FACTOR = 32, ARENA_LEAST = 64 << 10 };

static void
check_same(struct wire_writer *w, const uint8_t *data, size_t size)
{
    HOLDS(!w->bad && w->used == size);
    HOLDS(size == 0 || memcmp(w->p, data, size) == 0);
    wire_writer_free(w);
}

/* gen/fuzz-decoders.h has DECODER(mount_args) and so on for each. */
#define DECODER(name)                                                          \
    static void try_##name(const uint8_t *data, size_t size)                   \
    {                                                                          \
        struct wire_arena arena = {.cap = size * ARENA_FACTOR + ARENA_LEAST};  \
        struct wire_reader r = {data, size, false, &arena};                    \
        struct wire_writer w = {.cap = size + 1};                              \
        struct api_##name value;                                               \
                                                                               \
        if (api_get_##name(&r, &value)) {                                      \
            api_put_##name(&w, &value);                                        \
            check_same(&w, data, size);                                        \
        }                                                                      \
        wire_arena_free(&arena);                                               \
    }
#include "fuzz-decoders.h"
#undef DECODER

typedef void (*decoder)(const uint8_t *data, size_t size);

#define DECODER(name) try_##name,
static const decoder decoders[] = {
#include "fuzz-decoders.h"
};
#undef DECODER

static void
try_hello(const uint8_t *data, size_t size)
{
    struct wire_arena arena = {.cap = ARENA_LEAST};
    struct wire_reader r = {data, size, false, &arena}, again = r;
    struct wire_writer w = {.cap = size + 1};
    struct hello h;
    struct hello_answer a;

    if (hello_get(&r, &h)) {
        hello_put(&w, &h);
        check_same(&w, data, size);
    }
    if (hello_answer_get(&again, &a)) {
        hello_answer_put(&w, &a);
        check_same(&w, data, size);
    }
    wire_arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;

    size_t which = (size_t)data[0] | (size_t)data[1] << 8;
    which %= N_ELEMENTS(decoders) + 1;
    if (which == N_ELEMENTS(decoders))
        try_hello(data + 2, size - 2);
    else
        decoders[which](data + 2, size - 2);
    return 0;
}
