/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One call on the wire, in the steps that the generated functions take: begin,
 * the arguments (each checked against its bound and traced), perform, decode,
 * take the result, end.  A fault at any step is kept, makes the later steps do
 * nothing, and is reported by call_end. */
#pragma once
#include "lib/handle/handle.h"
#include "wire/wire.h"

struct call_info {
    const char *name;
    uint16_t number;
    int timeout; /* seconds of silence; 0: none */
    bool writes, stream_in, stream_out;
};

struct call {
    struct mayfly *g;
    const struct call_info *info;
    struct error error;
    bool broken; /* the appliance is lost, not just the call */
    double start;
    char **trace; /* the words of the trace line; NULL: no one listens */
    char *traced_result;
    struct wire_writer writer;
    uint8_t *reply;
    struct wire_arena arena;
    struct wire_reader reader;
};

/* -1 if the handle cannot make the call: the error is in the handle, and there
 * is nothing to end. */
int call_begin(struct call *c, struct mayfly *g, const struct call_info *info);

void call_string(struct call *c, const char *name, const char *value,
    uint32_t max, bool may_be_null, bool secret);
uint32_t call_bytes(struct call *c, const char *name, const void *value,
    size_t size, uint32_t max);
uint32_t call_list(struct call *c, const char *name, const char *const *value,
    uint32_t max, uint32_t element_max);
void call_bool(struct call *c, const char *name, bool value);
void call_integer(
    struct call *c, const char *name, int64_t value, int64_t low, int64_t high);
void call_unsigned(struct call *c, const char *name, uint64_t value);
void call_options(struct call *c, uint64_t set, uint64_t known);
bool call_arguments_good(const struct call *c);

int call_perform(struct call *c, const char *stream_in, const char *stream_out);
/* Check the decoder's result. */
int call_decoded(struct call *c, bool good);

/* Copies of the result for the caller; NULL: no memory, reported by
 * call_end. */
char *call_take_string(struct call *c, const char *value);
void *call_take_bytes(struct call *c, const uint8_t *value, uint32_t size);
char **call_take_strings(struct call *c, const char *const *value, size_t n);
void *call_take_struct(struct call *c, const void *value, size_t size);
void *call_take_list(struct call *c, const void *value, uint32_t n);
void call_took_bool(struct call *c, bool value);
void call_took_integer(struct call *c, int64_t value);
void call_took_unsigned(struct call *c, uint64_t value);

/* Free what the call holds, trace it, and return 0 or -1. */
int call_end(struct call *c);
