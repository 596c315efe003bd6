/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The generated table of calls. */
#pragma once
#include <stdbool.h>

#include "wire/wire.h"
#include "codec.h"

struct wire_reader;
struct wire_writer;
struct call;

enum dispatch_result { DISPATCH_DONE, DISPATCH_FAILED, DISPATCH_MALFORMED };

struct dispatch {
    const char *name;
    enum dispatch_result (*function)(
        struct call *c, struct wire_reader *r, struct wire_writer *w);
    bool writes, stream_in, stream_out;
};

extern const struct dispatch dispatch_table[API_CALLS];
