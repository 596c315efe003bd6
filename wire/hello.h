/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The first words on the channel.
 *
 * READY  agent -> library, once, at the end of a cold boot: an empty HELLO
 *        frame.  A template is saved right after it, so a resumed agent does
 *        not say it again.
 * HELLO  library -> agent: who is calling, and all that must not be the same
 *        in two appliances resumed from one template.
 * HELLO  agent -> library: the nonce it was sent (this is the live agent, not
 *        a remnant of the saved one) and the hash of its definition. */
#pragma once
#include "wire/wire.h"

enum {
    HELLO_NONCE = 16,
    HELLO_ENTROPY = 64,
    HELLO_RUN_ID_MAX = 64,
    HELLO_HASH_MAX = 64,
};

enum hello_flags {
    HELLO_READ_ONLY = 1 << 0, /* refuse the calls that write */
    HELLO_NETWORK = 1 << 1,   /* there is a network card to set up */
    HELLO_DEBUG = 1 << 2,     /* print more on the console */
};

struct hello {
    uint8_t nonce[HELLO_NONCE];
    uint8_t entropy[HELLO_ENTROPY]; /* credited before anything else */
    int64_t seconds;                /* CLOCK_REALTIME of the host */
    uint32_t nanoseconds;
    uint32_t flags;
    const char *run_id;
};

struct hello_answer {
    uint8_t nonce[HELLO_NONCE];
    const char *hash;
};

void hello_put(struct wire_writer *w, const struct hello *h);
bool hello_get(struct wire_reader *r, struct hello *ret);
void hello_answer_put(struct wire_writer *w, const struct hello_answer *h);
bool hello_answer_get(struct wire_reader *r, struct hello_answer *ret);
