/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One call on the wire, in the steps that the generated functions take: begin,
 * the arguments (each checked against its bound and traced), perform, decode,
 * take the result, end.  A fault at any step is kept, makes the later steps do
 * nothing, and is reported by request_end. */
#pragma once
#include "lib/handle/handle.h"
#include "wire/wire.h"

struct request_info {
    const char *name;
    uint16_t number;
    int timeout; /* seconds of silence; 0: none */
    bool writes, stream_in, stream_out;
};

struct request {
    struct mayfly *g;
    const struct request_info *info;
    struct error error;
    bool broken; /* the appliance is lost, not just the call */
    double start;
    char **trace; /* the words of the trace line; NULL: no one listens */
    char *traced_result;
    struct wire_writer writer;
    bool secret; /* a key is in it */
    uint8_t *reply;
    struct wire_arena arena;
    struct wire_reader reader;
};

/* -1 if the handle cannot make the call: the error is in the handle, and there
 * is nothing to end. */
int request_begin(
    struct request *r, struct mayfly *g, const struct request_info *info);

void request_string(struct request *r, const char *name, const char *value,
    uint32_t max, bool may_be_null, bool secret);
uint32_t request_bytes(struct request *r, const char *name, const void *value,
    size_t size, uint32_t max);
uint32_t request_list(struct request *r, const char *name,
    const char *const *value, uint32_t max, uint32_t element_max);
void request_bool(struct request *r, const char *name, bool value);
void request_integer(struct request *r, const char *name, int64_t value,
    int64_t low, int64_t high);
void request_unsigned(struct request *r, const char *name, uint64_t value);
void request_options(struct request *r, uint64_t set, uint64_t known);
bool request_arguments_good(const struct request *r);

int request_perform(
    struct request *r, const char *stream_in, const char *stream_out);
/* Check the decoder's result. */
int request_decoded(struct request *r, bool good);

/* Copies of the result for the caller; NULL: no memory, reported by
 * request_end. */
char *request_take_string(struct request *r, const char *value);
void *request_take_bytes(
    struct request *r, const uint8_t *value, uint32_t size);
char **request_take_strings(
    struct request *r, const char *const *value, size_t n);
void *request_take_struct(struct request *r, const void *value, size_t size);
void *request_take_list(struct request *r, const void *value, uint32_t n);
void request_took_bool(struct request *r, bool value);
void request_took_integer(struct request *r, int64_t value);
void request_took_unsigned(struct request *r, uint64_t value);

/* Free what the call holds, trace it, and return 0 or -1. */
int request_end(struct request *r);
