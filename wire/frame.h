/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames: what travels on the channel between library and agent.
 *
 * The channel is one reliable byte stream (a virtio-serial port; a socket in
 * tests).  It carries frames and nothing else:
 *
 *     u32 length of what follows the header, at most FRAME_MAX
 *     u16 kind                 enum frame_kind
 *     u16 call                 number of the call, from the definition
 *     u32 serial               chosen by the library, echoed by the agent
 *     length bytes
 *
 * A conversation:
 *
 *     library                                 agent
 *     -------                                 -----
 *                                             (boots, or is resumed)
 *     HELLO{nonce, entropy, clock, ...} --->
 *                              <--- HELLO{api hash, nonce}
 *     CALL mount serial 1      --->
 *     CALL cat serial 2        --->           several may be in flight; the
 *                              <--- REPLY 1   agent answers in order
 *                              <--- PART 2    a reply longer than a frame
 *                              <--- REPLY 2   its last, maybe only, frame
 *     CALL upload serial 3     --->
 *     DATA 3, DATA 3, END 3    --->           stream in: bytes of the file
 *                              <--- REPLY 3
 *     CALL download serial 4   --->
 *                              <--- DATA 4, DATA 4, REPLY 4
 *     CANCEL 4                 --->           the call ends with ECANCELED
 *                              <--- PROGRESS  at any time during a call
 *                              <--- ERROR     instead of a REPLY
 *
 * Bulk data does not travel in frames.  Both sides see the same bulk area, a
 * few MiB in slots; for the agent it is a block device, for the library a file.
 * BULK{u32 offset, u32 length, u32 last} stands for DATA that is there; the
 * receiver answers the last BULK of a slot with TAKEN, and the slot is not used
 * again before that.  HOLE{u64 length} stands for that many zeroes.  When a
 * call begins all slots are free.
 *
 * ABORT takes the place of END when the library has to give up a stream in.
 * While a stream in is running, the agent may send ERROR early; it then
 * discards the DATA frames up to END or ABORT by itself.
 *
 * Neither side ever resynchronises: anything out of place is the end of the
 * connection.  There are no versions: both sides come from one build, and the
 * hello says so by the hash of the definition. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FRAME_HEADER = 12,
    FRAME_MAX = 1 << 20,        /* bytes after a header */
    FRAME_DATA = 256 << 10,     /* bytes in one DATA frame we send */
    FRAME_REPLY_MAX = 64 << 20, /* bytes in a reply, all parts together */
    FRAME_ERROR_MAX = 16 << 10, /* bytes of error text */

    BULK_SLOT = 2 << 20, /* bytes */
    BULK_SLOTS = 8,
    BULK_LEAST = 32 << 10, /* less is cheaper in a frame */
    BULK_ALIGN = 4096,     /* of the agent's reads and writes there */
};

enum frame_kind {
    FRAME_HELLO = 1,
    FRAME_CALL,
    FRAME_REPLY,
    FRAME_PART,
    FRAME_ERROR,
    FRAME_DATA_CHUNK,
    FRAME_END,
    FRAME_ABORT,
    FRAME_CANCEL,
    FRAME_PROGRESS,
    FRAME_BULK,
    FRAME_TAKEN,
    FRAME_HOLE,
    FRAME_KIND_MAX = FRAME_HOLE,
};

struct frame {
    uint32_t length;
    uint16_t kind;
    uint16_t call;
    uint32_t serial;
};

/* N rounded up to a multiple of BULK_ALIGN. */
static inline size_t
bulk_round_up(size_t n)
{
    return (n + BULK_ALIGN - 1) / BULK_ALIGN * BULK_ALIGN;
}

/* What a BULK frame holds. */
struct bulk_piece {
    uint32_t offset, length, last;
};
enum { BULK_PIECE = 12, BULK_HOLE = 8 };

void bulk_piece_put(const struct bulk_piece *b, uint8_t out[BULK_PIECE]);
/* False if it is not within one slot. */
bool bulk_piece_get(const uint8_t *in, uint32_t length, struct bulk_piece *ret);
void bulk_hole_put(uint64_t hole, uint8_t out[BULK_HOLE]);
/* False if a file cannot have that many bytes. */
bool bulk_hole_get(const uint8_t *in, uint32_t length, uint64_t *ret);

void frame_put(const struct frame *f, uint8_t out[FRAME_HEADER]);

/* False if the length or the kind is out of range. */
bool frame_get(const uint8_t in[FRAME_HEADER], struct frame *ret);
