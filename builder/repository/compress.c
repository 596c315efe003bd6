/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/repository/compress.h"

#include <errno.h>
#include <lzma.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/processors.h"
#include "tool/progress.h"
#include "tool/signals.h"

enum { PIECE = 1 << 20, BLOCK_SIZE = 16 << 20, MAX_THREADS = 16 };

static int
open_encoder(lzma_stream *xz, int level, struct error *err)
{
    unsigned cpus = processors_available();
    lzma_mt options = {
        .threads = cpus < MAX_THREADS ? cpus : MAX_THREADS,
        .block_size = BLOCK_SIZE,
        .preset = (uint32_t)level,
        .check = LZMA_CHECK_CRC64,
    };

    if (lzma_stream_encoder_mt(xz, &options) != LZMA_OK)
        return error_set(err, ENOMEM, "no memory to compress");
    return 0;
}

struct compressor {
    lzma_stream xz;
    struct hash *hash;
    int in, out;
    uint64_t done_in, total_in, done_out;
};

/* Read more when the buffer is empty; *action is set at the end. */
static int
feed(
    struct compressor *c, uint8_t *from, lzma_action *action, struct error *err)
{
    if (c->xz.avail_in > 0 || *action == LZMA_FINISH)
        return 0;

    ssize_t n = pread(c->in, from, PIECE, (off_t)c->done_in);
    if (n < 0)
        return error_errno(err, errno, "cannot read the image");
    c->done_in += (uint64_t)n;
    c->xz.next_in = from;
    c->xz.avail_in = (size_t)n;
    if (n == 0)
        *action = LZMA_FINISH;
    tool_progress_show("compress", c->done_in, c->total_in);
    return 0;
}

static int
drain(struct compressor *c, uint8_t *to, struct error *err)
{
    size_t n = PIECE - c->xz.avail_out;

    if (write_all(c->out, to, n) < 0)
        return error_errno(err, errno, "cannot write the template");
    hash_feed(c->hash, to, n);
    c->done_out += n;
    c->xz.next_out = to;
    c->xz.avail_out = PIECE;
    return 0;
}

static int
compress_all(struct compressor *c, struct error *err)
{
    cleanup_free uint8_t *from = malloc(PIECE);
    cleanup_free uint8_t *to = malloc(PIECE);
    lzma_action action = LZMA_RUN;
    lzma_ret code = LZMA_OK;

    if (!from || !to)
        return error_no_memory(err);
    c->xz.next_out = to;
    c->xz.avail_out = PIECE;
    while (code == LZMA_OK) {
        if (tool_interrupted())
            return error_set(err, EINTR, "interrupted");
        if (feed(c, from, &action, err) < 0)
            return -1;
        code = lzma_code(&c->xz, action);
        if ((c->xz.avail_out == 0 || code == LZMA_STREAM_END) &&
            drain(c, to, err) < 0)
            return -1;
    }
    if (code != LZMA_STREAM_END)
        return error_set(err, ENOMEM, "cannot compress the image");
    return 0;
}

char *
compress_xz(int in, int out, int level, uint64_t *ret_size, struct error *err)
{
    cleanup_hash struct hash *hash = hash_new(HASH_SHA512);
    struct compressor c = {
        .xz = LZMA_STREAM_INIT,
        .hash = hash,
        .in = in,
        .out = out,
    };
    struct stat st;

    if (!hash)
        return error_no_memory(err), NULL;
    if (fstat(in, &st) < 0)
        return error_errno(err, errno, "cannot read the image"), NULL;
    c.total_in = (uint64_t)st.st_size;
    if (open_encoder(&c.xz, level, err) < 0)
        return NULL;

    int r = compress_all(&c, err);
    lzma_end(&c.xz);
    tool_progress_clear();
    if (r < 0)
        return NULL;
    *ret_size = c.done_out;

    char *hex = hash_hex(hash);
    if (!hex)
        error_no_memory(err);
    return hex;
}
