/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one door to foreign bytes.
 *
 * Values are little-endian; a bool is one byte 0 or 1; a string or blob is a
 * u32 length and its bytes; an optional value is a bool and, if true, the
 * value; a list is a u32 count and its elements.  Every value has exactly one
 * encoding, so that decoding and encoding again gives the same bytes.
 *
 * The reader's `bad` flag sticks: after the first fault every getter returns
 * zero or NULL and moves nothing, so a decoder is a straight line and success
 * is asked once, by wire_finish, which also demands that no byte is left.
 * Lengths are compared by subtraction, so nothing can wrap.  Memory comes
 * from an arena with a cap, and a list allocates only what the bytes that
 * are really there could hold: a peer's claim costs nothing until paid for. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Memory that is freed all at once, in chunks of malloc; at most CAP bytes.
 * A zeroed arena with a cap is ready to use. */
struct wire_arena {
    struct wire_chunk *chunks;
    size_t used;    /* bytes handed out */
    size_t cap;     /* most bytes to hand out */
    bool no_memory; /* malloc failed, rather than the cap was reached */
};

/* Zeroed memory, or NULL (no memory, or the cap is reached). */
void *wire_arena_alloc(struct wire_arena *a, size_t size);
void wire_arena_free(struct wire_arena *a);

struct wire_reader {
    const uint8_t *p;
    size_t left;
    bool bad;
    struct wire_arena *arena;
};

struct wire_writer {
    uint8_t *p; /* owned by the writer; grows */
    size_t used;
    size_t room;
    size_t cap; /* most bytes to write */
    bool bad;
    bool no_memory; /* and that is why it is bad */
};

/* The N bytes at the reader's position, or NULL; the only function that moves
 * it. */
const uint8_t *wire_take(struct wire_reader *r, size_t n);

uint8_t wire_get_u8(struct wire_reader *r);
uint16_t wire_get_u16(struct wire_reader *r);
uint32_t wire_get_u32(struct wire_reader *r);
uint64_t wire_get_u64(struct wire_reader *r);
int32_t wire_get_i32(struct wire_reader *r);
int64_t wire_get_i64(struct wire_reader *r);
bool wire_get_bool(struct wire_reader *r);

/* A value below COUNT. */
uint32_t wire_get_enum(struct wire_reader *r, uint32_t count);

/* An integer in LOW..HIGH, else bad. */
int32_t wire_get_i32_range(struct wire_reader *r, int32_t low, int32_t high);
int64_t wire_get_i64_range(struct wire_reader *r, int64_t low, int64_t high);

/* A string without NUL of at most MAX bytes, NUL-terminated, in the arena. */
char *wire_get_string(struct wire_reader *r, uint32_t max);

/* A blob of at most MAX bytes, in the arena (followed by one NUL). */
uint8_t *wire_get_bytes(struct wire_reader *r, uint32_t max, uint32_t *ret_n);

/* Room for a list: at most MAX elements of SIZE bytes in memory, each at
 * least WIRE_MIN (> 0) bytes on the wire. */
void *wire_get_list(struct wire_reader *r, uint32_t max, size_t wire_min,
    size_t size, uint32_t *ret_n);

/* True if all was read, nothing is left and nothing was wrong. */
bool wire_finish(struct wire_reader *r);

void wire_put_u8(struct wire_writer *w, uint8_t v);
void wire_put_u16(struct wire_writer *w, uint16_t v);
void wire_put_u32(struct wire_writer *w, uint32_t v);
void wire_put_u64(struct wire_writer *w, uint64_t v);
void wire_put_i32(struct wire_writer *w, int32_t v);
void wire_put_i64(struct wire_writer *w, int64_t v);
void wire_put_i32_range(
    struct wire_writer *w, int32_t v, int32_t low, int32_t high);
void wire_put_i64_range(
    struct wire_writer *w, int64_t v, int64_t low, int64_t high);
void wire_put_bool(struct wire_writer *w, bool v);
void wire_put_enum(struct wire_writer *w, uint32_t v, uint32_t count);
void wire_put_count(struct wire_writer *w, uint32_t n, uint32_t max);
void wire_put_bytes(
    struct wire_writer *w, const uint8_t *data, uint32_t n, uint32_t max);

/* A NULL string is bad: optional values are written by wire_put_bool. */
void wire_put_string(struct wire_writer *w, const char *s, uint32_t max);
void wire_writer_free(struct wire_writer *w);
